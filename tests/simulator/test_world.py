"""The rules of the service over time, whatever is done to it in whatever order."""

from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from batchtui.simulator.lifecycle import LIVES, RESULTS_LAST, BatchView
from batchtui.simulator.refusals import RefusalError
from batchtui.simulator.work import ScenarioWork
from batchtui.simulator.workspace import Account
from batchtui.simulator.world import World
from tests.simulator.conftest import NOON, StoppedTime


def work(total: int, **failures: int) -> ScenarioWork:
    return ScenarioWork(total, 7, "triage", "ticket", "claude-haiku-4-5-20251001", failures)


class Lives(RuleBasedStateMachine):
    """Batches are made, canceled, deleted and looked at while time goes by in leaps."""

    batches = Bundle("batches")

    def __init__(self) -> None:
        super().__init__()
        self.time = StoppedTime()
        self.world = World(now=self.time)
        self.totals: dict[str, int] = {}
        self.last: dict[str, BatchView] = {}

    @rule(
        target=batches,
        total=st.integers(1, 60),
        failed=st.integers(0, 60),
        takes=st.floats(0, 48),
        moving=st.booleans(),
    )
    def make(self, total: int, failed: int, takes: float, *, moving: bool) -> str:
        self.world.behavior.counts_move = moving
        asked = work(total, overloaded=min(total, failed))
        batch = self.world.add(asked, takes=timedelta(hours=takes))
        self.totals[batch.id] = total
        return batch.id

    @rule(hours=st.floats(0, 40))
    def pass_by(self, hours: float) -> None:
        self.time.pass_by(hours=hours)

    @rule(days=st.integers(1, 30))
    def pass_by_long(self, days: int) -> None:
        self.time.pass_by(days=days)

    @rule(seconds=st.floats(0, 5))
    def go_back(self, seconds: float) -> None:
        self.time.pass_by(seconds=-seconds)

    @rule(batch_id=batches)
    def cancel(self, batch_id: str) -> None:
        if batch_id not in self.totals:
            return
        before = self.world.retrieve(batch_id)
        if before.status == "ended":
            with pytest.raises(RefusalError):
                self.world.cancel(batch_id)
            assert self.world.retrieve(batch_id) == before
        else:
            assert self.world.cancel(batch_id).status in {"canceling", "ended"}

    @rule(batch_id=batches)
    def delete(self, batch_id: str) -> None:
        if batch_id not in self.totals:
            return
        if self.world.retrieve(batch_id).status != "ended":
            with pytest.raises(RefusalError):
                self.world.delete(batch_id)
        else:
            self.world.delete(batch_id)
            del self.totals[batch_id]
            self.last.pop(batch_id, None)

    @rule(limit=st.integers(1, 7))
    def walk_both_ways(self, limit: int) -> None:
        ids = [view.batch.id for view in self.world.views()]
        down: list[str] = []
        more = True
        while more:
            page = self.world.page(limit=limit, after_id=down[-1] if down else None)
            down += [view.batch.id for view in page.views]
            more = page.has_more
        assert down == ids
        up = ids[-1:]
        while up and up[0] != ids[0]:
            page = self.world.page(limit=limit, before_id=up[0])
            up = [view.batch.id for view in page.views] + up
            assert page.has_more == (up[0] != ids[0])
        assert up == ids

    @invariant()
    def nothing_impossible(self) -> None:
        order = ["in_progress", "canceling", "ended"]
        for view in self.world.views():
            batch = view.batch
            before = self.last.get(batch.id)
            assert view.tally.total == self.totals[batch.id]
            assert (view.status == "ended") == (view.ended_at is not None)
            assert view.status != "ended" or view.tally.processing == 0
            assert (view.status == "canceling") <= (batch.cancel_initiated_at is not None)
            assert batch.created_at <= batch.ends_at <= batch.expires_at
            assert batch.expires_at - batch.created_at == LIVES
            assert view.archived_at in {None, batch.created_at + RESULTS_LAST}
            if before is not None:
                assert order.index(view.status) >= order.index(before.status)
                assert before.ended_at in {None, view.ended_at}
                assert before.status != "ended" or view.tally == before.tally
                assert (
                    view.tally.processing <= before.tally.processing or before.tally != view.tally
                )
            self.last[batch.id] = view


TestLives = Lives.TestCase
TestLives.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)


def test_counts_stay_until_the_end_as_documented(world: World, time: StoppedTime) -> None:
    batch = world.add(work(100, overloaded=10), takes=timedelta(minutes=10))
    time.pass_by(minutes=9)
    assert world.retrieve(batch.id).tally.processing == 100
    world.behavior.counts_move = True
    moving = world.retrieve(batch.id).tally
    assert moving.processing == 10
    assert moving.succeeded + moving.errored == 90
    time.pass_by(minutes=1)
    ended = world.retrieve(batch.id)
    assert (ended.tally.succeeded, ended.tally.errored) == (90, 10)
    assert ended.ended_at == NOON + timedelta(minutes=10)


def test_a_batch_expires_after_a_day(world: World, time: StoppedTime) -> None:
    batch = world.add(work(100), takes=timedelta(hours=48))
    time.pass_by(hours=23, minutes=59)
    assert world.retrieve(batch.id).status == "in_progress"
    time.pass_by(minutes=1)
    ended = world.retrieve(batch.id)
    assert (ended.status, ended.tally.succeeded, ended.tally.expired) == ("ended", 50, 50)


def test_results_are_gone_after_29_days_but_the_batch_is_listed(
    world: World, time: StoppedTime
) -> None:
    batch = world.add(work(5), takes=timedelta(minutes=1))
    time.pass_by(days=29, seconds=-1)
    assert world.retrieve(batch.id).has_results
    time.pass_by(seconds=1)
    view = world.retrieve(batch.id)
    assert view.archived_at == NOON + timedelta(days=29)
    assert [listed.batch.id for listed in world.views()] == [batch.id]
    with pytest.raises(RefusalError) as caught:
        world.results(batch.id)
    assert caught.value.status == 404


def test_a_cancel_just_before_the_end_cancels_nothing(world: World, time: StoppedTime) -> None:
    batch = world.add(work(100), takes=timedelta(minutes=1))
    time.pass_by(seconds=59)
    assert world.cancel(batch.id).status == "canceling"
    time.pass_by(seconds=1)
    ended = world.retrieve(batch.id)
    assert (ended.status, ended.tally.succeeded, ended.tally.canceled) == ("ended", 100, 0)


def test_speed_makes_the_world_run_faster(time: StoppedTime) -> None:
    world = World(now=time, speed=60)
    batch = world.add(work(5), takes=timedelta(minutes=10))
    time.pass_by(seconds=9)
    assert world.retrieve(batch.id).status == "in_progress"
    time.pass_by(seconds=1)
    assert world.retrieve(batch.id).status == "ended"
    with pytest.raises(ValueError, match="speed"):
        World(speed=0)


def test_workspaces_do_not_see_each_other(world: World) -> None:
    ours, theirs = Account(), Account(workspace_id="wrkspc_other")
    batch = world.add(work(3), account=theirs)
    assert world.views(ours) == ()
    assert [view.batch.id for view in world.views(theirs)] == [batch.id]
    with pytest.raises(RefusalError) as caught:
        world.retrieve(batch.id, ours)
    assert caught.value.status == 404
    assert world.owner(batch.id) == theirs


@pytest.mark.parametrize("limit", [0, -1, 1001])
def test_limits_of_a_page(world: World, limit: int) -> None:
    with pytest.raises(RefusalError, match="limit"):
        world.page(limit=limit)


def test_cursors(world: World) -> None:
    batch = world.add(work(1))
    with pytest.raises(RefusalError, match="Only one") as caught:
        world.page(after_id=batch.id, before_id=batch.id)
    assert caught.value.status == 400
    for status in (404, 400):
        world.behavior.unknown_cursor_status = 404 if status == 404 else 400
        with pytest.raises(RefusalError) as caught:
            world.page(after_id="msgbatch_gone")
        assert caught.value.status == status
    world.behavior.ignores_cursors = True
    page = world.page(after_id="msgbatch_gone")
    assert page.has_more
    assert len(page.views) == 1


def test_more_failures_than_requests_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="more failures"):
        work(3, overloaded=4)
