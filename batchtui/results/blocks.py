"""The bytes of a file on disk, block by block, plain or unpacked.

Reading blocks; it is done in a thread. An empty block means: no more for now.
"""

import contextlib
import os
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from batchtui.folders import large_temporary_folder
from batchtui.packing import MAGIC_SIZE, PackingMissing, detect_packing, open_packing
from batchtui.results.errors import ResultsFileError

if TYPE_CHECKING:
    from batchtui.results.part import Digest

_COMPRESSED = 256 * 1024
_SAMPLE = 64
"""Bytes kept of each block, to see whether a file that was written to is still the same."""


class Blocks(Protocol):
    """Where blocks come from."""

    descriptor: int
    """A file in which the bytes of the blocks stand at their offsets."""

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

    def is_rewritten(self) -> bool:
        """Whether the bytes read so far are no longer those of the file of this name."""

    def end(self) -> str:
        """Once there are no more: why these are not all, or ""."""

    def rewind(self) -> None:
        """Begin again at the first byte."""

    def close(self) -> None:
        """Close the file."""


class PlainBlocks:
    """A file as it is."""

    def __init__(
        self, path: Path, *, stop: int | None = None, digest: "Digest | None" = None
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
        self._samples: dict[int, bytes] = {}
        self._last_sample = -1
        self._stamp = _stamp(os.fstat(self.descriptor))
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
        if data:
            self._remember(data)
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

    def is_rewritten(self) -> bool:
        """Whether another file has this name now, or what was read of it has changed.

        A file that only grew keeps what it had: pieces of it, its ends among them, are compared.
        One of the same size that was written to is taken for another without a look.
        """
        try:
            named = self._path.stat()
        except OSError:  # deleted or not to be reached: what is open stays what it was
            return False
        status = os.fstat(self.descriptor)
        if (named.st_dev, named.st_ino) != (status.st_dev, status.st_ino):
            return True
        if _stamp(status) == self._stamp:
            return False
        if status.st_size <= self._offset and status.st_size <= self._stamp[0]:
            return True
        if any(self._peek(place, len(piece)) != piece for place, piece in self._samples.items()):
            return True
        self._stamp = _stamp(status)
        return False

    def end(self) -> str:
        """Nothing: a file ends where it ends."""
        return ""

    def skip_all(self) -> None:
        """Take all there is for read: its rows are known."""
        size, position = self.total(), 0
        for position in (0, max(0, size - _SAMPLE)):
            self._samples[position] = self._peek(position, _SAMPLE)
        self._last_sample = position
        self._offset = size

    def rewind(self) -> None:
        """Begin again at the first byte of the file that has the name now."""
        with contextlib.suppress(ResultsFileError):
            descriptor = open_regular(self._path)
            os.dup2(descriptor, self.descriptor)
            os.close(descriptor)
        self._stamp = _stamp(os.fstat(self.descriptor))
        self._samples.clear()
        self._offset = 0

    def close(self) -> None:
        """Close the file."""
        os.close(self.descriptor)

    def _remember(self, data: bytes) -> None:
        """Keep a piece from the start of a block, and the very last of all."""
        self._samples[self._offset] = data[:_SAMPLE]
        last = max(0, len(data) - _SAMPLE)
        self._samples.pop(self._last_sample, None)
        self._last_sample = self._offset + last
        if last:
            self._samples[self._last_sample] = data[last:]

    def _peek(self, place: int, size: int) -> bytes:
        try:
            return os.pread(self.descriptor, size, place)
        except OSError:
            return b""


class UnpackedBlocks:
    """A packed file, unpacked into a file without a name, so that rows can be read by offset.

    That file is on the disk, not in memory, and is gone when it is closed, or the program.
    """

    def __init__(self, path: Path, packing: str, *, scratch: Path | None = None) -> None:
        """Open the file.

        Args:
            path: Which.
            packing: How it is packed, as `detect_packing` says.
            scratch: The folder whose disk has room for what is unpacked.

        Raises:
            ResultsFileError: It cannot be opened, or there is no place to unpack it to.
        """
        try:
            self._engine = open_packing(packing)
        except PackingMissing as error:
            raise ResultsFileError(error.message, hint=error.hint) from error
        self._source = PlainBlocks(path)
        self._packing = packing
        self._path = path
        self._rest = b""
        self._written = 0
        self._damage = ""
        try:
            self.descriptor = nameless_file(scratch)
        except OSError as error:
            self._source.close()
            raise ResultsFileError.from_os(error, path, "unpack") from error

    def read(self, size: int) -> bytes:
        """The next unpacked bytes; see `Blocks`."""
        while not self._damage:
            if self._engine.is_done:
                self._rest = self._rest.lstrip(b"\0")  # what fills up a last block of a tape
            if not self._rest:
                self._rest = self._source.read(_COMPRESSED)
            if not self._rest:
                break
            if self._engine.is_done:  # such files may be several, one after the other
                self._engine = open_packing(self._packing)
            try:
                data, self._rest = self._engine.unpack(self._rest, size)
            except ValueError as error:
                self._damage = f"the {self._packing} data is damaged: {error}"
                break
            if data:
                self._keep(data)
                return data
        return b""

    def total(self) -> int:
        """The packed file's size now."""
        return self._source.total()

    def position(self) -> int:
        """Packed bytes read so far; all of them where damage is in the way of the rest."""
        return self.total() if self._damage else self._source.position() - len(self._rest)

    def changed_at(self) -> float:
        """When the packed file was written to last."""
        return self._source.changed_at()

    def is_rewritten(self) -> bool:
        """Whether the packed file has become another one."""
        return self._source.is_rewritten()

    def end(self) -> str:
        """Why the unpacked bytes are not all, or ""."""
        if not self._damage and not self._engine.is_done and self._source.position():
            return f"the {self._packing} file ends in the middle"
        return self._damage

    def rewind(self) -> None:
        """Begin again at the first byte."""
        self._source.rewind()
        os.ftruncate(self.descriptor, 0)
        self._engine = open_packing(self._packing)
        self._rest = b""
        self._written = 0
        self._damage = ""

    def close(self) -> None:
        """Close both files; the unpacked one is gone then."""
        self._source.close()
        os.close(self.descriptor)

    def _keep(self, data: bytes) -> None:
        try:
            write_all(self.descriptor, data, self._written)
        except OSError as error:
            raise ResultsFileError.from_os(error, self._path, "unpack") from error
        self._written += len(data)


def open_blocks(path: Path, *, scratch: Path | None = None) -> Blocks:
    """Open a file as what its first bytes say it is.

    Args:
        path: Which.
        scratch: The folder to unpack to; one for large temporary files if not given.

    Raises:
        ResultsFileError: It cannot be opened.
    """
    plain = PlainBlocks(path)
    packing = detect_packing(plain.read(MAGIC_SIZE))
    if not packing:
        plain.rewind()
        return plain
    plain.close()
    return UnpackedBlocks(path, packing, scratch=scratch)


def write_all(descriptor: int, data: bytes, offset: int) -> None:
    """Write bytes at a place of a file.

    Raises:
        OSError: They cannot be written.
    """
    view = memoryview(data)
    while view:
        count = os.pwrite(descriptor, view, offset)
        offset += count
        view = view[count:]


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


def nameless_file(scratch: Path | None) -> int:
    """Make a temporary file that is gone when it is closed."""
    place = large_temporary_folder(scratch)
    descriptor, name = tempfile.mkstemp(prefix="batchtui-", dir=place)
    Path(name).unlink()
    return descriptor


def _stamp(status: os.stat_result) -> tuple[int, int]:
    """Return what changes when a file is written to."""
    return status.st_size, status.st_mtime_ns
