"""``batchtui diff``: exit 0 the same, 1 different, one object for each id that differs."""

import json
from pathlib import Path

import pytest

from tests.cli.running import Program
from tests.results.understanding.files import answered, failed
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


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("change:any", ["changed"]),
        ("type:succeeded", ["changed"]),
        ('-text:"change:no"', ["changed"]),
        ("", ["changed"]),
        ("change:same", ["kept"]),
        ("type:succeeded -change:flip", ["kept", "changed"]),
    ],
)
def test_a_person_is_shown_the_pairs_that_json_has(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, query: str, ids: list[str]
) -> None:
    paths = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    for path, text in zip(paths, ("one", "two"), strict=True):
        path.write_bytes(answered("kept", "as it was") + b"\n" + answered("changed", text) + b"\n")
    outcome = program("diff", *paths, "--query", query)
    assert [one["custom_id"] for one in outcome.records] == ids
    assert outcome.code == 1
    monkeypatch.setattr("batchtui.cli.output.is_terminal", lambda _stream: True)
    table = program("diff", *paths, "--query", query).out.decode().split("CUSTOM_ID")[1]
    assert [line.split()[0] for line in table.splitlines()[1:]] == ids


def test_a_field_that_no_answer_has_is_no_reason_to_pass(
    program: Program, runs: tuple[Path, Path], tmp_path: Path
) -> None:
    outcome = program("diff", runs[0], runs[0], "--fields", ".vendor,.vendr")
    assert outcome.code == 2
    assert outcome.out == b""
    assert "No answer has .vendr. Did you mean .vendor?" in outcome.err
    failures = tmp_path / "failed.jsonl"
    failures.write_bytes(failed("one", "api_error", "x") + b"\n")
    assert program("diff", failures, failures, "--fields", ".vendor").code == 0


@pytest.mark.parametrize(
    ("query", "missing"),
    [
        (".vendr:x", "No answer has .vendr. Did you mean .vendor?"),
        ("-has:.zz .vendr:x", "No answer has .zz."),
        ("a.vendr=ACME", "No answer of A has .vendr."),
        ("a.score>b.scor", "No answer of B has .scor."),
        ("delta:.scor>0", "No answer has .scor."),
        ("delta:.score>1000 sort:b.zz", "No answer of B has .zz."),
        ("delta:.score>1000 sort:-delta:.zz", "No answer has .zz."),
        ("delta:.score>1000 change:any sort:-delta", ""),
    ],
)
def test_a_query_that_finds_nothing_says_so(
    program: Program, runs: tuple[Path, Path], query: str, missing: str
) -> None:
    outcome = program("diff", *runs, "--query", query)
    assert (outcome.code, outcome.out) == (1, b"")
    assert "No pair matches the query." in outcome.err
    assert missing in outcome.err
    assert ("has ." in outcome.err) == bool(missing)


def test_what_is_written_for_one_side_is_corrected_for_it(
    program: Program, runs: tuple[Path, Path]
) -> None:
    outcome = program("diff", *runs, "--query", "delta:.score b.score!=5")
    assert outcome.code == 2
    assert "Write -b.score=5\n" in outcome.err


@pytest.mark.parametrize("field", ["[0].n", ".[0].n"])
def test_a_list_is_compared_by_one_of_its_fields(
    program: Program, tmp_path: Path, field: str
) -> None:
    paths = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    for number, path in enumerate(paths):
        lines = [
            answered("x", json.dumps([{"n": number, "names": number}])),
            answered("y", json.dumps([{"n": 1, "names": number}])),
        ]
        path.write_bytes(b"".join(line + b"\n" for line in lines))
    (only,) = program("diff", *paths, "--fields", field, "--json").records
    assert only == {
        "custom_id": "x",
        "change": "fields",
        "fields": {".[0].n": {"a": 0, "b": 1}},
    }
    assert len(program("diff", *paths, "--query", f"change:any {field}=0").records) == 1
    found = program("results", paths[0], "--fields", f"id,{field}").records
    assert found == [{"id": "x", field: 0}, {"id": "y", field: 1}]
    groups = program("results", paths[0], "--group", field, "--json").records
    assert [one["value"] for one in groups] == [0, 1]


def test_on_a_terminal_answers_cannot_act(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    for path, answer in zip(paths, ("\x9b31m", "\u202eabc"), strict=True):
        path.write_bytes(answered("x", json.dumps({"text": answer})) + b"\n")
    monkeypatch.setattr("batchtui.cli.output.is_terminal", lambda _stream: True)
    for words in (("diff", *paths, "--texts"), ("results", paths[0], "--group", ".text")):
        shown = program(*words, "--json").out.decode()
        assert "31m" in shown
        assert not {"\x9b", "\u202e"} & set(shown)


def test_a_field_may_have_a_comma_in_its_name(program: Program, tmp_path: Path) -> None:
    paths = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    for number, path in enumerate(paths):
        path.write_bytes(answered("x", json.dumps({"a,b": number, "c": number})) + b"\n")
    (only,) = program("diff", *paths, "--fields", '."a,b"', "--json").records
    assert only["fields"] == {'."a,b"': {"a": 0, "b": 1}}


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
