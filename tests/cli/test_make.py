"""``batchtui make``: a table and a template become a file that can be sent."""

import json
import shlex
from pathlib import Path

import pytest

from tests.cli.running import Program


@pytest.fixture
def words(tmp_path: Path) -> list[object]:
    (tmp_path / "data.csv").write_text("id,q\none,What?\ntwo,Why?\n")
    (tmp_path / "prompt.txt").write_text("Answer: {{q}}\n")
    return [
        *("make", tmp_path / "data.csv", "--prompt", tmp_path / "prompt.txt"),
        *("--model", "claude-haiku-4-5", "--max-tokens", 9, "--id", "id"),
    ]


def test_to_standard_output(program: Program, words: list[object]) -> None:
    outcome = program(*words, "--output", "-")
    assert outcome.code == 0
    assert [one["custom_id"] for one in outcome.records] == ["one", "two"]


def test_to_a_file_that_is_checked(program: Program, words: list[object], tmp_path: Path) -> None:
    target = tmp_path / "requests.jsonl"
    outcome = program(*words, "--output", target)
    assert (outcome.code, outcome.out) == (0, b"")
    assert "2 requests" in outcome.err
    assert f"batchtui create {target}" in outcome.err
    assert program("create", target, "--dry-run").code == 0
    again = program(*words, "--output", target)
    assert again.code == 2
    assert (
        f"{target} exists already\n  Choose another name, or replace it with --force." in again.err
    )
    assert program(*words, "--output", target, "--force").code == 0


def test_what_comes_next_can_be_pasted_into_a_shell(
    program: Program, words: list[object], tmp_path: Path
) -> None:
    path = tmp_path / "märz $(id).jsonl"
    err = program(*words, "--output", path).err
    (line,) = [line for line in err.splitlines() if "Next: " in line]
    assert shlex.split(line.partition("Next: ")[2]) == ["batchtui", "create", str(path)]


def test_what_would_fail_is_said(program: Program, words: list[object], tmp_path: Path) -> None:
    outcome = program(*words, "--param", "temperature=7", "--output", tmp_path / "r.jsonl")
    assert outcome.code == 1
    assert "temperature" in outcome.err


def test_a_model_that_nobody_knows_is_named_and_the_users_own_are_known(
    program: Program, words: list[object], tmp_path: Path
) -> None:
    told = program(*words, "--model", "clade-haiku-4-5", "--output", tmp_path / "r.jsonl")
    assert told.code == 0
    assert "clade-haiku-4-5 is not among the models known" in told.err
    assert 'Did you mean "claude-haiku-4-5"?' in told.err
    own = next(
        Path(str(one["path"])) for one in program("paths").records if one["name"] == "prices"
    )
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_text('[[model]]\nname = "local"\ninput = 0.1\noutput = 0.2\n')
    target = tmp_path / "own.jsonl"
    assert "not among" not in program(*words, "--model", "local", "--output", target).err
    assert program("create", "--dry-run", target).records[0]["warnings"] == 0


def test_one_request_is_shown(program: Program, words: list[object], tmp_path: Path) -> None:
    outcome = program(*words, "--preview", 2)
    assert json.loads(outcome.out)["custom_id"] == "two"
    assert program(*words, "--preview", 3).code == 2
    for number in (0, 10**22, "9" * 5_000):
        assert "is not a row" in program(*words, "--preview", number).err
    assert program(*words, "--preview", "random").code == 0
    assert not (tmp_path / "r.jsonl").exists()


def test_an_option_that_cannot_be_understood_says_what_it_takes(
    program: Program, words: list[object]
) -> None:
    told = program(*words, "--param", "temperature=foo", "--preview", 1)
    assert told.code == 2
    assert "The value of temperature is not JSON." in told.err
    assert """A text needs its own quotes: 'temperature="foo"'.""" in told.err
    told = program(*words, "--param", 'thinking={"type":', "--preview", 1)
    assert "The value of thinking is not JSON: Input data was truncated." in told.err
    for number in ("x", "0", "1.5"):
        told = program(*words, "--max-tokens", number, "--preview", 1)
        assert told.code == 2
        assert "must be a whole number of 1 or more" in told.err


def test_a_prompt_that_names_no_column_is_told_how_it_would(
    program: Program, words: list[object], tmp_path: Path
) -> None:
    (tmp_path / "prompt.txt").write_text("Answer: {q}\n")
    outcome = program(*words, "--output", tmp_path / "r.jsonl")
    assert outcome.code == 0
    assert "names no column" in outcome.err
    assert "{{id}}" in outcome.err
