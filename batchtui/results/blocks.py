"""The bytes of a file on disk, block by block, plain or inflated.

Reading blocks; it is done in a thread. An empty block means: no more for now.
"""

import os
import stat
import tempfile
import zlib
from pathlib import Path
from typing import Protocol

from batchtui.results.errors import ResultsFileError
from batchtui.results.part import Digest

_GZIP_MAGIC = b"\x1f\x8b"
_COMPRESSED = 256 * 1024


class Blocks(Protocol):
    """Where blocks come from.

    Attributes:
        descriptor: A file in which the bytes of the blocks stand at their offsets.
    """

    descriptor: int

    def read(self, size: int) -> bytes:
        """The next bytes, at most ``size``; none if there are no more for now.

        Raises:
            ResultsFileError: The file cannot be read.
        """

    def total(self) -> int:
        """Bytes to read in all, as far as can be told now."""

    def position(self) -> int:
        """Bytes read so far, to compare with `total`."""

    def changed_at(self) -> float:
        """When the file was written to last, in seconds since the epoch."""

    def end(self) -> str:
        """Once there are no more: why these are not all, or ""."""

    def rewind(self) -> None:
        """Begin again at the first byte."""

    def close(self) -> None:
        """Close the file."""


class PlainBlocks:
    """A file as it is."""

    def __init__(
        self, path: Path, *, stop: int | None = None, digest: Digest | None = None
    ) -> None:
        """Open the file.

        Args:
            path: Which.
            stop: Where to end, in bytes; at the end of the file if not given.
            digest: A checksum to keep up to date.

        Raises:
            ResultsFileError: It cannot be opened.
        """
        self.descriptor = open_regular(path)
        self._path = path
        self._stop = stop
        self._digest = digest
        self._offset = 0
        if hasattr(os, "posix_fadvise"):
            os.posix_fadvise(self.descriptor, 0, 0, os.POSIX_FADV_SEQUENTIAL)

    def read(self, size: int) -> bytes:
        """The next bytes; see `Blocks`."""
        if self._stop is not None:
            size = min(size, self._stop - self._offset)
        try:
            data = os.pread(self.descriptor, size, self._offset) if size > 0 else b""
        except OSError as error:
            raise ResultsFileError.from_os(error, self._path, "read") from error
        if self._digest is not None:
            self._digest.update(data)
        self._offset += len(data)
        return data

    def total(self) -> int:
        """The file's size now."""
        return os.fstat(self.descriptor).st_size

    def position(self) -> int:
        """Bytes read so far."""
        return self._offset

    def changed_at(self) -> float:
        """When it was written to last."""
        return os.fstat(self.descriptor).st_mtime

    def end(self) -> str:
        """Nothing: a file ends where it ends."""
        return ""

    def rewind(self) -> None:
        """Begin again at the first byte."""
        self._offset = 0

    def close(self) -> None:
        """Close the file."""
        os.close(self.descriptor)


class InflatedBlocks:
    """A gzip file, inflated into a file without a name, so that rows can be read by offset.

    That file is on the disk, not in memory, and is gone when it is closed, or the program.
    """

    def __init__(self, path: Path, *, scratch: Path | None = None) -> None:
        """Open the file.

        Args:
            path: Which.
            scratch: The folder whose disk has room for what is inflated.

        Raises:
            ResultsFileError: It cannot be opened, or there is no place to inflate it to.
        """
        self._source = PlainBlocks(path)
        self._path = path
        self._inflater = zlib.decompressobj(wbits=31)
        self._rest = b""
        self._written = 0
        self._damage = ""
        try:
            self.descriptor = _nameless_file(scratch)
        except OSError as error:
            self._source.close()
            raise ResultsFileError.from_os(error, path, "unpack") from error

    def read(self, size: int) -> bytes:
        """The next inflated bytes; see `Blocks`."""
        while not self._damage:
            if not self._rest:
                self._rest = self._source.read(_COMPRESSED)
            if not self._rest:
                break
            if self._inflater.eof:  # gzip files may be several, one after the other
                self._inflater = zlib.decompressobj(wbits=31)
            try:
                data = self._inflater.decompress(self._rest, size)
            except zlib.error as error:
                self._damage = f"the gzip data is damaged: {error}"
                break
            self._rest = self._inflater.unconsumed_tail or self._inflater.unused_data
            if data:
                self._keep(data)
                return data
        return b""

    def total(self) -> int:
        """The packed file's size now."""
        return self._source.total()

    def position(self) -> int:
        """Packed bytes read so far."""
        return self._source.position() - len(self._rest)

    def changed_at(self) -> float:
        """When the packed file was written to last."""
        return self._source.changed_at()

    def end(self) -> str:
        """Why the inflated bytes are not all, or ""."""
        if not self._damage and not self._inflater.eof:
            return "the gzip file ends in the middle"
        return self._damage

    def rewind(self) -> None:
        """Begin again at the first byte."""
        self._source.rewind()
        os.ftruncate(self.descriptor, 0)
        self._inflater = zlib.decompressobj(wbits=31)
        self._rest = b""
        self._written = 0
        self._damage = ""

    def close(self) -> None:
        """Close both files; the inflated one is gone then."""
        self._source.close()
        os.close(self.descriptor)

    def _keep(self, data: bytes) -> None:
        view = memoryview(data)
        try:
            while view:
                count = os.pwrite(self.descriptor, view, self._written)
                self._written += count
                view = view[count:]
        except OSError as error:
            raise ResultsFileError.from_os(error, self._path, "unpack") from error


def open_blocks(path: Path, *, scratch: Path | None = None) -> PlainBlocks | InflatedBlocks:
    """Open a file as what its first bytes say it is.

    Args:
        path: Which.
        scratch: The folder to inflate gzip to; one for large temporary files if not given.

    Raises:
        ResultsFileError: It cannot be opened.
    """
    plain = PlainBlocks(path)
    if plain.read(2) != _GZIP_MAGIC:
        plain.rewind()
        return plain
    plain.close()
    return InflatedBlocks(path, scratch=scratch)


def open_regular(path: Path) -> int:
    """Open a file for reading.

    Raises:
        ResultsFileError: It cannot be opened, or is a pipe or device.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        raise ResultsFileError.from_os(error, path, "read") from error
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        kind = "it is a folder" if stat.S_ISDIR(mode) else "it is not a regular file"
        raise ResultsFileError(
            f"cannot read {path}: {kind}", hint="Give the path of a results file."
        )
    return descriptor


def _nameless_file(scratch: Path | None) -> int:
    folder = scratch or Path("/var/tmp")  # noqa: S108 - made exclusively, then without a name
    place = folder if folder.is_dir() and os.access(folder, os.W_OK) else None
    descriptor, name = tempfile.mkstemp(prefix="batchtui-", dir=place)
    Path(name).unlink()
    return descriptor
