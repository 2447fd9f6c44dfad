"""Answers held against a schema: of a file, of a request; what does not fit is grouped by cause."""

import json
from array import array
from pathlib import Path

import pytest
from msgspec import Raw

from batchtui.results import request_schemas
from batchtui.results.errors import QueryError
from batchtui.results.grouping import Grouping
from batchtui.results.groups import group_rows
from batchtui.results.query.engine import compile_query
from batchtui.results.request_schemas import RequestSchemas, schema_of_request
from batchtui.results.row_fields import RowFields
from batchtui.results.schema import Misfit, Schema, SchemaError, load_schema
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


def group(file: ResultsFile, by: str) -> Grouping:
    return group_rows(file.index, file.reader, array("I", range(len(file.index))), by)


def requests_of(*schemas: object) -> RequestSchemas:
    """The schemas of requests r0, r1 and so on; None for a request without one."""
    requests: list[bytes] = []
    for number, schema in enumerate(schemas):
        form = {"type": "json_schema", "schema": schema}
        params = {} if schema is None else {"output_config": {"format": form}}
        requests.append(json.dumps({"custom_id": f"r{number}", "params": params}).encode())
    numbers = {f"r{number}": number for number in range(len(schemas))}
    return RequestSchemas(lambda: requests, numbers.get)


def test_rows_are_asked_whether_they_fit(file: ResultsFile, tmp_path: Path) -> None:
    path = tmp_path / "schema.json"
    path.write_text(json.dumps(SCHEMA))
    assert find(file, f"fits:{path}") == [0]
    assert find(file, f"is:record -fits:{path}") == [1, 2, 3]
    assert find(file, f"-fits:{path}") == [1, 2, 3, 4, 5]


def test_each_row_is_held_against_the_schema_of_its_own_request(file: ResultsFile) -> None:
    negative = {"properties": {"total": {"maximum": -1}}, "required": ["total"]}
    file.index.schemas = requests_of(None, negative, SCHEMA, SCHEMA, SCHEMA)
    assert find(file, "fits:request") == [1]
    # the first row's request asks for nothing: it neither fits nor does not; nor does "prose", "f"
    assert find(file, "-fits:request") == [2, 3]
    assert find(file, "--fits:request") == [1]
    assert find(file, "-(fits:request or id:r3)") == [2]
    assert find(file, "-(fits:request id:r1)") == [0, 2, 3, 4, 5]
    assert find(file, "misfit:total") == [2, 3]
    grouping = group(file, "fits:request")
    assert {one.value for one in grouping.groups if one.rows == 1} >= {".total: minimum 0"}


def test_without_a_schema_of_a_request_it_is_said_what_to_do(file: ResultsFile) -> None:
    for asked in ("fits:request", "-fits:request", "misfit:total"):
        with pytest.raises(QueryError, match="not known") as caught:
            find(file, asked)
        assert "batchtui attach" in caught.value.hint
    with pytest.raises(SchemaError, match="not known"):
        group(file, "fits:request")
    file.index.schemas = requests_of(None, None)
    with pytest.raises(QueryError, match="No request asks for a schema"):
        find(file, "-fits:request")
    file.index.schemas = requests_of(None, {"type": "strange"})
    with pytest.raises(QueryError, match="is not a JSON Schema"):
        find(file, "fits:request")
    file.index.schemas = requests_of({"type": "strange"}, SCHEMA)
    assert find(file, "fits:request") == []
    assert find(file, "-fits:request") == [1]


def test_what_does_not_fit_is_grouped(file: ResultsFile, tmp_path: Path) -> None:
    path = tmp_path / "schema.json"
    path.write_text(json.dumps(SCHEMA))
    grouping = group(file, f"fits:{path}")
    found = [(group.value, group.rows) for group in grouping.groups]
    assert found[:2] == [(".total: minimum 0", 2), ("no record", 2)]
    assert set(found[2:]) == {
        ('.total: type "number"', 1),
        ('.lines[].qty: type "integer"', 1),
        ('.: "vendor" is a required property', 1),
    }
    for one in grouping.groups:  # each has the query for its rows
        assert len(find(file, f"-fits:{path} {one.query}")) == one.rows


DEEP = [200, 255, 256, 300, 900, 1_000, 1_500, 2_000]


@pytest.mark.parametrize("depth", DEEP)
def test_records_nested_deeply_fit_or_do_not(tmp_path: Path, depth: int) -> None:
    texts = ['{"a":' * depth + "1" + "}" * depth, "[" * depth + "1.50" + "]" * depth]
    file = ResultsFile(tmp_path / "r.jsonl", [answered(f"r{n}", t) for n, t in enumerate(texts)])
    path = tmp_path / "schema.json"
    path.write_text('{"type": "object", "properties": {"a": {"type": "object"}}}')
    assert find(file.finish(), f"fits:{path}") == [0]
    for row, text in enumerate(texts):
        fields = RowFields(file.index, file.reader, ["record", ".a" if not row else "[0]"])
        record, inner = fields.values(row)
        assert isinstance(record, Raw)
        assert isinstance(inner, Raw)
        assert bytes(record).decode() == text
        assert bytes(inner).decode() == (text[5:-1] if not row else text[1:-1])
    assert find(file, f"-fits:{path}") == [1]
    assert [(one.value, one.rows) for one in group(file, f"fits:{path}").groups] == [
        ('.: type "object"', 1)
    ]
    path.write_text('{"additionalProperties": {"$ref": "#"}, "type": "object"}')
    assert find(file, f"-fits:{path}") == [0, 1]
    reasons = [one.value for one in group(file, f"fits:{path}").groups]
    assert len(reasons) == 2
    assert '.: type "object"' in reasons


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


def test_what_is_no_schema_is_found_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[object] = []

    def make(name: str, schema: object) -> Schema:
        tried.append(schema)
        return Schema(name, schema)

    monkeypatch.setattr(request_schemas, "Schema", make)
    wrong = {"type": "as strange as no other"}
    schemas = requests_of(wrong, wrong, wrong)
    assert [schemas.schema_of(f"r{number}") for number in range(3)] == [None] * 3
    assert tried == [wrong]


def test_a_schema_is_read_again_only_where_its_file_changed(tmp_path: Path) -> None:
    path = tmp_path / "schema.json"
    path.write_text('{"type": "object"}')
    first = load_schema(str(path))
    assert load_schema(str(path)) is first
    path.write_text('{"type": "string"}  ')
    assert load_schema(str(path)).fits('"a"')
    path.write_bytes(b" " * 5_000_000)
    with pytest.raises(SchemaError, match="larger than"):
        load_schema(str(path))


def test_a_schema_with_a_number_that_nothing_holds_is_none() -> None:
    line = b'{"params": {"output_format": {"schema": {"maximum": ' + b"9" * 5_000 + b"}}}}"
    with pytest.raises(SchemaError, match="is not a JSON Schema"):
        schema_of_request(line)
    schemas = RequestSchemas(lambda: [line], {"a": 0}.get)
    assert schemas.schema_of("a") is None


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


_FORM = {"type": "object", "required": ["vendor"]}


@pytest.mark.parametrize(
    "wrapped",
    [
        {"name": "invoice", "strict": True, "schema": _FORM},
        {"type": "json_schema", "schema": _FORM},
        {"type": "json_schema", "json_schema": {"name": "invoice", "schema": _FORM}},
        {"name": "invoice", "input_schema": _FORM},
        {"type": "function", "function": {"name": "invoice", "parameters": _FORM}},
        _FORM,
    ],
)
def test_a_schema_is_taken_out_of_what_a_request_wraps_it_in(
    tmp_path: Path, wrapped: object
) -> None:
    path = tmp_path / "form.json"
    path.write_text(json.dumps(wrapped))
    schema = load_schema(str(path))
    assert schema.fits('{"vendor": "ACME"}')
    assert not schema.fits('{"total": 3}')


def test_a_field_that_is_named_schema_is_no_wrapping(tmp_path: Path) -> None:
    path = tmp_path / "form.json"
    path.write_text(json.dumps({"properties": {"schema": {"type": "string"}}, "schema": {}}))
    schema = load_schema(str(path))
    assert schema.fits('{"schema": "x"}')
    assert not schema.fits('{"schema": 3}')
