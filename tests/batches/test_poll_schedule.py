"""The schedule as a table."""

from datetime import timedelta

import pytest
from msgspec import structs

from batchtui.batches.poll_schedule import LiveAges, PollProblem, PollSchedule
from tests.batches.builders import START, make_batch

YOUNG = LiveAges(count=3, freshest=60.0)
HOUR_OLD = LiveAges(count=3, freshest=3600.0)
DAY_OLD = LiveAges(count=3, freshest=80_000.0)
NOTHING = LiveAges()
BLIP = PollProblem("no network")
BLOCKED = PollProblem("bad key", "give another", is_permanent=True)


def _after_success(*, interval: float = 5.0, changed: bool = False) -> PollSchedule:
    return PollSchedule(interval=interval).succeeded(0.0, changed=changed, jitter=0.5)


@pytest.mark.parametrize(
    ("live", "interval", "expected"),
    [
        (YOUNG, 5.0, 5.0),
        (YOUNG, 0.1, 2.0),
        (YOUNG, 30.0, 30.0),
        (HOUR_OLD, 5.0, 30.0),
        (DAY_OLD, 5.0, 60.0),
        (DAY_OLD, 90.0, 90.0),
        (NOTHING, 5.0, 60.0),
        (NOTHING, 120.0, 120.0),
        (LiveAges(count=1), 5.0, 5.0),
    ],
)
def test_the_interval_fits_what_is_live(live: LiveAges, interval: float, expected: float) -> None:
    assert _after_success(interval=interval).next_delay(live, 0.0) == pytest.approx(expected)


def test_the_first_call_is_made_at_once() -> None:
    assert PollSchedule().next_delay(NOTHING, 123.0) == 0.0


def test_after_a_change_old_batches_are_watched_closely_for_a_while() -> None:
    schedule = _after_success(changed=True)
    assert schedule.next_delay(DAY_OLD, 0.0) == pytest.approx(5.0)
    later = schedule.succeeded(3600.0, changed=False, jitter=0.5)
    assert later.next_delay(DAY_OLD, 3600.0) == pytest.approx(30.0)


def test_an_unfocused_terminal_is_slower_and_catches_up() -> None:
    away = _after_success().focus(is_focused=False)
    assert away.next_delay(YOUNG, 0.0) == pytest.approx(20.0)
    assert away.next_delay(DAY_OLD, 0.0) == pytest.approx(240.0)
    assert away.focus(is_focused=True).next_delay(YOUNG, 12.0) == 0.0


@pytest.mark.parametrize(("jitter", "expected"), [(0.0, 4.5), (0.999, 5.5)])
def test_jitter_spreads_by_a_tenth(jitter: float, expected: float) -> None:
    schedule = PollSchedule().succeeded(0.0, changed=False, jitter=jitter)
    assert schedule.next_delay(YOUNG, 0.0) == pytest.approx(expected, rel=0.01)
    shortest = PollSchedule(interval=2.0).succeeded(0.0, changed=False, jitter=jitter)
    assert (shortest.next_delay(YOUNG, 0.0) or 0.0) >= 2.0


def test_blips_back_off_and_a_success_forgets_them() -> None:
    schedule = PollSchedule()
    delays = []
    for _ in range(3000):
        schedule = schedule.failed(0.0, BLIP, jitter=0.5)
        delays.append(schedule.next_delay(YOUNG, 0.0))
    assert delays[:4] == pytest.approx([5.0, 10.0, 20.0, 40.0])
    assert delays[-1] == pytest.approx(300.0)
    assert schedule.problem == BLIP
    healed = schedule.succeeded(0.0, changed=False, jitter=0.5)
    assert healed.problem is None
    assert healed.next_delay(YOUNG, 0.0) == pytest.approx(5.0)


@pytest.mark.parametrize(
    ("retry_after", "expected"), [(0.0, 5.0), (42.0, 42.0), (900.0, 900.0), (1e9, 3600.0)]
)
def test_retry_after_is_honored(retry_after: float, expected: float) -> None:
    schedule = PollSchedule().failed(0.0, PollProblem("busy", retry_after=retry_after), jitter=0.5)
    assert schedule.next_delay(YOUNG, 0.0) == pytest.approx(expected)


def test_a_permanent_error_stops_until_resumed() -> None:
    stopped = PollSchedule().failed(0.0, BLOCKED, jitter=0.5)
    assert stopped.is_stopped
    assert stopped.next_delay(YOUNG, 1e6) is None
    assert stopped.woke().next_delay(YOUNG, 1e6) is None
    resumed = stopped.resume()
    assert (resumed.is_stopped, resumed.next_delay(YOUNG, 1e6)) == (False, 0.0)


def test_pause_and_resume() -> None:
    paused = _after_success().pause()
    assert paused.next_delay(YOUNG, 1e6) is None
    assert paused.woke().next_delay(YOUNG, 1e6) is None
    assert paused.ask().next_delay(YOUNG, 1e6) == 0.0
    once = paused.ask().succeeded(1e6, changed=False, jitter=0.5)
    assert once.next_delay(YOUNG, 1e6) is None
    assert once.resume().next_delay(YOUNG, 1e6) == 0.0


def test_waking_up_asks_at_once() -> None:
    assert _after_success().woke().next_delay(DAY_OLD, 0.0) == 0.0


def test_ages_are_summed_up_from_batches() -> None:
    old = [
        make_batch("a", minutes=-90),
        make_batch("b", minutes=-80),
        make_batch("c", minutes=None),
    ]
    assert LiveAges.of(old, START) == LiveAges(count=3, freshest=4800.0)
    canceling = make_batch("b", minutes=-80, status="canceling")
    assert LiveAges.of([*old, canceling], START) == LiveAges(count=4, freshest=0.0)
    dated = structs.replace(canceling, cancel_initiated_at=START - timedelta(minutes=2))
    assert LiveAges.of([*old, dated], START) == LiveAges(count=4, freshest=120.0)
    assert LiveAges.of([], START) == LiveAges()
