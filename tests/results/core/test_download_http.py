"""Downloads over a socket, from the simulated service by the real client."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from batchtui.api.client import BatchesClient
from batchtui.api.connection import Connection, Credential
from batchtui.api.models import MessageBatch
from batchtui.library.store import ResultsStore
from batchtui.results.download import Download
from batchtui.results.outcome import Incomplete, Outcome, Verified
from batchtui.simulator.faults import Fault
from batchtui.simulator.server import listening
from batchtui.simulator.work import ScenarioWork
from batchtui.simulator.world import World

ROWS = 400


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "http_proxy",
        "https_proxy",
        "all_proxy",
    ):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def store(tmp_path: Path) -> ResultsStore:
    return ResultsStore(tmp_path / "results")


@pytest.fixture
def world() -> World:
    world = World()
    world.add(
        ScenarioWork(ROWS, 7, "mixed", "document", "claude-sonnet-4-5", {"overloaded": 20}),
        created_at=world.now() - timedelta(hours=2),
        batch_id="msgbatch_1",
    )
    return world


def content(world: World) -> bytes:
    return b"".join(world.results("msgbatch_1").chunks())


@asynccontextmanager
async def connected(world: World) -> AsyncIterator[tuple[BatchesClient, MessageBatch]]:
    async with listening(world) as url:
        connection = Connection(url, Credential("api_key", "sk-test"), read_timeout=0.3)
        async with BatchesClient(connection) as client:
            yield client, await client.retrieve("msgbatch_1")


async def fetch(world: World, store: ResultsStore) -> Outcome:
    async with connected(world) as (client, batch):
        return await Download(client, batch, store).run()


async def check_whole(world: World, store: ResultsStore) -> Verified:
    outcome = await fetch(world, store)
    assert isinstance(outcome, Verified)
    assert outcome.results.path.read_bytes() == content(world)
    assert outcome.results.rows == ROWS
    return outcome


@pytest.mark.parametrize("habit", ["", "gzip", "length", "small pieces"])
async def test_the_file_equals_what_the_server_has(
    world: World, store: ResultsStore, habit: str
) -> None:
    world.behavior.results_gzip = habit == "gzip"
    world.behavior.results_length = habit == "length"
    if habit == "small pieces":
        world.behavior.results_chunk = 100
    outcome = await check_whole(world, store)
    assert outcome.results.counts == {"succeeded": 380, "errored": 20}
    assert outcome.results.request_id


@pytest.mark.parametrize("gzip", [False, True])
@pytest.mark.parametrize(
    ("fault", "kinds"),
    [
        (Fault("cut", "results", at_byte=100_000), {"network"}),
        (Fault("cut", "results", at_byte=100_000, at_line_end=True), {"network"}),
        (Fault("truncate", "results", at_byte=100_000), {"count", "network"}),
        (Fault("truncate", "results", at_byte=100_000, at_line_end=True), {"count", "network"}),
        (Fault("stall", "results", at_byte=100_000), {"stalled"}),
    ],
)
async def test_a_broken_stream_is_told_and_a_second_try_is_whole(
    world: World, store: ResultsStore, fault: Fault, kinds: set[str], *, gzip: bool
) -> None:
    world.behavior.results_gzip = gzip
    world.faults.add(fault)
    outcome = await fetch(world, store)
    assert isinstance(outcome, Incomplete)
    assert outcome.kind in kinds
    assert outcome.reason
    assert outcome.partial is not None
    assert content(world).startswith(outcome.partial.path.read_bytes())
    assert store.stored("msgbatch_1") is None
    await check_whole(world, store)


@pytest.mark.parametrize("at_line_end", [False, True])
async def test_only_the_rest_is_asked_for_where_the_server_proves_it(
    world: World, store: ResultsStore, *, at_line_end: bool
) -> None:
    world.behavior.results_ranges = world.behavior.results_etag = True
    world.faults.add(Fault("cut", "results", at_byte=100_000, at_line_end=at_line_end))
    outcome = await fetch(world, store)
    assert isinstance(outcome, Incomplete)
    assert outcome.can_resume
    await check_whole(world, store)
    asked = world.requests[-1].header("range") or ""
    assert asked.startswith("bytes=")
    assert 80_000 < int(asked.removeprefix("bytes=").removesuffix("-")) <= 110_000


async def test_another_order_on_the_second_try_is_not_mixed_in(
    world: World, store: ResultsStore
) -> None:
    world.behavior.results_ranges = world.behavior.results_etag = True
    world.behavior.results_order_varies = True
    world.faults.add(Fault("cut", "results", at_byte=100_000))
    await fetch(world, store)
    outcome = await fetch(world, store)
    assert isinstance(outcome, Verified)
    assert outcome.results.rows == ROWS
    assert outcome.results.duplicate_rows == 0


async def test_results_that_are_gone_are_told_and_those_on_disk_stay(
    world: World, store: ResultsStore
) -> None:
    verified = await check_whole(world, store)
    world.timeline.skip(timedelta(days=40))
    assert await fetch(world, store) == verified
    outcome = await fetch(world, ResultsStore(store.root / "elsewhere"))
    assert isinstance(outcome, Incomplete)
    assert outcome.kind == "unavailable"
