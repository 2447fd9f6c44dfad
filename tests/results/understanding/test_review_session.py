"""A sitting: what is shown next, how far it is, and what a blind verdict means."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batchtui.library.ledger_values import Review
from batchtui.results.review_session import (
    ReviewSession,
    describe_winner,
    is_shuffled,
    unblinded,
)


def test_it_goes_on_with_what_has_no_verdict_and_comes_round_again() -> None:
    kept = {"a": Review("a", "good"), "c": Review("c", "bad"), "d": Review("d", note="odd")}
    session = ReviewSession.begin(["a", "b", "c", "d"], kept)
    assert session.current == "b"
    session = session.move(+1).move(+1).judge("good", now=1.0)
    assert session.current == "b"
    session = session.judge("unsure", now=2.0)
    assert session.is_done
    assert session.counts() == {"good": 2, "unsure": 1, "bad": 1}


def test_a_verdict_is_taken_back_and_the_card_stays() -> None:
    session = ReviewSession.begin(["a", "b"], {}).annotate("a", "odd").judge("bad", now=0.0)
    assert session.current == "b"
    session = session.move(-1).judge("", now=0.0)
    assert (session.current, session.progress.judged, session.progress.left) == ("a", 0, 2)
    assert session.review == Review("a", note="odd")
    assert session.move(-1) == session


def test_the_pace_is_the_usual_time_and_leaves_pauses_out() -> None:
    session = ReviewSession.begin(map(str, range(6)), {})
    now = 0.0
    for seconds in (2.0, 3.0, 900.0, 4.0):
        shown = session.show(now)
        now += seconds
        session = shown.judge("good", now)
    assert session.progress.seconds_each == 3.0


def test_without_cards_nothing_happens() -> None:
    session = ReviewSession.begin([], {})
    assert (session.current, session.is_done, session.progress.place) == ("", True, 0)


@pytest.mark.parametrize("seed", [1, 2])
def test_sides_are_shuffled_evenly_and_always_the_same(seed: int) -> None:
    swapped = [is_shuffled(f"id-{number}", seed) for number in range(2_000)]
    assert 900 < sum(swapped) < 1_100
    assert swapped == [is_shuffled(f"id-{number}", seed) for number in range(2_000)]


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(["a", "b", "tie", "unsure"]), st.booleans())
def test_unblinding_twice_changes_nothing(verdict: str, is_swapped: bool) -> None:
    once = unblinded(verdict, is_swapped=is_swapped)
    assert unblinded(once, is_swapped=is_swapped) == verdict


def test_what_is_told_at_the_end() -> None:
    said = ["b"] * 61 + ["a"] * 30 + ["tie"] * 9 + ["unsure"]
    assert describe_winner(said, "old", "new") == "new is better in 61 of 100, 9 equal"
    assert describe_winner(["a", "b"], "old", "new") == "Neither run is better: 1 and 1 of 2"
    assert describe_winner([], "old", "new") == "No pair was judged"
