"""What the index knows of a row, and that no good row is ever lost."""

import json
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchtui.results import index as columns
from batchtui.results.index import RowColumns, TokenTotals
from tests.results.core.making import (
    errored,
    index_chunks,
    index_lines,
    line,
    other,
    records,
    succeeded,
    type_names,
)


def test_every_kind_of_row() -> None:
    index = index_lines(
        succeeded("a"), errored("b"), other("c", "canceled"), other("d", "expired"),
        other("e", "postponed"), b"not json",
    )  # fmt: skip
    assert type_names(index) == list(columns.RESULT_TYPES)
    assert [list(rows) for rows in index.rows_by_type] == [[0], [1], [2], [3], [4], [5]]
    assert index.custom_ids(0, 6) == ["a", "b", "c", "d", "e", ""]
    assert [index.custom_id(row) for row in range(6)] == index.custom_ids(0, 6)
    causes = [index.cause_list[number] for number in index.causes]
    assert [cause.type for cause in causes] == [
        "", "overloaded_error", "", "", "unknown", "unreadable",
    ]  # fmt: skip
    assert "postponed" in causes[4].example
    assert "not JSON" in causes[5].example


def test_tokens_models_and_stop_reasons() -> None:
    usage = {
        "input_tokens": 5,
        "output_tokens": 7,
        "cache_read_input_tokens": 100,
        "cache_creation_input_tokens": 30,
        "cache_creation": {"ephemeral_5m_input_tokens": 10, "ephemeral_1h_input_tokens": 20},
    }
    index = index_lines(
        succeeded(usage=usage, model="m-1", stop_reason="max_tokens"),
        succeeded(usage=None, model=None, stop_reason=None),
        succeeded(usage={"input_tokens": None}, model="m-1", stop_reason="new_reason"),
    )
    assert list(index.input_tokens) == [5, -1, -1]
    assert list(index.output_tokens) == [7, -1, -1]
    assert list(index.cache_read) == [100, -1, -1]
    assert list(index.cache_write) == [30, -1, -1]
    assert list(index.cache_write_1h) == [20, -1, -1]
    assert index.totals == TokenTotals(5, 7, 100, 30, 20)
    assert [index.model_names[number] for number in index.models] == ["m-1", "", "m-1"]
    stops = [index.stop_names[number] for number in index.stop_reasons]
    assert stops == ["max_tokens", "", "new_reason"]


def test_token_numbers_nobody_could_have_used_are_unknown() -> None:
    index = index_lines(
        succeeded(usage={"input_tokens": -4, "output_tokens": 10**30}),
        succeeded(usage={"input_tokens": "12", "output_tokens": 2.5}),
        succeeded(usage={"input_tokens": True, "output_tokens": [1]}),
        succeeded(usage="none"),
    )
    assert set(type_names(index)) == {"succeeded"}
    assert set(index.input_tokens) == {-1}
    assert set(index.output_tokens) == {-1}
    assert index.totals == TokenTotals()


@pytest.mark.parametrize(
    ("content", "is_empty", "is_json"),
    [
        ([], True, False),
        (None, True, False),
        ([{"type": "text", "text": ""}], True, False),
        ([{"type": "text", "text": " \n\t "}], True, False),
        ([{"type": "text", "text": "\u00a0"}], True, False),
        ([{"type": "thinking", "thinking": "hm"}], True, False),
        ([{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": ""}], True, False),
        ([{"type": "tool_use", "name": "f", "input": {}}], False, False),
        ([{"type": "text", "text": "Hello"}], False, False),
        ([{"type": "text", "text": '\n {"a": 1}\n'}], False, True),
        ([{"type": "text", "text": '```json\n{"a": 1}\n```\n'}], False, True),
        ([{"type": "text", "text": "[1, 2]"}], False, True),
        ([{"type": "text", "text": '{"a": '}], False, False),
        ([{"type": "text", "text": 'Here it is: {"a": 1}'}], False, False),
        ([{"type": "text", "text": '{"a"'}, {"type": "text", "text": ":1}"}], False, True),
        ("{}", False, True),
        ([{"type": "text", "text": None}], True, False),
        ([{"type": "text"}], True, False),
        (["Hello"], False, False),
    ],
)
def test_the_shape_of_an_answer(content: object, is_empty: bool, is_json: bool) -> None:
    index = index_lines(succeeded(content=content))
    flags = index.flags[0]
    assert type_names(index) == ["succeeded"]
    assert bool(flags & columns.EMPTY_ANSWER) == is_empty
    assert bool(flags & columns.JSON_ANSWER) == is_json


@pytest.mark.parametrize(
    ("row", "length"),
    [
        (succeeded(text="Hello"), 5),
        (succeeded(text='"é"\n'), 8),
        (succeeded(text='{"a": 1}'), 10),
        (succeeded(text=" "), 1),
        (succeeded(text=""), 0),
        (succeeded(content=[{"type": "text", "text": "Hi", "citations": []}]), 2),
        (succeeded(content=[{"type": "text", "text": "Hi"}] * 2), 0),
        (succeeded(content=[{"type": "thinking"}, {"type": "text", "text": "Hi"}]), 0),
        (succeeded(content=[{"type": "tool_use", "text": "Hi"}]), 0),
        (succeeded(content=[{"type": "text", "text": None}]), 0),
        (succeeded(content=[{"type": "text", "text": 1234}]), 0),
        (succeeded(content="Hi"), 0),
        (succeeded(text="Hi", model=3), 0),
        (
            line(
                "a", {"type": "expired", "message": {"content": [{"type": "text", "text": "Hi"}]}}
            ),
            0,
        ),
        (other("a", "succeeded"), 0),
    ],
)
def test_how_long_a_text_is_that_is_all_of_the_answer(row: bytes, length: int) -> None:
    assert list(index_lines(row).text_lengths) == [length]


def test_succeeded_without_message_and_errored_without_error() -> None:
    index = index_lines(
        other("a", "succeeded"),
        other("b", "errored"),
        line("c", {"type": "errored", "error": {"type": "error", "error": None}}),
        line("d", {"type": "errored", "error": {"type": "api_error", "message": "flat"}}),
    )
    assert type_names(index) == ["succeeded", "errored", "errored", "errored"]
    assert [bool(flags & columns.NO_MESSAGE) for flags in index.flags[:3]] == [True] * 3
    assert index.cause_list[index.causes[1]].example == "(no error was given)"


@pytest.mark.parametrize(
    ("odd", "custom_id"),
    [
        (b'{"custom_id":17,"result":{"type":"succeeded","message":{}}}', "17"),
        (b'{"custom_id":null,"result":{"type":"succeeded","message":{}}}', ""),
        (b'{"result":{"type":"succeeded","message":{}}}', ""),
        (b'{"custom_id":"\\ud800","result":{"type":"succeeded","message":{}}}', "\ud800"),
        (b'{"custom_id":"\xff","result":{"type":"succeeded","message":{}}}', "\ufffd"),
        (b'{"custom_id":"a","n":NaN,"result":{"type":"succeeded","message":{}}}', "a"),
        (b'{"custom_id":"a","n":1e999,"result":{"type":"succeeded"}}', "a"),
        (b'{"custom_id":"a","n":' + b"9" * 5000 + b',"result":{"type":"succeeded"}}', "a"),
        (b'{"custom_id":"x","custom_id":"a","result":{"type":"succeeded"}}', "a"),
        (b'{"custom_id":"a","result":{"type":"succeeded","message":{"model":3}}}', "a"),
        (b'\xef\xbb\xbf{"custom_id":"a","result":{"type":"succeeded","message":{}}}', "a"),
    ],
)
def test_odd_lines_are_rows_all_the_same(odd: bytes, custom_id: str) -> None:
    index = index_lines(succeeded("before"), odd, succeeded("after"))
    assert type_names(index) == ["succeeded"] * 3
    assert index.custom_ids(0, 3) == ["before", custom_id, "after"]


@pytest.mark.parametrize(
    "broken",
    [
        b"not json",
        b"[1, 2]",
        b"{}",
        b'{"custom_id":"a"}',
        b'{"custom_id":"a","result":null}',
        b'{"custom_id":"a","result":"x"}',
        b'{"custom_id":"a","result":{}',
        b'{"custom_id":"a","result":{"type":"succeeded"}} {"again":1}',
        b"[" * 100_000,
        b'{"custom_id":"a","result":' + b'{"a":' * 50_000,
        b"\x00\x01\xff\xfe",
        b"9" * 5000,
    ],
)
def test_lines_that_are_no_results_are_kept_with_a_reason(broken: bytes) -> None:
    index = index_lines(succeeded("before"), broken, succeeded("after"))
    assert type_names(index) == ["succeeded", "unreadable", "succeeded"]
    assert index.cause_list[index.causes[1]].type == "unreadable"
    assert index.cause_list[index.causes[1]].example


def test_a_good_row_with_deep_content_is_reported_at_least() -> None:
    deep = b'{"custom_id":"a","result":{"type":"succeeded","message":{"content":%s}}}' % (
        b"[" * 200 + b"]" * 200
    )
    assert type_names(index_lines(deep, succeeded()))[1] == "succeeded"


def test_a_line_of_five_megabytes() -> None:
    huge = succeeded("huge", "word " * 1_000_000)
    data = b"\n".join([succeeded("a"), huge, succeeded("b")])
    index = index_chunks(data[start : start + 65_536] for start in range(0, len(data), 65_536))
    assert index.custom_ids(0, 3) == ["a", "huge", "b"]
    assert records(index, data)[1] == huge


def test_blank_lines_crlf_bom_and_no_final_newline() -> None:
    first, last = succeeded("a"), succeeded("b")
    data = b"\xef\xbb\xbf" + first + b"\r\n\r\n  \n\n" + last
    index = index_chunks(data[place : place + 1] for place in range(len(data)))
    assert records(index, data) == [first, last]
    assert type_names(index) == ["succeeded", "succeeded"]
    assert index.bytes_indexed == len(data)


def test_duplicate_ids_are_marked_on_all_rows_that_share_them() -> None:
    index = index_lines(
        *(succeeded(name) for name in ("a", "b", "a", "c", "a", "b")), b"broken", b"broken"
    )
    marked = [row for row, flags in enumerate(index.flags) if flags & columns.DUPLICATE_ID]
    assert marked == [0, 1, 2, 4, 5]
    assert index.duplicate_rows == 3


def test_very_long_ids_are_cut_and_marked() -> None:
    index = index_lines(succeeded("x" * 100_000), succeeded("y" * 64))
    assert index.custom_id(0) == "x" * 256
    assert index.flags[0] & columns.ODD_ID
    assert not index.flags[1] & columns.ODD_ID


def test_many_models_and_stop_reasons_do_not_overflow_their_columns() -> None:
    index = index_lines(*(succeeded(stop_reason=f"reason-{n}") for n in range(400)))
    assert len(index.stop_names) == 256
    assert index.stop_names[index.stop_reasons[399]] == "(others)"
    assert index.stop_names[index.stop_reasons[7]] == "reason-7"


def test_row_numbers_outside_are_refused() -> None:
    index = index_lines(succeeded())
    for row in (-1, 1):
        with pytest.raises(IndexError):
            index.custom_id(row)
    assert index.custom_ids(1, 5) == []


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "custom_id",
                    "result",
                    "type",
                    "message",
                    "error",
                    "usage",
                    "content",
                    "model",
                    "stop_reason",
                    "text",
                    "input_tokens",
                    "cache_creation",
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@given(st.lists(st.dictionaries(st.sampled_from(["custom_id", "result", "x"]), VALUES), max_size=4))
def test_any_json_is_a_row_and_never_a_crash(values: list[dict[str, object]]) -> None:
    lines = [json.dumps(value).encode() for value in values]
    index = index_lines(succeeded("good"), *lines, succeeded("good"))
    assert len(index) == len(values) + 2
    assert type_names(index)[0] == type_names(index)[-1] == "succeeded"
    assert sum(len(rows) for rows in index.rows_by_type) == len(index)
    columns = {one.name: getattr(index, one.name) for one in fields(RowColumns)}
    assert {len(column) for column in columns.values()} == {len(index)}
