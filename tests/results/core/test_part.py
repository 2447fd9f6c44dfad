"""The file being downloaded: nothing is ever written behind a gap."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from batchtui.clock import SystemClock
from batchtui.library.errors import StorageError
from batchtui.results.indexing import Indexer
from batchtui.results.part import PartFile, Pump
from tests.results.core.making import small_files, succeeded


async def test_what_is_written_is_summed_up(tmp_path: Path) -> None:
    part = PartFile(tmp_path / "x")
    await part.open()
    for block in (b"one", b"", b"two"):
        await part.write(block)
    assert part.path.read_bytes() == b"onetwo"
    assert (part.size, part.digest.hexdigest()) == (6, hashlib.sha256(b"onetwo").hexdigest())
    await part.sync()
    await part.close()
    await part.close()


async def test_going_on_behind_what_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"one torn")
    part = PartFile(path, hashlib.sha256(b"one"))
    await part.open(3)
    await part.write(b"two")
    await part.close()
    assert path.read_bytes() == b"onetwo"
    assert part.digest.hexdigest() == hashlib.sha256(b"onetwo").hexdigest()


async def test_after_a_failure_nothing_more_is_written(tmp_path: Path) -> None:
    part = PartFile(tmp_path / "x")
    await part.open()
    await part.write(b"a" * 100)
    with small_files(150), pytest.raises(StorageError, match="cannot write"):
        await part.write(b"b" * 100)
    with pytest.raises(StorageError, match="cannot write"):  # though there is room now
        await part.write(b"c" * 100)
    await part.close()
    assert part.path.read_bytes() == b"a" * 100 + b"b" * 50
    assert part.size == 100


async def test_a_place_that_is_not_there_is_named(tmp_path: Path) -> None:
    part = PartFile(tmp_path / "none" / "x")
    with pytest.raises(StorageError, match="there is no such file"):
        await part.open()
    await part.close()


async def test_what_was_begun_is_written_before_the_file_is_closed(tmp_path: Path) -> None:
    part = PartFile(tmp_path / "x")
    await part.open()
    blocks = [bytes([65 + number]) * 1_000_000 for number in range(8)]
    writing = [asyncio.create_task(part.write(block)) for block in blocks]
    await asyncio.sleep(0)
    await part.close()
    await asyncio.gather(*writing)
    assert part.path.read_bytes() == b"".join(blocks)


def pump_into(part: PartFile, indexer: Indexer, stepped: asyncio.Event) -> Pump:
    return Pump(part, indexer, clock=SystemClock(), on_step=stepped.set)


async def quiet_after(*chunks: bytes) -> AsyncIterator[bytes]:
    """A stream that brings some bytes, and then nothing for good."""
    for chunk in chunks:
        yield chunk
    await asyncio.Event().wait()


async def test_what_came_is_written_and_shown_while_nothing_more_comes(tmp_path: Path) -> None:
    part, indexer, stepped = PartFile(tmp_path / "x"), Indexer(), asyncio.Event()
    await part.open()
    lines = [succeeded(f"id-{number}", "text") + b"\n" for number in range(20)]
    moving = asyncio.create_task(pump_into(part, indexer, stepped).run(quiet_after(*lines)))
    await asyncio.wait_for(stepped.wait(), 10)
    assert len(indexer.index) == 20
    assert part.path.read_bytes() == b"".join(lines)
    moving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await moving
    await part.close()


async def test_a_write_that_fails_ends_a_stream_that_brings_nothing_more(tmp_path: Path) -> None:
    part = PartFile(tmp_path / "x")
    await part.open()
    pump = pump_into(part, Indexer(), asyncio.Event())
    with small_files(150):
        moving = asyncio.create_task(pump.run(quiet_after(b"a" * 200)))
        ended, _ = await asyncio.wait([moving], timeout=10)
    assert ended
    with pytest.raises(StorageError, match="cannot write"):
        moving.result()
    await part.close()
