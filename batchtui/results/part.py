"""The file a download writes: written and summed up in one thread, beside the event loop."""

import asyncio
import hashlib
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

from batchtui.library.errors import StorageError


class Digest(Protocol):
    """A checksum in the making, as `hashlib` has them."""

    def update(self, data: bytes, /) -> None:
        """Take the next bytes."""

    def hexdigest(self) -> str:
        """Return the checksum so far, in hex."""


_WRITE_BACK = 16 * 1024 * 1024
"""Bytes after which the system is asked to start writing to the disk, so that the wait for the
last of them at the end is short."""


class PartFile:
    """An unfinished results file, open for writing.

    Every method may raise `StorageError`; what was written before is kept.
    """

    def __init__(self, path: Path, digest: Digest | None = None) -> None:
        """Name the file; `open` opens it.

        Args:
            path: Where it is to be.
            digest: The checksum of the bytes that are kept of it; a new one if not given.
        """
        self.path = path
        self.size = 0
        self.digest: Digest = hashlib.sha256() if digest is None else digest
        self._file = -1
        self._asked = 0
        self._failure: OSError | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="results-writer")

    async def open(self, keep: int = 0) -> None:
        """Open the file, and cut it behind the bytes to keep.

        Args:
            keep: Bytes at its start to keep; `digest` must know them.
        """
        await self._run(lambda: self._open(keep), "write")

    async def write(self, block: bytes) -> None:
        """Append; when this returns the bytes can be read by others.

        Large blocks are best: each system call and each step of the checksum has to wait for the
        interpreter's lock afterwards.
        """
        await self._run(lambda: self._write(block), "write")

    async def sync(self) -> None:
        """Wait until all of it is on the disk, whatever happens to the power."""
        await self._run(lambda: os.fsync(self._file), "write")

    async def close(self) -> None:
        """Close the file, after the writes that were begun; harmless when done twice."""
        try:
            await self._run(self._close, "close")
        except StorageError:
            pass
        except RuntimeError:
            # closed before, or the program is ending: no thread takes work any more, none writes
            self._close()
        self._thread.shutdown(wait=False)

    async def _run(self, work: Callable[[], None], verb: str) -> None:
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except OSError as error:
            raise StorageError.from_os(error, self.path, verb) from error

    def _open(self, keep: int) -> None:
        self._file = os.open(self.path, os.O_WRONLY | os.O_CREAT, 0o600)
        os.ftruncate(self._file, keep)
        os.lseek(self._file, keep, os.SEEK_SET)
        self.size = self._asked = keep

    def _close(self) -> None:
        if self._file >= 0:
            descriptor, self._file = self._file, -1
            os.close(descriptor)

    def _write(self, block: bytes) -> None:
        if self._failure is not None:  # what came after would stand in the wrong place
            raise self._failure
        view = memoryview(block)
        try:
            while view:
                view = view[os.write(self._file, view) :]
        except OSError as error:
            self._failure = error
            raise
        self.digest.update(block)
        self.size += len(block)
        if self.size - self._asked >= _WRITE_BACK:
            self._start_write_back()

    def _start_write_back(self) -> None:
        if hasattr(os, "posix_fadvise"):
            os.posix_fadvise(
                self._file, self._asked, self.size - self._asked, os.POSIX_FADV_DONTNEED
            )
        self._asked = self.size
