"""The fast way and the careful way find the same records, and columns hold their fields."""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batchtui.results.answer import read_answer
from batchtui.results.index import JSON_ANSWER
from batchtui.results.query.engine import compile_query
from batchtui.results.records.catalog import FieldCatalog
from batchtui.results.records.finder import Record, find_record
from batchtui.results.records.paths import (
    EACH,
    FALSE,
    NULL,
    TRUE,
    Cell,
    PartialValue,
    cell_of,
    path_of,
    read_path,
)
from batchtui.results.records.registry import records_of
from batchtui.results.records.table import Records
from tests.results.records.test_finder import prose, records, values
from tests.results.understanding.files import ResultsFile, answered, failed

ROWS: list[dict[str, object]] = [
    {"vendor": "Acme GmbH", "total": 120.5, "tags": ["nf1", "late"], "paid": True},
    {"vendor": "ACME", "total": 99, "tags": [], "paid": False, "lines": [{"sku": "A6", "qty": 7}]},
    {"vendor": "Globex", "total": None, "tags": ["nf1"], "lines": [{"sku": "B1", "qty": 2}]},
    {"vendor": "Initech", "due": "2025-03-01", "big": 12345678901234567890123},
]


def fenced(value: object) -> str:
    return f"Here it is:\n\n```json\n{json.dumps(value, indent=2)}\n```\n\nAnything else?"


@pytest.fixture
def file(tmp_path: Path) -> ResultsFile:
    lines = [answered(f"doc-{n}", fenced(value)) for n, value in enumerate(ROWS)]
    lines += [answered("prose", "Sorry, no."), failed("bad", "api_error", "x")]
    lines.append(
        answered("tool", content=[{"type": "tool_use", "name": "f", "input": {"total": 7}}])
    )
    return ResultsFile(tmp_path / "r.jsonl", lines).finish()


def find(file: ResultsFile, query: str) -> list[int]:
    return list(compile_query(query).match_rows(file.index, file.reader))


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        (".total>100", [0]),
        (".total>=99 .total<=120.5", [0, 1]),
        (".total<100", [1, 6]),
        (".total:90..130", [0, 1]),
        (".total=90..130", [0, 1]),
        (".total=..99.0", [1, 6]),
        (".total=-5..7", [6]),
        ('.total="90..130"', []),
        (".total=99.0", [1]),
        (".total=null", [2]),
        (".vendor:acme", [0, 1]),
        (".vendor=ACME", [1]),
        (".vendor:acme,glob", [0, 1, 2]),
        (".vendor~^A", [0, 1]),
        (".vendor:*tech", [3]),
        (".tags:nf1", [0, 2]),
        (".tags=nf", []),
        (".tags=[]", [1]),
        ("-.tags=[] has:.tags", [0, 2]),
        (".paid=true", [0]),
        (".lines[0].sku=A6", [1]),
        (".lines[].qty>5", [1]),
        (".lines[].qty>=2", [1, 2]),
        (".due>2025-02", [3]),
        (".big=12345678901234567890123", [3]),
        (".big>12345678901234567890122", [3]),
        (".big>12345678901234567890123", []),
        ("has:.total", [0, 1, 2, 6]),
        ("-has:.total", [3, 4, 5]),
        ("has:.due,.lines", [1, 2, 3]),
        ("is:record", [0, 1, 2, 3, 6]),
        ("is:json -has:.total", [3]),
        ("type:succeeded -is:record", [4]),
        (".vendor:acme or .total=7", [0, 1, 6]),
        ("sort:-.total type:succeeded", [0, 1, 6, 2, 3, 4]),
        ("sort:.vendor has:.vendor", [1, 0, 2, 3]),
        ("prose", [4]),
        ("doc-1", [1]),
    ],
)
def test_fields_are_asked_for(file: ResultsFile, query: str, rows: list[int]) -> None:
    assert find(file, query) == rows
    assert find(file, query) == rows  # now that the columns are there


@pytest.mark.parametrize(
    ("query", "values"),
    [
        (".v=null", [None]),
        ('.v="null"', ["null"]),
        (".v:null", [None, "null", "annulled"]),
        (".v=true,acme", [True, "acme"]),
        ('.v="true"', ["true"]),
        (".v=TRUE", [True, "TRUE"]),
        (".v=false", [False]),
        (".v=150", [150, "150"]),
        ('.v="150"', ["150"]),
        (".v>=150", [150]),
        (".v=150..150", [150]),
        ("-.v=null has:.v", [True, False, "null", "true", "TRUE", "acme", "annulled", 150, "150"]),
    ],
)
def test_a_word_of_json_is_itself_and_in_quotes_a_text(
    tmp_path: Path, query: str, values: list[object]
) -> None:
    held = [None, True, False, "null", "true", "TRUE", "acme", "annulled", 150, "150"]
    lines = [answered(f"r{n}", json.dumps({"v": value})) for n, value in enumerate(held)]
    file = ResultsFile(tmp_path / "r.jsonl", lines).finish()
    assert [held[row] for row in find(file, query)] == values


DATES: list[object] = [
    "2023-12-31",
    "2024-01-01",
    "2024-06-30T23:59:00Z",
    "2024/12/31",
    "2025-01-01",
    2024,
    2500,
    "2500",
    "unknown",
    ["2024-02-01"],
    "2024-03-01 " + "x" * 400,
    None,
]


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        (".d>2024", [1, 2, 3, 4, 6, 9, 10]),
        (".d>=2024", [1, 2, 3, 4, 5, 6, 9, 10]),
        (".d<2024", [0]),
        (".d<=2024", [0, 5]),
        (".d>=2024-06", [2, 3, 4, 7]),
        (".d<2024-06", [0, 1, 9, 10]),
        (".d>2024-12-30", [3, 4, 7]),
        (".d>2024/12/30", [3, 4, 7]),
        (".d<=2024-12-31", [0, 1, 2, 3, 9, 10]),
        (".d:2024-01-01..2024-12-31", [1, 2, 3, 9, 10]),
        (".d=2024-01..2024-06", [1, 2, 9, 10]),
        (".d:2024..2024", [1, 2, 3, 5, 9, 10]),
        (".d:2024..2024-06-30", [1, 2, 9, 10]),
        (".d:2024-06-30..", [2, 3, 4, 7]),
        (".d:..2024-01", [0, 1]),
        (".d:1..3000", [5, 6]),
        (".d>=20240101", []),
        (".d>u", [8]),
        ('.d>"2024"', [1, 2, 3, 4, 7, 8, 9, 10]),
    ],
)
def test_dates_are_compared_with_texts_that_begin_like_one(
    tmp_path: Path, query: str, rows: list[int]
) -> None:
    lines = [answered(f"r{n}", json.dumps({"d": value})) for n, value in enumerate(DATES)]
    file = ResultsFile(tmp_path / "r.jsonl", lines).finish()
    assert find(file, query) == rows


@pytest.mark.parametrize(
    "name",
    [
        "",
        '5" nail',
        "back\\slash",
        "line\nbreak",
        "\x1b]0;EVIL\x07",
        "\x00",
        "\ud800",
        "[]",
        "a.b",
        ".",
    ],
)
def test_a_field_may_have_any_name(tmp_path: Path, name: str) -> None:
    record = {name: 5, "usual": 1, "list": [{name: 7}]}
    lines = [answered("a", json.dumps(record)), answered("b", fenced(record)), answered("c", "no")]
    file = ResultsFile(tmp_path / "r.jsonl", lines).finish()
    records = records_of(file.index)
    records.fill(file.reader, 3)
    paths = [path_of(field.path) for field in records.fields]
    columns = [records.column(path) for path in paths if path is not None]
    records.fill(file.reader, 3, columns)
    cells = {one.path.steps: list(one.cells) for one in columns}
    assert len(cells) == len(paths) == 4
    assert cells[name,] == [5, 5, None]
    assert cells["usual",] == [1, 1, None]
    assert cells["list", EACH, name] == [(7,), (7,), None]
    file.reader.close()


def test_texts_among_numbers_come_behind_them_in_both_directions(tmp_path: Path) -> None:
    texts = ['{"n": NaN}', '{"n": 1}', '{"n": "z"}', '{"n": 3}', '{"n": null}', '{"n": true}']
    file = ResultsFile(tmp_path / "r.jsonl", [answered("a", text) for text in texts])
    assert find(file, "sort:.n") == [1, 3, 0, 2, 5, 4]
    assert find(file, "sort:-.n") == [3, 1, 2, 0, 5, 4]
    file.add([answered("a", '{"n": 1e400}')])
    assert find(file, "sort:-.n") == [6, 3, 1, 2, 0, 5, 4]
    file.reader.close()


def test_what_is_nested_deeply_is_a_field_up_to_where_it_is_looked_into(tmp_path: Path) -> None:
    deep = '{"a": ' * 40 + "1" + "}" * 40
    lines = [answered("a", deep), answered("b", '{"b": 1}')]
    file = ResultsFile(tmp_path / "r.jsonl", lines).finish()
    records = records_of(file.index)
    records.fill(file.reader, 2)
    assert [(field.path, field.kinds[0][0]) for field in records.fields] == [
        (".a.a.a.a.a", "object"),
        (".b", "number"),
    ]
    assert not records.lacks(".a")
    file.reader.close()


def test_an_element_of_the_record_is_named_with_and_without_its_dot(tmp_path: Path) -> None:
    texts = ['[{"n": 1}]', '[{"n": 2}]']
    file = ResultsFile(tmp_path / "r.jsonl", [answered("a", text) for text in texts])
    for path in (".[0].n", "[0].n"):
        assert find(file, f"{path}>1") == [1]
        assert find(file, f"has:{path} sort:-{path}") == [1, 0]
    assert find(file, "[0]") == []  # a word like any
    assert list(records_of(file.index).columns) == [".[0].n"]
    file.reader.close()


def test_numbers_that_no_float_holds_differ_where_they_do(tmp_path: Path) -> None:
    texts = ('{"n": 1e400}', '{"n": 1e401}', 'So: {"n": 1e400}, it is')
    file = ResultsFile(tmp_path / "r.jsonl", [answered("a", text) for text in texts])
    assert find(file, ".n>1e400") == [1]
    assert find(file, ".n=1e400") == [0, 2]
    file.reader.close()


@pytest.mark.parametrize("rows", [4, 6])  # without and with such as have to be read by themselves
def test_records_in_several_forms_each_stay_in_their_row(tmp_path: Path, rows: int) -> None:
    tool = [{"type": "tool_use", "name": "f", "input": {"n": 0, "m": 0}}]
    lines = [
        answered("tool", content=tool),
        answered("usual", '```json\n{"n": 1, "m": 1}\n```'),
        answered("several lines behind it", '```json\n{"n": 2, "m": 2}\n\n```'),
        answered("usual", '```json\n{"n": 3, "m": 3}\n```'),
        answered("list", "```json\n[4]\n```"),
        answered("amid", 'So {"n": 5, "m": 5}, it is.'),
    ]
    file = ResultsFile(tmp_path / "r.jsonl", lines[:rows]).finish()
    records = records_of(file.index)
    for path in (".n", ".m"):  # the second one when the places of the records are known
        column = records.column(path)
        records.fill(file.reader, rows, [column])
        assert column.cells == [0, 1, 2, 3, None, 5][:rows]
    file.reader.close()


def test_of_a_long_text_a_column_keeps_the_beginning(tmp_path: Path) -> None:
    texts = [fenced({"n": "x" * size}) for size in (256, 257, 256)]
    file = ResultsFile(tmp_path / "r.jsonl", [answered("a", text) for text in texts]).finish()
    records = records_of(file.index)
    column = records.column(".n")
    records.fill(file.reader, 3, [column])
    assert column.cells == ["x" * 256, PartialValue("string", "x" * 256), "x" * 256]
    assert list(column.special) == [1]
    assert column.cells[0] is column.cells[2]
    assert find(file, f".n={'x' * 257}") == [1]
    file.reader.close()


def test_fields_come_in_the_order_of_the_rows_whenever_they_are_asked_for() -> None:
    records: list[object] = [{"a": 1}, {"b": "x" * 70_000}, {"c": "é"}, [{"d": 2}], {"e": 3}]
    at_once, later, other = FieldCatalog(), FieldCatalog(), FieldCatalog()
    for record in records:
        at_once.add(record)
        if isinstance(record, list):
            later.add(record)
        else:
            later.add_escaped(json.dumps(json.dumps(record)).encode()[1:-1])
    assert later.records == len(records)
    other.merge(later)
    assert at_once.fields(5) == later.fields(5) == other.fields(5)
    assert [one.path for one in later.fields(5)] == [".a", ".b", ".c", ".[].d", ".e"]


def test_flags_tell_which_rows_have_a_record(file: ResultsFile) -> None:
    records = records_of(file.index)
    while records.step(file.reader, seconds=0):
        pass
    assert (records.found, records.looked, records.is_done) == (5, 7, True)
    flagged = [row for row in range(7) if file.index.flags[row] & JSON_ANSWER]
    assert flagged == [0, 1, 2, 3, 6]


def test_fields_are_told_with_their_types_and_values(file: ResultsFile) -> None:
    records = records_of(file.index)
    records.fill(file.reader, len(file.index))
    fields = {field.path: field for field in records.fields}
    assert list(fields)[:3] == [".vendor", ".total", ".tags"]
    assert dict(fields[".total"].kinds) == {"number": 3, "null": 1}
    assert fields[".total"].share == 0.6, "null does not fill a field"
    assert fields[".tags"].values == (("nf1", 2), ("late", 1))
    assert ".lines[].sku" in fields
    assert not fields[".total"].is_sampled


def test_a_sample_is_the_same_each_time(tmp_path: Path) -> None:
    lines = [answered(f"r{n}") for n in range(200)]
    file = ResultsFile(tmp_path / "r.jsonl", lines).finish()
    chosen = find(file, "sample:20")
    assert (len(chosen), chosen) == (20, sorted(chosen))
    assert find(file, "sample:20@7") == find(file, "sample:20@7") != chosen
    turned = ResultsFile(tmp_path / "t.jsonl", lines[::-1]).finish()
    assert {199 - row for row in find(turned, "sample:20")} == set(chosen)
    assert len(find(file, "id:r1 sample:500")) == 111


def test_rows_are_put_in_the_order_asked(tmp_path: Path) -> None:
    file = ResultsFile(tmp_path / "r.jsonl", [answered("b"), answered("x"), answered("a")])
    query = compile_query("sort:asked")
    asked = {"a": 0, "b": 1}
    assert list(query.match_rows(file.index, file.reader, asked=asked)) == [2, 0, 1]
    assert list(query.match_rows(file.index, file.reader)) == [0, 1, 2]


def test_a_growing_file_has_growing_columns(tmp_path: Path) -> None:
    file = ResultsFile(tmp_path / "r.jsonl", [answered("a", '{"n": 1}')])
    assert find(file, ".n>=1") == [0]
    file.add([answered("b", '{"n": 2}'), answered("c", "-")])
    assert find(file, ".n>=1") == [0, 1]
    assert find(file, ".m=1") == []


@pytest.mark.parametrize(
    ("path", "cell"),
    [
        (".a", "x"),
        (".b[0]", 1.5),
        (".b[-1]", NULL),
        (".b", (1.5, TRUE, NULL)),
        (".c.d", FALSE),
        ('."odd key".e', 2),
        ('.["odd key"].e', 2),
        (".l[].q", (1, 2)),
        (".missing", None),
        (".a.b", None),
        (".b[9]", None),
    ],
)
def test_a_path_leads_to_a_value(path: str, cell: object) -> None:
    value: dict[str, object] = {"a": "x", "b": [1.5, True, None], "c": {"d": False}}
    value |= {"odd key": {"e": 2}, "l": [{"q": 1}, {"z": 0}, {"q": 2}]}
    read = read_path(path)
    assert read is not None
    assert read[1] == len(path)
    assert cell_of(value, read[0].steps) == cell


FORMS = (
    "{before}\n```json\n{json}\n```\n{after}",
    "{before}```\n{json}\n```{after}",
    "{json}",
    "{before}{json}{after}",
    "{before}",
    "```json\n{json}\n\n```",
    "```json\n{json},\n{json}\n```",
    "{json},{json}",
    "<thinking>```json\n[1]\n```</thinking>{json}",
    '<think>```json\n{"a": 0}\n```</think> or ```json\n{json}\n```',
)


TOOL = "(a tool's input)"
FIELDS = st.dictionaries(
    st.sampled_from(("a", "b c", "z")),
    values
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.integers(min_value=2**53)
    | st.integers(250, 260).map(lambda size: "é" * size),
    min_size=1,
)


@settings(max_examples=300, deadline=None)
@given(
    rows=st.lists(
        st.tuples(
            records | FIELDS | st.lists(FIELDS, min_size=1, max_size=3),
            prose,
            prose,
            st.sampled_from((*FORMS, TOOL)),
        ),
        max_size=6,
    ),
    spaced=st.booleans(),
    plain=st.booleans(),
    cited=st.booleans(),
)
def test_the_fast_way_finds_what_the_careful_way_finds(
    rows: list[tuple[object, str, str, str]],
    spaced: bool,
    plain: bool,
    cited: bool,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    lines = []
    for record, before, after, form in rows:
        written = json.dumps(record, indent=2, ensure_ascii=plain)
        text = form.replace("{json}", written).replace("{before}", before).replace("{after}", after)
        block: dict[str, object] = {"type": "text", "text": text}
        if form == TOOL:
            block = {"type": "tool_use", "name": "f", "input": record}
        elif cited:
            block["citations"] = [{"cited_text": '```json\n{"no": 1}\n```'}]
        line = answered("a", content=[block], ensure_ascii=plain)
        separators = (", ", ": ") if spaced else (",", ":")
        lines.append(
            json.dumps(json.loads(line), separators=separators, ensure_ascii=plain).encode(
                errors="surrogatepass"
            )
        )
    file = ResultsFile(tmp_path_factory.mktemp("records") / "r.jsonl", lines).finish()
    found = Records(file.index)
    at_once = [found.column(path) for path in (".a", ".a[]", ".[0].a")]
    found.fill(file.reader, len(lines), at_once)
    later = found.column('."b c"')
    found.fill(file.reader, len(lines), [later])
    known = FieldCatalog()
    for row, line in enumerate(lines):
        record_or_not = find_record(read_answer(line))
        has = isinstance(record_or_not, Record)
        assert bool(found.forms[row]) is has
        value = record_or_not.value if isinstance(record_or_not, Record) else None
        for column in (*at_once, later):
            cell = cell_of(value, column.path.steps)
            assert (column.cells[row], type(column.cells[row])) == (cell, type(kept(cell)))
            is_special = isinstance(kept(cell), tuple | PartialValue | Decimal)
            assert (row in column.special) is is_special
        if has:
            known.add(value)
    assert not lines or found.fields == known.fields(found.found)
    file.reader.close()


def kept(cell: Cell) -> Cell:
    """What a column keeps of a value: a whole number that no float holds exactly, as a decimal."""
    is_large = isinstance(cell, int) and abs(cell) > 2**53
    return Decimal(cell) if is_large and isinstance(cell, int) else cell


def test_two_threads_find_each_record_once(tmp_path: Path) -> None:
    """A search, a group and the screen ask for records at the same time."""
    rows = 12_000
    lines = [answered(f"doc-{n}", json.dumps({"n": n})) for n in range(rows)]
    file = ResultsFile(tmp_path / "r.jsonl", lines).finish()
    records = records_of(file.index)
    columns = [records.column(".n")]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(3) as threads:
            for _ in range(3):
                threads.submit(records.fill, file.reader, rows, columns)
    finally:
        sys.setswitchinterval(interval)
    assert (records.looked, records.found, len(columns[0])) == (rows, rows, rows)
    assert [records.text(file.reader, row) for row in (0, 6_000, rows - 1)] == [
        '{"n": 0}', '{"n": 6000}', '{"n": 11999}'
    ]  # fmt: skip


def test_fields_are_known_from_all_over_the_file_once_all_records_are(tmp_path: Path) -> None:
    first = [{"v": f"u{n}"} for n in range(900)]
    others: list[dict[str, object]] = [{"v": "common", "late": n % 3} for n in range(2_100)]
    lines = [answered(f"r{n}", json.dumps(one)) for n, one in enumerate([*first, *others])]
    file = ResultsFile(tmp_path / "r.jsonl", lines).finish()
    records = records_of(file.index)
    records.survey(file.reader)
    assert not records.fields
    records.fill(file.reader, 3_000)
    records.survey(file.reader)
    value, late = records.fields
    assert (value.path, late.path) == (".v", ".late")
    assert value.values[0][0] == "common"
    assert late.share == pytest.approx(0.7, abs=0.01)
    assert late.is_sampled
