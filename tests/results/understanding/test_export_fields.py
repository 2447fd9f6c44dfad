"""Fields taken out: numbers as they were written, absent ones empty, in every format."""

import csv
import io
import json
from array import array
from pathlib import Path

import pytest

from batchtui.results.export import Export
from batchtui.results.row_fields import UnknownFieldError
from batchtui.results.target import ExportFormat
from tests.results.understanding.files import ResultsFile, answered, failed

TOTAL = "12345678901234567890.10"


@pytest.fixture
def file(tmp_path: Path) -> ResultsFile:
    first = f'{{"vendor": "Acme, \\"A\\"", "total": {TOTAL}, "tags": ["x", 1.0], "n": null}}'
    lines = [
        answered("doc-1", f"So:\n```json\n{first}\n```"),
        answered("-x", '{"vendor": "=1+1", "total": -1.50, "lines": [{"sku": "A6"}], "n": true}'),
        answered("doc-3", "prose"),
        failed("doc-4", "api_error", "x"),
    ]
    return ResultsFile(tmp_path / "r.jsonl", lines).finish()


def written(file: ResultsFile, form: ExportFormat, *fields: str) -> bytes:
    stream = io.BytesIO()
    rows = array("I", range(len(file.index)))
    Export(
        file.index,
        file.reader,
        rows,
        form,
        fields=fields,
        beside={"question": lambda name: f"about {name}?"},
    ).write_to(stream)
    return stream.getvalue()


def test_a_table_of_fields(file: ResultsFile) -> None:
    names = ("custom_id", ".vendor", ".total", ".tags", ".lines[0].sku", ".n", "question", "in")
    rows = list(csv.reader(io.StringIO(written(file, "csv", *names).decode(), newline="")))
    assert rows[0] == list(names)
    assert rows[1] == ["doc-1", 'Acme, "A"', TOTAL, '["x",1.0]', "", "", "about doc-1?", "10"]
    assert rows[2] == ["'-x", "'=1+1", "-1.50", "", "A6", "true", "about -x?", "10"]
    assert rows[3][:3] == ["doc-3", "", ""]


def test_objects_of_fields(file: ResultsFile) -> None:
    lines = written(file, "jsonl", "custom_id", ".total", ".n", "record").splitlines()
    assert lines[0].startswith(
        f'{{"custom_id":"doc-1",".total":{TOTAL},".n":null,"record":'.encode()
    )
    assert json.loads(lines[1])["record"]["lines"] == [{"sku": "A6"}]
    assert json.loads(lines[3]) == {
        "custom_id": "doc-4",
        ".total": None,
        ".n": None,
        "record": None,
    }


@pytest.mark.parametrize("odd", ["", r"\ud800"])
def test_objects_keep_all_that_was_written(odd: str, tmp_path: Path) -> None:
    inner = f'{{"k":1,"j":[{{"n":1.10,"n":2}}],"k{odd}":"{odd}","k{odd}":"b","k":3}}'
    line = answered("a", f'{{"d":{inner},"l":[[{inner}]],"k":1,"k":2}}')
    file = ResultsFile(tmp_path / "r.jsonl", [line]).finish()
    fields = written(file, "jsonl", ".d", ".d.k", ".d.j[].n", ".l[]", ".k")
    assert fields.decode() == (
        f'{{".d":{inner},".d.k":3,".d.j[].n":[2],".l[]":[[{inner}]],".k":2}}\n'
    )


def test_text_to_read_and_to_cut(file: ResultsFile) -> None:
    assert b"# doc-3\n\nprose\n" in written(file, "text")
    assert written(file, "text", ".total").splitlines()[:2] == [TOTAL.encode(), b"-1.50"]
    assert written(file, "text", "custom_id", ".n").splitlines()[1] == b"-x\ttrue"


def test_a_typed_table(file: ResultsFile, tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    target = tmp_path / "t.parquet"
    target.write_bytes(written(file, "parquet", "custom_id", ".total", ".n", ".tags", "in"))
    table = duckdb.read_parquet(str(target))
    types = dict(zip(table.columns, map(str, table.types), strict=True))
    assert types[".total"] == "DOUBLE"
    assert types[".n"] == "BOOLEAN"
    assert types["in"] == "BIGINT"
    rows = table.fetchall()
    assert rows[1][:3] == ("-x", -1.5, True)
    assert rows[2][1:3] == (None, None)


def test_numbers_keep_what_was_written_where_their_column_is_text(tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    large, long = "12345678901234567890123", "9007199254740993"
    records = [
        f'{{"mixed": -5.50, "large": {large}, "whole": 7, "long": {long}, "far": 1e400, "a": 1}}',
        f'{{"mixed": "n/a", "large": 5, "whole": {long}, "long": 1.5, "far": 2.50, "A": "x"}}',
    ]
    file = ResultsFile(tmp_path / "r.jsonl", [answered("i", one) for one in records]).finish()
    fields = (".mixed", ".large", ".whole", ".long", ".far", ".a", ".A", ".a")
    target = tmp_path / "t.parquet"
    Export(file.index, file.reader, [0, 1], "parquet", fields=fields).write_file(target)
    table = duckdb.read_parquet(str(target))
    types = dict(zip(table.columns, map(str, table.types), strict=True))
    assert types == {
        ".mixed": "VARCHAR",
        ".large": "VARCHAR",
        ".whole": "BIGINT",
        ".long": "VARCHAR",
        ".far": "VARCHAR",
        ".a": "BIGINT",
        ".A_2": "VARCHAR",
        ".a_3": "BIGINT",
    }
    assert table.fetchall() == [
        ("-5.50", large, 7, long, "1e400", 1, None, 1),
        ("n/a", "5", int(long), "1.5", "2.50", None, "x", None),
    ]


@pytest.mark.parametrize(("name", "hint"), [("vendr", ".vendr"), ("txt", "text"), (".a[", "sku")])
def test_an_unknown_field_is_told(file: ResultsFile, name: str, hint: str) -> None:
    with pytest.raises(UnknownFieldError) as caught:
        written(file, "csv", name)
    assert hint in caught.value.hint


def test_a_record_stays_on_its_line_as_it_was_written(tmp_path: Path) -> None:
    written = '{\n  "b": 1.50,\n  "a": 12345678901234567890123,\n  "a": "x\\ny"\n}'
    lax = '```json\n{"a": 1.50, // so\n "b": [1,],}\n```'
    file = ResultsFile(tmp_path / "r.jsonl", [answered("a", written), answered("b", lax)]).finish()
    stream = io.BytesIO()
    Export(file.index, file.reader, [0, 1], "jsonl", fields=("record",)).write_to(stream)
    assert stream.getvalue().splitlines() == [
        b'{"record":{"b":1.50,"a":12345678901234567890123,"a":"x\\ny"}}',
        b'{"record":{"a":1.50,"b":[1]}}',
    ]


HALF = "\ud800"
"""A lone surrogate: JSON can escape it, UTF-8 has no bytes for it."""


@pytest.fixture
def halves(tmp_path: Path) -> ResultsFile:
    """Answers with half a sign: escaped in the JSON they wrote, in their text, in a call."""
    call = {"type": "tool_use", "name": f"t{HALF}", "input": {"a": {"b": HALF, "n": 1}, "s": HALF}}
    lines = [
        answered("escaped", r'{"a": {"b": "\ud800", "n": 1.50}, "s": "\ud800"}'),
        answered("bare", f'{{"a": {{"b": "{HALF}", "n": 1.50}}, "s": "{HALF}"}}'),
        answered("call", content=[call]),
    ]
    return ResultsFile(tmp_path / "h.jsonl", lines).finish()


def test_half_a_sign_is_kept_in_lines_of_json(halves: ResultsFile) -> None:
    lines = written(halves, "jsonl", ".a", ".s", "record").splitlines()
    for line, number in zip(lines, (b"1.50", b"1.50", b"1"), strict=True):
        assert line == (
            rb'{".a":{"b":"\ud800","n":%b},".s":"\ud800",'
            rb'"record":{"a":{"b":"\ud800","n":%b},"s":"\ud800"}}' % (number, number)
        )
    calls = json.loads(written(halves, "jsonl", "tool_calls").splitlines()[2])["tool_calls"]
    assert json.loads(calls) == [
        {"name": f"t{HALF}", "input": {"a": {"b": HALF, "n": 1}, "s": HALF}}
    ]


@pytest.mark.parametrize("form", ["csv", "text"])
def test_half_a_sign_is_shown_as_an_escape_where_there_is_only_text(
    halves: ResultsFile, form: ExportFormat
) -> None:
    for fields in ((), (".s", "tool_calls")):
        data = written(halves, form, *fields).decode()
        assert r"t\ud800" in data
        assert "?" not in data


def test_half_a_sign_in_a_typed_table(halves: ResultsFile, tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    target = tmp_path / "t.parquet"
    target.write_bytes(written(halves, "parquet", ".a", ".s"))
    assert duckdb.read_parquet(str(target)).fetchall() == [
        (r'{"b":"\ud800","n":1.50}', r"\ud800"),
        (r'{"b":"\ud800","n":1.50}', r"\ud800"),
        (r'{"b":"\ud800","n":1}', r"\ud800"),
    ]


def test_half_a_sign_in_what_is_nested_too_deeply_to_be_written_in_one_go(tmp_path: Path) -> None:
    deep = '{"a":' * 5_000 + r'"\ud800"' + "}" * 5_000
    file = ResultsFile(tmp_path / "r.jsonl", [answered("a", deep)]).finish()
    assert written(file, "jsonl", "record") == b'{"record":%b}\n' % deep.encode()
