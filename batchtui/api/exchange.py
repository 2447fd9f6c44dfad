"""One HTTP request and its answer: headers, key, failures and the record of it.

The key is added here and nowhere else, after looking at where the request goes.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable
from datetime import datetime, timedelta
from typing import Final

import httpx
from msgspec.structs import replace

import batchtui
from batchtui.api.answers import Answer
from batchtui.api.connection import Account, Call, Connection
from batchtui.api.errors import (
    ApiError,
    ConnectionFailed,
    InvalidConnection,
    UnexpectedAnswer,
)
from batchtui.api.failures import translated
from batchtui.api.question import Question
from batchtui.api.recording import Record
from batchtui.api.retry import parse_http_date
from batchtui.api.wire import Wire
from batchtui.clock import Clock

BATCHES_BETA: Final = "message-batches-2024-09-24"
LARGEST_ANSWER: Final = 64 * 2**20
"""Bytes of an answer that is read into memory: a full page of the list is under 1 MB."""
LARGEST_ERROR: Final = 64 * 2**10
"""Bytes read of an error's body."""
_LONGEST_HEADER: Final = 200
_LONGEST_ROUND_TRIP: Final = timedelta(seconds=10)
"""From question to answer, when the answer's date is to tell the server's time."""


class OpenAnswer:
    """An answer whose head has come and whose body is still to be read."""

    def __init__(
        self,
        exchanger: "Exchanger",
        question: Question,
        response: httpx.Response,
        record: Record,
    ) -> None:
        self._exchanger = exchanger
        self._record = record
        self._is_closed = False
        self.question = question
        self.response = response

    async def raw(self) -> AsyncGenerator[bytes, None]:
        """The body's bytes as they came off the wire.

        Raises:
            ConnectionFailed: If they stop coming or end early.
        """
        question, guard = self.question, self._exchanger.guard
        with translated(question.method, question.path, question.host, is_streaming=True):
            pieces = aiter(self.response.aiter_raw())
            while True:
                async with asyncio.timeout(guard):
                    piece = await anext(pieces, None)
                if piece is None:
                    return
                self._record.received += len(piece)
                yield piece

    async def read(self) -> Answer:
        """The whole answer, decoded; it is closed then. Of an error's body, the beginning.

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
        return self._exchanger.whole(self, body)

    async def _read_body(self) -> bytes:
        body = bytearray()
        if self.response.status_code < 300:
            await self._collect(body, LARGEST_ANSWER)
        else:
            # A refusal counts even if its explanation is cut, as when a proxy refuses an upload
            # and hangs up.
            with contextlib.suppress(ConnectionFailed):
                await self._collect(body, LARGEST_ERROR)
            return bytes(body)
        if len(body) > LARGEST_ANSWER:
            raise UnexpectedAnswer(
                f"The answer of {self.question.host} is larger than any of the API's.",
                status=self.response.status_code,
                method=self.question.method,
                path=self.question.path,
            )
        return bytes(body)

    async def _collect(self, body: bytearray, enough: int) -> None:
        """Append the decoded body until it is more than `enough` bytes."""
        question, response = self.question, self.response
        with translated(question.method, question.path, question.host, is_streaming=True):
            async with asyncio.timeout(self._exchanger.guard):
                async for piece in response.aiter_bytes():
                    body += piece
                    self._record.received = response.num_bytes_downloaded
                    if len(body) > enough:
                        return

    @property
    def received_at(self) -> datetime:
        """When the answer is looked at (UTC)."""
        return self._exchanger.now()

    async def aclose(self, error: str = "") -> None:
        """Close the socket unless the answer was read to its end, and record the call. Once."""
        if self._is_closed:
            return
        self._is_closed = True
        try:
            await self.response.aclose()
        finally:
            self._record.close(error, self.response)


class Exchanger:
    """Sends questions, one attempt each, and remembers what answers say of account and time."""

    def __init__(
        self,
        connection: Connection,
        *,
        transport: httpx.AsyncBaseTransport | None,
        clock: Clock,
        on_call: Callable[[Call], None] | None,
    ) -> None:
        self._connection = connection
        self._wire = Wire(connection, transport)
        self._clock = clock
        self._on_call = on_call
        key = connection.credential.last_four if connection.credential else ""
        self._origin = _origin(self.url("/"))
        self.guard = self._wire.guard
        self.account = Account(key_last_four=key)
        self.server_offset: timedelta | None = None

    def url(self, path: str) -> httpx.URL:
        """A path below the base URL.

        Raises:
            InvalidConnection: If httpx cannot make a URL of it.
        """
        try:
            return httpx.URL(self._connection.base_url + path)
        except httpx.InvalidURL as error:
            raise InvalidConnection(f"The base URL cannot be used: {error}.") from error

    def is_home(self, url: httpx.URL) -> bool:
        """Whether a URL is of the base URL's origin, so that the key may go there."""
        return _origin(url) == self._origin

    async def open(self, question: Question, attempt: int = 1) -> OpenAnswer:
        """Send a question and wait for the head of its answer, whatever its status.

        Raises:
            ConnectionFailed: If none came.
            InvalidConnection: If the environment's proxy settings cannot be used.
        """
        shown = tuple(self._shown_headers(question).items())
        record = Record(question, attempt, self._clock, self._on_call, shown)
        message = "stopped"
        response: httpx.Response | None = None
        try:
            response = await self._send(question, shown)
        except ApiError as error:
            message = error.message
            raise
        finally:
            if response is None:
                record.close(message)
        self._learn(question, response, record.started_at)
        return OpenAnswer(self, question, response, record)

    def whole(self, answer: OpenAnswer, body: bytes) -> Answer:
        """An answer together with its body."""
        question = answer.question
        return Answer(
            method=question.method,
            path=question.path,
            host=question.host,
            status=answer.response.status_code,
            headers=answer.response.headers,
            body=body,
            received_at=self._clock.now(),
        )

    def now(self) -> datetime:
        """The present moment (UTC)."""
        return self._clock.now()

    async def aclose(self) -> None:
        """Close every connection."""
        await self._wire.aclose()

    async def _send(
        self, question: Question, headers: tuple[tuple[str, str], ...]
    ) -> httpx.Response:
        client = self._wire.client(question.role)
        request = self._request(client, question, dict(headers))
        guard = self.guard if question.upload is None else None
        with translated(question.method, question.path, question.host):
            async with asyncio.timeout(guard):
                return await client.send(request, stream=True)

    def _request(
        self, client: httpx.AsyncClient, question: Question, headers: dict[str, str]
    ) -> httpx.Request:
        """The request with its key, which no frame that waits holds in a variable of its own."""
        headers["user-agent"] = f"batchtui/{batchtui.__version__}"
        upload = question.upload
        if upload is not None and upload.content_length is not None:
            headers["content-length"] = str(upload.content_length)
        return client.build_request(
            question.method,
            question.url,
            headers=headers | self._key_header(question),
            content=upload,
        )

    def _shown_headers(self, question: Question) -> dict[str, str]:
        """The headers that may be shown; the account's only where they are meant to go."""
        headers = {"accept": question.accept, "accept-encoding": "gzip"}
        if not question.is_foreign:
            betas = (*self._connection.betas, *question.betas, BATCHES_BETA)
            headers["anthropic-version"] = self._connection.version
            headers["anthropic-beta"] = ",".join(dict.fromkeys(betas))
        if question.upload is not None:
            headers["content-type"] = "application/json"
        return headers | dict(question.headers)

    def _key_header(self, question: Question) -> dict[str, str]:
        credential = self._connection.credential
        if credential is None or question.is_foreign or not self.is_home(question.url):
            return {}
        if credential.kind == "auth_token":
            return {"authorization": f"Bearer {credential.secret}"}
        return {"x-api-key": credential.secret}

    def _learn(self, question: Question, response: httpx.Response, asked_at: datetime) -> None:
        if question.is_foreign:
            return
        headers = response.headers
        organization = headers.get("anthropic-organization-id", "")[:_LONGEST_HEADER]
        workspace = headers.get("anthropic-workspace-id", "")[:_LONGEST_HEADER]
        self.account = replace(
            self.account,
            organization_id=organization or self.account.organization_id,
            workspace_id=workspace or self.account.workspace_id,
        )
        date = parse_http_date(headers.get("date"))
        took = self._clock.now() - asked_at
        # After a long upload, or a machine that slept, nobody knows when the server said it.
        if date is not None and timedelta(0) <= took <= _LONGEST_ROUND_TRIP:
            # A date names the second that has begun: on average it is half a second later.
            self.server_offset = date + timedelta(seconds=0.5) - (asked_at + took / 2)


def _origin(url: httpx.URL) -> tuple[str, bytes, int | None]:
    default = {"http": 80, "https": 443}.get(url.scheme)
    return url.scheme, url.raw_host.rstrip(b"."), url.port or default
