"""Responses: one whose body is still to be read, and one that was read whole."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Mapping
from datetime import datetime
from typing import Final

import httpx
import msgspec

from batchtui.api.calls import CallRecord, request_id_of
from batchtui.api.errors import ApiError, ConnectionFailed, ErrorFacts, UnexpectedAnswer
from batchtui.api.requests import ApiRequest
from batchtui.api.transport_errors import translated
from batchtui.clock import Clock

LARGEST_BODY: Final = 64 * 2**20
"""Bytes of a body that is read into memory: a full page of the list is under 1 MB."""
LARGEST_ERROR: Final = 64 * 2**10
"""Bytes read of an error's body."""

_SHORTEST_KEY: Final = 8
"""Characters: what is shorter is no secret, and may stand in any text."""


class ApiResponse(msgspec.Struct, frozen=True, kw_only=True):
    """A whole response, and which request it is to."""

    request: ApiRequest
    status: int
    headers: Mapping[str, str]
    body: bytes
    received_at: datetime

    @property
    def host(self) -> str:
        """The host that was asked."""
        return self.request.host

    @property
    def is_html(self) -> bool:
        """Whether this is a page for people."""
        if looks_like_html(self.body):
            return True
        is_declared = self.headers.get("content-type", "").lower().startswith("text/html")
        return is_declared and self.body[:64].lstrip()[:1] not in {b"{", b"["}


def looks_like_html(body: bytes) -> bool:
    """Return whether a body begins as an HTML (or XML) page does."""
    return body[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


class StreamingResponse:
    """A response whose head has come and whose body is still to be read.

    Args:
        request: What it answers.
        response: httpx's own.
        record: The record of the call, closed with the response.
        guard: Seconds without a byte after which the caller gives up itself; None where httpx does.
        clock: Time.
    """

    def __init__(
        self,
        request: ApiRequest,
        response: httpx.Response,
        *,
        record: CallRecord,
        guard: float | None,
        clock: Clock,
    ) -> None:
        self._response = response
        self._record = record
        self._guard = guard
        self._clock = clock
        self._is_closed = False
        self.request = request

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self._response.status_code

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers, whatever the case of their names."""
        return self._response.headers

    @property
    def facts(self) -> ErrorFacts:
        """What an error about this response says of it."""
        return ErrorFacts(
            status=self.status,
            request_id=request_id_of(self.headers),
            method=self.request.method,
            path=self.request.path,
        )

    async def raw(self) -> AsyncGenerator[bytes, None]:
        """Yield the body's bytes as they came off the wire.

        Raises:
            ConnectionFailed: If they stop coming or end early.
        """
        with self._translated():
            pieces = aiter(self._response.aiter_raw())
            while True:
                async with asyncio.timeout(self._guard):
                    piece = await anext(pieces, None)
                if piece is None:
                    return
                self._record.received += len(piece)
                yield piece

    async def read(self) -> ApiResponse:
        """Return the whole response, decoded; it is closed then. Of an error's body, the beginning.

        Raises:
            ConnectionFailed: If it stops coming or ends early.
            UnexpectedAnswer: If it is larger than anything the API sends.
        """
        message = "stopped"
        try:
            body = await self._read_body()
            message = ""
        except ApiError as error:
            message = error.message
            raise
        finally:
            await self.aclose(message)
        return self.with_body(body)

    def with_body(self, body: bytes) -> ApiResponse:
        """Return this response with what was read of its body, but for the key that was sent."""
        return ApiResponse(
            request=self.request,
            status=self.status,
            headers=self.headers,
            body=_without_key(body, self._response.request.headers),
            received_at=self._clock.now(),
        )

    async def aclose(self, error: str = "") -> None:
        """Close the socket unless the body was read to its end, and record the call. Once."""
        if self._is_closed:
            return
        self._is_closed = True
        try:
            await self._response.aclose()
        finally:
            self._record.close(error, self._response)

    def _translated(self) -> contextlib.AbstractContextManager[None]:
        named = request_id_of(self.headers)
        return translated(self.request, is_streaming=True, request_id=named)

    async def _read_body(self) -> bytes:
        body = bytearray()
        if self.status >= 300:
            # A refusal counts even if its explanation is cut, as when a proxy refuses an upload
            # and hangs up.
            with contextlib.suppress(ConnectionFailed):
                await self._collect(body, LARGEST_ERROR)
            return bytes(body)
        await self._collect(body, LARGEST_BODY)
        if len(body) > LARGEST_BODY:
            raise UnexpectedAnswer(
                f"The answer of {self.request.host} is larger than any of the API's.", **self.facts
            )
        return bytes(body)

    async def _collect(self, body: bytearray, enough: int) -> None:
        """Append the decoded body until it is more than `enough` bytes."""
        with self._translated():
            async with asyncio.timeout(self._guard):
                async for piece in self._response.aiter_bytes():
                    body += piece
                    self._record.received = self._response.num_bytes_downloaded
                    if len(body) > enough:
                        return


def clean_headers(response: httpx.Response) -> None:
    """Leave out of a response's headers the key that was sent: some proxies repeat it."""
    came = response.headers.raw
    cleaned = [(name, _without_key(value, response.request.headers)) for name, value in came]
    if cleaned != came:
        response.headers = httpx.Headers(cleaned)


def _without_key(body: bytes, sent: Mapping[str, str]) -> bytes:
    """Leave out of some bytes the key that was sent in the headers of their request."""
    for name in ("x-api-key", "authorization"):
        key = sent.get(name, "").removeprefix("Bearer ").encode()
        if len(key) >= _SHORTEST_KEY:
            body = body.replace(key, b"(your key)")
    return body
