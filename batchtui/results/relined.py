"""Results printed in another way, or by another vendor, as lines."""

import os
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec
from msgspec import Raw

from batchtui.results.blocks import Blocks, DerivedBlocks
from batchtui.results.json_text import NOT_JSON
from batchtui.results.vendors.translation import Vendor, translate

_PIECE = 4 * 1024 * 1024
_decode_all: Callable[[bytes], list[Raw]] = msgspec.json.Decoder(Raw).decode_lines
_decode_list: Callable[[bytes], list[Raw]] = msgspec.json.Decoder(list[Raw]).decode


class RelinedBlocks(DerivedBlocks):
    """Results printed in another way, one line each. All of the file is read at the first look.

    Attributes:
        vendor: Whose answers they are, once that is known; None for this API's own.
    """

    def __init__(self, source: Blocks, path: Path) -> None:
        """Take over a file that is open; see `DerivedBlocks`."""
        super().__init__(source, path, "convert")
        self._is_converted = False
        self._offset = 0
        self.vendor: Vendor | None = None

    def read(self, size: int) -> bytes:
        """Return the next bytes; see `Blocks`."""
        if not self._is_converted:
            self._convert()
        data = os.pread(self.descriptor, size, self._offset)
        self._offset += len(data)
        return data

    def position(self) -> int:
        """Return how many bytes were read so far, scaled to the size of the file as it is."""
        if not self._written:
            return 0
        return self._source.position() * self._offset // self._written

    def is_rewritten(self) -> bool:
        """Return whether the file has become another one, or longer."""
        return super().is_rewritten() or self._source.total() > self._source.position() > 0

    def end(self) -> str:
        """Return why the lines are not all, or ""."""
        return self._source.end()

    def rewind(self) -> None:
        """Begin again at the first byte."""
        super().rewind()
        self._is_converted = False
        self._offset = 0

    def _convert(self) -> None:
        pieces: list[bytes] = []
        while data := self._source.read(_PIECE):
            pieces.append(data)
        whole = b"".join(pieces)
        del pieces
        self._is_converted = True
        for piece in _joined(self._translated(_lines_of(whole))):
            self._keep(piece)

    def _translated(self, lines: Iterable[bytes]) -> Iterable[bytes]:
        """Yield results lines; answers of other vendors take this API's shape."""
        self.vendor = None
        for line in lines:
            translated = translate(line)
            if translated is None:
                yield line + b"\n"
                continue
            if self.vendor is None or self.vendor.is_told_by_errors:
                self.vendor = translated.vendor
            yield translated.line + b"\n"


def _lines_of(whole: bytes) -> Iterable[bytes]:
    """Return the values of a list, or those behind one another, a line each.

    What cannot be read stays a line as it is.
    """
    text = whole.removeprefix(BOM_UTF8).strip()
    try:
        values = _decode_list(text) if text[:1] == b"[" else _decode_all(text)
    except NOT_JSON:
        return (line.rstrip(b"\r") for line in whole.split(b"\n") if line.strip())
    return (bytes(value).replace(b"\n", b" ").replace(b"\r", b" ") for value in values)


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
