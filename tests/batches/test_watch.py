"""Watching to the end, for scripts."""

from collections.abc import AsyncIterator

import pytest

from batchtui.api.errors import AuthenticationFailed, ServerError
from batchtui.api.models import RequestCounts
from batchtui.batches.rate_meter import RateMeter
from batchtui.batches.watch import Watch, WatchEvent, WatchEventKind, WatchTally
from tests.batches.fakes import FastClock, Plan, PlannedServer
from tests.batches.simulated import Simulated
from tests.batches.test_poller import HOUR, OK

BAD = RequestCounts(succeeded=5, errored=5)


@pytest.fixture
def clock() -> FastClock:
    return FastClock()


class _Watched:
    """A watch whose events are tallied."""

    def __init__(self, watch: Watch, *ids: str) -> None:
        self._watch = watch
        self._tally = WatchTally(ids)

    @property
    def exit_code(self) -> int:
        return self._tally.exit_code

    async def run(self) -> AsyncIterator[WatchEvent]:
        async for event in self._watch.run():
            self._tally.take(event)
            yield event


async def _events(watch: _Watched) -> list[tuple[str, str]]:
    return [(event.kind.value, event.batch_id) async for event in watch.run()]


def _watch(server: PlannedServer, *ids: str) -> _Watched:
    watch = Watch(server, ids, clock=server.clock, meter=server.meter, random=lambda: 0.5)
    return _Watched(watch, *ids)


async def test_three_that_end_differently(clock: FastClock) -> None:
    plans = [
        Plan("good", -60.0, 20.0, OK),
        Plan("bad", -50.0, 40.0, BAD),
        Plan("stopped", -40.0, 90.0, RequestCounts(canceled=10), canceling_from=60.0),
        Plan("other", -30.0, HOUR, OK),
    ]
    watch = _watch(PlannedServer(clock, plans), "good", "bad", "stopped")
    assert await _events(watch) == [
        ("seen", "stopped"),
        ("seen", "bad"),
        ("seen", "good"),
        ("ended", "good"),
        ("ended", "bad"),
        ("changed", "stopped"),
        ("ended", "stopped"),
    ]
    assert watch.exit_code == 1


@pytest.mark.parametrize(("counts", "code"), [(OK, 0), (BAD, 1)])
async def test_one_that_ended_long_ago(clock: FastClock, counts: RequestCounts, code: int) -> None:
    recent = [Plan(f"b{n:04}", -40 * HOUR - n, -30 * HOUR, OK) for n in range(300)]
    server = PlannedServer(clock, [*recent, Plan("old", -100 * HOUR, -90 * HOUR, counts)])
    watch = _watch(server, "old")
    assert await _events(watch) == [("ended", "old")]
    assert watch.exit_code == code
    assert len(server.calls) == 2
    assert clock.steady == 1000.0


async def test_everything_live_if_none_is_named(clock: FastClock) -> None:
    plans = [Plan(f"b{n:04}", -float(n), 30.0 + n, OK) for n in range(200)]
    plans.append(Plan("later", 10.0, HOUR, OK))
    watch = _watch(PlannedServer(clock, plans))
    events = await _events(watch)
    assert len(events) == 400
    assert all(batch_id != "later" for _, batch_id in events)
    assert watch.exit_code == 0


async def test_nothing_to_watch_is_over_at_once(clock: FastClock) -> None:
    watch = _watch(PlannedServer(clock, [Plan("a", -100.0, -50.0, OK)]))
    assert await _events(watch) == []
    assert watch.exit_code == 0


async def test_unknown_and_deleted_batches(clock: FastClock) -> None:
    server = PlannedServer(clock, [Plan("a", -60.0, HOUR, OK)])
    watch = _watch(server, "a", "nowhere")
    kinds = []
    async for event in watch.run():
        kinds.append((event.kind.value, event.batch_id))
        if event.batch_id == "nowhere":
            server.plans = []
    assert kinds == [("seen", "a"), ("gone", "nowhere"), ("gone", "a")]
    assert watch.exit_code == 2


async def test_deleted_while_watched_is_not_all_ok(clock: FastClock) -> None:
    server = PlannedServer(clock, [Plan("a", -60.0, HOUR, OK)])
    watch = _watch(server, "a")
    async for event in watch.run():
        assert event.kind in {WatchEventKind.SEEN, WatchEventKind.GONE}
        server.plans = []
    assert watch.exit_code == 1


async def test_blips_are_told_once_and_survived(clock: FastClock) -> None:
    server = PlannedServer(clock, [Plan("a", -60.0, 300.0, OK)])
    watch = _watch(server, "a")
    events = []
    async for event in watch.run():
        events.append(event.kind.value)
        if event.kind is WatchEventKind.SEEN:
            server.fault = lambda _: (
                ServerError("overloaded", status=529, request_id=f"req_{server.seconds}")
                if server.seconds < 100
                else None
            )
    assert events == ["seen", "problem", "recovered", "ended"]
    assert watch.exit_code == 0


async def test_a_permanent_error_ends_the_watch(clock: FastClock) -> None:
    server = PlannedServer(clock, [Plan("a", -60.0, 300.0, OK)])
    watch = _watch(server, "a")
    reasons = []
    async for event in watch.run():
        reasons.append(event.problem and event.problem.message)
        server.fault = lambda _: AuthenticationFailed("key revoked", status=401)
    assert reasons == [None, "key revoked"]
    assert watch.exit_code == 2


async def test_against_the_simulator(service: Simulated) -> None:
    service.add("a", age=10.0, takes=60.0)
    service.add("b", age=10.0, takes=30.0)
    watch = Watch(
        service.client,
        ["a", "b"],
        clock=service.clock,
        meter=RateMeter(),
        server_offset=lambda: service.client.server_offset,
    )
    watched = _Watched(watch, "a", "b")
    events = await _events(watched)
    assert events[2:] == [("ended", "b"), ("ended", "a")]
    assert watched.exit_code == 0
