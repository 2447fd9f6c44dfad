"""The client against the simulated service on a real socket: two programs that share no code."""

import contextlib
import itertools
from collections.abc import AsyncIterator
from datetime import timedelta

import msgspec
import pytest

from batchtui.api import errors
from batchtui.api.client import BatchesClient, ResumePoint
from batchtui.api.connection import Connection, Credential
from batchtui.api.models import MessageBatch
from batchtui.api.paging import iterate_pages
from batchtui.simulator.app import create_app
from batchtui.simulator.faults import Fault
from batchtui.simulator.scenarios import build_world
from batchtui.simulator.server import listening
from batchtui.simulator.transport import SimulatorTransport
from batchtui.simulator.world import World
from tests.api.scripted import KEY, Bench, calling

HOUR = timedelta(hours=1)


@contextlib.asynccontextmanager
async def simulated(scenario: str = "empty") -> AsyncIterator[tuple[World, Bench]]:
    world = build_world(scenario)
    async with listening(world) as url, calling(url) as bench:
        yield world, bench


def body_of(count: int) -> bytes:
    params = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi é"}]}
    requests = [{"custom_id": f"row-{number}", "params": params} for number in range(count)]
    return msgspec.json.encode({"requests": requests})


async def ended_batch(world: World, bench: Bench, count: int = 300) -> MessageBatch:
    created = await bench.client.create(body_of(count))
    world.timeline.skip(HOUR)
    return await bench.client.retrieve(created.id)


async def read(bench: Bench, batch: MessageBatch, resume: ResumePoint | None = None) -> bytes:
    async with bench.client.results(batch, resume=resume) as stream:
        return b"".join([piece async for piece in stream.chunks()])


async def test_a_life_from_create_to_delete() -> None:
    async with simulated() as (world, bench):
        created = await bench.client.create(body_of(3))
        assert created.is_live
        assert created.request_counts.processing == 3
        assert len(world.received(created.id)) == 3
        with pytest.raises(errors.BadRequest):
            await bench.client.delete(created.id)
        canceled = await bench.client.cancel(created.id)
        assert canceled.processing_status == "canceling"
        assert canceled.cancel_initiated_at is not None
        world.timeline.skip(HOUR)
        ended = await bench.client.retrieve(created.id)
        assert ended.has_ended
        assert ended.request_counts.total == 3
        with pytest.raises(errors.BadRequest):
            await bench.client.cancel(created.id)
        assert len((await read(bench, ended)).splitlines()) == 3
        assert (await bench.client.delete(created.id)).id == created.id
        with pytest.raises(errors.NotFound):
            await bench.client.retrieve(created.id)
        account = bench.client.account
        assert account.organization_id
        assert account.workspace_id
        assert bench.client.server_offset is not None


async def test_a_long_upload_says_nothing_of_the_servers_clock() -> None:
    async with simulated("empty") as (_world, bench):
        await bench.client.list_page()
        known = bench.client.server_offset

        async def slowly() -> AsyncIterator[bytes]:
            body = body_of(2)
            yield body[:20]
            await bench.clock.sleep(1200.0)
            yield body[20:]

        await bench.client.create(slowly())
        assert known is not None
        assert bench.client.server_offset == known


async def test_all_of_many_batches_in_their_order() -> None:
    async with simulated("many") as (world, bench):
        pages = [page async for page in iterate_pages(bench.client)]
        ids = [batch.id for page in pages for batch in page.data]
    assert ids == [view.batch.id for view in world.views()]
    assert len(ids) == 5000
    assert len(bench.calls) == 5


async def test_a_page_goes_on_after_a_batch() -> None:
    async with simulated("many") as (world, bench):
        ids = [view.batch.id for view in world.views()][:9]
        older = await bench.client.list_page(limit=3, after_id=ids[2])
    assert [batch.id for batch in older.data] == ids[3:6]


async def test_every_batch_of_a_real_workspace_is_read() -> None:
    async with simulated("demo") as (world, bench):
        for _ in range(2):
            page = await bench.client.list_page(limit=1000)
            assert page.unreadable == 0
            assert len(page.data) == len(world.views())
            assert all(batch.created_at and batch.expires_at for batch in page.data)
            for batch, view in zip(page.data, world.views(), strict=True):
                assert batch.request_counts.total == view.batch.work.total
            world.behavior.extra_fields = True
            world.behavior.time_format = "nanoseconds"


async def test_what_a_gateway_leaves_out() -> None:
    async with simulated() as (world, bench):
        world.behavior.omit = frozenset(
            {"archived_at", "cancel_initiated_at", "ended_at", "results_url", "expires_at"}
        )
        world.behavior.live_status = "thinking"
        batch = await bench.client.create(body_of(1))
    assert batch.is_live
    assert batch.expires_at is None


async def test_paging_ends_where_cursors_are_ignored() -> None:
    async with simulated("many") as (world, bench):
        world.behavior.ignores_cursors = True
        pages = [page async for page in iterate_pages(bench.client, limit=50)]
    assert len(pages) == 1
    assert len(bench.calls) == 2


@pytest.mark.parametrize("after_effect", [False, True])
async def test_a_create_whose_answer_is_lost_happens_once(after_effect: bool) -> None:
    async with simulated() as (world, bench):
        world.faults.add(Fault("drop", "create", after_effect=after_effect))
        with pytest.raises(errors.AmbiguousCreate):
            await bench.client.create(body_of(5))
        assert len(world.views()) == after_effect


async def test_a_cancel_and_a_delete_whose_answers_are_lost_succeed() -> None:
    async with simulated() as (world, bench):
        batch = await bench.client.create(body_of(5))
        world.faults.add(Fault("drop", "cancel", after_effect=True))
        assert (await bench.client.cancel(batch.id)).processing_status == "canceling"
        world.timeline.skip(HOUR)
        world.faults.add(Fault("drop", "delete", after_effect=True))
        assert (await bench.client.delete(batch.id)).id == batch.id
        assert world.views() == ()


async def test_a_refused_create_makes_nothing() -> None:
    async with simulated() as (world, bench):
        for fault in (Fault(status=429), Fault(status=413, body="html")):
            world.faults.add(fault)
            with pytest.raises(errors.StatusError):
                await bench.client.create(body_of(1))
        assert world.views() == ()


@pytest.mark.parametrize("status", [200, 204])
async def test_deletes_however_they_are_answered(status: int) -> None:
    async with simulated() as (world, bench):
        world.behavior.delete_status = 200 if status == 200 else 204
        batch = await ended_batch(world, bench, 1)
        await bench.client.delete(batch.id)
        assert world.views() == ()


@pytest.mark.parametrize(
    ("gzip", "length", "etag"), list(itertools.product([False, True], repeat=3))
)
async def test_results_in_every_dress(gzip: bool, length: bool, etag: bool) -> None:
    async with simulated() as (world, bench):
        batch = await ended_batch(world, bench)
        plain = await read(bench, batch)
        behavior = world.behavior
        behavior.results_gzip, behavior.results_length = gzip, length
        behavior.results_etag = etag
        async with bench.client.results(batch) as stream:
            dressed = b"".join([piece async for piece in stream.chunks()])
            assert stream.content_length in {None, len(plain)}
    assert dressed == plain
    assert plain.count(b"\n") == 299
    assert (bench.calls[-1].bytes_received < len(plain)) is gzip


async def test_a_cut_stream_is_resumed_where_it_broke() -> None:
    async with simulated() as (world, bench):
        behavior = world.behavior
        behavior.results_etag = behavior.results_ranges = behavior.results_length = True
        batch = await ended_batch(world, bench)
        whole = await read(bench, batch)
        async with bench.client.results(batch) as stream:
            validator = stream.validator
        assert validator is not None
        async with bench.client.results(batch, resume=ResumePoint(5000, validator)) as stream:
            assert stream.start == 5000
            rest = b"".join([piece async for piece in stream.chunks()])
        assert rest == whole[5000:]
        behavior.results_order_varies = True
        async with bench.client.results(batch, resume=ResumePoint(5000, validator)) as stream:
            assert stream.start == 0


@pytest.mark.parametrize("length", [False, True])
async def test_a_cut_is_noticed(length: bool) -> None:
    async with simulated() as (world, bench):
        world.behavior.results_length = length
        batch = await ended_batch(world, bench)
        world.faults.add(Fault("cut", "results", at_byte=9000, at_line_end=True))
        with pytest.raises(errors.ConnectionFailed) as caught:
            await read(bench, batch)
    assert caught.value.cause == "protocol"


@pytest.mark.parametrize("has_path", [False, True])
async def test_results_on_another_origin(has_path: bool) -> None:
    async with simulated() as (world, bench), listening(world) as other:
        world.behavior.results_url = "other_origin"
        world.behavior.other_origin = other
        world.behavior.results_path_exists = has_path
        batch = await ended_batch(world, bench)
        async with bench.client.results(batch) as stream:
            assert bool(stream.notice) is not has_path
            assert b"".join([piece async for piece in stream.chunks()]).count(b"\n") == 299
        requests = [each for each in world.requests if each.host == other.partition("//")[2]]
    assert bool(requests) is not has_path
    assert not any(each.header("x-api-key") for each in requests)


@pytest.mark.parametrize("where", ["same_origin", "other_origin"])
async def test_results_behind_a_redirect(where: str) -> None:
    async with simulated() as (world, bench), listening(world) as other:
        world.behavior.results_redirect = (
            "same_origin" if where == "same_origin" else "other_origin"
        )
        world.behavior.other_origin = other
        batch = await ended_batch(world, bench)
        assert (await read(bench, batch)).count(b"\n") == 299
        requests = [each for each in world.requests if each.host == other.partition("//")[2]]
    assert bool(requests) is (where == "other_origin")
    assert not any(each.header("x-api-key") for each in requests)


async def test_results_that_went_away() -> None:
    async with simulated() as (world, bench):
        batch = await ended_batch(world, bench, 1)
        world.timeline.skip(timedelta(days=30))
        with pytest.raises(errors.ResultsUnavailable):
            await read(bench, batch)
        archived = await bench.client.retrieve(batch.id)
        with pytest.raises(errors.ResultsUnavailable, match="archived"):
            await read(bench, archived)


async def test_in_process_it_is_the_same() -> None:
    world = build_world("demo")
    transport = SimulatorTransport(create_app(world))
    connection = Connection("http://simulator.invalid", Credential("api_key", KEY))
    async with BatchesClient(connection, transport=transport) as client:
        page = await client.list_page(limit=1000)
        batch = next(each for each in page.data if each.results_url)
        async with client.results(batch) as stream:
            lines = [piece.count(b"\n") async for piece in stream.chunks()]
        assert sum(lines) + 1 == batch.request_counts.total
        created = await client.create(body_of(2))
        assert (await client.cancel(created.id)).processing_status == "canceling"


async def test_tokens_are_counted_with_one_call() -> None:
    async with simulated() as (world, bench):
        body = msgspec.json.encode({"model": "m", "messages": [{"role": "user", "content": "Hi"}]})
        assert await bench.client.count_tokens(body) > 0
        assert [seen.path for seen in world.requests] == ["/v1/messages/count_tokens"]
        with pytest.raises(errors.BadRequest):
            await bench.client.count_tokens(b'{"model": "m"}')
        world.faults.add(Fault(operation="count_tokens", body="html", status=200))
        with pytest.raises(errors.UnexpectedAnswer):
            await bench.client.count_tokens(body)
