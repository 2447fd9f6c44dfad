"""Live polling by simulated time: one call a tick, every end once, problems told."""

import asyncio
import gc
import random
from collections import Counter
from collections.abc import AsyncIterator
from itertools import pairwise

import pytest

from batchtui.api.errors import (
    ApiError,
    AuthenticationFailed,
    BadRequest,
    ConnectionFailed,
    NotFound,
    RateLimited,
    ServerError,
    SpendCapReached,
)
from batchtui.api.models import BatchPage, RequestCounts
from batchtui.batches.listing import Listing
from batchtui.batches.poller import Poller, PollSnapshot
from tests.batches.builders import make_batch
from tests.batches.fakes import FastClock, Plan, PlannedServer

OK = RequestCounts(succeeded=10)
HOUR = 3600.0


@pytest.fixture
def clock() -> FastClock:
    return FastClock()


def _poller(server: PlannedServer, **options: object) -> Poller:
    already = options.get("already_live", ())
    assert isinstance(already, tuple)
    return Poller(
        server,
        clock=server.clock,
        meter=server.meter,
        random=lambda: 0.5,
        already_live=already,
    )


async def _next(run: AsyncIterator[PollSnapshot], count: int = 1) -> PollSnapshot:
    for _ in range(count - 1):
        await anext(run)
    return await anext(run)


async def _whole_look(
    poller: Poller, run: AsyncIterator[PollSnapshot], listing: Listing
) -> Listing:
    """Take in snapshots until one look at the list is whole."""
    listing = (await anext(run)).fetched.apply(listing)
    while not poller.is_settled:
        listing = (await anext(run)).fetched.apply(listing)
    return listing


class TestLongWatch:
    @pytest.mark.parametrize("new", [3, 200, 2_500])
    @pytest.mark.parametrize("hours_away", [1, 72])
    async def test_nothing_is_missing_of_what_was_created_while_nobody_looked(
        self, clock: FastClock, new: int, hours_away: int
    ) -> None:
        server = PlannedServer(clock, [Plan(f"old{n:02}", -HOUR - n, -60.0, OK) for n in range(30)])
        poller = _poller(server)
        run = poller.run()
        listing = await _whole_look(poller, run, Listing(page_size=20))
        clock.suspend(hours_away * HOUR)
        step = hours_away * HOUR / (new + 1)
        server.plans[:0] = [
            Plan(f"new{n:04}", step * (new - n), step * (new - n) + 1, OK) for n in range(new)
        ]
        poller.ask_now()
        listing = (await _whole_look(poller, run, listing)).accept_new()
        assert listing.shown[: new + 30] == tuple(plan.batch_id for plan in server.plans)

    async def test_500_live_batches_for_10_hours(self, clock: FastClock) -> None:
        dice = random.Random(5)
        plans = [
            Plan(f"b{n:04}", -dice.random() * 12 * HOUR, dice.random() * 11 * HOUR, OK)
            for n in range(500)
        ]
        # some are created later on, some of them come and go between two looks
        plans += [
            Plan(f"n{n:04}", at, at + dice.choice([1.0, 900.0, 5 * HOUR]), OK)
            for n, at in enumerate(dice.random() * 10 * HOUR for _ in range(100))
        ]
        server = PlannedServer(clock, plans)
        # far more than one page of old history below
        server.plans += [
            Plan(f"old{n:05}", -90 * 24 * HOUR - n, -80 * 24 * HOUR, OK) for n in range(3000)
        ]
        poller = Poller(server, clock=clock, random=dice.random, meter=server.meter)
        ends: Counter[str] = Counter()
        ticks = 0
        sizes = []
        async for snapshot in poller.run():
            ticks += 1
            ends.update(batch.id for batch in snapshot.ended)
            assert len(server.calls) == ticks
            assert server.meter.last_minute(clock.monotonic()) <= 30
            if ticks in {1000, 6000}:
                gc.collect()
                sizes.append(len(gc.get_objects()))
            if server.seconds >= 10 * HOUR:
                break
        ended_in_time = {p.batch_id for p in plans if 0 < p.ends < 10 * HOUR - 60}
        assert ended_in_time <= ends.keys()
        assert set(ends.values()) == {1}
        # something always changes here, so the setting's 5 s hold: 10 h / 5 s, jittered
        assert 7000 <= ticks <= 7400
        assert all(call.startswith("list") for _, call in server.calls)
        assert sizes[1] <= sizes[0] + 2000

    async def test_calm_batches_cost_a_call_a_minute(self, clock: FastClock) -> None:
        server = PlannedServer(clock, [Plan("b", -HOUR, 50 * HOUR, OK)])
        poller = _poller(server)
        async for _ in poller.run():
            if server.seconds >= 10 * HOUR:
                break
        assert len(server.calls) <= 800
        gaps = [b[0] - a[0] for a, b in pairwise(server.calls[300:])]
        assert min(gaps) >= 59

    async def test_an_idle_workspace_costs_a_call_a_minute(self, clock: FastClock) -> None:
        server = PlannedServer(clock, [])
        async for _ in _poller(server).run():
            if server.seconds >= HOUR:
                break
        assert 60 <= len(server.calls) <= 62

    async def test_more_live_batches_than_a_page_still_take_one_call_a_tick(
        self, clock: FastClock
    ) -> None:
        plans = [Plan(f"b{n:04}", -float(n), 600.0 + n / 10, OK) for n in range(2500)]
        server = PlannedServer(clock, plans)
        ends: Counter[str] = Counter()
        ticks = 0
        async for snapshot in _poller(server).run():
            ticks += 1
            ends.update(batch.id for batch in snapshot.ended)
            assert len(server.calls) == ticks
            if len(ends) == 2500 or server.seconds > HOUR:
                break
        assert set(ends.values()) == {1}
        assert len(ends) == 2500


class TestSnapshots:
    async def test_a_batch_that_ends_is_told_and_reaches_the_listing(
        self, clock: FastClock
    ) -> None:
        server = PlannedServer(clock, [Plan("a", -60.0, 12.0, OK), Plan("b", -90.0, HOUR, OK)])
        run = _poller(server).run()
        listing = Listing()
        first = await _next(run)
        listing = first.fetched.apply(listing)
        assert {batch.id for batch in first.changed} == {"a", "b"}
        assert first.status.live_count == 2
        assert (await _next(run)).ended == ()
        assert (await _next(run)).ended == ()
        ended = await _next(run)
        assert [batch.id for batch in ended.ended] == ["a"]
        listing = ended.fetched.apply(listing)
        assert [batch.id for batch in listing.live] == ["b"]

    async def test_what_ended_before_is_no_news(self, clock: FastClock) -> None:
        server = PlannedServer(clock, [Plan("a", -600.0, -60.0, OK)])
        run = _poller(server).run()
        assert (await _next(run)).ended == ()
        assert (await _next(run)).ended == ()

    async def test_what_was_live_in_the_last_run_is_caught_up_with(self, clock: FastClock) -> None:
        history = [Plan(f"b{n:03}", -40 * HOUR - n, -20 * HOUR, OK) for n in range(150)]
        slept = Plan("slept", -50 * HOUR, -30 * HOUR, OK)
        server = PlannedServer(clock, [Plan("b900", -9.5, -2, OK), *history, slept])
        run = _poller(server, already_live=("slept", "b900", "deleted")).run()
        first = await _next(run)
        assert [batch.id for batch in first.ended] == ["b900"]
        second = await _next(run)
        assert [batch.id for batch in second.ended] == ["slept"]
        third = await _next(run)
        assert (third.gone, third.fetched.gone) == (("deleted",), ("deleted",))
        assert third.status.live_count == 0
        assert [call for _, call in server.calls[1:]] == ["retrieve slept", "retrieve deleted"]

    async def test_a_live_batch_that_vanishes_is_asked_for_once(self, clock: FastClock) -> None:
        server = PlannedServer(clock, [Plan("a", -60.0, HOUR, OK), Plan("b", -90.0, HOUR, OK)])
        run = _poller(server).run()
        await _next(run)
        server.plans = server.plans[1:]
        assert (await _next(run)).gone == ()
        assert (await _next(run)).gone == ("a",)
        await _next(run)
        assert [call.split()[0] for _, call in server.calls] == ["list", "list", "retrieve", "list"]

    async def test_batches_that_never_end_cost_little(self, clock: FastClock) -> None:
        stuck = [Plan(f"s{n:03}", -50 * HOUR - n, 1e9, OK) for n in range(40)]
        history = [Plan(f"h{n:03}", -30 * HOUR - n, -29 * HOUR, OK) for n in range(200)]
        server = PlannedServer(clock, [*stuck, *history])
        poller = _poller(server, already_live=tuple(plan.batch_id for plan in stuck))
        asked: Counter[str] = Counter()
        async for _ in poller.run():
            if server.seconds >= HOUR:
                break
        asked.update(call for _, call in server.calls if call.startswith("retrieve"))
        assert len(server.calls) < 6.5 * 60 + 40
        assert len(asked) == 40
        assert max(asked.values()) - min(asked.values()) <= 1

    async def test_reports_of_actions_come_as_snapshots_without_a_call(
        self, clock: FastClock
    ) -> None:
        server = PlannedServer(clock, [Plan("a", -60.0, HOUR, OK)])
        poller = _poller(server)
        run = poller.run()
        await _next(run)
        poller.report(make_batch("a", status="canceling", minutes=-1))
        told = await _next(run)
        assert [batch.processing_status for batch in told.changed] == ["canceling"]
        poller.report(make_batch("a", status="ended", minutes=-1))
        assert [batch.id for batch in (await _next(run)).ended] == ["a"]
        assert len(server.calls) == 1
        poller.report_gone("a")
        assert poller.live == ()


class TestProblems:
    @pytest.mark.parametrize(
        "error",
        [AuthenticationFailed("bad key", status=401), SpendCapReached("cap", status=429)],
    )
    async def test_permanent_errors_stop_with_the_reason_until_resumed(
        self, clock: FastClock, error: ApiError
    ) -> None:
        server = PlannedServer(clock, [Plan("a", -60.0, HOUR, OK)])
        poller = _poller(server)
        run = poller.run()
        await _next(run)
        server.fault = lambda _: error
        stopped = (await _next(run)).status
        assert stopped.is_stopped
        assert stopped.problem is not None
        assert stopped.problem.message == error.message
        assert stopped.next_at is None
        age = stopped.age(clock.now())
        assert age is not None
        assert age.total_seconds() >= 5
        server.fault = lambda _: None
        poller.resume()
        assert (await _next(run)).status.problem is None

    async def test_a_blip_backs_off_and_says_why(self, clock: FastClock) -> None:
        server = PlannedServer(clock, [Plan("a", -60.0, HOUR, OK)])
        run = _poller(server).run()
        server.fault = lambda _: ConnectionFailed("no network", cause="dns")
        moments = []
        for _ in range(4):
            snapshot = await _next(run)
            moments.append(clock.steady)
            assert snapshot.status.problem is not None
        assert [b - a for a, b in pairwise(moments)] == [5, 10, 20]
        server.fault = lambda _: RateLimited("slow down", status=429, retry_after=90.0)
        await _next(run)
        before = clock.steady
        server.fault = lambda _: None
        assert (await _next(run)).status.problem is None
        assert clock.steady - before == 90

    async def test_a_deleted_cursor_restarts_the_sweep(self, clock: FastClock) -> None:
        plans = [Plan(f"b{n:04}", -float(n), HOUR, OK) for n in range(150)]
        server = PlannedServer(clock, plans)
        run = _poller(server).run()
        await _next(run)
        server.fault = lambda call: (
            BadRequest("no such cursor", status=400) if "b0109" in call else None
        )
        restarted = await _next(run)
        assert restarted.status.problem is None
        server.fault = lambda _: None
        await _next(run, 2)
        assert restarted.fetched.pages == ()
        assert [call for _, call in server.calls] == [
            "list 110",
            "list 1000 b0109",
            "list 110",
            "list 1000 b0109",
        ]

    async def test_a_list_that_is_not_found_is_a_problem_not_a_loop(self, clock: FastClock) -> None:
        server = PlannedServer(clock, [])
        server.fault = lambda _: NotFound("no list here", status=404)
        run = _poller(server).run()
        assert (await _next(run, 3)).status.problem is not None
        assert clock.steady >= 1015

    async def test_a_batch_the_server_does_not_know_is_gone(self, clock: FastClock) -> None:
        server = PlannedServer(clock, [])
        assert (await _next(_poller(server, already_live=("a",)).run(), 2)).gone == ("a",)

    @pytest.mark.parametrize(
        "refusal",
        [
            BadRequest("unknown version", status=400),
            BadRequest("timeout", status=408),
            ServerError("broken", status=500),
        ],
    )
    async def test_a_batch_that_cannot_be_shown_is_not_gone_and_stops_no_other(
        self, clock: FastClock, refusal: ApiError
    ) -> None:
        server = PlannedServer(clock, [Plan("a", -60.0, 600.0, OK)])
        server.fault = lambda call: refusal if call == "retrieve odd" else None
        run = _poller(server, already_live=("odd",)).run()
        assert (await _next(run, 2)).status.problem is not None
        ended: list[str] = []
        while not ended:
            snapshot = await anext(run)
            assert not snapshot.gone
            ended += [batch.id for batch in snapshot.ended]
            assert clock.steady < 3000
        assert ended == ["a"]
        server.fault = lambda _: None
        while not (snapshot := await anext(run)).gone:
            assert clock.steady < 6000
        assert snapshot.gone == ("odd",)


class TestSwitches:
    async def test_pause_stops_calls_and_resume_asks_at_once(self, clock: FastClock) -> None:
        server = PlannedServer(clock, [Plan("a", -60.0, HOUR, OK)])
        poller = _poller(server)
        run = poller.run()
        await _next(run)
        poller.pause()
        paused = (await _next(run)).status
        assert (paused.is_paused, paused.next_at) == (True, None)
        poller.ask_now()
        assert (await _next(run)).status.is_paused
        assert len(server.calls) == 2
        poller.resume()
        assert not (await _next(run)).status.is_paused
        assert len(server.calls) == 3

    async def test_who_asks_again_does_not_wait_for_a_call_that_hangs(
        self, clock: FastClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        server = PlannedServer(clock, [Plan("a", -60.0, HOUR, OK)])
        answer, calls = server.list_page, asyncio.Queue[int]()

        async def hang(*, limit: int, after_id: str | None = None) -> BatchPage:
            calls.put_nowait(limit)
            if calls.qsize() == 1:
                await asyncio.Event().wait()
            return await answer(limit=limit, after_id=after_id)

        monkeypatch.setattr(server, "list_page", hang)
        poller = _poller(server)
        run = poller.run()
        coming = asyncio.ensure_future(_next(run))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert calls.qsize() == 1
        clock.advance(1.0)
        poller.ask_now()  # it may only be slow
        await asyncio.sleep(0)
        assert calls.qsize() == 1
        clock.advance(5.0)
        poller.ask_now()
        async with asyncio.timeout(5):
            snapshot = await coming
        assert snapshot.status.live_count == 1
        assert snapshot.status.problem is None

    async def test_focus_and_interval_change_the_next_moment(self, clock: FastClock) -> None:
        server = PlannedServer(clock, [Plan("a", -60.0, HOUR, OK)])
        poller = _poller(server)
        run = poller.run()
        first = (await _next(run)).status
        assert first.next_at is not None
        assert (first.next_at - clock.now()).total_seconds() == pytest.approx(5.0)
        poller.set_focus(is_focused=False)
        away = (await _next(run)).status
        assert away.next_at is not None
        assert (away.next_at - clock.now()).total_seconds() == pytest.approx(20.0)
        poller.set_focus(is_focused=True)
        poller.set_interval(30.0)
        back = (await _next(run)).status
        assert back.next_at is not None
        assert (back.next_at - clock.now()).total_seconds() == pytest.approx(30.0)

    async def test_a_machine_that_slept_asks_when_it_wakes(self, clock: FastClock) -> None:
        server = PlannedServer(clock, [Plan("a", -20 * HOUR, 30 * HOUR, OK)])
        slept = False

        class Sleepy(FastClock):
            async def sleep(self, seconds: float) -> None:
                nonlocal slept
                await super().sleep(seconds)
                if server.calls and len(server.calls) == 20 and not slept:
                    slept = True
                    self.suspend(8 * HOUR)

        sleepy = Sleepy()
        server.clock = sleepy
        run = _poller(server).run()
        await _next(run, 20)
        before = sleepy.steady
        woken = await _next(run)
        assert slept
        assert sleepy.steady - before <= 5.0
        assert woken.status.age(sleepy.now()) is not None
