"""Compressed files, unpacked piece by piece: gzip, bzip2, xz and zstd, several in one file too."""

import bz2
import lzma
import zlib
from collections.abc import Callable
from typing import Protocol

from batchtui.errors import BatchtuiError

_MAGIC = {
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
}
ENDINGS = (".gz", ".bz2", ".xz", ".zst")
"""Of the names of packed files, usually."""
MAGIC_SIZE = 6
"""Bytes of a file that tell how it is packed."""
_PACKED = 256 * 1024
"""Packed bytes read at once."""
_ZSTD_PIECE = 16 * 1024
"""Packed bytes taken at once: little data may unpack to very much."""


class PackingMissing(BatchtuiError):
    """What it takes to unpack a file is not installed."""


def detect_packing(start: bytes) -> str:
    """Return how a file is packed by its first bytes; "" if it is not."""
    return next((name for magic, name in _MAGIC.items() if start.startswith(magic)), "")


class Unpacker:
    """Unpacks a file, of all the streams in it; one that still grows as well."""

    def __init__(self, packing: str, read: Callable[[int], bytes]) -> None:
        """Begin at the first byte.

        Args:
            packing: As `detect_packing` returns it.
            read: Reads the next bytes of the packed file, at most so many.

        Raises:
            PackingMissing: What it takes is not installed.
        """
        self._packing = packing
        self._read = read
        self._engine = _open_engine(packing)
        self._rest = b""

    @property
    def is_whole(self) -> bool:
        """Whether what was unpacked so far ends with a stream."""
        return self._engine.is_done

    @property
    def held(self) -> int:
        """Packed bytes that were read and are still to be unpacked."""
        return len(self._rest)

    def read(self, size: int) -> bytes:
        """Return the next unpacked bytes, about ``size`` at most; none if there are none for now.

        Raises:
            ValueError: The data is damaged.
        """
        while True:
            if not self._rest and self._engine.needs_input:
                self._rest = self._read(_PACKED)
                if not self._rest:
                    return b""
            if self._engine.is_done:
                self._rest = self._rest.lstrip(b"\0")  # what fills up a last block of a tape
                if not self._rest:
                    continue
                self._engine = _open_engine(self._packing)
            found, self._rest = self._engine.unpack(self._rest, size)
            if found:
                return found


class _Engine(Protocol):
    """Unpacks one stream."""

    @property
    def is_done(self) -> bool:
        """Whether the stream has come to its end."""

    @property
    def needs_input(self) -> bool:
        """Whether there is nothing to be had of what was given so far."""

    def unpack(self, data: bytes, size: int) -> tuple[bytes, bytes]:
        """Unpack some bytes.

        Args:
            data: The next packed bytes; may be none if it needs none.
            size: How many bytes to return at most, about.

        Returns:
            Unpacked bytes, and the packed ones that were not taken.

        Raises:
            ValueError: The data is damaged.
        """


def _open_engine(name: str) -> _Engine:
    match name:
        case "gzip":
            return _Gzip()
        case "zstd":
            return _Zstd()
        case _:
            return _Blocks(name)


class _Gzip:
    needs_input = True

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

    @property
    def needs_input(self) -> bool:
        return self._engine.needs_input or self._engine.eof

    def unpack(self, data: bytes, size: int) -> tuple[bytes, bytes]:
        try:
            found = self._engine.decompress(data, size)
        except (OSError, lzma.LZMAError) as error:
            raise ValueError(str(error)) from None
        return found, self._engine.unused_data if self._engine.eof else b""


class _Zstd:
    needs_input = True

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
