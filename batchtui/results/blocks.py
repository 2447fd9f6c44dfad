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
from batchtui.results.block_checksums import BlockChecksums, FileStamp, stamp_of
from batchtui.results.errors import ResultsFileError

if TYPE_CHECKING:
    from batchtui.results.part import Digest

_COMPRESSED = 256 * 1024


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

    def is_overwritten(self) -> bool:
        """Whether the bytes read so far no longer stand in `descriptor`."""

    def stamp(self) -> FileStamp:
        """What `descriptor` was like when the bytes read so far were known to stand in it."""

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
        self._checksums = BlockChecksums(self.descriptor)
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
            self._checksums.add(self._offset, data)
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
        """Whether another file has this name now, or what was read of it has changed."""
        try:
            named = self._path.stat()
        except OSError:  # deleted or not to be reached: what is open stays what it was
            return False
        status = os.fstat(self.descriptor)
        is_other = (named.st_dev, named.st_ino) != (status.st_dev, status.st_ino)
        return is_other or self.is_overwritten()

    def is_overwritten(self) -> bool:
        """Whether what was read of the open file has changed."""
        return self._checksums.is_overwritten()

    def stamp(self) -> FileStamp:
        """What the file was like when it was opened, or compared last."""
        return self._checksums.stamp

    def end(self) -> str:
        """Nothing: a file ends where it ends."""
        return ""

    def skip_all(self) -> None:
        """Take all there is for read: its rows are known."""
        self._offset = self.total()
        self._checksums.skip_to(self._offset)

    def rewind(self) -> None:
        """Begin again at the first byte of the file that has the name now."""
        with contextlib.suppress(ResultsFileError):
            descriptor = open_regular(self._path)
            os.dup2(descriptor, self.descriptor)
            os.close(descriptor)
        self._checksums = BlockChecksums(self.descriptor)
        self._offset = 0

    def close(self) -> None:
        """Close the file."""
        os.close(self.descriptor)


class UnpackedBlocks:
    """A packed file, unpacked into a file without a name, so that rows can be read by offset.

    That file is on the disk, not in memory, and is gone when it is closed, or the program.
    """

    def __init__(self, path: Path, packing: str) -> None:
        """Open the file.

        Args:
            path: Which.
            packing: How it is packed, as `detect_packing` says.

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
            self.descriptor = nameless_file()
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

    def is_overwritten(self) -> bool:
        """Never: nobody else writes to the unpacked file."""
        return False

    def stamp(self) -> FileStamp:
        """What the unpacked file is like: nobody else writes to it."""
        return stamp_of(self.descriptor)

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


def open_blocks(path: Path) -> Blocks:
    """Open a file as what its first bytes say it is.

    Raises:
        ResultsFileError: It cannot be opened.
    """
    plain = PlainBlocks(path)
    packing = detect_packing(plain.read(MAGIC_SIZE))
    if not packing:
        plain.rewind()
        return plain
    plain.close()
    return UnpackedBlocks(path, packing)


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


def nameless_file() -> int:
    """Make a temporary file that is gone when it is closed."""
    descriptor, name = tempfile.mkstemp(prefix="batchtui-", dir=large_temporary_folder())
    Path(name).unlink()
    return descriptor
