"""Requests attached to a results file: by its path, without an account."""

import json
from pathlib import Path

import pytest

from tests.cli.running import Program
from tests.cli.service import rows_of
from tests.cli.test_create import request_lines
from tests.results.understanding.files import answered, failed


@pytest.fixture
def results(tmp_path: Path) -> Path:
    path = tmp_path / "res.jsonl"
    path.write_bytes(rows_of(3, 0, 0, 0))
    return path


@pytest.fixture
def requests(tmp_path: Path) -> Path:
    path = tmp_path / "requests.jsonl"
    path.write_bytes(request_lines(["row-2", "row-0", "row-1"]))
    return path


@pytest.mark.parametrize("words", [("--as-asked",), ("--query", "sort:asked")])
def test_without_requests_it_is_said_that_their_order_is_not_known(
    program: Program, results: Path, words: tuple[str, ...]
) -> None:
    outcome = program("results", results, *words)
    assert outcome.code == 0
    assert [one["custom_id"] for one in outcome.records] == ["row-0", "row-1", "row-2"]
    assert "No requests are attached: rows stay in the order of the file." in outcome.err
    assert "batchtui attach" in outcome.err


def test_requests_are_attached_to_a_results_file(
    program: Program, results: Path, requests: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    attached = program("attach", results, requests)
    assert attached.code == 0
    assert attached.records[0]["answers"] == 3
    assert attached.records[0]["missing"] == 0
    monkeypatch.chdir(results.parent)
    outcome = program("results", "res.jsonl", "--as-asked")
    assert [one["custom_id"] for one in outcome.records] == ["row-2", "row-0", "row-1"]
    assert outcome.err == ""
    asked = program("results", results, "--fields", "custom_id,question")
    assert [one["question"] for one in asked.records] == ["Hi"] * 3
    messages = program("results", results, "--format", "messages").records
    assert [one["role"] for one in json.loads(json.dumps(messages[0]["messages"]))] == [
        "user",
        "assistant",
    ]
    # the requests are a source of this export, and stay
    before = requests.read_bytes()
    words = ("--format", "messages", "--output", requests, "--force")
    assert program("results", results, *words).code == 2
    assert requests.read_bytes() == before


def test_rows_that_make_no_conversation_are_counted(
    program: Program, results: Path, requests: Path, tmp_path: Path
) -> None:
    with results.open("ab") as file:
        file.write(failed("row-0", "api_error", "x") + b"\n" + answered("stranger", "Hi") + b"\n")
    assert program("attach", results, requests).code == 0
    target = tmp_path / "talks.jsonl"
    outcome = program("results", results, "--format", "messages", "--output", target)
    assert target.read_bytes().count(b"\n") == 3
    assert f"3 rows written to {target}." in outcome.err
    assert "2 rows without an answer, or without a request here: left out." in outcome.err


def test_what_needs_requests_says_how_a_file_gets_them(program: Program, results: Path) -> None:
    for words in (("--format", "messages"), ("--fields", "question")):
        outcome = program("results", results, *words)
        assert outcome.code == 2
        assert "batchtui attach ID|RESULTS FILE" in outcome.err
