"""The file a download writes, and the pump that moves a stream into it and into an index.

It is written and summed up in one thread, beside the event loop. A row is published only when its
bytes are in the file, so whoever reads by the index never reads too far. While one block is being
written, the one before is indexed and the next one received.
"""

import asyncio
import hashlib
import os
from collections import deque
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from batchtui.clock import Clock, wait_for
from batchtui.library.errors import StorageError
from batchtui.results.blocks import Digest
from batchtui.results.indexing import Indexer, Pacer

_WRITE_BACK = 16 * 1024 * 1024
"""Bytes after which the system is asked to start writing to the disk, so that the wait for the
last of them at the end is short."""
_BLOCK = 1024 * 1024
"""Bytes collected before they are handed over: fewer hand-overs cost less."""
_IN_WRITING = 2
"""Blocks on their way to the file while others are received and indexed."""
_PATIENCE = 0.1
"""Seconds after which less is handed over, so that rows of a slow stream show soon: also while
nothing more comes."""


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


class _Received:
    """What has come of a stream and was not taken yet: one block at most."""

    def __init__(self) -> None:
        self._chunks: list[bytes] = []
        self._size = 0
        self._has_some = asyncio.Event()
        self._is_block = asyncio.Event()
        self._has_room = asyncio.Event()

    async def receive(self, chunks: AsyncIterator[bytes]) -> None:
        """Receive a stream to its end; waits while there is a block to take."""
        try:
            async for chunk in chunks:
                self._chunks.append(chunk)
                self._size += len(chunk)
                self._has_some.set()
                if self._size >= _BLOCK:
                    self._has_room.clear()
                    self._is_block.set()
                    await self._has_room.wait()
        finally:
            self._has_some.set()
            self._is_block.set()

    async def wait_until(self, moment: float, clock: Clock) -> bool:
        """Wait for a block; from a moment on for anything at all.

        Returns:
            Whether it is a block, or the stream is over.
        """
        await self._has_some.wait()
        return await wait_for(self._is_block, moment - clock.monotonic(), clock)

    def take(self) -> bytes:
        """Take what is there, and make room."""
        taken = b"".join(self._chunks)
        self._chunks.clear()
        self._size = 0
        self._has_some.clear()
        self._is_block.clear()
        self._has_room.set()
        return taken


class Pump:
    """Moves one stream; what has arrived when it breaks is written and indexed too."""

    def __init__(
        self, part: PartFile, indexer: Indexer, *, clock: Clock, on_step: Callable[[], None]
    ) -> None:
        """Connect the ends.

        Args:
            part: Where the bytes go; open.
            indexer: Where the rows go.
            clock: Tells when a slow stream has been collected long enough.
            on_step: Called when there are more rows.
        """
        self._part = part
        self._indexer = indexer
        self._clock = clock
        self._on_step = on_step
        self._writing: deque[tuple[asyncio.Task[None], bytes]] = deque()
        self._pacer = Pacer()

    async def run(self, chunks: AsyncIterator[bytes]) -> None:
        """Move the stream to its end.

        Raises:
            ApiError: The stream broke.
            StorageError: A write failed.
        """
        received = _Received()
        receiving = asyncio.create_task(received.receive(chunks))
        since = self._clock.monotonic()
        try:
            while not receiving.done():
                is_block = await received.wait_until(since + _PATIENCE, self._clock)
                await self._move(received.take(), left=_IN_WRITING if is_block else 0)
                since = self._clock.monotonic()
        finally:
            receiving.cancel()
            await asyncio.gather(receiving, return_exceptions=True)
            await self._move(received.take(), left=0)
        receiving.result()

    async def _move(self, block: bytes, *, left: int) -> None:
        """Start to write this block, and index those that have been written by now.

        Args:
            block: The next bytes.
            left: Blocks that may stay behind, being written.
        """
        if block:
            writing = asyncio.create_task(self._part.write(block))
            self._writing.append((writing, block))
        try:
            while len(self._writing) > left:
                writing, block = self._writing[0]
                # A write cannot be called back: when this is canceled, it is waited for later.
                await asyncio.shield(writing)
                self._writing.popleft()
                await self._index(block)
        except StorageError:
            await asyncio.gather(*(each for each, _ in self._writing), return_exceptions=True)
            self._writing.clear()
            raise

    async def _index(self, data: bytes) -> None:
        for _ in self._indexer.feed(data):
            await self._pacer.breathe()
        self._on_step()
