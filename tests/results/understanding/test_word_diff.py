"""Which words differ: both texts come back whole, and what is marked is what changed."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batchtui.results.comparison.word_diff import DiffPiece, diff_blocks

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


def test_long_texts_are_matched_by_lines_and_stay_quick() -> None:
    lines = [f"line {number} says something of its own\n" for number in range(20_000)]
    other = list(lines)
    other[7_000] = "line 7000 says another thing of its own\n"
    began = time.process_time()
    assert marked("".join(lines), "".join(other)) == [("something", "another thing")]
    assert time.process_time() - began < 30  # the square of all words would take hours
