"""Answers held against a schema: of a file, of a request; what does not fit is grouped by cause."""

import json
from pathlib import Path

import pytest

from batchtui.results.errors import QueryError
from batchtui.results.query.engine import compile_query
from batchtui.results.records.table import records_of
from batchtui.results.schema import (
    Misfit,
    Schema,
    SchemaError,
    group_misfits,
    load_schema,
    schema_of_request,
)
from tests.results.understanding.files import ResultsFile, answered, failed

SCHEMA: dict[str, object] = {
    "type": "object",
    "required": ["vendor"],
    "properties": {
        "total": {"type": "number", "minimum": 0},
        "lines": {"type": "array", "items": {"properties": {"qty": {"type": "integer"}}}},
    },
}
ANSWERS = [
    {"vendor": "a", "total": 1},
    {"vendor": "b", "total": -1},
    {"vendor": "c", "total": -2.5},
    {"total": "1", "lines": [{"qty": 1}, {"qty": 1.5}, {"qty": "x"}]},
]


@pytest.fixture
def file(tmp_path: Path) -> ResultsFile:
    lines = [answered(f"r{n}", json.dumps(answer)) for n, answer in enumerate(ANSWERS)]
    lines += [answered("prose", "no"), failed("f", "api_error", "x")]
    return ResultsFile(tmp_path / "r.jsonl", lines).finish()


def find(file: ResultsFile, query: str) -> list[int]:
    return list(compile_query(query).match_rows(file.index, file.reader))


def test_rows_are_asked_whether_they_fit(file: ResultsFile, tmp_path: Path) -> None:
    path = tmp_path / "schema.json"
    path.write_text(json.dumps(SCHEMA))
    assert find(file, f"fits:{path}") == [0]
    assert find(file, f"is:record -fits:{path}") == [1, 2, 3]
    records_of(file.index).request_fits = Schema("request", SCHEMA).fits
    assert find(file, "fits:request") == [0]


def test_what_does_not_fit_is_grouped(file: ResultsFile) -> None:
    grouping = group_misfits(file.index, file.reader, range(6), Schema("request", SCHEMA))
    found = [(group.value, group.rows) for group in grouping.groups]
    assert (found[0], found[-1]) == ((".total: minimum 0", 2), ("", 2))
    assert set(found[1:-1]) == {
        ('.total: type "number"', 1),
        ('.lines[].qty: type "integer"', 1),
        ('.: "vendor" is a required property', 1),
    }


def test_a_reason_through_a_reference() -> None:
    schema = Schema("s", {"$defs": {"n": {"type": "number"}}, "items": {"$ref": "#/$defs/n"}})
    (misfit,) = schema.misfits('["x"]')
    assert misfit == Misfit(".[]", '"x" is not of type "number"') or "number" in misfit.reason
    assert schema.fits("[1, 2]")


@pytest.mark.parametrize(
    "params",
    [
        {"output_config": {"format": {"type": "json_schema", "schema": SCHEMA}}},
        {"output_format": {"type": "json_schema", "schema": SCHEMA}},
        {
            "tools": [{"name": "g"}, {"name": "f", "input_schema": SCHEMA}],
            "tool_choice": {"type": "tool", "name": "f"},
        },
    ],
)
def test_the_schema_of_a_request(params: dict[str, object]) -> None:
    schema = schema_of_request(json.dumps({"custom_id": "a", "params": params}).encode())
    assert schema is not None
    assert schema.fits('{"vendor": "x"}')
    assert not schema.fits("{}")


@pytest.mark.parametrize("request_", [b"", b'{"params": {}}', b'{"params": {"tools": [{}]}}'])
def test_a_request_that_asks_for_nothing(request_: bytes) -> None:
    assert schema_of_request(request_) is None


@pytest.mark.parametrize(
    "content", ["{", '{"type": "strange"}', '{"$ref": "http://127.0.0.1:9/schema.json"}']
)
def test_what_is_no_schema_is_told(tmp_path: Path, content: str) -> None:
    path = tmp_path / "schema.json"
    path.write_text(content)
    with pytest.raises(SchemaError):
        load_schema(str(path))
    with pytest.raises(QueryError) as caught:
        compile_query(f"fits:{path}")
    assert caught.value.position == 5
    with pytest.raises(QueryError, match="cannot read"):
        compile_query("fits:/no/such/file")
