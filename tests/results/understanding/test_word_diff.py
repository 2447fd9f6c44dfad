"""Which words differ: both texts come back whole, and what is marked is what changed."""

import random
import time
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batchtui.results.comparison.common_runs import common_runs
from batchtui.results.comparison.word_diff import DiffPiece, diff_blocks, first_difference

TEXT = st.text(st.sampled_from("ab \n,é"), max_size=40)


def diff(one: str, other: str) -> list[DiffPiece]:
    return [piece for block in diff_blocks(one, other) for piece in block.pieces]


@settings(max_examples=100, deadline=None)
@given(TEXT, TEXT)
def test_both_texts_come_back_whole(one: str, other: str) -> None:
    pieces = diff(one, other)
    assert "".join(piece.one for piece in pieces) == one
    assert "".join(piece.other for piece in pieces) == other


def marked(one: str, other: str) -> list[tuple[str, str]]:
    return [(piece.one, piece.other) for piece in diff(one, other) if not piece.is_same]


@pytest.mark.parametrize(
    ("one", "other", "changed"),
    [
        ("The cat sat.", "The dog sat.", [("cat", "dog")]),
        ("a b c", "a b c", []),
        ("", "new", [("", "new")]),
        ("two small words", "three big words", [("two small", "three big")]),
        ("price: 10,50", "price: 12,50", [("10", "12")]),
    ],
)
def test_only_what_changed_is_marked(one: str, other: str, changed: list[tuple[str, str]]) -> None:
    assert [(a.strip(), b.strip()) for a, b in marked(one, other)] == changed


def common_count(one: str, other: str) -> int:
    """Return how many letters both have in order at most, the slow way."""

    @cache
    def count(x: int, y: int) -> int:
        if x == len(one) or y == len(other):
            return 0
        if one[x] == other[y]:
            return 1 + count(x + 1, y + 1)
        return max(count(x + 1, y), count(x, y + 1))

    return count(0, 0)


@settings(max_examples=200, deadline=None)
@given(
    st.text(st.sampled_from("abc"), max_size=12),
    st.text(st.sampled_from("abc"), max_size=12),
    st.integers(1, 30),
)
def test_what_is_common_is_in_order_and_as_much_as_the_effort_finds(
    one: str, other: str, most: int
) -> None:
    doubled, doubled_other = one + one[::-1], other + other[::-1]  # nothing stands there once
    runs = list(common_runs(doubled, doubled_other, most))
    x = y = 0
    for run in runs:
        assert run.start >= x
        assert run.begin >= y
        x, y = run.start + run.size, run.begin + run.size
        assert doubled[run.start : x] == doubled_other[run.begin : y]
    assert (x, y) == (len(doubled), len(doubled_other))
    found, best = sum(run.size for run in runs), common_count(doubled, doubled_other)
    if len(doubled) + len(doubled_other) - 2 * best <= most:
        assert found == best


def test_what_follows_a_long_insertion_is_found_again() -> None:
    lines = [f"line {number} of the answer\n" for number in range(2_000)]
    other = lines.copy()
    other[5:5] = [f"new {number}\n" for number in range(5_000)]
    assert marked("".join(lines), "".join(other)) == [("", "".join(other[5:5_005]))]


LABELS = random.Random(1).choices(["yes\n", "no\n", "\n"], k=4_000)


@pytest.mark.parametrize(
    ("lines", "places"),
    [(["\n"] * 8_000, [6_000]), (LABELS, [7, 1_500, 3_999]), (["same words "] * 4_000, [9, 3_990])],
)
def test_lines_and_words_that_repeat_stay_quick_and_marked_to_the_last(
    lines: list[str], places: list[int]
) -> None:
    other = lines.copy()
    for place in places:
        other[place] = lines[place].replace("\n", " other\n").replace("words", "other")
    began = time.process_time()
    changed = marked("".join(lines), "".join(other))
    assert time.process_time() - began < 1.5  # their square takes many times as long
    assert len(changed) == len(places)
    assert ["other" in new for _, new in changed] == [True] * len(places)


@pytest.mark.parametrize(
    ("one", "other", "first"),
    [
        ("same", "same", None),
        ("The cat sat.", "The cats sat.", ("cat", "cats")),
        ("The cat sat.", "The cat", (" sat.", "")),
        ("", "new", ("", "new")),
        ("word " * 50_000 + "old end", "word " * 50_000 + "new end", ("old", "new")),
        ("x" * 50_000 + " a", "x" * 50_000 + " b", ("a", "b")),
    ],
)
def test_the_first_difference(one: str, other: str, first: tuple[str, str] | None) -> None:
    piece = first_difference(one, other)
    assert (piece and (piece.one, piece.other)) == first


def test_long_texts_are_matched_by_lines_and_stay_quick() -> None:
    lines = [f"line {number} says something of its own\n" for number in range(20_000)]
    other = list(lines)
    other[7_000] = "line 7000 says another thing of its own\n"
    began = time.process_time()
    assert marked("".join(lines), "".join(other)) == [("something", "another thing")]
    assert time.process_time() - began < 30  # the square of all words would take hours
