"""The bytes of a file on disk, block by block, plain or unpacked.

Reading blocks; it is done in a thread. An empty block means: no more for now.
"""

import contextlib
import os
import tempfile
from pathlib import Path
from typing import Protocol

from batchtui.folders import large_temporary_folder
from batchtui.packing import MAGIC_SIZE, PackingMissing, Unpacker, detect_packing
from batchtui.regular_files import NotRegularError, open_regular
from batchtui.results.block_checksums import BlockChecksums, FileStamp, stamp_of
from batchtui.results.errors import ResultsFileError


class Digest(Protocol):
    """A checksum in the making, as `hashlib` has them."""

    def update(self, data: bytes, /) -> None:
        """Take the next bytes."""

    def hexdigest(self) -> str:
        """Return the checksum so far, in hex."""


class Blocks(Protocol):
    """Where blocks come from."""

    descriptor: int
    """A file in which the bytes of the blocks stand at their offsets."""

    def read(self, size: int) -> bytes:
        """Return the next bytes, at most ``size``; none if there are no more for now.

        Raises:
            ResultsFileError: The file cannot be read.
        """

    def total(self) -> int:
        """Return how many bytes there are to read in all, as far as can be told now."""

    def position(self) -> int:
        """Return how many bytes were read so far, to compare with `total`."""

    def changed_at(self) -> float:
        """Return when the file was written to last, in seconds since the epoch."""

    def is_rewritten(self) -> bool:
        """Return whether the bytes read so far are no longer those of the file of this name."""

    def is_overwritten(self) -> bool:
        """Return whether the bytes read so far no longer stand in `descriptor`."""

    def stamp(self) -> FileStamp:
        """Return what `descriptor` was like when the bytes read were last known to stand in it."""

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
        self.descriptor = open_file(path)
        self._path = path
        self._stop = stop
        self._digest = digest
        self._offset = 0
        self._checksums = BlockChecksums(self.descriptor)
        if hasattr(os, "posix_fadvise"):
            os.posix_fadvise(self.descriptor, 0, 0, os.POSIX_FADV_SEQUENTIAL)

    def read(self, size: int) -> bytes:
        """Return the next bytes; see `Blocks`."""
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
        """Return the file's size now."""
        return os.fstat(self.descriptor).st_size

    def position(self) -> int:
        """Return how many bytes were read so far."""
        return self._offset

    def changed_at(self) -> float:
        """Return when it was written to last."""
        return os.fstat(self.descriptor).st_mtime

    def is_rewritten(self) -> bool:
        """Return whether another file has this name now, or what was read of it has changed."""
        try:
            named = self._path.stat()
        except OSError:  # deleted or not to be reached: what is open stays what it was
            return False
        status = os.fstat(self.descriptor)
        is_other = (named.st_dev, named.st_ino) != (status.st_dev, status.st_ino)
        return is_other or self.is_overwritten()

    def is_overwritten(self) -> bool:
        """Return whether what was read of the open file has changed."""
        return self._checksums.is_overwritten()

    def stamp(self) -> FileStamp:
        """Return what the file was like when it was opened, or compared last."""
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
            descriptor = open_file(self._path)
            os.dup2(descriptor, self.descriptor)
            os.close(descriptor)
        self._checksums = BlockChecksums(self.descriptor)
        self._offset = 0

    def close(self) -> None:
        """Close the file."""
        os.close(self.descriptor)


class DerivedBlocks:
    """What is made of another file, in a file without a name, so that rows can be read by offset.

    That file is on the disk, not in memory, and is gone when it is closed, or the program. Nobody
    else writes to it.
    """

    def __init__(self, source: Blocks, path: Path, verb: str) -> None:
        """Take over a file that is open.

        Args:
            source: The file; closed together with this one.
            path: Its name.
            verb: What is done to it, such as ``unpack``.

        Raises:
            ResultsFileError: There is no place for what is made of it.
        """
        self._source = source
        self._path = path
        self._verb = verb
        self._written = 0
        try:
            self.descriptor = _nameless_file()
        except OSError as error:
            raise ResultsFileError.from_os(error, path, verb) from error

    def total(self) -> int:
        """Return the size of the file as it is."""
        return self._source.total()

    def changed_at(self) -> float:
        """Return when the file was written to last."""
        return self._source.changed_at()

    def is_rewritten(self) -> bool:
        """Return whether the file has become another one."""
        return self._source.is_rewritten()

    def is_overwritten(self) -> bool:
        """Never: nobody else writes to what is made of the file."""
        return False

    def stamp(self) -> FileStamp:
        """Return what the file without a name is like."""
        return stamp_of(self.descriptor)

    def rewind(self) -> None:
        """Begin again at the first byte."""
        self._source.rewind()
        os.ftruncate(self.descriptor, 0)
        self._written = 0

    def close(self) -> None:
        """Close both files; what was made is gone then."""
        self._source.close()
        os.close(self.descriptor)

    def _keep(self, data: bytes) -> None:
        """Write the next bytes that were made."""
        view = memoryview(data)
        try:
            while view:
                count = os.pwrite(self.descriptor, view, self._written)
                self._written += count
                view = view[count:]
        except OSError as error:
            raise ResultsFileError.from_os(error, self._path, self._verb) from error


class UnpackedBlocks(DerivedBlocks):
    """A packed file, unpacked."""

    def __init__(self, source: Blocks, path: Path, packing: str) -> None:
        """Take over a file that is open.

        Args:
            source: The file; closed together with this one.
            path: Its name.
            packing: How it is packed, as `detect_packing` says.

        Raises:
            ResultsFileError: It cannot be unpacked, or there is no place to unpack it to.
        """
        self._packing = packing
        try:
            self._unpacker = Unpacker(packing, source.read)
        except PackingMissing as error:
            raise ResultsFileError(error.message, hint=error.hint) from error
        super().__init__(source, path, "unpack")
        self._damage = ""

    def read(self, size: int) -> bytes:
        """Return the next unpacked bytes; see `Blocks`."""
        if self._damage:
            return b""
        try:
            data = self._unpacker.read(size)
        except ValueError as error:
            self._damage = f"the {self._packing} data is damaged: {error}"
            return b""
        self._keep(data)
        return data

    def position(self) -> int:
        """Return how many packed bytes were read; all where damage is in the way of the rest."""
        return self.total() if self._damage else self._source.position() - self._unpacker.held

    def end(self) -> str:
        """Return why the unpacked bytes are not all, or ""."""
        if not self._damage and not self._unpacker.is_whole and self._source.position():
            return f"the {self._packing} file ends in the middle"
        return self._damage

    def rewind(self) -> None:
        """Begin again at the first byte."""
        super().rewind()
        self._unpacker = Unpacker(self._packing, self._source.read)
        self._damage = ""


def open_blocks(path: Path) -> Blocks:
    """Open a file as what its first bytes say it is.

    Raises:
        ResultsFileError: It cannot be opened.
    """
    plain = PlainBlocks(path)
    try:
        packing = detect_packing(plain.read(MAGIC_SIZE))
        plain.rewind()
        return UnpackedBlocks(plain, path, packing) if packing else plain
    except ResultsFileError:
        plain.close()
        raise


def open_file(path: Path) -> int:
    """Open a file for reading.

    Raises:
        ResultsFileError: It cannot be opened, or is a pipe or device.
    """
    try:
        return open_regular(path)
    except NotRegularError as error:
        raise ResultsFileError(
            f"cannot read {path}: {error.strerror}", hint="Give the path of a results file."
        ) from None
    except OSError as error:
        raise ResultsFileError.from_os(error, path, "read") from error


def _nameless_file() -> int:
    """Make a temporary file that is gone when it is closed."""
    descriptor, name = tempfile.mkstemp(prefix="batchtui-", dir=large_temporary_folder())
    Path(name).unlink()
    return descriptor
