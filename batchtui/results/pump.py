"""Move a stream into a file and an index: written in a thread, indexed one block behind.

A row is published only when its bytes are in the file, so whoever reads by the index never reads
too far. While one block is being written, the one before is indexed and the next one received.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable

from batchtui.clock import Clock
from batchtui.results.indexing import Indexer
from batchtui.results.pacing import Pacer
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
        self._writing: deque[tuple[asyncio.Future[None], bytes]] = deque()
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
                if size >= _BLOCK or self._clock.monotonic() - since >= _PATIENCE:
                    block = b"".join(pending)
                    pending.clear()
                    await self._move(block)
                    size, since = 0, self._clock.monotonic()
        finally:
            if pending:
                await self._move(b"".join(pending))
            await self._settle(0)

    async def _move(self, block: bytes) -> None:
        """Start to write this block, and index an earlier one that has been written by now."""
        self._writing.append((asyncio.ensure_future(self._part.write(block)), block))
        await self._settle(_IN_WRITING)

    async def _settle(self, left: int) -> None:
        """Index written blocks until no more than ``left`` are being written."""
        while len(self._writing) > left:
            writing, block = self._writing[0]
            await writing
            self._writing.popleft()
            await self._index(block)

    async def _index(self, data: bytes) -> None:
        for _ in self._indexer.feed(data):
            await self._pacer.breathe()
        self._on_step()
