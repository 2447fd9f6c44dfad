"""Index a file on disk: blocks are read ahead in a thread and indexed in turns on the loop."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

from batchtui.results.errors import ResultsFileError
from batchtui.results.indexing import Indexer
from batchtui.results.pacing import Pacer
from batchtui.results.part import Digest

_BLOCK = 2 * 1024 * 1024


async def scan(
    file: int,
    path: Path,
    indexer: Indexer,
    *,
    start: int = 0,
    stop: int | None = None,
    digest: Digest | None = None,
    on_slice: Callable[[], None] | None = None,
) -> int:
    """Feed an indexer from an open file.

    Args:
        file: The file's descriptor.
        path: Its name, for errors.
        indexer: What to feed; its `finish` is left to the caller.
        start: Where to begin; what was before has been fed.
        stop: Where to end; at the end of the file if not given.
        digest: A checksum to bring up to date in the reading thread.
        on_slice: Called after each slice of rows.

    Returns:
        Offset of the end: where a later scan of a growing file goes on.

    Raises:
        ResultsFileError: The file cannot be read.
    """
    pacer = Pacer()
    block = await _read(file, path, start, stop, digest)
    while block:
        start += len(block)
        ahead = asyncio.ensure_future(_read(file, path, start, stop, digest))
        try:
            for _ in indexer.feed(block):
                if on_slice is not None:
                    on_slice()
                await pacer.breathe()
        except BaseException:
            ahead.cancel()
            raise
        block = await ahead
    return start


async def finish(indexer: Indexer) -> None:
    """End an indexer's work in turns."""
    pacer = Pacer()
    for _ in indexer.finish():
        await pacer.breathe()


async def _read(
    file: int, path: Path, offset: int, stop: int | None, digest: Digest | None
) -> bytes:
    length = _BLOCK if stop is None else min(_BLOCK, stop - offset)
    return await asyncio.to_thread(_read_now, file, path, offset, length, digest)


def _read_now(file: int, path: Path, offset: int, length: int, digest: Digest | None) -> bytes:
    try:
        data = os.pread(file, length, offset) if length > 0 else b""
    except OSError as error:
        raise ResultsFileError.from_os(error, path, "read") from error
    if digest is not None:
        digest.update(data)
    return data
