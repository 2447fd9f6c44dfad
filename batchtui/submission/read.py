"""Requests out of bytes, as a stream: JSONL, one body with all requests, or a list of them.

Only the places where one request ends and the next begins are found here; what is in them is the
business of `batchtui.submission.validate`.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec
from msgspec import Struct

from batchtui.submission.errors import SourceError
from batchtui.submission.sniff import ENOUGH, Head, Layout, sniff

MAX_REQUEST = 64 << 20
"""Bytes of one request, or of one line, that are read at most."""

_NEXT = re.compile(rb'\}\s*,\s*\{\s*"(?:custom_id|params)"')
"""Where the next request most likely begins; proven by decoding what is before it."""
_BRACE = re.compile(rb'(?:[^{}"]++|"(?:[^"\\]++|\\.)*+")*+[{}]', re.DOTALL)
"""Up to and with the next brace outside of a string."""
_NEAR = 1 << 18
"""Bytes without a sign of the next request after which signs are no longer looked for."""
_BETWEEN = re.compile(rb"[\s,]*+")
_VALUE = msgspec.json.Decoder(msgspec.Raw)


class RawRequest(Struct, frozen=True, gc=False):
    """One request as it stands in the file."""

    number: int
    """From 0, blank lines not counted."""
    line: int
    """The line it begins on, from 1."""
    offset: int
    """Where ``data`` begins in the decompressed file, in bytes."""
    data: bytes
    """Its bytes, without the end of the line."""


def read_requests(blocks: Iterable[bytes]) -> Iterator[RawRequest]:
    """Yield the requests of a whole file.

    Args:
        blocks: The decompressed bytes, cut anywhere.

    Raises:
        SourceError: From here on nothing can be read as requests. A line that is no JSON is not
            such a case: it is yielded as it stands.
    """
    head, rest = _take_head(iter(blocks))
    if head.layout is Layout.LINES:
        return _read_lines(rest, Start(line=1, offset=head.start))
    return _read_elements(rest, Start(line=head.line, offset=head.start), head.layout)


def read_requests_from(
    blocks: Iterable[bytes], layout: Layout, offset: int
) -> Iterator[RawRequest]:
    """Yield the requests from one on; numbers and lines are counted from there.

    Args:
        blocks: The decompressed bytes from the first byte of a request on.
        layout: Of the file, as `layout_of` says.
        offset: Where those bytes begin in the decompressed file.

    Raises:
        SourceError: From here on nothing can be read as requests.
    """
    start = Start(line=1, offset=offset)
    if layout is Layout.LINES:
        return _read_lines(blocks, start)
    return _read_elements(blocks, start, layout)


def layout_of(blocks: Iterable[bytes]) -> Head:
    """Return how a file is laid out, from its first blocks.

    Raises:
        SourceError: It is none that holds requests.
    """
    return _take_head(iter(blocks))[0]


class Start(NamedTuple):
    """Where the bytes that are read begin."""

    line: int
    """From 1."""
    offset: int
    """In the decompressed file."""


def _take_head(blocks: Iterator[bytes]) -> tuple[Head, Iterator[bytes]]:
    """Look at the first blocks, and give back all that follows the layout's opening."""
    gathered: list[bytes] = []
    size = 0
    for block in blocks:
        gathered.append(block)
        size += len(block)
        if size >= ENOUGH:
            break
    taken = b"".join(gathered)
    head = sniff(taken[:ENOUGH])
    return head, _chain(taken[head.start :], blocks)


def _chain(first: bytes, blocks: Iterator[bytes]) -> Iterator[bytes]:
    if first:
        yield first
    yield from blocks


def _read_lines(blocks: Iterable[bytes], start: Start) -> Iterator[RawRequest]:
    number, (line, offset) = 0, start
    for data in _lines(blocks):
        if data and not data.isspace():
            shown = data[:-1] if data.endswith(b"\r") else data
            yield RawRequest(number, line, offset, shown)
            number += 1
        line += 1
        offset += len(data) + 1


def _lines(blocks: Iterable[bytes]) -> Iterator[bytes]:
    r"""Yield what stands between the bytes ``\n``, and what follows the last one."""
    pending: list[bytes] = []
    pending_size = 0
    for block in blocks:
        first, *others = block.split(b"\n")
        pending.append(first)
        pending_size += len(first)
        if others:
            yield b"".join(pending)
            yield from others[:-1]
            pending, pending_size = [others[-1]], len(others[-1])
        if pending_size > MAX_REQUEST:
            raise _too_long("A line")
    yield b"".join(pending)


def _read_elements(blocks: Iterable[bytes], start: Start, layout: Layout) -> Iterator[RawRequest]:
    window = _Window(iter(blocks), start)
    number = 0
    while window.skip_between():
        opening = window.byte()
        if opening == b"]" and layout is not Layout.OBJECTS:
            window.check_end(layout)
            return
        if opening != b"{":
            raise SourceError(
                f"Line {window.line}: expected a request, found {window.peek()!r}.",
                line=window.line,
            )
        line, offset = window.line, window.offset
        yield RawRequest(number, line, offset, window.take_object())
        number += 1
    if layout is not Layout.OBJECTS:
        raise SourceError(
            "The file ends inside the list of requests: it was cut.",
            line=window.line,
            hint="Make or copy the file again.",
        )


class _Window:
    """A sliding view of the bytes, from the place reading has come to."""

    def __init__(self, blocks: Iterator[bytes], start: Start) -> None:
        self._blocks = blocks
        self._buffer = b""
        self._at = 0
        self._is_likely = True
        self.line, self.offset = start

    def byte(self) -> bytes:
        return self._buffer[self._at : self._at + 1]

    def peek(self) -> str:
        return self._buffer[self._at : self._at + 20].decode("utf-8", "backslashreplace")

    def skip_between(self) -> bool:
        """Go to the next byte that is neither space nor a comma; False at the end."""
        while True:
            matched = _BETWEEN.match(self._buffer, self._at)
            self._advance(matched.end() if matched else self._at)
            if self._at < len(self._buffer):
                return True
            if not self._fill(1):
                return False

    def take_object(self) -> bytes:
        """Take one object off the front."""
        wanted = 1
        while True:
            end = self._end_of_object()
            if end:
                data = self._buffer[self._at : end]
                self._advance(end)
                return data
            if len(self._buffer) - self._at > MAX_REQUEST:
                raise _too_long(f"The request that begins on line {self.line}", self.line)
            if not self._fill(wanted):
                raise SourceError(
                    f"The request that begins on line {self.line} has no end: a quote or a brace"
                    " is missing, or the file was cut.",
                    line=self.line,
                )
            wanted *= 2

    def check_end(self, layout: Layout) -> None:
        """Check that what follows the list closes what was opened before it."""
        while len(self._buffer) - self._at <= MAX_REQUEST and self._fill(8):
            pass
        rest = self._buffer[self._at :]
        opening = b'{"requests":[' if layout is Layout.BODY else b"["
        try:
            _VALUE.decode(opening + rest)
        except (msgspec.DecodeError, RecursionError) as error:
            raise SourceError(
                f"Line {self.line}: what follows the list of requests is not JSON.",
                line=self.line,
            ) from error

    def _end_of_object(self) -> int:
        """Return where the object at the front ends; 0 if its end is not in the window."""
        if self._is_likely:
            end = self._likely_end()
            if end:
                return end
        depth, at = 0, self._at
        while brace := _BRACE.match(self._buffer, at):
            at = brace.end()
            depth += 1 if self._buffer[at - 1] == 0x7B else -1
            if depth == 0:
                return at
        return 0

    def _likely_end(self) -> int:
        likely = _NEXT.search(self._buffer, self._at)
        if likely is None:
            # Searched to the end of the window for nothing: not again in each object, if in none.
            self._is_likely = len(self._buffer) - self._at < _NEAR
            return 0
        try:
            _VALUE.decode(memoryview(self._buffer)[self._at : likely.start() + 1])
        except (msgspec.DecodeError, RecursionError):
            return 0
        return likely.start() + 1

    def _advance(self, to: int) -> None:
        self.line += self._buffer.count(b"\n", self._at, to)
        self.offset += to - self._at
        self._at = to

    def _fill(self, blocks: int) -> bool:
        """Read on; False if there was nothing left."""
        more = [block for _, block in zip(range(blocks), self._blocks, strict=False)]
        if not more:
            return False
        self._buffer = b"".join([self._buffer[self._at :], *more])
        self._at = 0
        return True


def _too_long(what: str, line: int | None = None) -> SourceError:
    return SourceError(
        f"{what} is longer than {MAX_REQUEST >> 20} MB: that is not a request.",
        line=line,
        hint="A quote or a brace may be missing, or this is another kind of file.",
    )
