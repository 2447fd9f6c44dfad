"""Killed at random moments, a submission still sends each request exactly once."""

import asyncio
import contextlib
import random
import signal
import sys
from pathlib import Path

import pytest

from batchtui.library.ledger import Ledger
from batchtui.simulator.scenarios import build_world
from batchtui.simulator.server import listening
from tests.kills.play import play

REQUESTS = 250_000
KILLS = 5
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_ROW = (
    b'{"custom_id":"r%06d","params":{"model":"m","max_tokens":9,'
    b'"messages":[{"role":"user","content":"x"}]}}\n'
)


async def begin(url: str, folder: Path) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.submission.killed_sender",
        url,
        str(folder / "data"),
        str(folder / "requests.jsonl"),
        stdout=asyncio.subprocess.PIPE,
    )


async def kill_after(process: asyncio.subprocess.Process, lines: int, seconds: float) -> None:
    """Kill a process once it has said so many lines and gone on for at most so long."""
    assert process.stdout is not None
    for _ in range(lines):
        if not await process.stdout.readline():
            break
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(process.wait(), seconds)
    if process.returncode is None:
        process.kill()
    await process.communicate()


async def test_killed_five_times_each_request_is_in_one_batch(tmp_path: Path) -> None:
    with (tmp_path / "requests.jsonl").open("wb") as file:
        file.writelines(_ROW % number for number in range(REQUESTS))
    chance = random.Random()
    world = build_world("empty")
    async with listening(world) as url:
        for _ in range(KILLS):
            process = await begin(url, tmp_path)
            await kill_after(process, chance.randint(1, 18), chance.random() * 0.15)
            assert process.returncode == -9
        last = await begin(url, tmp_path)
        await last.communicate()
        assert last.returncode == 0
    ids = [id_ for view in world.views() for id_ in world.digests(view.batch.id)]
    assert len(ids) == REQUESTS
    assert len(set(ids)) == REQUESTS
    ledger = Ledger(tmp_path / "data" / "ledger.db")
    (record,) = ledger.journal.submissions()
    ledger.close()
    assert all(part.state.is_done or part in record.probable for part in record.parts)
    assert {part.batch_id for part in record.parts} == {view.batch.id for view in world.views()}


@pytest.mark.parametrize(("kind", "kills"), [("create", 4), ("make", 3)])
async def test_killed_and_given_again_nothing_goes_twice(
    tmp_path: Path, kind: str, kills: int
) -> None:
    toll, _ = await play(kind, kills, random.Random(), tmp_path, SIGNALS)
    assert toll.kills == kills
