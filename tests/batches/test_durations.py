"""Typical durations, forecasts and the timeline."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchtui.api.models import MessageBatch, RequestCounts
from batchtui.batches.chronology import chronology
from batchtui.batches.durations import (
    DurationHistory,
    history_of,
    outlook_of,
    read_history,
    sample_of,
)
from batchtui.library.ledger import Ledger
from batchtui.library.ledger_values import SeenBatch
from tests.batches.builders import START, make_batch


def _ended(number: int, minutes: float, requests: int = 1_000) -> MessageBatch:
    return make_batch(
        f"b{number}", status="ended", ran=minutes, counts=RequestCounts(succeeded=requests)
    )


def _live(requests: int = 1_000) -> MessageBatch:
    return make_batch("live", counts=RequestCounts(processing=requests))


def _history(*minutes: float) -> DurationHistory:
    return history_of(_ended(number, length) for number, length in enumerate(minutes))


class TestTypical:
    def test_p50_and_p90_of_similar_sizes(self) -> None:
        history = history_of(
            [
                *(_ended(n, float(n + 1)) for n in range(10)),
                *(_ended(n + 50, 600.0, 90_000) for n in range(10)),
            ]
        )
        typical = history.typical(2_500)
        assert typical is not None
        assert (typical.p50, typical.p90) == (timedelta(minutes=5), timedelta(minutes=9))
        assert typical.samples == 10
        large = history.typical(80_000)
        assert large is not None
        assert large.p50 == timedelta(minutes=600)

    def test_too_little_experience_says_nothing(self) -> None:
        assert _history(1, 2, 3, 4).typical(1_000) is None
        assert _history(1, 2, 3, 4, 5).typical(10) is None

    @pytest.mark.parametrize(
        "batch",
        [
            _live(),
            make_batch(status="ended", ran=-3.0),
            make_batch(status="ended", ran=0.0),
            make_batch(status="ended", minutes=None),
            make_batch(status="ended", counts=RequestCounts(succeeded=1, canceled=1)),
            make_batch(status="ended", counts=RequestCounts()),
        ],
    )
    def test_what_is_no_experience(self, batch: MessageBatch) -> None:
        assert sample_of(batch) is None
        assert history_of([batch]).samples == ()

    def test_of_an_account_only_what_is_experience_counts(self) -> None:
        ledger = Ledger(None)
        canceled = make_batch(
            "c", status="ended", ran=1.0, counts=RequestCounts(succeeded=900, canceled=100)
        )
        seen = [SeenBatch.of(one) for one in (_ended(1, 10.0), canceled, _live())]
        ledger.seen.remember(seen, scope="mine")
        ledger.seen.remember([SeenBatch.of(_ended(2, 20.0))], scope="another")
        assert read_history(ledger, scope="mine").samples == ((1_000, 600.0),)
        ledger.close()


class TestOutlook:
    def test_from_those_that_took_at_least_as_long(self) -> None:
        history = _history(*range(1, 21))
        now = START + timedelta(minutes=10)
        found = outlook_of(_live(), history, now)
        assert found.typical is not None
        assert found.likely_by == START + timedelta(minutes=15)
        assert found.surely_by == START + timedelta(minutes=19)
        assert found.warning == ""

    def test_beyond_experience_nothing_is_promised(self) -> None:
        found = outlook_of(_live(), _history(*range(1, 21)), START + timedelta(minutes=18))
        assert found.typical is not None
        assert (found.likely_by, found.surely_by) == (None, None)

    def test_ended_canceling_and_undated_batches(self) -> None:
        history = _history(*range(1, 21))
        assert outlook_of(_ended(1, 5), history, START).typical is None
        assert outlook_of(make_batch(minutes=None), history, START).typical is None
        canceling = make_batch(status="canceling", counts=RequestCounts(1_000))
        assert outlook_of(canceling, history, START + timedelta(hours=23)).likely_by is None
        assert outlook_of(canceling, history, START + timedelta(hours=23)).warning == ""

    def test_warnings(self) -> None:
        nothing = DurationHistory()
        late = START + timedelta(hours=22, minutes=30)
        assert outlook_of(_live(), nothing, late).warning.startswith("It expires soon")
        slow = make_batch(counts=RequestCounts(processing=900, succeeded=100))
        hours = START + timedelta(hours=6)
        assert outlook_of(slow, nothing, hours).warning.startswith("At this pace")
        quick = make_batch(counts=RequestCounts(processing=100, succeeded=900))
        assert outlook_of(quick, nothing, hours).warning == ""
        day = 24 * 60
        expiring = _history(5, 6, 7, day, day, day, 600, 500)
        assert outlook_of(_live(), expiring, hours).warning.startswith("Most similar")
        assert outlook_of(_live(), expiring, START).warning == ""


class TestChronology:
    def test_bars_lie_where_they_belong(self) -> None:
        now = START + timedelta(minutes=100)
        live = make_batch("live", minutes=90)
        old = make_batch("old", minutes=0, status="ended", ran=50)
        short = make_batch("short", minutes=60, status="ended", ran=0.1)
        plan = chronology([live, short, old, make_batch("undated", minutes=None)], now, 10)
        assert (plan.start, plan.end) == (START, now)
        cells = [(bar.batch_id, bar.first_cell, bar.cells, bar.is_live) for bar in plan.bars]
        assert cells == [("live", 9, 1, True), ("short", 6, 1, False), ("old", 0, 6, False)]
        assert plan.moment_at(5) == START + timedelta(minutes=50)
        assert plan.bars[2].duration == timedelta(minutes=50)
        assert plan.bars[2].state.word == "all ok"

    def test_a_window_leaves_older_ones_out(self) -> None:
        now = START + timedelta(minutes=100)
        gone = make_batch("gone", minutes=0, status="ended", ran=10)
        reaching = make_batch("reaching", minutes=10, status="ended", ran=70)
        plan = chronology([reaching, gone], now, 20, window=timedelta(minutes=40))
        assert [(b.batch_id, b.first_cell, b.cells) for b in plan.bars] == [("reaching", 0, 11)]

    def test_nothing_to_plot(self) -> None:
        assert chronology([], START, 0).bars == ()

    @given(
        moments=st.lists(
            st.tuples(
                st.datetimes(timezones=st.just(UTC)),
                st.none() | st.datetimes(timezones=st.just(UTC)),
            ),
            max_size=5,
        ),
        now=st.datetimes(timezones=st.just(UTC)).filter(lambda moment: moment.year > 1),
        width=st.integers(0, 50),
    )
    def test_any_moments_stay_within_the_plot(
        self, moments: list[tuple[datetime, datetime | None]], now: datetime, width: int
    ) -> None:
        batches = [
            MessageBatch(
                id="b",
                processing_status="ended" if ended else "in_progress",
                created_at=created,
                ended_at=ended,
            )
            for created, ended in moments
        ]
        plan = chronology(batches, now, width)
        for bar in plan.bars:
            assert bar.cells >= 1
            assert bar.first_cell >= 0
            assert bar.first_cell + bar.cells <= plan.width
