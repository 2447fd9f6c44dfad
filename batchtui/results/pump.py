"""Move a stream into a file and an index: written in a thread, indexed one block behind.

A row is published only when its bytes are in the file, so whoever reads by the index never reads
too far. While one block is being written, the one before is indexed and the next one received.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable

from batchtui.clock import Clock
from batchtui.library.errors import StorageError
from batchtui.results.indexing import Indexer, Pacer
from batchtui.results.part import PartFile

_BLOCK = 1024 * 1024
"""Bytes collected before they are handed over: fewer hand-overs cost less."""
_IN_WRITING = 2
"""Blocks on their way to the file while others are received and indexed."""
_PATIENCE = 0.1
"""Seconds after which less is handed over, so that rows of a slow stream show soon."""


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
        pending: list[bytes] = []
        size, since = 0, self._clock.monotonic()
        try:
            async for chunk in chunks:
                pending.append(chunk)
                size += len(chunk)
                is_slow = self._clock.monotonic() - since >= _PATIENCE
                if size >= _BLOCK or is_slow:
                    block = b"".join(pending)
                    pending.clear()
                    await self._move(block, left=0 if is_slow else _IN_WRITING)
                    size, since = 0, self._clock.monotonic()
        finally:
            await self._move(b"".join(pending), left=0)

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
