"""Results printed in another way, or by another vendor, as lines."""

import os
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec
from msgspec import Raw

from batchtui.results.block_checksums import FileStamp, stamp_of
from batchtui.results.blocks import Blocks, nameless_file, write_all
from batchtui.results.errors import ResultsFileError
from batchtui.results.json_text import NOT_JSON
from batchtui.results.vendors.translation import Vendor, translate

_PIECE = 4 * 1024 * 1024
_decode_all: Callable[[bytes], list[Raw]] = msgspec.json.Decoder(Raw).decode_lines
_decode_list: Callable[[bytes], list[Raw]] = msgspec.json.Decoder(list[Raw]).decode


class RelinedBlocks:
    """Results printed in another way, one line each in a file without a name.

    All of the file is read at the first look at it.

    Attributes:
        vendor: Whose answers they are, once that is known; None for this API's own.
    """

    def __init__(self, source: Blocks, path: Path) -> None:
        """Take over a file that is open.

        Args:
            source: The file; closed together with this one.
            path: Its name.

        Raises:
            ResultsFileError: There is no place for the lines.
        """
        try:
            self.descriptor = nameless_file()
        except OSError as error:
            raise ResultsFileError.from_os(error, path, "convert") from error
        self._source = source
        self._path = path
        self._size = -1
        self._offset = 0
        self.vendor: Vendor | None = None

    def read(self, size: int) -> bytes:
        """The next bytes; see `Blocks`."""
        if self._size < 0:
            self._convert()
        data = os.pread(self.descriptor, size, self._offset)
        self._offset += len(data)
        return data

    def total(self) -> int:
        """Bytes of the file as it is."""
        return self._source.total()

    def position(self) -> int:
        """Bytes read so far, scaled to the size of the file as it is."""
        if self._size <= 0:
            return 0
        return self._source.position() * self._offset // self._size

    def changed_at(self) -> float:
        """When the file was written to last."""
        return self._source.changed_at()

    def is_rewritten(self) -> bool:
        """Whether the file has become another one, or longer."""
        return self._source.is_rewritten() or self._source.total() > self._source.position() > 0

    def is_overwritten(self) -> bool:
        """Never: nobody else writes to the file with the lines."""
        return False

    def stamp(self) -> FileStamp:
        """What the file with the lines is like: nobody else writes to it."""
        return stamp_of(self.descriptor)

    def end(self) -> str:
        """Why the lines are not all, or ""."""
        return self._source.end()

    def rewind(self) -> None:
        """Begin again at the first byte."""
        self._source.rewind()
        os.ftruncate(self.descriptor, 0)
        self._size, self._offset = -1, 0

    def close(self) -> None:
        """Close both files; the lines are gone then."""
        self._source.close()
        os.close(self.descriptor)

    def _convert(self) -> None:
        pieces: list[bytes] = []
        while data := self._source.read(_PIECE):
            pieces.append(data)
        whole = b"".join(pieces)
        del pieces
        self._size = 0
        try:
            for piece in _joined(self._translated(_lines_of(whole))):
                write_all(self.descriptor, piece, self._size)
                self._size += len(piece)
        except OSError as error:
            raise ResultsFileError.from_os(error, self._path, "convert") from error

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
