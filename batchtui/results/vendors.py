"""Other vendors' batch outputs as result lines: the same answer in the shape of this API.

A line is recognised by its own fields, so a file may hold answers and errors side by side. What
comes out is a result line with the line itself, untouched, beside it as ``original``; query,
records, groups and exports then work as on any other results.
"""

from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from typing import TypeVar

import msgspec
from msgspec import Raw, Struct

_Fields = Mapping[str, Raw]
_Json = dict[str, object]


class Vendor(Enum):
    """Whose output a line is; the value is its name for people."""

    OPENAI_CHAT = "OpenAI chat completions"
    OPENAI_RESPONSES = "OpenAI responses"
    OPENAI_ERROR = "OpenAI batch errors"
    GEMINI = "Gemini"
    BEDROCK = "Bedrock"
    MESSAGES = "messages without their result"
    FLAT = "rows of a script"


class Translated(Struct, frozen=True):
    """A foreign line in the shape of this API."""

    vendor: Vendor
    line: bytes
    """A result line, without a newline."""


def translate(line: bytes) -> Translated | None:
    """Return a foreign line as a result line; None for one that is not recognised.

    A line that has a ``result`` already is not foreign.
    """
    fields = _fields_of(line)
    if fields is None or "result" in fields:
        return None
    for vendor, read in _READERS:
        result = read(fields)
        if result is not None:
            whole = {"custom_id": _custom_id(fields), "result": result, "original": Raw(line)}
            return Translated(vendor, msgspec.json.encode(whole))
    return None


# OpenAI, and who writes the same shape: Azure, Groq, Mistral, vLLM


class _Function(Struct):
    name: str = ""
    arguments: Raw = Raw(b"{}")


class _ToolCall(Struct):
    id: str = ""
    function: _Function | None = None


class _ChatMessage(Struct):
    content: Raw = Raw(b"null")
    refusal: str | None = None
    tool_calls: list[_ToolCall] | None = None
    reasoning_content: str | None = None


class _Choice(Struct):
    message: _ChatMessage | None = None
    finish_reason: str | None = None


class _CachedTokens(Struct):
    cached_tokens: int | None = None


class _Usage(Struct):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    prompt_tokens_details: _CachedTokens | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    input_tokens_details: _CachedTokens | None = None


class _Chat(Struct):
    choices: list[_Choice]
    id: str | None = None
    model: str | None = None
    usage: _Usage | None = None


class _Part(Struct):
    type: str = ""
    text: str | None = None
    refusal: str | None = None


class _Item(Struct):
    type: str = ""
    content: list[_Part] | None = None
    summary: list[_Part] | None = None
    name: str = ""
    arguments: Raw = Raw(b"{}")
    call_id: str = ""


class _Incomplete(Struct):
    reason: str = ""


class _Response(Struct):
    output: list[_Item]
    id: str | None = None
    model: str | None = None
    usage: _Usage | None = None
    status: str = "completed"
    incomplete_details: _Incomplete | None = None


_FINISHED = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "function_call": "tool_use",
    "content_filter": "refusal",
    "max_output_tokens": "max_tokens",
}


def _chat(fields: _Fields) -> _Json | None:
    chat = _decoded(_body(fields), _Chat)
    if chat is None or not chat.choices:
        return None
    choice = chat.choices[0]
    message = choice.message or _ChatMessage()
    content: list[_Json] = []
    if message.reasoning_content:
        content.append({"type": "thinking", "thinking": message.reasoning_content})
    content += _texts(message.content)
    if message.refusal:
        content.append(_text(message.refusal))
    for call in message.tool_calls or ():
        if call.function is not None:
            content.append(_tool_use(call.id, call.function.name, call.function.arguments))
    stop = "refusal" if message.refusal else _stop(choice.finish_reason)
    return _succeeded(chat.id, chat.model, content, stop, _usage(chat.usage))


def _responses(fields: _Fields) -> _Json | None:
    response = _decoded(_body(fields), _Response)
    if response is None:
        return None
    content: list[_Json] = []
    is_refused = False
    for item in response.output:
        if item.type == "function_call":
            content.append(_tool_use(item.call_id, item.name, item.arguments))
        content += [
            {"type": "thinking", "thinking": part.text or ""} for part in item.summary or ()
        ]
        for part in item.content or ():
            is_refused = is_refused or bool(part.refusal)
            content.append(_text(part.text or part.refusal or ""))
    stop = _stop(response.incomplete_details.reason if response.incomplete_details else "stop")
    if any(item.type == "function_call" for item in response.output):
        stop = "tool_use"
    stop = "refusal" if is_refused else stop
    return _succeeded(response.id, response.model, content, stop, _usage(response.usage))


class _Error(Struct):
    message: str | None = None
    type: str | None = None
    code: str | int | None = None
    status: str | None = None


class _ErrorBody(Struct):
    error: _Error


class _Answered(Struct):
    status_code: int | None = None
    request_id: str | None = None
    body: Raw = Raw(b"null")


def _openai_error(fields: _Fields) -> _Json | None:
    error = _decoded(fields.get("error"), _Error)
    if error is not None and error.message is not None:
        if error.code == "batch_expired":
            return {"type": "expired"}
        if error.code == "batch_cancelled":
            return {"type": "canceled"}
        return _errored(error, None)
    answered = _decoded(fields.get("response"), _Answered)
    if answered is None or (answered.status_code or 200) < 400:
        return None
    body = _decoded(answered.body, _ErrorBody)
    problem = body.error if body is not None else _Error(f"status {answered.status_code}")
    return _errored(problem, answered.request_id)


def _body(fields: _Fields) -> Raw | None:
    """Return the answer inside an output line, or the line's own fields' home if it is bare."""
    answered = _decoded(fields.get("response"), _Answered)
    if answered is not None and bytes(answered.body) != b"null":
        return answered.body
    return fields.get("response") or fields.get("body")


def _usage(usage: _Usage | None) -> _Json | None:
    if usage is None:
        return None
    cached = usage.prompt_tokens_details or usage.input_tokens_details or _CachedTokens()
    read = cached.cached_tokens or 0
    given = usage.prompt_tokens if usage.prompt_tokens is not None else usage.input_tokens
    made = usage.completion_tokens if usage.completion_tokens is not None else usage.output_tokens
    return _tokens(given, made, read)


# Gemini


class _FunctionCall(Struct):
    name: str = ""
    args: Raw = Raw(b"{}")


class _GeminiPart(Struct):
    text: str | None = None
    thought: bool = False
    function_call: _FunctionCall | None = msgspec.field(name="functionCall", default=None)


class _GeminiContent(Struct):
    parts: list[_GeminiPart] = []


class _Candidate(Struct):
    content: _GeminiContent | None = None
    finish_reason: str | None = msgspec.field(name="finishReason", default=None)


class _Feedback(Struct):
    block_reason: str = msgspec.field(name="blockReason", default="")


class _GeminiUsage(Struct, rename="camel"):
    prompt_token_count: int | None = None
    candidates_token_count: int | None = None
    thoughts_token_count: int | None = None
    cached_content_token_count: int | None = None


class _Gemini(Struct, rename="camel"):
    candidates: list[_Candidate] | None = None
    prompt_feedback: _Feedback | None = None
    usage_metadata: _GeminiUsage | None = None
    model_version: str | None = None
    response_id: str | None = None


_GEMINI_REFUSALS = frozenset(
    {"SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY"}
)


def _gemini(fields: _Fields) -> _Json | None:
    answer = _gemini_answer(fields)
    if answer is None:
        return None
    candidate = answer.candidates[0] if answer.candidates else _Candidate()
    content: list[_Json] = []
    for part in candidate.content.parts if candidate.content else ():
        if part.function_call is not None:
            content.append(_tool_use("", part.function_call.name, part.function_call.args))
        elif part.text is not None:
            is_thought = part.thought
            content.append(
                {"type": "thinking", "thinking": part.text} if is_thought else _text(part.text)
            )
    usage = answer.usage_metadata
    tokens = None
    if usage is not None:
        made = (usage.candidates_token_count or 0) + (usage.thoughts_token_count or 0)
        tokens = _tokens(usage.prompt_token_count, made, usage.cached_content_token_count or 0)
    stop = _gemini_stop(answer, candidate, content)
    return _succeeded(answer.response_id, answer.model_version, content, stop, tokens)


def _gemini_answer(fields: _Fields) -> _Gemini | None:
    inner = _fields_of(fields.get("response"))
    home = fields if "candidates" in fields or inner is None else inner
    if "candidates" not in home and "promptFeedback" not in home:
        return None
    return _decoded(Raw(msgspec.json.encode(home)), _Gemini)


def _gemini_stop(answer: _Gemini, candidate: _Candidate, content: list[_Json]) -> str | None:
    if answer.prompt_feedback is not None and answer.prompt_feedback.block_reason:
        return "refusal"
    reason = candidate.finish_reason
    if reason in _GEMINI_REFUSALS:
        return "refusal"
    if any(block["type"] == "tool_use" for block in content):
        return "tool_use"
    return {"STOP": "end_turn", "MAX_TOKENS": "max_tokens"}.get(reason or "", reason)


# Messages of this API in another wrapping, and rows that a script wrote


def _bedrock(fields: _Fields) -> _Json | None:
    if "recordId" not in fields:
        return None
    problem = _fields_of(fields.get("error"))
    if problem is not None:
        code, message = (_string(problem.get(name)) for name in ("errorCode", "errorMessage"))
        return _errored(_Error(message, code or "api_error"), None)
    message_fields = _fields_of(fields.get("modelOutput"))
    return {"type": "succeeded", "message": message_fields} if message_fields else None


def _message(fields: _Fields) -> _Json | None:
    for name in ("message", "response", "body"):
        inner = _fields_of(fields.get(name))
        if inner is not None and "content" in inner and "role" in inner:
            return {"type": "succeeded", "message": inner}
    return None


_ANSWER_NAMES = ("content", "text", "output", "response", "answer", "completion", "result_text")


def _flat(fields: _Fields) -> _Json | None:
    if "custom_id" not in fields or "params" in fields:
        return None
    kind = _string(fields.get("type")) or ""
    problem = _string(fields.get("error"))
    if problem or kind == "errored":
        return _errored(_Error(problem or "no error was kept"), None)
    if kind in ("canceled", "expired"):
        return {"type": kind}
    for name in _ANSWER_NAMES:
        text = _string(fields.get(name))
        if text is not None:
            stop, model = (_string(fields.get(key)) for key in ("stop_reason", "model"))
            usage = _fields_of(fields.get("usage"))
            message: _Json = {"content": [_text(text)], "stop_reason": stop, "model": model}
            return {"type": "succeeded", "message": {**message, "usage": usage}}
    return None


_READERS: tuple[tuple[Vendor, Callable[[_Fields], _Json | None]], ...] = (
    (Vendor.OPENAI_CHAT, _chat),
    (Vendor.OPENAI_RESPONSES, _responses),
    (Vendor.GEMINI, _gemini),
    (Vendor.BEDROCK, _bedrock),
    (Vendor.MESSAGES, _message),
    (Vendor.OPENAI_ERROR, _openai_error),
    (Vendor.FLAT, _flat),
)

# What they have in common

_ID_NAMES = ("custom_id", "key", "recordId", "id")


def _custom_id(fields: _Fields) -> str | None:
    for name in _ID_NAMES:
        if name in fields:
            text = _string(fields[name])
            return text if text is not None else bytes(fields[name]).decode()
    return None


def _succeeded(
    answer_id: str | None,
    model: str | None,
    content: list[_Json],
    stop: str | None,
    usage: _Json | None,
) -> _Json:
    message: _Json = {"id": answer_id, "type": "message", "role": "assistant", "model": model}
    message |= {"content": content, "stop_reason": stop, "stop_sequence": None, "usage": usage}
    return {"type": "succeeded", "message": message}


def _errored(error: _Error, request_id: str | None) -> _Json:
    kind = error.type or error.status or (str(error.code) if error.code is not None else None)
    inner = {"type": kind or "api_error", "message": error.message or ""}
    return {
        "type": "errored",
        "error": {"type": "error", "error": inner, "request_id": request_id},
    }


def _tokens(given: int | None, made: int | None, read: int) -> _Json:
    fresh = None if given is None else max(0, given - read)
    return {"input_tokens": fresh, "output_tokens": made, "cache_read_input_tokens": read}


def _texts(content: Raw) -> Iterator[_Json]:
    """The text of a chat message: a string, or a list of parts."""
    text = _string(content)
    if text is not None:
        yield _text(text)
    for part in _decoded(content, list[_Part]) or ():
        yield _text(part.text or part.refusal or "")


def _text(text: str) -> _Json:
    return {"type": "text", "text": text}


def _tool_use(call_id: str, name: str, arguments: Raw) -> _Json:
    # mostly JSON inside a string; numbers keep the digits they were written with
    text = _string(arguments)
    given = Raw(text.encode()) if text is not None else arguments
    value: object = given if _fields_of(given) is not None else {"arguments": text}
    return {"type": "tool_use", "id": call_id, "name": name, "input": value}


def _stop(reason: str | None) -> str | None:
    return _FINISHED.get(reason, reason) if reason is not None else None


_T = TypeVar("_T")


def _decoded(data: bytes | Raw | None, kind: type[_T]) -> _T | None:
    """Return JSON as a type, or None where it is not of that type."""
    if data is None:
        return None
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _fields_of(data: bytes | Raw | None) -> dict[str, Raw] | None:
    return _decoded(data, dict[str, Raw])


def _string(data: Raw | None) -> str | None:
    return _decoded(data, str)
