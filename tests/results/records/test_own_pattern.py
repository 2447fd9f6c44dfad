"""Records by a pattern of the user's."""

from contextlib import closing
from pathlib import Path

import pytest

from batchtui.results.answer import Answer
from batchtui.results.errors import PatternFaulty
from batchtui.results.opening import open_results
from batchtui.results.query.engine import compile_query
from batchtui.results.records.finder import NoRecord, Record, find_record
from batchtui.results.records.own_pattern import EXAMPLE, RecordPattern, find_pattern_fault
from batchtui.results.records.registry import find_by_pattern, records_of
from tests.results.core.making import succeeded

SECTIONS = r"(?s)^==(?P<key>\w+)==\n(?P<value>.*?)\s*(?=^==|\Z)"


def _value(text: str, pattern: str) -> object:
    found = find_record(Answer("id", text), RecordPattern(pattern))
    assert isinstance(found, Record)
    return found.value


def test_each_named_group_is_a_field_and_takes_the_place_of_all_else() -> None:
    text = 'Tier: A\nScore: 7\n{"b": 1}'
    pattern = r"Tier: (?P<tier>\w+)|Score: (?P<score>\d+)"
    assert _value(text, pattern) == {"tier": "A", "score": 7}


def test_key_and_value_make_a_field_of_each_match() -> None:
    assert _value("Tier: A\nScore: 7.50\nTag: x\nTag: y", EXAMPLE) == {
        "Tier": "A",
        "Score": 7.5,
        "Tag": ["x", "y"],
    }
    text = "Well.\n==SUMMARY==\nTwo lines,\nboth of them.\n==RATING==\n4\n"
    assert _value(text, SECTIONS) == {"SUMMARY": "Two lines,\nboth of them.", "RATING": 4}


def test_numbers_are_what_was_written() -> None:
    found = find_record(Answer("id", "Total: 12345678901234567890.10"), RecordPattern(EXAMPLE))
    assert isinstance(found, Record)
    assert found.text == '{"Total":12345678901234567890.10}'


def test_what_does_not_match_has_no_record() -> None:
    found = find_record(Answer("id", "nothing of the kind"), RecordPattern(EXAMPLE))
    assert isinstance(found, NoRecord)
    assert str(found) == "the pattern does not match"


def test_a_pattern_that_takes_too_long_is_given_up_for_all_answers() -> None:
    pattern = RecordPattern(r"(?P<x>(?:a+)+)[b]")
    answers = [Answer("id", "a" * 5_000) for _ in range(3)]
    assert all("too long" in str(find_record(answer, pattern)) for answer in answers)
    # another answer would be quick, but nobody waits for more like these
    assert "too long" in str(find_record(Answer("id", "aab"), pattern))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("(", "not a valid pattern"),
        (r"\d+", "no named group"),
        ("(?P<x>" + "a" * 2_000 + ")", "more than 1,000 characters"),
        ("(?P<x>a{99999999999999})", "not a valid pattern"),
    ],
)
def test_what_is_no_pattern_is_refused_with_the_reason(text: str, says: str) -> None:
    assert says in find_pattern_fault(text)
    with pytest.raises(PatternFaulty, match=says):
        RecordPattern(text)


def test_nothing_is_no_pattern_and_no_fault() -> None:
    assert not find_pattern_fault("  ")
    assert not find_pattern_fault(EXAMPLE)


async def test_the_fields_of_a_pattern_are_asked_for_like_any(tmp_path: Path) -> None:
    texts = [f'Score: {n}\nNote: row {n}\n{{"other": 1}}' for n in range(300)]
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b"".join(succeeded(f"id-{n}", text) + b"\n" for n, text in enumerate(texts)))
    with closing(open_results(path)) as file, file.reader() as reader:
        await file.load()
        query = compile_query(".Score>297")
        assert list(query.match_rows(file.index, reader)) == []
        find_by_pattern(file.index, EXAMPLE)
        assert list(compile_query(".Score>297").match_rows(file.index, reader)) == [298, 299]
        assert list(compile_query("has:.other").match_rows(file.index, reader)) == []
        assert list(compile_query(".Note:99 sort:-.Score").match_rows(file.index, reader)) == [
            299,
            199,
            99,
        ]
        assert [field.path for field in records_of(file.index).fields] == [".Score", ".Note"]
        find_by_pattern(file.index, "")
        assert list(compile_query("has:.other -has:.Score").match_rows(file.index, reader)) == list(
            range(300)
        )
