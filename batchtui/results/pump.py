"""Move a stream into a file and an index: written in a thread, indexed one block behind.

A row is published only when its bytes are in the file, so whoever reads by the index never reads
too far; and writing one block runs beside indexing the one before.
"""

import asyncio
from collections.abc import AsyncIterator, Callable

from batchtui.clock import Clock
from batchtui.results.indexing import Indexer
from batchtui.results.pacing import Pacer
from batchtui.results.part import PartFile

_BLOCK = 1024 * 1024
"""Bytes collected before they are handed over: fewer hand-overs cost less."""
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
        self._written: list[bytes] = []
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
                    block, pending, size = pending, [], 0
                    await self._move(block)
                    since = self._clock.monotonic()
        finally:
            await self._move(pending)
            await self._move([])

    async def _move(self, block: list[bytes]) -> None:
        """Write this block while indexing the one before."""
        before, self._written = self._written, []
        writing = asyncio.ensure_future(self._part.write(block)) if block else None
        try:
            if before:
                await self._index(b"".join(before))
        finally:
            if writing is not None:
                await writing
        self._written = block

    async def _index(self, data: bytes) -> None:
        for _ in self._indexer.feed(data):
            await self._pacer.breathe()
        self._on_step()
