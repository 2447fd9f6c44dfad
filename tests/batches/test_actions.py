"""Canceling and deleting against the simulator: races told plainly, many within the rate."""

from itertools import pairwise
from typing import Literal

import pytest

from batchtui.api.errors import (
    ApiError,
    AuthenticationFailed,
    ConnectionFailed,
    RateLimited,
    ServerError,
)
from batchtui.api.models import MessageBatch
from batchtui.batches.actions import Action, Actions, OutcomeKind
from batchtui.batches.bulk import BulkRun
from batchtui.batches.rate_meter import RateMeter
from batchtui.simulator.faults import Fault
from tests.batches.fakes import FastClock, Plan, PlannedServer
from tests.batches.simulated import Simulated
from tests.batches.test_poller import OK

LIVE = 100_000.0


@pytest.fixture
def actions(service: Simulated) -> Actions:
    return Actions(service.client)


class TestCancel:
    async def test_a_running_batch(self, service: Simulated, actions: Actions) -> None:
        outcome = await actions.act(Action.CANCEL, service.add("a", takes=LIVE))
        assert outcome.kind is OutcomeKind.DONE
        assert outcome.batch is not None
        assert outcome.batch.processing_status == "canceling"
        assert outcome.words.startswith("Canceling")

    async def test_twice_is_told_without_a_call(self, service: Simulated, actions: Actions) -> None:
        first = await actions.act(Action.CANCEL, service.add("a", takes=LIVE))
        calls = len(service.asked)
        second = await actions.act(Action.CANCEL, "a", known=first.batch)
        assert second.kind is OutcomeKind.REFUSED
        assert second.words.startswith("Already canceling")
        assert len(service.asked) == calls
        assert not second.was_sent

    @pytest.mark.parametrize("status", [400, 409])
    async def test_it_ended_meanwhile(
        self, service: Simulated, actions: Actions, status: Literal[400, 409]
    ) -> None:
        service.world.behavior.conflict_status = status
        service.add("a", takes=600.5)
        known = await service.client.retrieve("a")
        service.clock.advance(5)
        outcome = await actions.act(Action.CANCEL, "a", known=known)
        assert outcome.kind is OutcomeKind.ALREADY_ENDED
        assert outcome.words == "It has ended: 3 succeeded"
        assert outcome.batch is not None
        assert outcome.batch.has_ended

    async def test_known_to_have_ended(self, service: Simulated, actions: Actions) -> None:
        service.add("a")
        known = await service.client.retrieve("a")
        outcome = await actions.act(Action.CANCEL, "a", known=known)
        assert (outcome.kind, outcome.was_sent) == (OutcomeKind.ALREADY_ENDED, False)

    async def test_it_is_gone(self, actions: Actions) -> None:
        outcome = await actions.act(Action.CANCEL, "nowhere")
        assert outcome.kind is OutcomeKind.GONE
        assert outcome.is_off_the_list


@pytest.mark.parametrize("action", [Action.CANCEL, Action.DELETE])
@pytest.mark.parametrize("status", [400, 410])
async def test_a_gateway_may_say_in_its_own_way_that_it_is_gone(
    service: Simulated, actions: Actions, action: Action, status: int
) -> None:
    said = "There is no such batch"
    service.world.faults.add(Fault(status=status, times=None, error_type="x", message=said))
    assert (await actions.act(action, "a")).kind is OutcomeKind.GONE


@pytest.mark.parametrize("action", [Action.CANCEL, Action.DELETE])
@pytest.mark.parametrize("status", [404, 405, 501])
async def test_a_gateway_without_the_call_hides_no_batch(
    service: Simulated, actions: Actions, action: Action, status: int
) -> None:
    service.world.faults.add(Fault(operation=action.value, status=status, times=None, body="html"))
    name = service.add("a", takes=LIVE if action is Action.CANCEL else 1.0)
    outcome = await actions.act(action, name)
    assert outcome.kind is OutcomeKind.REFUSED
    assert "there" in outcome.words
    assert outcome.batch is not None
    assert not outcome.is_off_the_list


class TestDelete:
    @pytest.mark.parametrize("status", [200, 204])
    async def test_an_ended_batch(
        self, service: Simulated, actions: Actions, status: Literal[200, 204]
    ) -> None:
        service.world.behavior.delete_status = status
        outcome = await actions.act(Action.DELETE, service.add("a"))
        assert outcome.kind is OutcomeKind.DONE
        assert outcome.is_off_the_list
        again = await actions.act(Action.DELETE, "a")
        assert again.kind is OutcomeKind.GONE

    async def test_a_live_one_is_refused_with_the_next_step(
        self, service: Simulated, actions: Actions
    ) -> None:
        outcome = await actions.act(Action.DELETE, service.add("a", takes=LIVE))
        assert outcome.kind is OutcomeKind.REFUSED
        assert outcome.words == "Still running: cancel it first"
        assert outcome.batch is not None
        local = await actions.act(Action.DELETE, "a", known=outcome.batch)
        assert (local.words, local.was_sent) == (outcome.words, False)

    async def test_a_gateway_that_forbids_it(self, service: Simulated, actions: Actions) -> None:
        service.world.behavior.delete_status = 405
        outcome = await actions.act(Action.DELETE, service.add("a"))
        assert outcome.kind is OutcomeKind.REFUSED
        assert "does not delete it" in outcome.words
        assert not outcome.is_off_the_list

    async def test_a_lost_answer_is_no_failure(self, service: Simulated, actions: Actions) -> None:
        service.world.faults.add(Fault(kind="drop", operation="delete", after_effect=True))
        outcome = await actions.act(Action.DELETE, service.add("a"))
        assert outcome.is_off_the_list
        assert service.world.views() == ()

    async def test_a_server_that_fails(self, service: Simulated, actions: Actions) -> None:
        service.world.faults.add(
            Fault(operation="delete", status=500, times=None, message="bad \x1b[31mday")
        )
        outcome = await actions.act(Action.DELETE, service.add("a"))
        assert outcome.kind is OutcomeKind.FAILED
        assert isinstance(outcome.error, ServerError)
        assert "\x1b" not in outcome.words


def _server(clock: FastClock, count: int) -> PlannedServer:
    return PlannedServer(clock, [Plan(f"b{n:03}", -1000.0, -10.0, OK) for n in range(count)])


def _names(count: int) -> list[str]:
    return [f"b{n:03}" for n in range(count)]


@pytest.fixture
def clock() -> FastClock:
    return FastClock()


async def _all(run: BulkRun) -> list[OutcomeKind]:
    return [outcome.kind async for outcome in run.run()]


class TestBulk:
    async def test_500_deletes_keep_to_50_calls_a_minute(self, clock: FastClock) -> None:
        server = _server(clock, 500)
        run = BulkRun(server, Action.DELETE, _names(500), clock=clock, meter=server.meter)
        kinds = await _all(run)
        assert kinds == [OutcomeKind.DONE] * 500
        moments = [at for at, _ in server.calls]
        busiest = max(sum(1 for at in moments if start <= at < start + 60) for start in moments)
        assert 35 <= busiest <= 40
        assert moments[9] == moments[0]
        assert all(b - a >= 1.5 for a, b in pairwise(moments[9:]))
        assert run.summary() == "500 of 500 deleted"

    async def test_it_shares_the_rate_with_others(self, clock: FastClock) -> None:
        server = _server(clock, 30)
        for _ in range(35):
            server.meter.note(clock.steady)
        run = BulkRun(server, Action.DELETE, _names(30), clock=clock, meter=server.meter)
        await _all(run)
        assert sum(1 for at, _ in server.calls if at < 1060.0) == 5

    async def test_each_gets_its_outcome(self, clock: FastClock) -> None:
        server = _server(clock, 3)
        server.plans.append(Plan("live", -5.0, LIVE, OK))
        known = {"live": server.plans[-1].at(0.0)}
        names = ["b000", "live", "nowhere", "b001", "b000", "b002"]
        server.fault = lambda call: ServerError("oops", status=500) if "b001" in call else None
        run = BulkRun(server, Action.DELETE, names, known=known, clock=clock, meter=server.meter)
        assert await _all(run) == [
            OutcomeKind.DONE,
            OutcomeKind.REFUSED,
            OutcomeKind.GONE,
            OutcomeKind.FAILED,
            OutcomeKind.DONE,
        ]
        assert run.summary() == "2 of 5 deleted, 1 not found, 1 refused, 1 failed"
        assert [call for _, call in server.calls] == [
            "delete b000",
            "delete nowhere",
            "retrieve nowhere",
            "delete b001",
            "delete b002",
        ]

    async def test_stopping_tells_what_was_sent_and_what_was_not(self, clock: FastClock) -> None:
        server = _server(clock, 100)
        run = BulkRun(server, Action.DELETE, _names(100), clock=clock, meter=server.meter)
        async for outcome in run.run():
            if outcome.batch_id == "b019":
                run.stop()
        assert len(server.calls) == 20
        assert [o.batch_id for o in run.outcomes if not o.was_sent] == _names(100)[20:]
        assert run.summary() == "20 of 100 deleted, 80 not sent"

    async def test_quitting_in_the_middle_of_a_call(self, clock: FastClock) -> None:
        class TornDown(BaseException):
            pass

        class Hanging(PlannedServer):
            async def cancel(self, batch_id: str) -> MessageBatch:
                raise TornDown

        server = Hanging(clock, [Plan("a", -5.0, LIVE, OK), Plan("b", -4.0, LIVE, OK)])
        run = BulkRun(server, Action.CANCEL, ["a", "b"], clock=clock, meter=server.meter)
        with pytest.raises(TornDown):
            await _all(run)
        assert run.summary() == "0 of 2 canceled, 1 under way, outcome unknown, 1 still to go"

    @pytest.mark.parametrize(
        ("error", "calls"),
        [
            (AuthenticationFailed("key revoked", status=401), 1),
            (ConnectionFailed("no network", cause="dns"), 3),
            (RateLimited("slow down", status=429, retry_after=7.0), 3),
        ],
    )
    async def test_what_will_not_work_is_not_sent(
        self, clock: FastClock, error: ApiError, calls: int
    ) -> None:
        server = _server(clock, 10)
        server.fault = lambda _: error
        run = BulkRun(server, Action.DELETE, _names(10), clock=clock, meter=server.meter)
        kinds = await _all(run)
        assert len(server.calls) == calls
        assert set(kinds) == {OutcomeKind.FAILED, OutcomeKind.NOT_SENT}
        assert run.outcomes[-1].words == f"Not sent: {error.message}"

    async def test_a_rate_limit_is_waited_for(self, clock: FastClock) -> None:
        server = _server(clock, 3)
        refusals = iter([RateLimited("slow down", status=429, retry_after=20.0)])
        server.fault = lambda _: next(refusals, None)
        run = BulkRun(server, Action.DELETE, _names(3), clock=clock, meter=server.meter)
        assert await _all(run) == [OutcomeKind.DONE] * 3
        assert server.calls[1][0] - server.calls[0][0] == 20.0

    async def test_against_the_simulator(self, service: Simulated) -> None:
        ids = service.fill(30)
        service.add("live", takes=LIVE)
        run = BulkRun(
            service.client, Action.DELETE, [*ids, "live"], clock=service.clock, meter=RateMeter()
        )
        kinds = await _all(run)
        assert kinds.count(OutcomeKind.DONE) == 30
        assert kinds[-1] is OutcomeKind.REFUSED
        assert [view.batch.id for view in service.world.views()] == ["live"]
