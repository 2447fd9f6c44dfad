"""The file being downloaded: nothing is ever written behind a gap."""

import asyncio
import hashlib
from pathlib import Path

import pytest

from batchtui.library.errors import StorageError
from batchtui.results.part import PartFile
from tests.results.core.making import small_files


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
