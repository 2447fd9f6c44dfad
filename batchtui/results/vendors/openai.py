"""OpenAI's batch output, and who writes the same shape: Azure, Groq, Mistral, vLLM."""

from collections.abc import Iterator

from msgspec import Raw, Struct

from batchtui.results.vendors.shape import (
    Fields,
    Json,
    VendorError,
    decoded,
    errored,
    fields_of,
    string_of,
    succeeded,
    text_block,
    tokens,
    tool_use,
)


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
    "model_length": "max_tokens",
    "tool_calls": "tool_use",
    "function_call": "tool_use",
    "content_filter": "refusal",
    "max_output_tokens": "max_tokens",
}


def read_chat(fields: Fields) -> Json | None:
    """Read a chat completion."""
    chat = decoded(_body(fields), _Chat)
    if chat is None or not chat.choices:
        return None
    choice = chat.choices[0]
    message = choice.message or _ChatMessage()
    content: list[Json] = []
    if message.reasoning_content:
        content.append({"type": "thinking", "thinking": message.reasoning_content})
    content += _texts(message.content)
    if message.refusal:
        content.append(text_block(message.refusal))
    for call in message.tool_calls or ():
        if call.function is not None:
            content.append(tool_use(call.id, call.function.name, call.function.arguments))
    stop = "refusal" if message.refusal else _stop(choice.finish_reason)
    return succeeded(chat.id, chat.model, content, stop, _usage(chat.usage))


def read_responses(fields: Fields) -> Json | None:
    """Read an answer of the responses API."""
    response = decoded(_body(fields), _Response)
    if response is None:
        return None
    content: list[Json] = []
    is_refused = False
    for item in response.output:
        if item.type == "function_call":
            content.append(tool_use(item.call_id, item.name, item.arguments))
        content += [
            {"type": "thinking", "thinking": part.text or ""} for part in item.summary or ()
        ]
        for part in item.content or ():
            is_refused = is_refused or bool(part.refusal)
            content.append(text_block(part.text or part.refusal or ""))
    stop = _stop(response.incomplete_details.reason if response.incomplete_details else "stop")
    if stop == "end_turn" and any(item.type == "function_call" for item in response.output):
        stop = "tool_use"
    stop = "refusal" if is_refused else stop
    return succeeded(response.id, response.model, content, stop, _usage(response.usage))


_NULL = Raw(b"null")


class _ErrorBody(Struct):
    error: VendorError


class _Answered(Struct):
    status_code: int | None = None
    request_id: str | None = None
    body: Raw = Raw(b"null")


def read_failure(fields: Fields) -> Json | None:
    """Read a request that failed, expired or was canceled."""
    error = decoded(fields.get("error"), VendorError)
    if error is not None and error.message is not None:
        if error.code == "batch_expired":
            return {"type": "expired"}
        if error.code == "batch_cancelled":
            return {"type": "canceled"}
        return errored(error, None)
    answered = decoded(fields.get("response"), _Answered)
    if answered is None or (answered.status_code or 200) < 400:
        return None
    problem = _problem_in(answered.body) or VendorError(f"status {answered.status_code}")
    return errored(problem, answered.request_id)


def _problem_in(body: Raw) -> VendorError | None:
    """Return what the body of a failed call says, be it an object, such a one as text, or words."""
    text = string_of(body)
    if text is not None:
        inner = Raw(text.encode())
        return _problem_in(inner) if fields_of(inner) else VendorError(text) if text else None
    wrapped = decoded(body, _ErrorBody)
    problem = wrapped.error if wrapped is not None else decoded(body, VendorError)
    if problem is not None and problem.message:
        return problem
    fields = fields_of(body)
    if not fields:
        return None
    # whatever else the vendor says is better than nothing
    named = (fields.get(name, _NULL) for name in ("error", "message", "detail"))
    said = next((one for one in named if one != _NULL), body)
    kind = string_of(fields.get("type"))
    return VendorError(string_of(said) or bytes(said).decode(errors="replace"), kind)


def _body(fields: Fields) -> Raw | None:
    """Return the answer inside an output line, or the line's own fields' home if it is bare."""
    answered = decoded(fields.get("response"), _Answered)
    if answered is not None and bytes(answered.body) != b"null":
        return answered.body
    return fields.get("response") or fields.get("body")


def _usage(usage: _Usage | None) -> Json | None:
    if usage is None:
        return None
    cached = usage.prompt_tokens_details or usage.input_tokens_details or _CachedTokens()
    read = cached.cached_tokens or 0
    given = usage.prompt_tokens if usage.prompt_tokens is not None else usage.input_tokens
    made = usage.completion_tokens if usage.completion_tokens is not None else usage.output_tokens
    return tokens(given, made, read)


def _texts(content: Raw) -> Iterator[Json]:
    """Return the text of a chat message: a string, or a list of parts."""
    text = string_of(content)
    if text is not None:
        yield text_block(text)
    for part in decoded(content, list[_Part]) or ():
        yield text_block(part.text or part.refusal or "")


def _stop(reason: str | None) -> str | None:
    return _FINISHED.get(reason, reason) if reason is not None else None
