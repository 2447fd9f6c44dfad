"""Any line becomes something to read, and nothing in it acts on a terminal."""

import json
import re
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batchtui.results.conversation import (
    Conversation,
    answer_only,
    plain_text,
    raw_view,
    read_conversation,
)

BLOB = "iVBORw0KGgoAAAANSUhEUgAA" * 40
ACTING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def answer(content: object, **fields: object) -> bytes:
    message = {"id": "msg_1", "model": "claude-x", "content": content, **fields}
    line = {"custom_id": "a", "result": {"type": "succeeded", "message": message}}
    return json.dumps(line).encode()


def read(content: object, **fields: object) -> Conversation:
    return read_conversation(answer(content, **fields))


def all_texts(conversation: Conversation) -> str:
    raw = [conversation.custom_id, conversation.outcome, conversation.model]
    raw.append(plain_text(conversation))
    raw += [text for block in conversation.blocks for text in (block.title, block.body)]
    raw += [block.source for block in conversation.blocks]
    return "\n".join(raw)


def test_a_text_is_shown_with_why_it_stopped_and_what_it_cost() -> None:
    conversation = read(
        [{"type": "text", "text": "Hello\nthere"}],
        stop_reason="max_tokens",
        usage={"output_tokens": 1234, "input_tokens": 5, "service_tier": "batch"},
    )
    (block,) = conversation.blocks
    assert (block.kind, block.body, block.form) == ("text", "Hello\nthere", "markdown")
    assert conversation.stop is not None
    assert conversation.stop.reason == "max_tokens"
    assert "max_tokens" in conversation.stop.explanation
    assert [(line.label, line.value) for line in conversation.usage] == [
        ("input", "5"),
        ("output", "1,234"),
        ("service tier", "batch"),
    ]


@pytest.mark.parametrize(
    "text", ['{"a": [1, 2]}', '```json\n{"a": [1, 2]}\n```', ' \n{"a":[1,2]}\n']
)
def test_a_json_answer_is_printed_well_and_kept_as_answered(text: str) -> None:
    (block,) = read([{"type": "text", "text": text}]).blocks
    assert block.form == "json"
    assert block.body == '{\n  "a": [\n    1,\n    2\n  ]\n}'
    assert block.source == text


def test_what_only_looks_like_json_stays_text() -> None:
    (block,) = read([{"type": "text", "text": "{not json}"}]).blocks
    assert block.form == "markdown"


def test_a_text_cut_at_its_citations_is_one_text_again() -> None:
    cited = {
        "type": "page_location",
        "cited_text": "Grass is green.",
        "document_index": 0,
        "document_title": "Botany",
        "start_page_number": 3,
        "end_page_number": 4,
    }
    (block,) = read(
        [
            {"type": "text", "text": "The grass is "},
            {"type": "text", "text": "green", "citations": [cited]},
            {"type": "text", "text": "."},
        ]
    ).blocks
    assert block.source == "The grass is green."
    assert block.body == "The grass is green [1]."
    assert [(c.title, c.place, c.quoted) for c in block.citations] == [
        ("Botany", "page 3", "Grass is green.")
    ]


def test_texts_one_behind_the_other_are_one_text() -> None:
    (block,) = read([{"type": "text", "text": "gre"}, {"type": "text", "text": "en"}]).blocks
    assert block.body == "green"


@pytest.mark.parametrize(
    ("block", "kind", "words"),
    [
        ({"type": "thinking", "thinking": "hm", "signature": BLOB}, "thinking", "hm"),
        ({"type": "thinking", "thinking": "", "signature": BLOB}, "thinking", "not shown"),
        ({"type": "redacted_thinking", "data": BLOB}, "thinking", "encrypted"),
        ({"type": "tool_use", "name": "f", "input": {"x": 1}}, "tool_call", '"x": 1'),
        ({"type": "server_tool_use", "name": "f", "input": {}}, "tool_call", "run by the API"),
        ({"type": "mcp_tool_use", "name": "f", "server_name": "s"}, "tool_call", "calls f on s"),
        ({"type": "container_upload", "file_id": "file_1"}, "file", "file_1"),
        ({"type": "compaction", "content": "sum"}, "note", "sum"),
        ({"type": "compaction", "content": None}, "note", "failed"),
        ({"type": "invented", "x": [1]}, "unknown", '"x"'),
        ({"no": "type"}, "unknown", '"no"'),
        ("just text", "unknown", "just text"),
    ],
)
def test_every_kind_of_block_has_its_form(block: object, kind: str, words: str) -> None:
    (shown,) = read([block]).blocks
    assert shown.kind == kind
    assert words in shown.title + shown.body
    assert BLOB not in shown.body


@pytest.mark.parametrize(
    ("content", "words", "is_error"),
    [
        ("plain", "plain", False),
        ([{"type": "text", "text": "listed"}], "listed", False),
        ([{"type": "web_search_result", "title": "T", "url": "u", "encrypted_content": BLOB}],
         "T\nu", False),
        ({"type": "web_search_tool_result_error", "error_code": "max_uses_exceeded"},
         "max_uses_exceeded", True),
        ({"type": "code_execution_result", "stdout": "out", "stderr": "err", "return_code": 2,
          "content": []}, "out\nerr\nexit code 2", True),
        ({"type": "web_fetch_result", "url": "u", "content": {"type": "document", "title": "D",
          "source": {"type": "text", "data": "body"}}}, "u\nD\nbody", False),
        ([{"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": BLOB}}],
         "<image/png, 720 B>", False),
        ({"anything": {"else": [BLOB]}}, '"else"', False),
    ],
)  # fmt: skip
def test_tool_results_are_read(content: object, words: str, *, is_error: bool) -> None:
    (shown,) = read([{"type": "some_new_tool_result", "content": content}]).blocks
    assert shown.kind == "tool_result"
    assert words in shown.body
    assert BLOB not in shown.body
    assert shown.is_error is is_error


def test_base64_is_shown_as_its_size_however_deep() -> None:
    value: object = {"media_type": "image/png", "data": BLOB}
    for _ in range(20):
        value = {"x": [value]}
    shown = all_texts(read([{"type": "tool_use", "name": "f", "input": value}]))
    assert BLOB[:50] not in shown
    assert "<image/png, 720 B>" in shown
    assert BLOB[:50] not in raw_view(answer([{"type": "odd", "y": value}])).pretty


def test_data_uris_are_shown_as_their_size() -> None:
    call = {"type": "tool_use", "name": "f", "input": {"u": f"see data:image/png;base64,{BLOB}"}}
    assert "see <image/png, 720 B>" in all_texts(read([call]))


def test_long_words_are_not_taken_for_data() -> None:
    genes = "ACGT" * 200
    assert genes in all_texts(read([{"type": "tool_use", "name": "f", "input": {"g": genes}}]))


def test_an_error_keeps_its_message_and_request_id() -> None:
    error = {
        "type": "error",
        "error": {"type": "invalid_request_error", "message": "too\nlow \x1b[31m"},
        "request_id": "req_1",
    }
    line = json.dumps({"custom_id": "a", "result": {"type": "errored", "error": error}}).encode()
    note = read_conversation(line).error
    assert note is not None
    assert note.type == "invalid_request_error"
    assert note.message == "too\nlow \\x1b[31m"
    assert note.request_id == "req_1"
    assert answer_only(read_conversation(line)) == "too\nlow \\x1b[31m"


@pytest.mark.parametrize("error", [None, {}, [], "broken", {"error": None}, {"error": {"type": 3}}])
def test_an_error_without_an_error_says_so(error: object) -> None:
    line = json.dumps({"custom_id": "a", "result": {"type": "errored", "error": error}}).encode()
    note = read_conversation(line).error
    assert note is not None
    assert note.message


def test_what_was_not_run_says_why() -> None:
    for kind in ("canceled", "expired"):
        line = json.dumps({"custom_id": "a", "result": {"type": kind}}).encode()
        assert kind in read_conversation(line).outcome
    assert read_conversation(b'{"custom_id":"a","result":{"type":"succeeded"}}').outcome
    assert read_conversation(answer([])).outcome == "The answer is empty."


def test_a_refusal_is_explained() -> None:
    stop = read(
        [],
        stop_reason="refusal",
        stop_details={"type": "refusal", "category": "cyber", "explanation": "No."},
    ).stop
    assert stop is not None
    assert "cyber" in stop.explanation
    assert "No." in stop.explanation


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\xff\xfe\x00",
        b"{",
        b"[]",
        b'"text"',
        b"NaN",
        b'{"custom_id": "x"}',
        b'{"custom_id": {"a": 1}, "result": {"type": ["x"]}}',
        b'{"result": {"type": "succeeded", "message": 3}}',
        b"[" * 100_000,
        b'{"result":{"type":"new","deep":' + b"[" * 900 + b"]" * 900 + b"}}",
        answer([{"type": "odd", "x": None}]).replace(b"null", b"[" * 400 + b"]" * 400),
        answer("x").replace(b'"x"', b'"\xff\xed\xa0\x80"'),
        answer([{"type": "text", "text": "\ud800 lone"}]),
        b'{"result":{"type":"new","n":' + b"9" * 6000 + b',"f":1e999,"m":NaN}}',
    ],
)
def test_no_line_fails(line: bytes) -> None:
    conversation = read_conversation(line)
    assert not ACTING.search(all_texts(conversation))
    assert not ACTING.search(raw_view(line).exact + raw_view(line).pretty)


def test_a_line_cut_off_shows_its_bytes() -> None:
    conversation = read_conversation(b'{"custom_id": "a", "res\x1b\xff')
    assert conversation.kind == "unreadable"
    assert "not JSON" in conversation.outcome
    assert conversation.blocks[0].body == '{"custom_id": "a", "res\\x1b\\xff'


@settings(max_examples=150, deadline=None)
@given(json_values)
def test_any_content_can_be_read(value: object) -> None:
    conversation = read([value, {"type": "tool_use", "input": value}], usage=value)
    assert not ACTING.search(all_texts(conversation))
    answer_only(conversation)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(["text", "thinking", "web_search_tool_result", "tool_use", "fallback", "x"]),
    st.dictionaries(
        st.sampled_from(["text", "content", "citations", "input", "name", "thinking", "from"]),
        json_values,
    ),
)
def test_any_block_can_be_read(kind: str, fields: dict[str, object]) -> None:
    assert not ACTING.search(all_texts(read([{"type": kind, **fields}])))


@settings(max_examples=150, deadline=None)
@given(json_values)
def test_any_line_can_be_read(value: object) -> None:
    for line in (value, {"custom_id": value, "result": value}, {"result": {"type": value}}):
        data = json.dumps(line).encode()
        assert not ACTING.search(all_texts(read_conversation(data)))
        assert not ACTING.search(raw_view(data).pretty)


@settings(max_examples=100, deadline=None)
@given(st.binary())
def test_any_bytes_can_be_read(data: bytes) -> None:
    assert not ACTING.search(all_texts(read_conversation(data)))


def test_markup_is_left_alone() -> None:
    text = "[bold]x[/] [link=http://a]y[/link] [@click=app.quit]z[/]" + string.punctuation
    (block,) = read([{"type": "text", "text": text}]).blocks
    assert block.body == text
