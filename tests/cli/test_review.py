"""``batchtui review``: verdicts given, listed, taken in and compared on the command line."""

import json
from pathlib import Path

import pytest

from tests.cli.running import Program
from tests.cli.service import rows_of
from tests.results.understanding.test_comparison import answer, errored


@pytest.fixture
def results(tmp_path: Path) -> Path:
    path = tmp_path / "results.jsonl"
    lines = [answer("a", "Yes.", out=5), answer("b", "No.", out=50), errored("c", "no")]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def said(program: Program, results: Path) -> dict[object, object]:
    return {one["custom_id"]: one["verdict"] for one in program("review", results).records}


def test_rows_are_judged_by_query_and_by_id(program: Program, results: Path) -> None:
    assert program("review", results, "--set", "bad", "--query", "out>10").code == 0
    assert program("review", results, "--set", "good", "--id", "a", "--note", "fine").code == 0
    assert said(program, results) == {"b": "bad", "a": "good"}
    assert program("review", results, "--set", "unsure", "--query", "review:bad").code == 0
    assert said(program, results) == {"a": "good", "b": "unsure"}
    assert program("review", results, "--set", "", "--id", "a").code == 0
    notes = {one["custom_id"]: one["note"] for one in program("review", results).records}
    assert notes == {"b": "", "a": "fine"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--set", "good"), "1 row: good"),
        (("--set", "good", "--note", "fine"), "1 row: good, with a note"),
        (("--note", "fine"), "1 row: with a note"),
        (("--set", "", "--note", ""), "1 row: no verdict, without a note"),
    ],
)
def test_it_is_said_what_was_kept(
    program: Program, results: Path, words: tuple[str, ...], said: str
) -> None:
    assert f"batchtui: {said}\n" in program("review", results, "--id", "a", *words).err


def test_a_note_is_kept_on_all_rows_that_match(program: Program, results: Path) -> None:
    assert program("review", results, "--query", "type:succeeded", "--note", "seen").code == 0
    notes = {one["custom_id"]: one["note"] for one in program("review", results).records}
    assert notes == {"a": "seen", "b": "seen"}


def test_an_id_and_a_note_may_begin_with_a_minus(program: Program, results: Path) -> None:
    results.write_text(json.dumps(answer("-1", "Yes.")) + "\n")
    assert program("review", results, "--set", "bad", "--id", "-1", "--note", "-2: rude").code == 0
    assert program("review", results).records[0]["note"] == "-2: rude"


def test_what_was_said_is_exported_beside_the_rows(program: Program, results: Path) -> None:
    program("review", results, "--set", "bad", "--id", "b", "--note", "too short")
    out = program("results", results, "--fields", "custom_id,review,note", "--format", "csv").out
    assert out.decode().splitlines() == ["custom_id,review,note", "a,,", "b,bad,too short", "c,,"]
    found = program("results", results, "--query", "review:bad", "--fields", "custom_id").records
    assert [one["custom_id"] for one in found] == ["b"]
    groups = program("results", results, "--group", "review", "--json").records
    assert {one["value"]: one["rows"] for one in groups}["bad"] == 1


def test_what_cannot_be_is_said(program: Program, results: Path) -> None:
    assert program("review", results, "--set", "bad").code == 2
    assert program("review", results, "--set", "two words", "--id", "a").code == 2
    assert program("review", results, "--set", "bad", "--query", "id:nothing").code == 1
    assert said(program, results) == {}


def test_nothing_is_said_of_a_row_that_is_not_there(program: Program, results: Path) -> None:
    outcome = program("review", results, "--set", "good", "--id", "a", "--id", "aa")
    assert outcome.code == 2
    assert "No row has the custom_id aa." in outcome.err
    assert said(program, results) == {}


def test_an_export_is_taken_in_and_compared(
    program: Program, results: Path, tmp_path: Path
) -> None:
    program("review", results, "--set", "good", "--id", "a", "--id", "b")
    exported = tmp_path / "mine.jsonl"
    exported.write_bytes(program("review", results, "--json").out)
    theirs = tmp_path / "theirs.csv"
    theirs.write_text("custom_id,review,note\na,good,\nb,bad,why\nz,bad,\n")
    found = program("review", results, "--agreement", theirs).records[0]
    assert (found["both"], found["agreed"], found["kappa"], found["only_theirs"]) == (2, 1, 0.0, 1)
    assert program("review", results, "--import", theirs).code == 0
    assert said(program, results) == {"a": "good", "b": "bad", "z": "bad"}
    assert program("review", results, "--import", exported).code == 0
    assert said(program, results)["b"] == "good"
    lacking = tmp_path / "other.csv"
    lacking.write_text("id\n1\n")
    assert program("review", results, "--import", lacking).code == 2


def test_results_are_never_written_to(program: Program, results: Path) -> None:
    before = results.read_bytes()
    program("review", results, "--set", "good", "--query", "type:succeeded")
    assert results.read_bytes() == before


@pytest.mark.parametrize("words", [(), ("--json",)])
def test_where_nothing_was_said_the_exit_code_says_so(
    program: Program, tmp_path: Path, words: tuple[str, ...]
) -> None:
    results = tmp_path / "r.jsonl"
    results.write_bytes(rows_of(1, 0, 0, 0))
    outcome = program("review", results, *words)
    assert (outcome.code, outcome.out) == (1, b"")
    assert "no reviews yet" in outcome.err
    missing = program("review", tmp_path / "none.jsonl", *words)
    assert missing.code == 2
    assert "there is no file" in missing.err
