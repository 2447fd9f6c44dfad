"""Results printed in another way, or by another vendor, as lines."""

import os
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec
from msgspec import Raw

from batchtui.results.blocks import Blocks, DerivedBlocks
from batchtui.results.json_text import NOT_JSON, without_newlines
from batchtui.results.lines import LineRun, LineSplitter
from batchtui.results.vendors.translation import Vendor, translate

LOOKED_AT = 256 * 1024
"""Bytes of a file's beginning that tell what it is."""
_PIECE = 4 * 1024 * 1024
_decode_all: Callable[[bytes], list[Raw]] = msgspec.json.Decoder(Raw).decode_lines
_decode_list: Callable[[bytes], list[Raw]] = msgspec.json.Decoder(list[Raw]).decode


class RelinedBlocks(DerivedBlocks):
    """Results printed in another way, one line each.

    Lines of another vendor are taken block by block; of all else, such as a list, the whole file is
    read at the first look.

    Attributes:
        vendor: Whose answers they are, once that is known; None for this API's own.
    """

    def __init__(self, source: Blocks, path: Path) -> None:
        """Take over a file that is open; see `DerivedBlocks`."""
        super().__init__(source, path, "convert")
        self._splitter: LineSplitter | None = None
        self._is_ended = False
        self._offset = 0
        self.vendor: Vendor | None = None

    def read(self, size: int) -> bytes:
        """Return the next bytes; see `Blocks`."""
        while self._offset == self._written and not self._is_ended and self._convert(size):
            pass
        data = os.pread(self.descriptor, size, self._offset)
        self._offset += len(data)
        return data

    def position(self) -> int:
        """Return how many bytes were read so far, scaled to the size of the file as it is."""
        if not self._written:
            return 0
        return self._source.position() * self._offset // self._written

    def is_rewritten(self) -> bool:
        """Return whether the file has become another one, or longer behind what was its end."""
        if super().is_rewritten():
            return True
        return self._is_ended and self._source.total() > self._source.position()

    def end(self) -> str:
        """Return why the lines are not all, or ""."""
        return self._source.end()

    def rewind(self) -> None:
        """Begin again at the first byte."""
        super().rewind()
        self._splitter = None
        self._is_ended = False
        self._offset = 0
        self.vendor = None

    def _convert(self, size: int) -> bool:
        """Convert what comes next; returns whether there was anything."""
        if self._splitter is None:
            return self._begin()
        data = self._source.read(size)
        # a last line without an end is taken for whole: what follows it begins all of it again
        self._is_ended = not data and self._splitter.held > 0
        self._keep_lines(self._splitter.feed(data) if data else self._splitter.finish())
        return bool(data)

    def _begin(self) -> bool:
        start = read_start(self._source)
        if is_of_another_vendor(start):
            self._splitter = LineSplitter()
            self._keep_lines(self._splitter.feed(start))
        elif start:
            pieces = [start]
            while data := self._source.read(_PIECE):
                pieces.append(data)
            whole = b"".join(pieces)
            del pieces
            self._is_ended = True
            self._keep_translated(_lines_of(whole))
        return bool(start)

    def _keep_lines(self, runs: Iterable[LineRun]) -> None:
        for run in runs:
            if run.oversize:
                self._copy(run.offset, run.offset + run.oversize)
                continue
            data = run.data[run.start : run.stop]
            text = data if run.offset else data.removeprefix(BOM_UTF8)
            self._keep_translated(_filled_lines(text))

    def _copy(self, start: int, stop: int) -> None:
        """Keep a line too long to be looked at as it is."""
        while start < stop:
            data = os.pread(self._source.descriptor, min(stop - start, _PIECE), start)
            if not data:  # cut meanwhile
                break
            self._keep(data)
            start += len(data)
        self._keep(b"\n")

    def _keep_translated(self, lines: Iterable[bytes]) -> None:
        for piece in _joined(self._translated(lines)):
            self._keep(piece)

    def _translated(self, lines: Iterable[bytes]) -> Iterable[bytes]:
        """Yield results lines; answers of other vendors take this API's shape."""
        for line in lines:
            translated = translate(line)
            if translated is None:
                yield line + b"\n"
                continue
            if self.vendor is None or self.vendor.is_told_by_errors:
                self.vendor = translated.vendor
            yield translated.line + b"\n"


def read_start(blocks: Blocks) -> bytes:
    """Read the bytes at the beginning of a file that tell what it is."""
    pieces: list[bytes] = []
    size = 0
    while size < LOOKED_AT and (data := blocks.read(LOOKED_AT - size)):
        pieces.append(data)
        size += len(data)
    return b"".join(pieces)


def is_of_another_vendor(start: bytes) -> bool:
    """Return whether the first line is an answer in another vendor's shape.

    Args:
        start: The first bytes of the file.
    """
    line = start.removeprefix(BOM_UTF8).lstrip().partition(b"\n")[0]
    return translate(line.rstrip()) is not None


def _lines_of(whole: bytes) -> Iterable[bytes]:
    """Return the values of a list, or those behind one another, a line each.

    What cannot be read stays a line as it is.
    """
    text = whole.removeprefix(BOM_UTF8).strip()
    try:
        values = _decode_list(text) if text[:1] == b"[" else _decode_all(text)
    except NOT_JSON:
        return _filled_lines(whole)
    return (without_newlines(bytes(value)) for value in values)


def _filled_lines(data: bytes) -> Iterable[bytes]:
    return (line.rstrip(b"\r") for line in data.split(b"\n") if line.strip())


def _joined(lines: Iterable[bytes]) -> Iterable[bytes]:
    """Yield lines in pieces that are worth a write."""
    pieces: list[bytes] = []
    size = 0
    for line in lines:
        pieces.append(line)
        size += len(line)
        if size >= _PIECE:
            yield b"".join(pieces)
            pieces, size = [], 0
    if pieces:
        yield b"".join(pieces)
