"""Index a file on disk: blocks are read ahead in a thread and indexed in turns on the loop."""

import asyncio
from collections.abc import Callable

from batchtui.results.blocks import Blocks
from batchtui.results.indexing import Indexer
from batchtui.results.pacing import Pacer

_BLOCK = 2 * 1024 * 1024


async def scan(
    blocks: Blocks, indexer: Indexer, *, on_slice: Callable[[], None] | None = None
) -> None:
    """Feed an indexer with all there is for now; its `finish` is left to the caller.

    Args:
        blocks: The file.
        indexer: What to feed.
        on_slice: Called after each slice of rows.

    Raises:
        ResultsFileError: The file cannot be read.
    """
    pacer = Pacer()
    block = await asyncio.to_thread(blocks.read, _BLOCK)
    while block:
        ahead = asyncio.ensure_future(asyncio.to_thread(blocks.read, _BLOCK))
        try:
            for _ in indexer.feed(block):
                if on_slice is not None:
                    on_slice()
                await pacer.breathe()
        finally:
            # Also when this is cancelled: nobody may close the file under a read.
            block = await asyncio.shield(ahead)


async def finish(indexer: Indexer) -> None:
    """End an indexer's work in turns."""
    pacer = Pacer()
    for _ in indexer.finish():
        await pacer.breathe()
