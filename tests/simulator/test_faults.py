"""Things that go wrong on purpose, in process and on a socket alike."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta

import httpx
import pytest

from batchtui.simulator.app import create_app
from batchtui.simulator.behavior import Behavior, TimeFormat
from batchtui.simulator.faults import Body, Fault
from batchtui.simulator.server import listening
from batchtui.simulator.transport import SimulatorTransport
from batchtui.simulator.world import World
from tests.simulator.conftest import BATCHES, HEADERS, Connect, StoppedTime, message_request

Reach = Callable[[World], AbstractAsyncContextManager[httpx.AsyncClient]]


@asynccontextmanager
async def in_process(world: World) -> AsyncIterator[httpx.AsyncClient]:
    transport = SimulatorTransport(create_app(world))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://simulator.invalid", headers=HEADERS
    ) as client:
        yield client


@asynccontextmanager
async def on_a_socket(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with (
        listening(world) as url,
        httpx.AsyncClient(base_url=url, headers=HEADERS) as client,
    ):
        yield client


both_ways = pytest.mark.parametrize("reach", [in_process, on_a_socket])


def results_path(world: World, total: int = 1_200) -> tuple[str, bytes]:
    """The path of a batch's results, and its bytes."""
    view = next(v for v in world.views() if v.has_results and v.batch.work.total == total)
    content = b"".join(world.results(view.batch.id).chunks())
    return f"{BATCHES}/{view.batch.id}/results", content


async def read_into(got: bytearray, answer: httpx.Response) -> None:
    async for piece in answer.aiter_raw():
        got += piece


async def read_until_broken(client: httpx.AsyncClient, path: str) -> bytes:
    got = bytearray()
    async with client.stream("GET", path) as answer:
        with pytest.raises(httpx.RemoteProtocolError):
            await read_into(got, answer)
    return bytes(got)


@both_ways
async def test_a_fault_happens_so_many_times_to_its_operation(demo: World, reach: Reach) -> None:
    demo.faults.add(Fault(status=529, operation="list", times=2))
    async with reach(demo) as client:
        one = demo.views()[0].batch.id
        statuses = [(await client.get(f"{BATCHES}/{one}")).status_code]
        statuses += [(await client.get(BATCHES)).status_code for _ in range(3)]
    assert statuses == [200, 529, 529, 200]
    assert demo.faults.pending() == ()


@both_ways
async def test_a_connection_lost_before_the_effect(world: World, reach: Reach) -> None:
    body = {"requests": [message_request("a")]}
    world.faults.add(Fault("drop", operation="create", at_byte=10), Fault("drop"))
    async with reach(world) as client:
        for _ in range(2):
            with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError)):
                await client.post(BATCHES, json=body)
    assert not world.views()


@both_ways
async def test_a_connection_lost_after_the_effect(world: World, reach: Reach) -> None:
    world.faults.add(Fault("drop", operation="create", after_effect=True))
    async with reach(world) as client:
        with pytest.raises(httpx.RemoteProtocolError):
            await client.post(BATCHES, json={"requests": [message_request("a")]})
        listed = (await client.get(BATCHES)).json()["data"]
    assert len(listed) == 1


@both_ways
async def test_an_answer_replaced_after_the_effect(world: World, reach: Reach) -> None:
    world.faults.add(Fault(status=504, operation="create", after_effect=True, body="html"))
    async with reach(world) as client:
        answer = await client.post(BATCHES, json={"requests": [message_request("a")]})
    assert (answer.status_code, answer.headers["content-type"]) == (504, "text/html")
    assert len(world.views()) == 1


@both_ways
async def test_results_cut_in_the_middle_of_a_line(demo: World, reach: Reach) -> None:
    path, whole = results_path(demo)
    demo.faults.add(Fault("cut", operation="results", at_byte=200_001))
    async with reach(demo) as client:
        assert await read_until_broken(client, path) == whole[:200_001]


@both_ways
async def test_results_that_end_early_yet_cleanly(demo: World, reach: Reach) -> None:
    path, whole = results_path(demo)
    demo.behavior.results_length = True
    demo.faults.add(Fault("truncate", operation="results", at_byte=200_001, at_line_end=True))
    async with reach(demo) as client:
        got = (await client.get(path)).content
    assert whole.startswith(got)
    assert got.endswith(b"\n")
    assert 200_001 <= len(got) < 250_000


@both_ways
async def test_results_cut_at_a_line_end_with_a_length(demo: World, reach: Reach) -> None:
    path, whole = results_path(demo)
    demo.behavior.results_length = True
    demo.faults.add(Fault("cut", operation="results", at_byte=1, at_line_end=True))
    async with reach(demo) as client:
        assert await read_until_broken(client, path) == whole[: whole.index(b"\n") + 1]


@both_ways
async def test_a_stall_sends_nothing_more(demo: World, reach: Reach) -> None:
    path, whole = results_path(demo)
    demo.faults.add(Fault("stall", operation="results", at_byte=50_000), Fault("stall"))
    got = bytearray()
    async with reach(demo) as client:
        async with client.stream("GET", path, timeout=0.3) as answer:
            with pytest.raises(httpx.ReadTimeout):
                await read_into(got, answer)
        with pytest.raises(httpx.ReadTimeout):
            await client.get(BATCHES, timeout=0.05)
    assert bytes(got) == whole[:50_000]


@both_ways
async def test_a_late_answer_is_the_right_one(demo: World, reach: Reach) -> None:
    demo.faults.add(Fault("delay", operation="list", seconds=0.01))
    async with reach(demo) as client:
        assert (await client.get(BATCHES)).json()["has_more"]


@pytest.mark.parametrize(
    ("body", "content"),
    [("html", b"<!DOCTYPE html>"), ("empty", b""), ("not_json", b'{"type": "error", "err')],
)
async def test_bodies_that_are_not_what_they_should_be(
    demo: World, connect: Connect, body: Body, content: bytes
) -> None:
    demo.faults.add(Fault(status=200, body=body))
    answer = await connect(demo).get(BATCHES)
    assert answer.status_code == 200
    assert answer.content[: len(content) or 1] == content


async def test_any_answer_can_be_given(demo: World, connect: Connect) -> None:
    page = '{"data": [], "has_more": true, "first_id": null, "last_id": null}'
    demo.faults.add(Fault(status=200, body="given", content=page))
    assert (await connect(demo).get(BATCHES)).json()["has_more"] is True


async def test_headers_that_steer_retries(demo: World, connect: Connect) -> None:
    demo.faults.add(
        Fault(status=429, retry_after="12", retry_after_ms="12000", should_retry="false"),
        Fault(status=429, error_type="rate_limit_error", message="You have reached your limit"),
        Fault(status=302, body="empty", location="https://elsewhere.invalid/"),
    )
    client = connect(demo)
    first, second, third = [await client.get(BATCHES) for _ in range(3)]
    assert first.headers["retry-after"] == "12"
    assert first.headers["retry-after-ms"] == "12000"
    assert first.headers["x-should-retry"] == "false"
    assert "retry-after" not in second.headers
    assert second.json()["error"]["message"] == "You have reached your limit"
    assert third.headers["location"] == "https://elsewhere.invalid/"


async def test_a_standing_fault_lasts_until_cleared(demo: World, connect: Connect) -> None:
    demo.faults.add(Fault(status=401, times=None))
    client = connect(demo)
    assert {(await client.get(BATCHES)).status_code for _ in range(4)} == {401}
    demo.faults.clear()
    assert (await client.get(BATCHES)).status_code == 200


@pytest.mark.parametrize("wrong", [{"kind": "explode"}, {"operation": "poll"}, {"body": "xml"}])
def test_a_fault_must_be_one_that_exists(wrong: dict[str, str]) -> None:
    make: Callable[..., Fault] = Fault
    with pytest.raises(ValueError, match="should be one of"):
        make(**wrong)


async def test_where_results_may_be(demo: World, connect: Connect) -> None:
    path, whole = results_path(demo)
    batch_path = path.removesuffix("/results")
    client = connect(demo)

    async def url() -> str:
        return str((await client.get(f"/prefix{batch_path}")).json()["results_url"])

    assert await url() == f"http://simulator.invalid/prefix{path}"
    demo.behavior.results_url = "relative"
    assert await url() == f"/prefix{path}"
    demo.behavior.results_url = "other_origin"
    assert (await url()).startswith("http://storage.invalid/signed/")

    async with httpx.AsyncClient(transport=SimulatorTransport(create_app(demo))) as stranger:
        signed = await stranger.get(await url())
    assert signed.content == whole
    seen = demo.requests[-1]
    assert (seen.host, seen.header("x-api-key")) == ("storage.invalid", None)

    demo.behavior.results_path_exists = False
    assert (await client.get(path)).status_code == 404


async def test_results_may_lag_behind_the_end(
    world: World, connect: Connect, time: StoppedTime
) -> None:
    world.behavior.results_lag = 30
    made = await connect(world).post(BATCHES, json={"requests": [message_request("a")]})
    ended = world.retrieve(made.json()["id"]).batch.ends_at
    for passed, is_there in ((29, False), (30, True)):
        time.moment = ended + timedelta(seconds=passed)
        batch = (await connect(world).get(f"{BATCHES}/{made.json()['id']}")).json()
        assert batch["processing_status"] == "ended"
        assert (batch["results_url"] is not None) == is_there


async def test_redirects_of_results(demo: World, connect: Connect) -> None:
    path, whole = results_path(demo)
    client = connect(demo)
    demo.behavior.results_redirect = "other_origin"
    answer = await client.get(path)
    assert answer.status_code == 307
    assert answer.headers["location"].startswith("http://storage.invalid/")
    demo.behavior.results_redirect = "same_origin"
    answer = await client.get(path, follow_redirects=True)
    assert answer.content == whole


async def test_habits_of_gateways(demo: World, connect: Connect) -> None:
    client = connect(demo)
    ended = [view.batch.id for view in demo.views() if view.status == "ended"]
    demo.behavior.delete_status = 204
    answer = await client.delete(f"{BATCHES}/{ended[0]}")
    assert (answer.status_code, answer.content) == (204, b"")
    demo.behavior.delete_status = 405
    assert (await client.delete(f"{BATCHES}/{ended[1]}")).status_code == 405
    demo.behavior.omit = frozenset({"archived_at", "expires_at"})
    demo.behavior.extra_fields = True
    demo.behavior.live_status = "validating"
    page = (await client.get(BATCHES, params={"limit": 1})).json()
    assert "x_future_field" in page
    assert "x_future_field" in page["data"][0]
    assert "archived_at" not in page["data"][0]
    assert page["data"][0]["processing_status"] == "validating"


@pytest.mark.parametrize(
    ("time_format", "text"),
    [
        ("Z", "2026-03-02T11:59:36.000000Z"),
        ("+00:00", "2026-03-02T11:59:36.000000+00:00"),
        ("seconds", "2026-03-02T11:59:36Z"),
        ("nanoseconds", "2026-03-02T11:59:36.000000789Z"),
    ],
)
async def test_ways_to_write_a_time(
    demo: World, connect: Connect, time_format: TimeFormat, text: str
) -> None:
    demo.behavior = Behavior(time_format=time_format)
    page = (await connect(demo).get(BATCHES, params={"limit": 1})).json()
    assert page["data"][0]["created_at"] == text


async def test_a_pace_for_downloads(demo: World, connect: Connect) -> None:
    path, whole = results_path(demo, total=48)
    demo.behavior.results_rate = 50_000_000
    demo.behavior.results_chunk = 1_000
    assert (await connect(demo).get(path)).content == whole
    assert len([json.loads(line) for line in whole.splitlines()]) == 48
