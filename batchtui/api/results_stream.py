"""Results as a stream of bytes, and what proves that a download may go on where it broke off."""

import contextlib
import re
import zlib
from collections.abc import AsyncGenerator, Mapping
from datetime import timedelta
from typing import Final

from msgspec import Struct

from batchtui.api.connection import AccountIds
from batchtui.api.errors import ConnectionFailed, UnexpectedAnswer
from batchtui.api.refusals import disguised_error
from batchtui.api.responses import StreamingResponse, looks_like_html
from batchtui.api.retry import parse_http_date
from batchtui.formatting import read_count

_ERROR_START: Final = re.compile(rb'\s*\{\s*"type"\s*:\s*"error"')
_CONTENT_RANGE: Final = re.compile(r"bytes (\d{1,18})-\d+/(\d+|\*)")
_INFLATED_SLICE: Final = 2**20
"""Bytes inflated at a time: a few kB of gzip may hold gigabytes."""


class ResumePoint(Struct, frozen=True):
    """What is already here of a results file."""

    offset: int
    """Bytes that are here, decoded."""
    validator: str
    """`ResultsStream.validator` of the download they came from."""

    @property
    def headers(self) -> Mapping[str, str]:
        """What asks for the rest, if it is still the same file.

        Ranges count encoded bytes, so the rest is asked for as it is.
        """
        return {
            "range": f"bytes={self.offset}-",
            "if-range": self.validator,
            "accept-encoding": "identity",
        }

    def is_proven_by(self, headers: Mapping[str, str]) -> bool:
        """Return whether a part is the rest of the same file, exactly from `offset` on."""
        found = _CONTENT_RANGE.fullmatch(headers.get("content-range", "").strip())
        return (
            found is not None
            and int(found.group(1)) == self.offset
            and validator_of(headers) == self.validator
            and _encoding(headers) == ""
        )


def validator_of(headers: Mapping[str, str]) -> str | None:
    """Return what proves that a file is unchanged: None where nothing proves it byte for byte.

    That is a strong ETag, or a Last-Modified a minute or more before the answer (a file may change
    twice within its second).
    """
    if headers.get("accept-ranges", "").strip().lower() == "none":
        return None
    etag = headers.get("etag", "").strip()
    if etag:
        return etag if re.fullmatch(r'"[^"\s]*"', etag) else None
    modified = headers.get("last-modified", "").strip()
    changed_at, answered_at = parse_http_date(modified), parse_http_date(headers.get("date"))
    if changed_at is None or answered_at is None:
        return None
    return modified if answered_at - changed_at >= timedelta(minutes=1) else None


class ResultsStream:
    """The bytes of one results file as they arrive.

    Attributes:
        start: 0, or `ResumePoint.offset` where the server proved the rest fits.
        validator: What a later `ResumePoint` needs; None where the server offers no proof.
        content_length: Decoded bytes from `start` to the end; None where unknown.
        request_id: As the server named the answer.
        notice: What the user should be told about where this came from, or "".
    """

    def __init__(
        self, response: StreamingResponse, *, account: AccountIds, start: int = 0, notice: str = ""
    ) -> None:
        headers = response.headers
        length = headers.get("content-length", "")
        self._response = response
        self._account = account
        self._encoding = _encoding(headers)
        self._is_finished = False
        self.start = start
        self.validator = validator_of(headers)
        self.content_length = None if self._encoding else read_count(length)
        self.request_id: str | None = headers.get("request-id") or None
        self.notice = notice

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """Yield the decoded bytes, in pieces of any size. To be iterated once.

        Raises:
            ConnectionFailed: `stalled` after `read_timeout` seconds without a byte, `protocol`
                where the stream was cut.
            UnexpectedAnswer: If this is no results file, or in an encoding nobody asked for.
            StatusError: If it is an error of the API under a status that says success.
        """
        async with contextlib.aclosing(self._decoded()) as pieces:
            is_first = self.start == 0
            async for piece in pieces:
                if is_first:
                    self._check_beginning(piece)
                    is_first = False
                yield piece
        self._is_finished = True

    async def aclose(self) -> None:
        """Close the socket at once, unless all of it was read."""
        await self._response.aclose("" if self._is_finished else "stopped before its end")

    def _decoded(self) -> AsyncGenerator[bytes, None]:
        if self._encoding == "gzip":
            return self._inflated()
        return self._identity()

    async def _identity(self) -> AsyncGenerator[bytes, None]:
        received = 0
        async with contextlib.aclosing(self._response.raw()) as pieces:
            async for piece in pieces:
                received += len(piece)
                yield piece
        if self.content_length is not None and received != self.content_length:
            raise self._cut(f"{received} of {self.content_length} bytes came")

    async def _inflated(self) -> AsyncGenerator[bytes, None]:
        inflater = zlib.decompressobj(wbits=31)
        async with contextlib.aclosing(self._response.raw()) as pieces:
            async for piece in pieces:
                rest = piece
                while rest:
                    if inflater.eof:  # gzip files may be several, one after the other
                        inflater = zlib.decompressobj(wbits=31)
                    try:
                        inflated = inflater.decompress(rest, _INFLATED_SLICE)
                    except zlib.error as error:
                        raise self._cut("its gzip encoding is damaged") from error
                    rest = inflater.unconsumed_tail or inflater.unused_data
                    if inflated:
                        yield inflated
        if not inflater.eof:
            raise self._cut("its gzip encoding has no end")

    def _check_beginning(self, piece: bytes) -> None:
        """Refuse an HTML page or an error that came as a success."""
        if not (looks_like_html(piece) or _ERROR_START.match(piece)):
            return
        error = disguised_error(self._response.with_body(piece), self._account)
        if error is not None:
            raise error

    def _cut(self, detail: str) -> ConnectionFailed:
        return ConnectionFailed(
            f"The results broke off: {detail}.",
            cause="protocol",
            hint="What arrived is kept; try again.",
            **self._response.facts,
        )


def check_encoding(response: StreamingResponse) -> None:
    """Refuse an encoding that was not asked for.

    Raises:
        UnexpectedAnswer: If the body is neither gzip nor as it is.
    """
    encoding = _encoding(response.headers)
    if encoding not in {"", "gzip"}:
        raise UnexpectedAnswer(
            f"{response.request.host} sent the results encoded as {encoding[:40]!r}, which nobody "
            "asked for.",
            **response.facts,
        )


def _encoding(headers: Mapping[str, str]) -> str:
    """Return the body's encoding: "" for none."""
    name = headers.get("content-encoding", "").strip().lower()
    return {"identity": "", "x-gzip": "gzip"}.get(name, name)
