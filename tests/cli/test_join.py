"""Answers beside the rows of their table: in its order, with its own cells untouched."""

import csv
import gzip
import io
import json
from pathlib import Path

import pytest

from batchtui.simulator.failures import NO_FAILURES, FailureMix
from batchtui.submission.make import Recipe, make_requests
from batchtui.submission.template import Template
from batchtui.tables import Table
from tests.cli.running import Program
from tests.cli.service import HOUR, Service
from tests.results.understanding.test_comparison import answer, errored

TABLE = 'ref,"name, full",note\r\nX 1,"Ann ""A"" B","two\nlines"\r\nX 1,Bö,=1+1\r\n,Cy,\r\n'


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_bytes(TABLE.encode())
    return path


def results_for(table: Path, column: str | None, *, last: int | None = None) -> Path:
    """What would come back for the table, in another order."""
    prompt = Template.parse("x")
    made = list(make_requests(Table(table), Recipe(prompt, "m", 9, id_column=column)))[:last]
    lines: list[dict[str, object]] = [
        answer(one.custom_id, f'```json\n{{"score": {one.row}.50, "who": "=p{one.row}"}}\n```')
        for one in made[:-1]
    ]
    lines.insert(0, errored(made[-1].custom_id, "no"))
    path = table.with_name("results.jsonl")
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


@pytest.mark.parametrize("column", [None, "ref", "name, full"])
def test_the_column_of_the_ids_is_found_out(
    program: Program, table: Path, column: str | None
) -> None:
    results = results_for(table, column)
    outcome = program("results", results, "--join", table, "--fields", ".score,type")
    assert outcome.code == 0
    assert "spreadsheet" not in outcome.err
    text = outcome.out.decode()
    # every row as it stands in the file, with what is new behind it
    assert text == (
        'ref,"name, full",note,.score,type\r\n'
        'X 1,"Ann ""A"" B","two\nlines",1.50,succeeded\r\n'
        "X 1,Bö,=1+1,2.50,succeeded\r\n"
        ",Cy,,,errored\r\n"
    )


def test_without_fields_those_of_the_answers_are_written(program: Program, table: Path) -> None:
    results = results_for(table, "ref")
    outcome = program("results", results, "--join", table)
    rows = list(csv.DictReader(io.StringIO(outcome.out.decode(), newline="")))
    assert "2 texts that a spreadsheet would run" in outcome.err
    assert [(row[".score"], row[".who"], row["type"]) for row in rows] == [
        ("1.50", "'=p1", "succeeded"),
        ("2.50", "'=p2", "succeeded"),
        ("", "", "errored"),
    ]


def test_a_table_of_json_lines_stays_one(program: Program, tmp_path: Path) -> None:
    table = tmp_path / "data.jsonl"
    table.write_text('{"n": 1.10, "text": "q"}\n{"n": 2}\n')
    results = results_for(table, None)
    out = program("results", results, "--join", table, "--fields", ".score,text").out.decode()
    first, second = out.splitlines()
    assert first.startswith('{"n": 1.10, "text": "q",".score":1.50,"answer.text":')
    assert json.loads(second)[".score"] is None


def test_rows_of_a_list_are_joined_with_their_values(program: Program, tmp_path: Path) -> None:
    table = tmp_path / "data.json"
    table.write_text('[\n{"n": 1.10,\n "none": null},\n{"n": 2}]')
    out = program("results", results_for(table, None), "--join", table, "--fields", ".score").out
    assert out.splitlines()[0] == b'{"n":1.10,"none":null,".score":1.50}'


def test_a_table_is_written_in_the_format_asked_for(
    program: Program, table: Path, tmp_path: Path
) -> None:
    results = results_for(table, "ref")
    words = ("results", results, "--join", table, "--fields", ".score")
    lines = program(*words, "--format", "jsonl").out.decode().splitlines()
    assert [json.loads(line) for line in lines] == [
        {"ref": "X 1", "name, full": 'Ann "A" B', "note": "two\nlines", ".score": 1.5},
        {"ref": "X 1", "name, full": "Bö", "note": "=1+1", ".score": 2.5},
        {"ref": "", "name, full": "Cy", "note": "", ".score": None},
    ]
    assert program(*words, "--format", "csv").out == program(*words).out
    folder = tmp_path / "out"
    folder.mkdir()
    assert program(*words, "--format", "jsonl", "--output", folder).code == 0
    assert [one.name for one in folder.iterdir()] == ["people-answers.jsonl"]


@pytest.mark.parametrize(
    ("name", "form", "written"),
    [
        ("a.tsv.gz", None, "a-answers.tsv"),
        ("a.csv", "csv", "a-answers.csv"),
        ("a.ndjson", None, "a-answers.ndjson"),
        ("a.json", None, "a-answers.jsonl"),
        ("a.ndjson.GZ", "csv", "a-answers.csv"),
    ],
)
def test_in_a_folder_the_file_is_named_after_what_is_written(
    program: Program, tmp_path: Path, name: str, form: str | None, written: str
) -> None:
    text = {"tsv": "n\tm\n1\t2\n", "csv": "n,m\n1,2\n", "json": '[{"n": 1, "m": 2}]'}
    data = text.get(name.split(".")[1], '{"n": 1, "m": 2}\n').encode()
    table = tmp_path / name
    table.write_bytes(gzip.compress(data) if name.lower().endswith(".gz") else data)
    folder = tmp_path / "out"
    folder.mkdir()
    words = ("--join", table, *(("--format", form) if form else ()), "--output", folder)
    assert program("results", results_for(table, None), *words).code == 0
    assert [one.name for one in folder.iterdir()] == [written]


def test_json_lines_become_a_csv_whose_cells_do_nothing(program: Program, tmp_path: Path) -> None:
    table = tmp_path / "data.jsonl"
    table.write_text('{"n": -1.10, "text": "=1+1"}\n{"n": 2, "list": [1, "a"]}\n')
    results = results_for(table, None)
    words = ("results", results, "--join", table, "--fields", ".score")
    outcome = program(*words, "--format", "csv")
    assert list(csv.reader(io.StringIO(outcome.out.decode(), newline=""))) == [
        ["n", "text", "list", ".score"],
        ["-1.10", "'=1+1", "", "1.50"],
        ["2", "", '[1, "a"]', ""],
    ]
    assert "1 text that a spreadsheet would run" in outcome.err
    assert program(*words, "--format", "jsonl").out == program(*words).out


@pytest.mark.parametrize("form", ["parquet", "messages", "text"])
def test_formats_that_are_no_table_with_rows_of_its_own_are_refused(
    program: Program, table: Path, form: str
) -> None:
    outcome = program("results", results_for(table, "ref"), "--join", table, "--format", form)
    assert (outcome.code, outcome.out) == (2, b"")
    assert f"--join writes csv or jsonl: it cannot be used with --format {form}." in outcome.err


def test_a_joined_table_is_written_as_its_ending_says(
    program: Program, table: Path, tmp_path: Path
) -> None:
    results, target = results_for(table, "ref"), tmp_path / "out.jsonl"
    words = ("results", results, "--join", table)
    assert program(*words, "--output", target).code == 0
    assert target.read_bytes() == program(*words, "--format", "jsonl").out
    plain = tmp_path / "out.dat"
    assert program(*words, "--output", plain).code == 0
    assert plain.read_bytes() == program(*words).out
    refused = program(*words, "--output", tmp_path / "out.parquet")
    assert refused.code == 2
    assert "--join writes csv or jsonl: it cannot be used with --output" in refused.err


def test_rows_without_an_answer_and_answers_without_a_row_are_counted(
    program: Program, table: Path, tmp_path: Path
) -> None:
    results = results_for(table, "ref", last=2)
    with results.open("a") as file:
        file.write(json.dumps(answer("stranger", "x")) + "\n")
    target = tmp_path / "out.csv"
    outcome = program("results", results, "--join", table, "--output", target)
    assert outcome.code == 0
    assert "2 rows without" in outcome.err
    assert "1 answer" in outcome.err
    again = program("results", results, "--join", table, "--output", target)
    assert (again.code, "--force" in again.err) == (2, True)


def test_another_table_is_refused(program: Program, table: Path, tmp_path: Path) -> None:
    results = results_for(table, "ref")
    other = tmp_path / "other.csv"
    other.write_text("a\n1\n")
    outcome = program("results", results, "--join", other)
    assert (outcome.code, outcome.out) == (2, b"")
    assert "other.csv" in outcome.err


def make_job(program: Program, folder: Path, rows: int) -> tuple[Path, Path]:
    """A table and the requests made of it."""
    table, prompt, requests = folder / "r.csv", folder / "p.txt", folder / "req.jsonl"
    table.write_text("ref,text\n" + "".join(f"{n},row {n}\n" for n in range(rows)))
    prompt.write_text("{{text}}")
    words = ("--prompt", prompt, "--model", "claude-haiku-4-5", "--max-tokens", 500)
    assert program("make", table, *words, "--id", "ref", "--output", requests).code == 0
    return table, requests


def test_canary_and_rest_are_joined_as_one_job(
    service: Service, program: Program, tmp_path: Path
) -> None:
    table, requests = make_job(program, tmp_path, 50)
    (canary,) = program("create", requests, "--canary", 30).records
    service.world.timeline.skip(HOUR)
    alone = program("results", "last", "--join", table, "--fields", "type")
    assert alone.out.count(b"succeeded") == 30
    (rest,) = program("create", requests, "--rest").records
    early = program("results", canary["id"], "--join", table, "--fields", "type")
    assert (early.code, early.out) == (1, b"")
    assert "1 of the 2 batches of this job cannot be joined." in early.err
    merged = program("merge", canary["id"])
    assert (merged.code, merged.out) == (1, b"")
    assert "1 of the 2 batches of this job cannot be merged." in merged.err
    assert "--partial goes on without them" in merged.err
    some = program("merge", canary["id"], "--partial")
    assert (some.code, some.out.count(b"succeeded")) == (1, 30)
    assert "--partial goes on" not in some.err
    some = program("results", canary["id"], "--join", table, "--fields", "type", "--partial")
    assert (some.code, some.out.count(b"succeeded")) == (1, 30)
    service.world.timeline.skip(HOUR)
    for name in ("last", rest["id"], canary["id"]):
        outcome = program("results", name, "--join", table, "--fields", "type,question")
        assert outcome.code == 0
        assert "50 rows with an answer, 0 rows without" in outcome.err
        assert "2 batches of this job" in outcome.err
        lines = outcome.out.decode().splitlines()
        assert lines[1:] == [f"{n},row {n},succeeded,row {n}" for n in range(50)]


def test_a_row_that_failed_has_no_answer(program: Program, table: Path, tmp_path: Path) -> None:
    path = results_for(table, None)
    lines = path.read_text().splitlines()
    lines[0] = json.dumps({**json.loads(lines[0]), "result": {"type": "expired"}})
    path.write_text("\n".join(lines) + "\n")
    outcome = program("results", path, "--join", table, "--fields", "type")
    assert f"{len(lines) - 1} rows with an answer, 1 row without" in outcome.err


def test_what_a_later_try_answered_is_joined(
    service: Service, program: Program, tmp_path: Path
) -> None:
    table, requests = make_job(program, tmp_path, 8)
    service.world.behavior.failures = FailureMix({"overloaded": 1.0}, once=False)
    (first,) = program("create", requests).records
    service.world.timeline.skip(HOUR)
    assert program("results", first["id"], "--type", "errored").records
    service.world.behavior.failures = NO_FAILURES
    assert program("retry", first["id"]).code == 0
    service.world.timeline.skip(HOUR)
    outcome = program("results", first["id"], "--join", table, "--fields", "type")
    assert outcome.code == 0
    assert outcome.out.count(b"succeeded") == 8


def test_half_a_sign_is_kept_beside_a_table_of_json_lines(program: Program, tmp_path: Path) -> None:
    table = tmp_path / "t.jsonl"
    table.write_text('{"ref": "a"}\n')
    results = tmp_path / "r.jsonl"
    results.write_text(json.dumps(answer("a", '{"who": "\ud800"}')) + "\n")
    outcome = program("results", results, "--join", table, "--fields", ".who,text")
    assert outcome.code == 0, outcome.err
    assert json.loads(outcome.out) == {"ref": "a", ".who": "\ud800", "text": '{"who": "\ud800"}'}
