"""Tables of every kind: cells as written, rows as they stand in the file, mistakes named."""

import csv
import gzip
import io
import json
import os
import threading
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batchtui.table_rows import TableRow
from batchtui.tables import Table, TableError

CELL = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)


def table_of(folder: Path, name: str, text: str) -> Table:
    path = folder / name
    path.write_bytes(text.encode())
    return Table(path)


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=8),
    delimiter=st.sampled_from(",;\t|"),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_a_csv_comes_back_cell_by_cell_and_byte_by_byte(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[str, str, str]],
    delimiter: str,
    end: str,
) -> None:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerow(["a", "b", "c"])
    writer.writerows(rows)
    table = table_of(tmp_path_factory.mktemp("csv"), "data.csv", buffer.getvalue())
    read = list(table.rows())
    assert [tuple(row.cells.values()) for row in read] == rows
    assert end.join([table.head, *(row.raw for row in read), ""]) == buffer.getvalue()


def test_cells_of_json_are_as_written(tmp_path: Path) -> None:
    line = '{"n": 1.10, "big": 123456789012345678901, "none": null, "yes": true, "o": {"k": ["v"]}}'
    row = next(table_of(tmp_path, "data.jsonl", line).rows())
    assert dict(row.cells) == {
        "n": "1.10",
        "big": "123456789012345678901",
        "none": "",
        "yes": "true",
        "o": '{"k": ["v"]}',
    }
    assert row.text("o.k") == '["v"]'
    assert row.text("o.missing") is None
    assert row.raw == line


def test_rows_of_a_list_are_lines_with_their_values(tmp_path: Path) -> None:
    text = '[\n{"id": "x\\n0",\n "n": 2.50, "tags": ["a", "b"], "z": null},\n{"id": 7}]'
    rows = list(table_of(tmp_path, "data.json", text).rows())
    assert [row.raw for row in rows] == [
        '{"id":"x\\n0","n":2.50,"tags":["a","b"],"z":null}',
        '{"id":7}',
    ]
    assert rows[0].cells["tags"] == '["a", "b"]'


@pytest.mark.parametrize("name", ["data.json", "data.jsonl", "data"])
def test_columns_are_all_that_any_row_has(tmp_path: Path, name: str) -> None:
    rows = [{"a": 1}, {"b": 2, "a": 3}]
    is_list = name == "data.json"
    text = json.dumps(rows) if is_list else "\n\n".join(json.dumps(row) for row in rows)
    table = table_of(tmp_path, name, text)
    assert table.columns == ("a", "b")
    assert [row.cells.get("b") for row in table.rows()] == [None, "2"]


def test_a_spreadsheets_file_with_its_mark_gzip_and_semicolons(tmp_path: Path) -> None:
    path = tmp_path / "data.csv.gz"
    path.write_bytes(gzip.compress("\ufeffname;city\r\nAnn;Bern\r\n".encode()))
    table = Table(path)
    assert (table.columns, table.delimiter) == (("name", "city"), ";")
    assert [dict(row.cells) for row in table.rows()] == [{"name": "Ann", "city": "Bern"}]


DEEP = "[" * 3000 + "]" * 3000


def test_a_cell_that_is_nested_deeply_has_no_parts() -> None:
    assert TableRow(1, 1, {"a": '{"b":' + DEEP + "}"}, "").text("a.b") is None


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.csv", "x,y\n1,2\n3\n", "Line 3 of a.csv has 1 cells, its head has 2."),
        ("a.csv", "x,x\n1,2\n", "two columns named 'x'"),
        ("a.csv", 'x,y\n"1,2\n', "a.csv is not a table"),
        ("a.jsonl", '{"a":1}\n{"a":\n', "Line 2 of a.jsonl is not a JSON object"),
        ("a.json", '[{"a":1},2]', "a.json is not a list of JSON objects"),
        ("a.csv", "", "a.csv holds no rows"),
        ("a.jsonl", '{"a":' + DEEP + "}\n", "Line 1 of a.jsonl is not a JSON object"),
        ("a.json", '[{"a":' + DEEP + "}]", "a.json is not a list of JSON objects"),
    ],
)
def test_what_is_no_table_is_said_with_its_line(
    tmp_path: Path, name: str, text: str, said: str
) -> None:
    with pytest.raises(TableError) as caught:
        list(table_of(tmp_path, name, text).rows())
    assert said in caught.value.message


def test_text_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    path = tmp_path / "latin.csv"
    path.write_bytes("name\nJosé\n".encode("latin-1"))
    with pytest.raises(TableError, match="not UTF-8"):
        list(Table(path).rows())


def test_a_missing_column_is_named_with_the_nearest(tmp_path: Path) -> None:
    table = table_of(tmp_path, "a.csv", "vendor,total\nAcme,1\n")
    table.require_column("vendor")
    with pytest.raises(TableError) as caught:
        table.require_column("vendr")
    assert caught.value.hint == "Did you mean vendor?"


def test_parquet(tmp_path: Path) -> None:
    path = tmp_path / "data.parquet"
    query = "SELECT 1 AS n, 'é' AS text, [1, 2] AS list, NULL AS none, 1.50::DECIMAL(5, 2) AS d"
    duckdb.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet)")
    row = next(Table(path).rows())
    assert dict(row.cells) == {"n": "1", "text": "é", "list": "[1,2]", "none": "", "d": "1.50"}
    assert row.raw == '{"n":1,"text":"é","list":[1,2],"none":null,"d":1.50}'
    path.write_bytes(b"PAR1 and no more")
    with pytest.raises(TableError, match=r"data\.parquet"):
        Table(path)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize("form", ["csv", "jsonl", "list"])
def test_a_table_that_comes_through_a_pipe_is_kept_as_long_as_it_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str, pack: Callable[[bytes], bytes]
) -> None:
    monkeypatch.setattr("batchtui.tables.large_temporary_folder", lambda: tmp_path)
    rows = [{"id": f"r{number}", "text": "x" * 50} for number in range(500)]
    content = {
        "csv": "".join(
            f"{one['id']},{one['text']}\n" for one in [{"id": "id", "text": "text"}, *rows]
        ),
        "jsonl": "".join(f"{json.dumps(one)}\n" for one in rows),
        "list": json.dumps(rows),
    }[form]
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(pack(content.encode()),), daemon=True)
    writer.start()
    table = Table(pipe)
    writer.join()
    for _ in range(2):
        assert [dict(row.cells) for row in table.rows()] == rows
    assert len(list(tmp_path.iterdir())) == 2
    del table
    assert list(tmp_path.iterdir()) == [pipe]
