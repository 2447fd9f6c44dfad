"""A request file on disk: its bytes as a stream of blocks, unpacked, with a fingerprint.

Only streams: at no time more than a few blocks are in memory.
"""

import hashlib
import os
import tempfile
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol

from msgspec import Struct

from batchtui.folders import large_temporary_folder
from batchtui.library.ledger_values import SourceFile
from batchtui.packing import MAGIC_SIZE, PackingMissing, Unpacker, detect_packing
from batchtui.regular_files import NotRegularError, open_regular, written_path
from batchtui.submission.errors import SourceChanged, SourceError
from batchtui.submission.written_files import own_folder
from batchtui.whole_files import temporary_file

BLOCK = 1 << 20
"""Bytes read at once."""


class ReadableStream(Protocol):
    """What standard input has to offer."""

    def read(self, size: int, /) -> bytes:
        """Return up to ``size`` bytes; empty at the end."""
        ...


class Stamp(Struct, frozen=True):
    """What tells cheaply that a file was not touched."""

    size: int
    """In bytes."""
    changed_ns: int
    """Time of the last change, nanoseconds since the epoch."""


class _HashingFile:
    """A file that hashes what is read from it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self.size = 0

    def read(self, size: int = -1) -> bytes:
        block = self._file.read(size)
        self._digest.update(block)
        self.size += len(block)
        return block

    def sha256(self) -> str:
        while self.read(BLOCK):
            pass
        return self._digest.hexdigest()


class RequestSource:
    """One request file, plain or packed.

    Attributes:
        path: Absolute.
        packing: How it is packed, by its first bytes, as ``gzip``; or ``""``.
    """

    def __init__(self, path: Path) -> None:
        """Look at a file.

        Raises:
            SourceError: It cannot be opened.
        """
        self.path = written_path(path).absolute()
        with _explained(self.path), open_file(self.path) as file:
            self.packing = detect_packing(file.read(MAGIC_SIZE))
        self._read_file: SourceFile | None = None
        self._required: Stamp | None = None

    @property
    def fingerprint(self) -> SourceFile:
        """Path, sha256 and size on disk; free after a complete pass of `blocks`.

        Raises:
            SourceError: It cannot be read.
        """
        if self._read_file is None:
            with _explained(self.path), open_file(self.path) as file:
                hashing = _HashingFile(file)
                sha256 = hashing.sha256()
                self._read_file = SourceFile(self.path, sha256, hashing.size)
        return self._read_file

    def stamp(self) -> Stamp:
        """Return size and time of change as they are now.

        Raises:
            SourceError: The file is gone.
        """
        with _explained(self.path):
            status = self.path.stat()
        return Stamp(status.st_size, status.st_mtime_ns)

    def require(self, expected: SourceFile) -> None:
        """Check that the file still has the contents that were written down.

        Raises:
            SourceChanged: It has not.
            SourceError: It cannot be read.
        """
        stamp = self.stamp()
        if stamp.size != expected.size or self.fingerprint.sha256 != expected.sha256:
            raise self._changed()
        self._required = stamp

    def require_untouched(self) -> None:
        """Check cheaply that the file was not written to since `require` read it.

        Raises:
            SourceChanged: It was.
            SourceError: It is gone.
        """
        if self._required is not None and self.stamp() != self._required:
            raise self._changed()

    def _changed(self) -> SourceChanged:
        return SourceChanged(
            f"{self.path} has changed since it was written down.",
            hint="Restore the file as it was, or start a new submission from the new file.",
        )

    def blocks(self, start: int = 0) -> Iterator[bytes]:
        """Yield the decompressed bytes from an offset to the end.

        Args:
            start: In decompressed bytes. Of a packed file everything before is unpacked too.

        Raises:
            SourceError: The file cannot be read, or its compression is damaged or cut.
        """
        with _explained(self.path), open_file(self.path) as file:
            if start:
                yield from self._blocks_from(file, start)
                return
            hashing = _HashingFile(file)
            if self.packing:
                yield from _unpack(hashing, self.packing, self.path)
            else:
                yield from iter(lambda: hashing.read(BLOCK), b"")
            self._read_file = SourceFile(self.path, hashing.sha256(), hashing.size)

    def _blocks_from(self, file: BinaryIO, start: int) -> Iterator[bytes]:
        if not self.packing:
            file.seek(start)
            yield from iter(lambda: file.read(BLOCK), b"")
            return
        yield from _without_first(_unpack(file, self.packing, self.path), start)


class SourceReader:
    """Reads pieces of a request file, in any order and from any thread.

    The file is opened once. A packed one is unpacked once, into a file without a name, and no
    further than to the pieces asked for. All is closed when nobody holds the reader any more.
    """

    def __init__(self, source: RequestSource) -> None:
        """Read a file as it is when the first piece is asked for."""
        self._source = source
        self._lock = threading.Lock()
        self._file: BinaryIO | None = None
        self._packed: Iterator[bytes] = iter(())
        self._unpacked = 0

    def read(self, offset: int, size: int) -> bytes:
        """Return some of the decompressed bytes; fewer if the file ends before.

        Raises:
            SourceError: The file cannot be read, or its compression is damaged or cut.
        """
        with _explained(self._source.path):
            with self._lock:
                file = self._open() if self._file is None else self._file
                self._unpack(file, offset + size)
            return os.pread(file.fileno(), size, offset)

    def _open(self) -> BinaryIO:
        if self._source.packing:
            self._packed = self._source.blocks()
            folder = large_temporary_folder()
            file: BinaryIO = tempfile.TemporaryFile(prefix="batchtui-", dir=folder)  # noqa: SIM115
        else:
            file = open_file(self._source.path)
        weakref.finalize(self, file.close)
        self._file = file
        return file

    def _unpack(self, file: BinaryIO, stop: int) -> None:
        while self._unpacked < stop and (block := next(self._packed, b"")):
            self._unpacked += file.write(block)
        file.flush()


def _unpack(file: ReadableStream, packing: str, path: Path) -> Iterator[bytes]:
    """Yield the bytes of a packed file, of all the streams in it."""
    try:
        unpacker = Unpacker(packing, file.read)
        while data := unpacker.read(BLOCK):
            yield data
    except PackingMissing as error:
        raise SourceError(error.message, hint=error.hint) from error
    except ValueError as error:
        raise _damaged(path, packing, str(error)) from error
    if not unpacker.is_whole:
        raise _damaged(path, packing, "it was cut")


def _damaged(path: Path, packing: str, why: str) -> SourceError:
    return SourceError(
        f"{path} is a damaged or cut {packing} file: {why}.", hint="Make the file again."
    )


def _without_first(blocks: Iterator[bytes], count: int) -> Iterator[bytes]:
    """Yield blocks without their first bytes."""
    for block in blocks:
        if count >= len(block):
            count -= len(block)
        else:
            yield block[count:]
            count = 0


def open_file(path: Path) -> BinaryIO:
    """Open a file for reading; never waits, as opening a pipe would.

    Raises:
        SourceError: It is a pipe or a device: what is read of it is gone.
        OSError: It cannot be opened, or is a folder.
    """
    try:
        return os.fdopen(open_regular(path), "rb")
    except NotRegularError as error:
        if not error.is_stream:
            raise
        raise SourceError(
            f"{path} is a pipe or a device: it can be read only once.",
            hint="Write it to a file first, or give it to batchtui create, which keeps what it"
            " reads.",
        ) from None


def spool(stream: ReadableStream, folder: Path) -> Path:
    """Write a stream to a file, so that it can be read again and sending it continued.

    Args:
        stream: Read to its end.
        folder: Made if need be, private to the user.

    Returns:
        A file named by its contents: the same input gives the same file.

    Raises:
        SourceError: It cannot be read or written.
    """
    digest = hashlib.sha256()
    with own_folder(folder), temporary_file(folder, mode=0o600) as (file, temporary):
        for block in iter(lambda: stream.read(BLOCK), b""):
            digest.update(block)
            file.write(block)
        file.close()
        path = folder / f"stdin-{digest.hexdigest()[:16]}.jsonl"
        # one that is there keeps its time: it says since when these contents are known
        return path if path.exists() else temporary.replace(path)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror or error}.") from error
