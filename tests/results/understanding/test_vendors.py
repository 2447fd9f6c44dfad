"""Other vendors' lines as result lines: the same answer, the same reasons, the line itself kept."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batchtui.results.vendors.translation import Vendor, translate


def openai(body: object, **others: object) -> dict[str, object]:
    answered = {"status_code": 200, "request_id": "r1", "body": body}
    return {"id": "batch_req_1", "custom_id": "a/1", "response": answered, "error": None, **others}


def chat(**message: object) -> dict[str, object]:
    finish = message.pop("finish_reason", "stop")
    choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": finish}
    details = {"cached_tokens": 40}
    usage = {"prompt_tokens": 100, "completion_tokens": 7, "prompt_tokens_details": details}
    return {"id": "c1", "model": "gpt-4o", "choices": [choice], "usage": usage}


def result_of(line: object) -> dict[str, object]:
    raw = json.dumps(line).encode()
    translated = translate(raw)
    assert translated is not None
    whole = json.loads(translated.line)
    assert whole["original"] == line
    return {**whole["result"], "custom_id": whole["custom_id"], "vendor": translated.vendor}


def test_a_chat_completion() -> None:
    result = result_of(openai(chat(content="Grüezi")))
    assert (result["type"], result["custom_id"], result["vendor"]) == (
        "succeeded",
        "a/1",
        Vendor.OPENAI_CHAT,
    )
    message = result["message"]
    assert isinstance(message, dict)
    assert message["content"] == [{"type": "text", "text": "Grüezi"}]
    assert (message["model"], message["stop_reason"]) == ("gpt-4o", "end_turn")
    assert message["usage"] == {
        "input_tokens": 60,
        "output_tokens": 7,
        "cache_read_input_tokens": 40,
    }


@pytest.mark.parametrize(
    ("finish", "stop"),
    [
        ("length", "max_tokens"),
        ("model_length", "max_tokens"),
        ("content_filter", "refusal"),
        ("new_one", "new_one"),
    ],
)
def test_why_an_answer_stopped(finish: str, stop: str) -> None:
    message = result_of(openai(chat(content="x", finish_reason=finish)))["message"]
    assert isinstance(message, dict)
    assert message["stop_reason"] == stop


def test_a_refusal_and_a_tool_call_with_exact_numbers() -> None:
    refused = result_of(openai(chat(content=None, refusal="No.")))["message"]
    assert isinstance(refused, dict)
    assert (refused["stop_reason"], refused["content"][0]["text"]) == ("refusal", "No.")
    call = {"id": "t1", "function": {"name": "save", "arguments": '{"n": 1.10, "big": 1e400}'}}
    raw = json.dumps(openai(chat(content=None, tool_calls=[call]))).encode()
    translated = translate(raw)
    assert translated is not None
    assert b'"input":{"n": 1.10, "big": 1e400}' in translated.line


def test_arguments_printed_over_several_lines_become_one_line() -> None:
    arguments = '{\r\n  "n": 1.10,\n  "text": "a\\nb"\n}'
    call = {"id": "t1", "function": {"name": "save", "arguments": arguments}}
    raw = json.dumps(openai(chat(content=None, tool_calls=[call]))).encode()
    translated = translate(raw)
    assert translated is not None
    assert len(translated.line.splitlines()) == 1
    assert json.loads(translated.line)["result"]["message"]["content"][0]["input"] == {
        "n": 1.1,
        "text": "a\nb",
    }


def test_arguments_that_are_no_json_are_kept_as_text() -> None:
    call = {"id": "t1", "function": {"name": "save", "arguments": '{"n": '}}
    message = result_of(openai(chat(content=None, tool_calls=[call])))["message"]
    assert isinstance(message, dict)
    assert message["content"][0]["input"] == {"arguments": '{"n": '}


def test_responses_with_text_thinking_and_a_cut() -> None:
    output = [
        {"type": "reasoning", "summary": [{"type": "summary_text", "text": "hm"}]},
        {"type": "message", "content": [{"type": "output_text", "text": "A"}]},
    ]
    body = {
        "object": "response",
        "model": "gpt-5",
        "status": "incomplete",
        "incomplete_details": {"reason": "max_output_tokens"},
        "output": output,
        "usage": {"input_tokens": 5, "output_tokens": 6},
    }
    result = result_of(openai(body))
    message = result["message"]
    assert isinstance(message, dict)
    assert result["vendor"] is Vendor.OPENAI_RESPONSES
    assert [block["type"] for block in message["content"]] == ["thinking", "text"]
    assert message["stop_reason"] == "max_tokens"
    assert message["usage"]["output_tokens"] == 6


@pytest.mark.parametrize(
    ("line", "kind", "said"),
    [
        (
            {
                "custom_id": "a",
                "response": {
                    "status_code": 400,
                    "body": {"error": {"message": "too long", "type": "invalid_request_error"}},
                },
            },
            "invalid_request_error",
            "too long",
        ),
        (
            {"custom_id": "a", "response": None, "error": {"code": "c1", "message": "broke"}},
            "c1",
            "broke",
        ),
        (
            {"recordId": "a", "error": {"errorCode": 400, "errorMessage": "bad"}},
            "api_error",
            "bad",
        ),
        ({"custom_id": "a", "error": "timed out"}, "api_error", "timed out"),
    ],
)
def test_errors_say_what_they_said(line: object, kind: str, said: str) -> None:
    error = result_of(line)["error"]
    assert isinstance(error, dict)
    assert error["error"] == {"type": kind, "message": said}


def test_an_expired_row_is_expired() -> None:
    error = {"code": "batch_expired", "message": "This request could not be executed"}
    assert result_of({"custom_id": "a", "response": None, "error": error})["type"] == "expired"


@pytest.mark.parametrize("is_wrapped", [False, True])
def test_gemini(is_wrapped: bool) -> None:
    part = {"functionCall": {"name": "save", "args": {"n": 1}}}
    candidate = {"content": {"parts": [{"text": "A"}, part]}, "finishReason": "STOP"}
    usage = {"promptTokenCount": 9, "candidatesTokenCount": 2, "thoughtsTokenCount": 3}
    answer = {"candidates": [candidate], "usageMetadata": usage, "modelVersion": "gemini-2.5"}
    result = result_of({"key": "k", "response": answer} if is_wrapped else {"key": "k", **answer})
    message = result["message"]
    assert isinstance(message, dict)
    assert (result["custom_id"], message["stop_reason"]) == ("k", "tool_use")
    assert message["usage"]["output_tokens"] == 5


def test_a_tool_call_that_was_cut_is_cut() -> None:
    part = {"functionCall": {"name": "save", "args": {"n": 1}}}
    candidate = {"content": {"parts": [part]}, "finishReason": "MAX_TOKENS"}
    call = {"type": "function_call", "name": "save", "arguments": "{}", "call_id": "t"}
    body = {"output": [call], "incomplete_details": {"reason": "max_output_tokens"}}
    for line in ({"key": "k", "response": {"candidates": [candidate]}}, openai(body)):
        message = result_of(line)["message"]
        assert isinstance(message, dict)
        assert message["stop_reason"] == "max_tokens"


@pytest.mark.parametrize(
    ("body", "kind", "said"),
    [
        ('{"object": "error", "message": "too long", "type": "bad"}', "bad", "too long"),
        ({"object": "error", "message": "too long", "type": "bad"}, "bad", "too long"),
        ('{"error": {"message": "too long", "type": "bad"}}', "bad", "too long"),
        ({"detail": "too long"}, "api_error", "too long"),
        ({"detail": [{"msg": "no model"}]}, "api_error", '[{"msg": "no model"}]'),
        ({"message": {"detail": "x"}, "type": "bad"}, "bad", '{"detail": "x"}'),
        ("Service Unavailable", "api_error", "Service Unavailable"),
        ('"quoted"', "api_error", '"quoted"'),
        ({"error": "too long"}, "api_error", "too long"),
        ("", "api_error", "status 422"),
        (None, "api_error", "status 422"),
        ({}, "api_error", "status 422"),
    ],
)
def test_whatever_a_failed_call_says_is_kept(body: object, kind: str, said: str) -> None:
    line = {"custom_id": "a", "response": {"status_code": 422, "body": body}, "error": None}
    error = result_of(line)["error"]
    assert isinstance(error, dict)
    assert error["error"] == {"type": kind, "message": said}


def test_a_blocked_prompt_is_a_refusal() -> None:
    blocked = {"promptFeedback": {"blockReason": "SAFETY"}}
    message = result_of({"key": "k", "response": blocked})["message"]
    assert isinstance(message, dict)
    assert (message["stop_reason"], message["content"]) == ("refusal", [])


def test_messages_in_another_wrapping_and_rows_of_a_script() -> None:
    answer = {"role": "assistant", "content": [{"type": "text", "text": "A"}], "model": "m"}
    for line, vendor in [
        ({"recordId": "a", "modelOutput": answer}, Vendor.BEDROCK),
        ({"custom_id": "a", "response": answer}, Vendor.MESSAGES),
    ]:
        result = result_of(line)
        assert (result["message"], result["vendor"]) == (answer, vendor)
    flat = result_of({"custom_id": "a", "type": "succeeded", "content": "[b]A"})["message"]
    assert isinstance(flat, dict)
    assert flat["content"] == [{"type": "text", "text": "[b]A"}]


@pytest.mark.parametrize(
    "line",
    [
        {"custom_id": "a", "result": {"type": "expired"}},
        {"custom_id": "a", "params": {"model": "m", "messages": []}},
        {"custom_id": "a", "method": "POST", "url": "/v1/chat", "body": {"messages": []}},
        {"key": "a", "request": {"contents": [{"parts": [{"text": "Q"}]}]}},
        {"id": "batch_1", "object": "batch", "status": "validating"},
        {"id": 7, "text": "a row of a data set"},
        [1, 2],
    ],
)
def test_what_is_no_foreign_answer_is_left_alone(line: object) -> None:
    assert translate(json.dumps(line).encode()) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["response", "body", "choices", "message", "content", "error", "output"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(["custom_id", "response", "candidates", "error"]), JSON))
def test_no_shape_raises(line: dict[str, object]) -> None:
    translated = translate(json.dumps(line).encode())
    assert translated is None or "result" in json.loads(translated.line)
