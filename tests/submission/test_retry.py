"""Rows sent again: the right ones, with the right changes, from their own sources."""

import json
from pathlib import Path

import pytest

from batchtui.submission.errors import SourceError, SubmissionError
from batchtui.submission.retry import (
    Changes,
    Prospect,
    RowFacts,
    changed_request,
    choose,
    prospect_of,
    write_retry,
)
from batchtui.submission.source import RequestSource
from tests.submission.making import lines, request, write


@pytest.mark.parametrize(
    ("row", "prospect"),
    [
        (RowFacts("a", "expired"), Prospect.YES),
        (RowFacts("a", "canceled"), Prospect.YES),
        (RowFacts("a", "errored", "overloaded_error"), Prospect.YES),
        (RowFacts("a", "errored", "rate_limit_error"), Prospect.YES),
        (RowFacts("a", "errored", "api_error"), Prospect.YES),
        (RowFacts("a", "errored", "timeout_error"), Prospect.YES),
        (RowFacts("a", "errored", "internal_server_error"), Prospect.YES),
        (RowFacts("a", "errored", "invalid_request_error"), Prospect.CHANGED),
        (RowFacts("a", "errored"), Prospect.CHANGED),
        (RowFacts("a", "succeeded", stop_reason="end_turn"), Prospect.DONE),
        (RowFacts("a", "succeeded", stop_reason="max_tokens"), Prospect.LARGER),
        (RowFacts("a", "something new"), Prospect.CHANGED),
    ],
)
def test_what_is_worth_sending_again(row: RowFacts, prospect: Prospect) -> None:
    assert prospect_of(row) is prospect


def test_truncated_answers_only_on_request() -> None:
    rows = [
        RowFacts("a", "expired"),
        RowFacts("b", "succeeded", stop_reason="max_tokens"),
        RowFacts("c", "succeeded", stop_reason="end_turn"),
        RowFacts("d", "errored", "api_error"),
        RowFacts("d", "succeeded", stop_reason="end_turn"),
    ]
    assert choose(rows) == {"a"}
    assert choose(rows, {Prospect.YES, Prospect.LARGER}) == {"a", "b"}


def test_unchanged_params_keep_every_byte() -> None:
    data = b'{"params": { "x" : 1.50 ,"y":1e3, "x2":"\\u00fc" }, "custom_id":"a", "z": 1}'
    expected = b'{"custom_id":"a","params":{ "x" : 1.50 ,"y":1e3, "x2":"\\u00fc" }}'
    assert changed_request(data, Changes()) == expected


def test_changes_touch_nothing_else() -> None:
    data = b'{"custom_id":"a","params":{"model":"m","big":123456789012345678901234567890,"t":0.10}}'
    changes = Changes({"model": "n", "max_tokens": 5}, frozenset({"gone", "t"}))
    assert changed_request(data, changes) == (
        b'{"custom_id":"a","params":{"model":"n","big":123456789012345678901234567890,'
        b'"max_tokens":5}}'
    )


def test_the_retry_file_has_the_wanted_rows_of_all_sources(tmp_path: Path) -> None:
    first = RequestSource(write(tmp_path, lines(*map(request, range(5))), "a.jsonl"))
    later = [request(number, max_tokens=9) for number in range(3, 8)]
    second = RequestSource(write(tmp_path, json.dumps({"requests": later}).encode(), "b.json"))
    wanted = {"r1", "r4", "r7", "nowhere"}
    made = write_retry([second, first], wanted, tmp_path / "kept", changes=Changes({"top_k": 1}))
    rows = [json.loads(row) for row in made.path.read_bytes().splitlines()]
    assert rows == [
        request(4, max_tokens=9, top_k=1),
        request(7, max_tokens=9, top_k=1),
        request(1, top_k=1),
    ]
    assert made.requests == 3
    assert made.missing == ("nowhere",)
    assert made.path.stat().st_mode & 0o777 == 0o600
    assert list((tmp_path / "kept").iterdir()) == [made.path]


def test_nothing_to_send_again_is_said(tmp_path: Path) -> None:
    source = RequestSource(write(tmp_path, lines(request(0))))
    with pytest.raises(SubmissionError, match="None of these rows"):
        write_retry([source], {"zzz"}, tmp_path / "kept")
    assert list((tmp_path / "kept").iterdir()) == []


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    source = RequestSource(write(tmp_path, lines(request(0))))
    with pytest.raises(SourceError, match="cannot be written"):
        write_retry([source], {"r0"}, source.path / "below a file")
