"""Conditions on what the index knows, and the order of rows."""

from array import array
from pathlib import Path

import pytest

from batchtui.results.query.engine import compile_query
from batchtui.results.query.reference import SORT_FIELDS
from tests.results.understanding.files import ResultsFile, answered, failed, not_run


@pytest.fixture
def file(tmp_path: Path) -> ResultsFile:
    lines = [
        answered("doc-1", "one", input_tokens=2000, output_tokens=40, cache_read_input_tokens=7),
        answered("doc-2", "two", stop="max_tokens", model="claude-opus-4-1-20250805"),
        failed("doc-3", "overloaded_error", "Overloaded"),
        failed("Doc-17", "invalid_request_error", "Your credit balance is too low (req_011CVabc9)"),
        not_run("other", "expired"),
        not_run("doc-170", "canceled"),
        answered("doc-8", '{"a": 1}', output_tokens=5000),
        answered("doc-9", "", stop=None),
        b"{broken",
        failed("x", "invalid_request_error", "Your credit balance is too low (req_022XYZab8)"),
        answered("doc-1", "one again", output_tokens=41),
    ]
    return ResultsFile(tmp_path / "r.jsonl", lines).finish()


def find(file: ResultsFile, text: str) -> list[int]:
    return list(compile_query(text).match_rows(file.index, file.reader))


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("", list(range(11))),
        ("type:errored", [2, 3, 9]),
        ("type:err", [2, 3, 9]),
        ("type:e", [2, 3, 4, 9]),
        ("type:failed", [2, 3, 4, 9]),
        ("type:canceled,expired", [4, 5]),
        ("-type:succeeded", [2, 3, 4, 5, 8, 9]),
        ("type:unreadable", [8]),
        ("stop:max_tokens", [1]),
        ("stop:max", [1]),
        ("stop=max", []),
        ("stop:none", [7]),
        ("stop~^end", [0, 6, 10]),
        ("stop:never_heard_of", []),
        ("model:opus", [1]),
        ("model:claude-*-4-1*", [1]),
        ("model:opus,sonnet", [0, 1, 6, 7, 10]),
        ("error:overloaded", [2]),
        ("error~credit", [3, 9]),
        ("error:req_011", [3]),
        ("error~req_0\\d\\dXYZ", [9]),
        ("error=invalid_request_error", [3, 9]),
        ("type:errored -error~credit", [2]),
        ("id:doc-17", [3, 5]),
        ("id:Doc-17", [3]),
        ("id=doc-17", []),
        ("id=doc-1,doc-8", [0, 6, 10]),
        ("id:doc-?", [0, 1, 2, 6, 7, 10]),
        ("id~^doc-1$", [0, 10]),
        ("id~^doc-", [0, 1, 2, 3, 5, 6, 7, 10]),
        ("id~/^doc-/", [0, 1, 2, 5, 6, 7, 10]),
        ("in>1000 out<50 cached>0", [0]),
        ("out>=41", [6, 10]),
        ("out>40.5", [6, 10]),
        ("out=40", [0]),
        ("out=40.5", []),
        ("out:40..41", [0, 10]),
        ("out:..40", [0, 1, 7]),
        ("out:5k..", [6]),
        ("out<0", []),
        ("-out<50", [2, 3, 4, 5, 6, 8, 9]),
        ("tokens>5000", [6]),
        ("row:2..3", [1, 2]),
        ("row=1", [0]),
        ("size<20", [8]),
        ("is:empty", [7]),
        ("is:json", [6]),
        ("is:duplicate", [0, 10]),
        ("is:look", [1, 7]),
        ("is:look or type:errored", [1, 2, 3, 7, 9]),
        ("(type:errored or type:expired) -error~credit", [2, 4]),
        ("sort:-out type:succeeded", [6, 10, 0, 1, 7]),
        ("sort:out", [1, 7, 0, 10, 6, 2, 3, 4, 5, 8, 9]),
        ("sort:-row row:1..3", [2, 1, 0]),
        ("sort:-id type:succeeded", [7, 6, 1, 0, 10]),
        ("sort:type,-id row:1..6", [5, 2, 3, 4, 1, 0]),
        ("sort:error type:errored", [3, 9, 2]),
        ("sort:model type:succeeded", [1, 0, 6, 7, 10]),
        ("sort:stop row:1..2", [0, 1]),
        ("sort:-size row:8..9", [7, 8]),
        ("sort:-tokens row:1..3", [0, 1, 2]),
    ],
)
def test_rows_are_found(file: ResultsFile, text: str, rows: list[int]) -> None:
    assert find(file, text) == rows


@pytest.mark.parametrize("field", SORT_FIELDS)
def test_every_sortable_field_can_be_sorted_by(file: ResultsFile, field: str) -> None:
    for sign in ("", "-"):
        assert sorted(find(file, f"sort:{sign}{field}")) == list(range(11))


def test_rows_without_an_id_are_sorted_last_either_way(file: ResultsFile) -> None:
    assert find(file, "sort:id")[-1] == 8
    assert find(file, "sort:-id")[-1] == 8


def test_a_query_can_be_run_on_several_files(file: ResultsFile, tmp_path: Path) -> None:
    other = ResultsFile(tmp_path / "o.jsonl", [answered("a", model="gpt"), answered("b")])
    query = compile_query("model:claude")
    assert list(query.match_rows(file.index, file.reader)) == [0, 1, 6, 7, 10]
    assert list(query.match_rows(other.index, other.reader)) == [1]


def test_a_run_goes_on_when_the_file_grows(tmp_path: Path) -> None:
    file = ResultsFile(tmp_path / "r.jsonl", [answered("a"), answered("b", model="new")])
    run = compile_query("model:new").run(file.index, file.reader)
    assert run.advance() is False
    assert list(run.matches) == [1]
    file.add([answered("c", model="newer"), answered("d")])
    assert not run.is_done
    while run.advance():
        pass
    assert list(run.matches) == [1, 2]
    assert run.progress.rows_done == 4


def test_a_canceled_run_stops(file: ResultsFile) -> None:
    run = compile_query("one").run(file.index, file.reader)
    run.cancel()
    assert list(run) == [run.progress]
    assert not run.matches


def test_many_rows_and_names(tmp_path: Path) -> None:
    lines = [answered(f"r{n}", model=f"m{n % 400}", output_tokens=n) for n in range(20_000)]
    file = ResultsFile(tmp_path / "r.jsonl", lines)
    assert len(find(file, "model=m399")) == 50
    assert find(file, "out>19997 sort:-out") == [19_999, 19_998]
    order = compile_query("sort:-in,-row").order(file.index, array("I", range(20_000)))
    assert list(order) == list(range(19_999, -1, -1))
