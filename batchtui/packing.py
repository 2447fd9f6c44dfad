"""Compressed files, unpacked piece by piece: gzip, bzip2, xz and zstd, several in one file too."""

import bz2
import lzma
import zlib
from typing import Protocol

from batchtui.errors import BatchtuiError

_MAGIC = {
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
}
MAGIC_SIZE = 6
"""Bytes of a file that tell how it is packed."""


class PackingMissing(BatchtuiError):
    """What it takes to unpack a file is not installed."""


class Packing(Protocol):
    """Unpacks one stream."""

    @property
    def is_done(self) -> bool:
        """Whether the stream has come to its end."""

    def unpack(self, data: bytes, size: int) -> tuple[bytes, bytes]:
        """Unpack some bytes.

        Args:
            data: The next packed bytes.
            size: How many bytes to return at most, about.

        Returns:
            Unpacked bytes, and the packed ones that were not needed yet.

        Raises:
            ValueError: The data is damaged.
        """


def detect_packing(start: bytes) -> str:
    """Return how a file is packed by its first bytes; "" if it is not."""
    return next((name for magic, name in _MAGIC.items() if start.startswith(magic)), "")


def open_packing(name: str) -> Packing:
    """Return what unpacks a stream.

    Args:
        name: As `detect_packing` returns it.

    Raises:
        PackingMissing: What it takes is not installed.
    """
    match name:
        case "gzip":
            return _Gzip()
        case "zstd":
            return _Zstd()
        case _:
            return _Blocks(name)


class _Gzip:
    def __init__(self) -> None:
        self._engine = zlib.decompressobj(wbits=31)

    @property
    def is_done(self) -> bool:
        return self._engine.eof

    def unpack(self, data: bytes, size: int) -> tuple[bytes, bytes]:
        try:
            found = self._engine.decompress(data, size)
        except zlib.error as error:
            raise ValueError(str(error)) from None
        return found, self._engine.unconsumed_tail or self._engine.unused_data


class _Blocks:
    """bzip2 and xz, which keep themselves what they have not unpacked yet."""

    def __init__(self, name: str) -> None:
        self._engine: bz2.BZ2Decompressor | lzma.LZMADecompressor = (
            bz2.BZ2Decompressor() if name == "bzip2" else lzma.LZMADecompressor()
        )

    @property
    def is_done(self) -> bool:
        return self._engine.eof

    def unpack(self, data: bytes, size: int) -> tuple[bytes, bytes]:
        try:
            found = self._engine.decompress(data, size)
            while not found and not self._engine.eof and not self._engine.needs_input:
                found = self._engine.decompress(b"", size)
        except (OSError, EOFError, lzma.LZMAError) as error:
            raise ValueError(str(error)) from None
        pieces = [found]
        while not self._engine.eof and not self._engine.needs_input:
            pieces.append(self._engine.decompress(b"", size))
        return b"".join(pieces), self._engine.unused_data if self._engine.eof else b""


class _Zstd:
    def __init__(self) -> None:
        try:
            import zstandard
        except ImportError:
            raise PackingMissing(
                "This file is packed by zstd, and zstandard is not installed.",
                hint="pip install 'batchtui[zstd]', or unpack it: zstd -d FILE",
            ) from None
        self._error = zstandard.ZstdError
        self._engine = zstandard.ZstdDecompressor().decompressobj()

    @property
    def is_done(self) -> bool:
        return self._engine.eof

    def unpack(self, data: bytes, size: int) -> tuple[bytes, bytes]:
        del size  # one frame's block is 128 KB at most
        try:
            found = self._engine.decompress(data[:_ZSTD_PIECE])
        except self._error as error:
            raise ValueError(str(error)) from None
        rest = self._engine.unused_data if self._engine.eof else b""
        return found, rest + data[_ZSTD_PIECE:]


_ZSTD_PIECE = 16 * 1024
"""Packed bytes taken at once: little data may unpack to very much."""
