"""What may be done, what is shown, and when time runs out."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchtui.api.models import MessageBatch, RequestCounts
from batchtui.batches.deadlines import (
    ResultsPlace,
    age_of,
    elapsed_of,
    expires_in,
    results_availability,
    results_until,
    server_now,
)
from batchtui.batches.outcome_bar import SegmentKind, outcome_bar
from batchtui.batches.rules import (
    GLYPHS,
    StateKind,
    can_cancel,
    can_delete,
    can_view_results,
    describe_outcome,
    is_all_ok,
    state_of,
)
from tests.batches.builders import START, make_batch


class TestAvailability:
    @pytest.mark.parametrize(
        ("status", "cancel", "delete", "results"),
        [
            ("in_progress", "", "Still running: cancel it first", "Still running: results come"),
            ("canceling", "Already canceling", "Still canceling", "Still canceling: results come"),
            ("paused", "", "Still running: cancel it first", "Still running: results come"),
            ("ended", "It has ended", "", ""),
        ],
    )
    def test_by_status(self, status: str, cancel: str, delete: str, results: str) -> None:
        batch = make_batch(status=status)
        verdicts = [
            (can_cancel(batch), cancel),
            (can_delete(batch), delete),
            (can_view_results(batch), results),
        ]
        for verdict, reason in verdicts:
            assert bool(verdict) == (not reason)
            assert verdict.reason.startswith(reason)

    def test_results_that_are_not_on_the_server(self) -> None:
        archived = make_batch(status="ended", archived=True)
        assert can_view_results(archived).reason.startswith("Archived")
        assert can_view_results(archived, is_here=True)
        late = make_batch(status="ended", has_url=False)
        assert can_view_results(late).reason.endswith("refresh soon")


class TestState:
    @pytest.mark.parametrize(
        ("status", "counts", "kind", "word"),
        [
            ("in_progress", RequestCounts(10_000), StateKind.RUNNING, "running"),
            ("canceling", RequestCounts(5), StateKind.CANCELING, "canceling"),
            ("pau\x1bsed", RequestCounts(5), StateKind.UNKNOWN, "pau\\x1bsed"),
            ("", RequestCounts(5), StateKind.UNKNOWN, "no status"),
            ("ended", RequestCounts(0, 10), StateKind.ALL_OK, "all ok"),
            ("ended", RequestCounts(0, 1, 1_388, 0, 24), StateKind.FAILED, "1,412 failed"),
            ("ended", RequestCounts(0, 0, 7), StateKind.FAILED, "7 failed"),
            ("ended", RequestCounts(0, 3, 0, 0, 120), StateKind.EXPIRED, "120 expired"),
            ("ended", RequestCounts(0, 3, 0, 9), StateKind.CANCELED, "canceled"),
            ("ended", RequestCounts(0, 3, 2, 9), StateKind.MIXED, "2 failed"),
            ("ended", RequestCounts(0, 3, 0, 9, 4), StateKind.MIXED, "4 failed"),
            ("ended", RequestCounts(4, 3), StateKind.UNKNOWN, "4 unfinished"),
            ("ended", RequestCounts(), StateKind.UNKNOWN, "no counts"),
        ],
    )
    def test_states(self, status: str, counts: RequestCounts, kind: StateKind, word: str) -> None:
        state = state_of(make_batch(status=status, counts=counts))
        assert (state.kind, state.word) == (kind, word)

    def test_canceled_too_late_is_all_ok(self) -> None:
        batch = MessageBatch(
            id="b",
            processing_status="ended",
            request_counts=RequestCounts(succeeded=3),
            cancel_initiated_at=START,
        )
        assert state_of(batch).kind is StateKind.ALL_OK
        assert is_all_ok(batch)

    def test_only_a_whole_success_is_all_ok(self) -> None:
        assert not is_all_ok(make_batch(status="ended", counts=RequestCounts()))
        assert not is_all_ok(make_batch(counts=RequestCounts(succeeded=1)))

    def test_every_state_has_a_glyph_and_an_ascii_twin(self) -> None:
        for kind in StateKind:
            assert len(GLYPHS[kind].unicode) == len(GLYPHS[kind].ascii) == 1
            assert GLYPHS[kind].ascii.isascii()
        assert state_of(make_batch()).glyph.unicode == "●"

    def test_outcome_in_words(self) -> None:
        batch = make_batch(status="ended", counts=RequestCounts(0, 7588, 388, 0, 24))
        assert describe_outcome(batch) == "7,588 succeeded, 388 errored, 24 expired"
        empty = make_batch(counts=RequestCounts())
        assert describe_outcome(empty) == "no requests counted"


_AMOUNT = st.one_of(st.just(0), st.integers(1, 5), st.integers(0, 100_000))
_COUNTS = st.builds(RequestCounts, _AMOUNT, _AMOUNT, _AMOUNT, _AMOUNT, _AMOUNT)


class TestBar:
    @given(counts=_COUNTS, width=st.integers(0, 60), status=st.sampled_from(["ended", "x"]))
    def test_cells_add_up_and_nothing_vanishes(
        self, counts: RequestCounts, width: int, status: str
    ) -> None:
        batch = make_batch(status=status, counts=counts)
        bar = outcome_bar(batch, width)
        assert sum(segment.cells for segment in bar) == max(0, width)
        assert all(segment.cells > 0 for segment in bar)
        kinds = [segment.kind for segment in bar]
        assert kinds == sorted(kinds, key=list(SegmentKind).index)
        present = {name for name in SegmentKind if getattr(counts, name.value, 0) > 0}
        if width >= 5 and kinds != [SegmentKind.UNSAID]:
            assert set(kinds) == present

    @given(counts=_COUNTS, width=st.integers(20, 100))
    def test_cells_are_in_proportion(self, counts: RequestCounts, width: int) -> None:
        batch = make_batch(status="ended", counts=counts)
        for segment in outcome_bar(batch, width):
            if segment.kind is SegmentKind.UNSAID:
                continue
            exact = getattr(counts, segment.kind.value) * width / counts.total
            # a cell by rounding, and up to one given to each kind that would have vanished
            assert exact - 5 < segment.cells < exact + 1 + 1e-9

    def test_zeros_before_the_end_claim_nothing(self) -> None:
        bar = outcome_bar(make_batch(counts=RequestCounts(processing=100)), 10)
        assert [(s.kind, s.cells) for s in bar] == [(SegmentKind.UNSAID, 10)]

    def test_counts_that_move_are_shown(self) -> None:
        bar = outcome_bar(make_batch(counts=RequestCounts(processing=50, succeeded=50)), 10)
        assert [(s.kind, s.cells) for s in bar] == [
            (SegmentKind.SUCCEEDED, 5),
            (SegmentKind.PROCESSING, 5),
        ]

    def test_one_failure_in_a_hundred_thousand_is_seen(self) -> None:
        counts = RequestCounts(succeeded=99_999, errored=1)
        bar = outcome_bar(make_batch(status="ended", counts=counts), 10)
        assert [s.cells for s in bar] == [9, 1]

    def test_too_few_cells_go_to_the_loudest(self) -> None:
        counts = RequestCounts(0, 90_000, 1, 1, 1)
        bar = outcome_bar(make_batch(status="ended", counts=counts), 2)
        assert [s.kind for s in bar] == [SegmentKind.ERRORED, SegmentKind.EXPIRED]


class TestDeadlines:
    def test_the_servers_clock_counts(self) -> None:
        local = START - timedelta(minutes=90)
        now = server_now(local, timedelta(hours=2))
        assert age_of(make_batch(), now) == timedelta(minutes=30)
        assert age_of(make_batch(), server_now(local, None)) == timedelta(0)

    def test_expiry(self) -> None:
        now = START + timedelta(hours=1)
        assert expires_in(make_batch(), now) == timedelta(hours=23)
        assert expires_in(make_batch(status="ended"), now) is None
        undated = MessageBatch(id="b", processing_status="in_progress")
        assert expires_in(undated, now) is None
        unsaid = MessageBatch(id="b", processing_status="in_progress", created_at=START)
        assert expires_in(unsaid, now) == timedelta(hours=23)
        assert expires_in(unsaid, now + timedelta(days=3)) == timedelta(0)

    def test_elapsed(self) -> None:
        now = START + timedelta(hours=1)
        assert elapsed_of(make_batch(), now) == timedelta(hours=1)
        assert elapsed_of(make_batch(status="ended", ran=5), now) == timedelta(minutes=5)
        assert elapsed_of(make_batch(status="ended", ran=-5), now) is None
        assert elapsed_of(make_batch(minutes=None), now) is None

    @pytest.mark.parametrize(
        ("days", "place", "is_risky"),
        [
            (1.0, ResultsPlace.AVAILABLE, False),
            (22.1, ResultsPlace.UNTIL, False),
            (27.1, ResultsPlace.UNTIL, True),
            (29.0 - 1 / 1440, ResultsPlace.UNTIL, True),
            (29.0 + 1 / 1440, ResultsPlace.UNTIL, True),
            (30.1, ResultsPlace.GONE, False),
        ],
    )
    def test_29_days_of_results(self, days: float, place: ResultsPlace, is_risky: bool) -> None:
        now = START + timedelta(days=days)
        found = results_availability(make_batch(status="ended"), now, is_here=False)
        assert (found.place, found.is_about_to_be_lost) == (place, is_risky)
        here = results_availability(make_batch(status="ended"), now, is_here=True)
        assert (here.place, here.is_about_to_be_lost) == (ResultsPlace.HERE, False)

    def test_other_places(self) -> None:
        now = START + timedelta(days=1)
        live = results_availability(make_batch(), now, is_here=False)
        assert live.place is ResultsPlace.NOT_YET
        archived = make_batch(status="ended", archived=True)
        assert results_availability(archived, now, is_here=False).place is ResultsPlace.GONE
        late = make_batch(status="ended", has_url=False)
        assert results_availability(late, now, is_here=False).place is ResultsPlace.NOT_YET
        over = results_availability(late, START + timedelta(days=29), is_here=False)
        assert over.place is ResultsPlace.GONE

    @given(
        moment=st.datetimes(timezones=st.just(UTC)),
        now=st.datetimes(timezones=st.just(UTC)),
        status=st.sampled_from(["ended", "in_progress"]),
    )
    def test_absurd_moments_never_crash(self, moment: datetime, now: datetime, status: str) -> None:
        batch = MessageBatch(
            id="b", processing_status=status, created_at=moment, ended_at=now, results_url="u"
        )
        age_of(batch, now)
        elapsed_of(batch, now)
        expires_in(batch, now)
        results_availability(batch, now, is_here=False)
        end_of_time = datetime.max.replace(tzinfo=UTC)
        assert results_until(MessageBatch(id="b", created_at=end_of_time)) is None
        assert server_now(end_of_time, timedelta(days=1)) == end_of_time
