"""A download killed at any moment leaves nothing that is taken for complete."""

import asyncio
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from batchtui.library.store import ResultsStore
from batchtui.results.opening import open_results
from batchtui.results.outcome import Verified
from batchtui.simulator.server import listening
from batchtui.simulator.work import ScenarioWork
from batchtui.simulator.world import World
from tests.results.core.test_download_http import content, fetch

ROWS = 4_000
CHILD = """
import asyncio, sys
from pathlib import Path
from batchtui.api.client import BatchesClient
from batchtui.api.connection import Connection, Credential
from batchtui.library.store import ResultsStore
from batchtui.results.download import Download

async def main(url, root):
    async with BatchesClient(Connection(url, Credential("api_key", "sk-test"))) as client:
        batch = await client.retrieve("msgbatch_1")
        told = lambda progress: print(progress.rows, flush=True)
        await Download(client, batch, ResultsStore(Path(root)), on_progress=told).run()

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.mark.parametrize("resumable", [False, True])
@pytest.mark.parametrize("reports", [1, 4])
async def test_killed_and_started_again(tmp_path: Path, *, reports: int, resumable: bool) -> None:
    world = World()
    world.add(
        ScenarioWork(ROWS, 7, "mixed", "document", "claude-sonnet-4-5"),
        created_at=world.now() - timedelta(hours=2),
        batch_id="msgbatch_1",
    )
    world.behavior.results_etag = world.behavior.results_ranges = resumable
    world.behavior.results_rate = 4_000_000
    store = ResultsStore(tmp_path / "results")
    async with listening(world) as url:
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-c", CHILD, url, str(store.root), stdout=asyncio.subprocess.PIPE
        )
        assert child.stdout is not None
        for _ in range(reports):
            assert await child.stdout.readline()
        child.kill()
        await child.wait()
    whole = content(world)
    assert store.stored("msgbatch_1") is None
    part = store.partial("msgbatch_1")
    if part is not None:
        assert part.size < len(whole)
        assert whole.startswith(part.path.read_bytes())
        file = open_results(part.path)
        await file.load()
        assert len(file.index) > 0
        file.close()
    world.behavior.results_rate = None
    outcome = await fetch(world, store)
    assert isinstance(outcome, Verified)
    assert outcome.results.path.read_bytes() == whole
    assert (world.requests[-1].header("range") is not None) == (resumable and part is not None)
