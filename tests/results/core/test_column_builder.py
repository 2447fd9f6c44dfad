"""Like errors become one cause; names never overflow."""

import pytest

from batchtui.results.column_builder import CauseNumbering, Numbering, fold_message
from batchtui.results.index import ErrorCause


@pytest.mark.parametrize(
    ("message", "folded"),
    [
        ("Overloaded", "Overloaded"),
        ("prompt is too long: 205,123 tokens > 200000 maximum",
         "prompt is too long: … tokens > … maximum"),
        ("messages.3.content.0: bad", "messages.….content.…: bad"),
        ("request req_011CSHoEeqs5C35K2UUqR7Fy failed", "request … failed"),
        ("id 8c4f3a52-9a0e-4c5f-b0a5-2f1f0a4d9e11", "id …"),
        ("doc-17 and doc-18", "… and …"),
        ("model: claude-sonnet-4-5-20250929", "model: claude-sonnet-4-5-20250929"),
        ("at 2026-01-02T03:04:05Z", "at …"),
        ("wait 30s, 1.5 s or -2", "wait …s, … s or …"),
        ("hash deadbeef01 but not decade", "hash … but not decade"),
    ],
)  # fmt: skip
def test_ids_and_numbers_are_folded(message: str, folded: str) -> None:
    assert fold_message(message) == folded


def test_like_errors_share_a_number_and_keep_the_first_as_example() -> None:
    causes = [ErrorCause("", "", "")]
    numbering = CauseNumbering(causes)
    first = numbering.number("invalid_request_error", "row 17 is bad")
    assert numbering.number("invalid_request_error", "row 18 is bad") == first
    assert numbering.number("api_error", "row 17 is bad") != first
    assert causes[first] == ErrorCause("invalid_request_error", "row … is bad", "row 17 is bad")


def test_thousands_of_different_errors_end_in_one_cause() -> None:
    causes = [ErrorCause("", "", "")]
    numbering = CauseNumbering(causes)
    words = [f"{'a' * (n % 50 + 1)} {'b' * (n // 50 + 1)}" for n in range(2_500)]
    numbers = [numbering.number("api_error", word) for word in words]
    assert len(causes) < 1_100
    assert numbers[-1] == numbers[-2] == numbering.number("other_error", "new " + "z" * 300)
    assert causes[numbers[-1]].type == "other"


def test_names_are_numbered_cut_and_cleaned() -> None:
    names = [""]
    numbers = Numbering(names, 5)
    assert [numbers[name] for name in (None, "", "a", "b", "a")] == [0, 0, 1, 2, 1]
    assert numbers["x" * 500] == numbers["x" * 600] == 3
    assert [numbers[name] for name in ("late", "later", "b")] == [4, 4, 2]
    assert names == ["", "a", "b", "x" * 200, "(others)"]
    assert Numbering([""], 9)["\x1b[31m"] == 1
