"""What is offered while a query is typed."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchtui.library.ledger_values import Review
from batchtui.results.query.completion import complete_query
from batchtui.results.query.engine import compile_query
from batchtui.results.query.lexer import tokenize
from batchtui.results.query.reference import FIELDS
from batchtui.results.query.syntax import quote
from batchtui.results.records.registry import records_of
from tests.results.understanding.files import ResultsFile, answered, failed


@pytest.fixture
def file(tmp_path: Path) -> ResultsFile:
    lines = [
        answered("a", model="claude-opus-4-6"),
        answered("b", model="claude-haiku-4-5", stop="a new one"),
        answered("c", model="claude-haiku-4-5"),
        failed("d", "overloaded_error", "Overloaded"),
    ]
    file = ResultsFile(tmp_path / "r.jsonl", lines)
    given = [Review("a", "good"), Review("b", "bad"), Review("c", "bad", "see, and ask")]
    file.index.reviews = {one.custom_id: one for one in given}
    return file


def offered(text: str, file: ResultsFile | None = None) -> list[str]:
    found = complete_query(text, len(text), file.index if file else None)
    return [text[: item.start] + item.insert for item in found]


def test_an_empty_query_offers_every_field() -> None:
    assert len(offered("")) == len(FIELDS)
    assert len(offered("type:errored -(")) == len(FIELDS)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("ty", "type:"),
        ("sorry st", "sorry stop:"),
        ("(ou", "(out>"),
        ("-er", "-error:"),
        ("custom", "id:"),
        ("type:er", "type:errored"),
        ("type:errored,ex", "type:errored,expired"),
        ("-stop:max", "-stop:max_tokens"),
        ("sort:-o", "sort:-out"),
        ("sort:-out,i", "sort:-out,id"),
        ('model:"opus', "model:claude-opus-4-6"),
        ("model:haiku", "model:claude-haiku-4-5"),
        ("model:", "model:claude-haiku-4-5"),
        ("error:over", "error:overloaded_error"),
        ("stop:new", 'stop:"a new one"'),
        ("is:l", "is:look"),
        ("review:", "review:bad"),
        ("review:good,b", "review:good,bad"),
        ("note:see", 'note:"see, and ask"'),
        ('note:"see, a', 'note:"see, and ask"'),
        ("has:re", "has:review"),
        ("has:review,no", "has:review,note"),
    ],
)
def test_the_best_comes_first(file: ResultsFile, text: str, first: str) -> None:
    assert offered(text, file)[0] == first
    for query in offered(text, file):
        if not query.endswith((":", ">")) and "(" not in query:
            compile_query(query)


@pytest.mark.parametrize("text", ["nofield:x", "in>", "type>", '"ty', "zzz", "a ", "raw:x"])
def test_where_nothing_fits_nothing_or_every_field_is_offered(text: str, file: ResultsFile) -> None:
    assert len(offered(text, file)) in {0, len(FIELDS)}


def test_only_what_is_before_the_cursor_counts(file: ResultsFile) -> None:
    (item,) = [c for c in complete_query("ty sorry", 2, file.index) if c.insert == "type:"]
    assert (item.start, item.end) == (0, 2)
    assert item.description


def test_several_fields_are_offered_behind_one_another(tmp_path: Path) -> None:
    file = ResultsFile(tmp_path / "r.jsonl", [answered("1", '{"total": 1, "a, b": 2}')]).finish()
    records = records_of(file.index)
    records.fill(file.reader, 1, [records.column(".total")])
    records.sample.catalog.add({"total": 1, "a, b": 2})
    assert offered('has:.total,."a, ', file) == ['has:.total,."a, b"']
    assert offered('has:."a, b",.to', file) == ['has:."a, b",.total']
    file.reader.close()


def test_values_say_how_many_rows_have_them(file: ResultsFile) -> None:
    items = complete_query("model:", 6, file.index)
    assert [item.description for item in items] == ["2 rows", "1 row"]


@pytest.mark.parametrize(("size", "least"), [(64, ""), (65, "at least ")])
def test_rows_with_lists_too_long_to_be_counted_are_not_left_out_in_silence(
    tmp_path: Path, size: int, least: str
) -> None:
    short, long = '{"tags": ["a"]}', f'{{"tags": {["a"] * size}}}'.replace("'", '"')
    file = ResultsFile(tmp_path / "r.jsonl", [answered("1", short), answered("2", long)]).finish()
    records = records_of(file.index)
    records.fill(file.reader, 2, [records.column(".tags")])
    (item,) = complete_query(".tags:", 6, file.index)
    assert item.description == (f"{least}1 row" if least else "2 rows")
    file.reader.close()


@given(st.text(), st.integers(0, 30))
def test_any_text_can_be_completed(text: str, cursor: int) -> None:
    cursor = min(cursor, len(text))
    for item in complete_query(text, cursor):
        assert 0 <= item.start <= item.end == cursor


@given(st.text())
def test_a_quoted_value_stands_for_itself(text: str) -> None:
    if not text:
        return
    (token,) = tokenize("error=" + quote(text))
    assert token.term is not None
    assert token.term.value == text
