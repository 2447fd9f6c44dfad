"""``batchtui diff``: exit 0 the same, 1 different, one object for each id that differs."""

import json
from pathlib import Path

import pytest

from tests.cli.running import Program
from tests.results.understanding.test_comparison import RUN_A, RUN_B


@pytest.fixture
def runs(tmp_path: Path) -> tuple[Path, Path]:
    paths = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    for path, lines in zip(paths, (RUN_A, RUN_B), strict=True):
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return paths


def test_different(program: Program, runs: tuple[Path, Path]) -> None:
    outcome = program("diff", *runs, "--json")
    assert outcome.code == 1
    assert {one["custom_id"]: one["change"] for one in outcome.records} == {
        "one": "fields",
        "two": "fields",
        "three": "fields",
        "four": "type",
    }


def test_the_same(program: Program, runs: tuple[Path, Path]) -> None:
    outcome = program("diff", runs[0], runs[0])
    assert (outcome.code, outcome.out) == (0, b"")


def test_fields_and_a_query(program: Program, runs: tuple[Path, Path]) -> None:
    assert [one["custom_id"] for one in program("diff", *runs, "--fields", ".vendor").records] == [
        "three",
        "four",
    ]
    outcome = program("diff", *runs, "--query", "delta:.score>0", "--texts")
    assert [one["custom_id"] for one in outcome.records] == ["one"]
    assert "score" in str(outcome.records[0]["text_a"])
    wrong = program("diff", *runs, "--query", "change:what")
    assert wrong.code == 2
    assert "^^^" in wrong.err


def test_another_vendors_file_is_joined(program: Program, runs: tuple[Path, Path]) -> None:
    assert program("diff", runs[0], runs[0].with_name("missing.jsonl")).code == 2


def test_a_person_reads_what_both_runs_cost(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("batchtui.cli.output.is_terminal", lambda _stream: True)
    outcome = program("diff", "--demo", "classify-tickets-v1", "classify-tickets-v2")
    a, b, *_ = outcome.out.decode().splitlines()
    assert "classify-tickets-v1" in a
    assert "$" in a
    assert "$" in b
