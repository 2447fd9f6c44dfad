"""Every mistake in one request, in words: what does not fit `batchtui.submission.specification`.

Uniqueness of ids and the limits of a batch are the business of `batchtui.submission.validate`.
"""

import re
from collections.abc import Callable, Iterator

import msgspec

from batchtui.submission.problems import Finding, Kind, quote
from batchtui.submission.specification import (
    BLOCK_NEEDS,
    BLOCKS,
    CUSTOM_ID_CHARACTERS,
    LEAST_BUDGET,
    MAX_CUSTOM_ID,
    MAX_MESSAGES,
    MESSAGE_KEYS,
    PARAMS,
    REQUEST_KEYS,
    ROLES,
    SPECIFIED_PARAMS,
    THINKING_TYPES,
    TOOL_CHOICES,
    expected_params,
    suggestion,
)

Object = dict[object, object]

_NOT_ALLOWED = re.compile(f"[^{CUSTOM_ID_CHARACTERS}]")
_JSON_NAMES: dict[type, str] = {str: "text", dict: "an object"}
_OF_THE_SDK = frozenset({"extra_body", "extra_headers", "extra_query", "timeout"})
"""Arguments of the official clients' methods, which are no params."""
_NULLABLE = frozenset({"container", "context_management", "output_format"})
_KINDS = {"temperature": Kind.TEMPERATURE, "top_p": Kind.TOP_P, "top_k": Kind.TOP_K}
"""Of what is no `Kind.PARAM_TYPE`."""


def check_request(request: object) -> Iterator[Finding]:
    """Yield all that is wrong with one decoded request."""
    if not isinstance(request, dict):
        yield Finding(
            Kind.NOT_OBJECT, f'Expected {{"custom_id", "params"}}, found {quote(request)}.'
        )
        return
    look_alike = _look_alike(request)
    if look_alike is not None:
        yield look_alike
        return
    yield from _check_custom_id(request)
    yield from _check_request_keys(request)
    if "params" not in request:
        yield _params_missing(request)
    elif not isinstance(request["params"], dict):
        hint = " It is JSON inside text: write the object itself."
        is_text = isinstance(request["params"], str)
        yield Finding(
            Kind.PARAMS_TYPE,
            f"params must be an object, not {quote(request['params'])}.{hint * is_text}",
        )
    else:
        yield from _check_params(request["params"])


def _check_custom_id(request: Object) -> Iterator[Finding]:
    """Yield what is wrong with the id."""
    if "custom_id" not in request:
        yield Finding(Kind.CUSTOM_ID_MISSING, "custom_id is missing: results are matched by it.")
        return
    custom_id = request["custom_id"]
    if not isinstance(custom_id, str):
        yield Finding(
            Kind.CUSTOM_ID_TYPE, f"custom_id must be text in quotes, not {quote(custom_id)}."
        )
        return
    if not 1 <= len(custom_id) <= MAX_CUSTOM_ID:
        yield Finding(
            Kind.CUSTOM_ID_LENGTH,
            f"custom_id has {len(custom_id)} characters; 1 to {MAX_CUSTOM_ID} are allowed.",
        )
    wrong = _NOT_ALLOWED.search(custom_id)
    if wrong:
        yield Finding(
            Kind.CUSTOM_ID_PATTERN,
            f"custom_id {quote(custom_id)} contains {quote(wrong.group())};"
            " letters a-z and A-Z, digits, _ and - are allowed.",
        )


def _look_alike(request: Object) -> Finding | None:
    """Name what an object without params is instead, and what would have to change."""
    if "params" in request:
        return None
    if "result" in request and "custom_id" in request:
        return Finding(Kind.RESULTS_LINE, "This line is a batch's result, not a request.")
    if request.get("type") == "message_batch":
        return Finding(
            Kind.RESULTS_LINE, "This is the answer to a create call, not a file of requests."
        )
    names = request.keys()
    if names and not names & (REQUEST_KEYS | SPECIFIED_PARAMS | _VENDORS_NAMES):
        return Finding(
            Kind.PARAMS_MISSING,
            "This is a row of data, not a request: batchtui make makes requests of a table and a"
            " prompt.",
        )
    if {"custom_id", "type", "content"} <= names:
        return Finding(Kind.RESULTS_LINE, "This line is an answer that was taken out of a result.")
    message = next((text for wanted, text in _OTHER_SHAPES if wanted <= names), "")
    return Finding(Kind.OPENAI_SHAPE, message) if message else None


_OPENAI = (
    'This is the shape of OpenAI\'s batches: rename "body" to "params", remove "method" and'
    ' "url", and check the names inside (max_tokens is required; a message with role "system"'
    ' becomes the param "system").'
)
_OPENAI_BATCH = "This is a batch of OpenAI as its API answers it, not a file of requests."
_GEMINI = (
    'This is the shape of Gemini\'s batches: each line has to become {"custom_id", "params"};'
    ' "contents" becomes "messages" with roles "user" and "assistant", "parts" become content'
    ' blocks, "systemInstruction" becomes "system", "maxOutputTokens" becomes "max_tokens", and'
    ' "model" is needed.'
)
_BEDROCK = (
    'This is the shape of Bedrock\'s batches: rename "recordId" to "custom_id" and'
    ' "modelInput" to "params", take "anthropic_version" out and put "model" in.'
)
_OTHER_SHAPES = (
    (frozenset({"body", "url"}), _OPENAI),
    (frozenset({"body", "method"}), _OPENAI),
    (frozenset({"object", "endpoint"}), _OPENAI_BATCH),
    (frozenset({"request", "key"}), _GEMINI),
    (frozenset({"request", "custom_id"}), _GEMINI),
    (frozenset({"modelInput"}), _BEDROCK),
)
"""The names that other vendors' lines are told by, and what to say."""
_VENDORS_NAMES = frozenset().union(*(names for names, _ in _OTHER_SHAPES))


def _params_missing(request: Object) -> Finding:
    if request.keys() & SPECIFIED_PARAMS:
        return Finding(
            Kind.PARAMS_MISSING,
            'params is missing: put model, max_tokens, messages and the rest inside "params".',
        )
    return Finding(Kind.PARAMS_MISSING, "params is missing.")


def _check_request_keys(request: Object) -> Iterator[Finding]:
    unknown = request.keys() - REQUEST_KEYS
    if "params" not in request:
        unknown -= SPECIFIED_PARAMS  # told at once: they belong inside params
    for key in sorted(map(str, unknown)):
        yield Finding(
            Kind.UNKNOWN_REQUEST_KEY,
            f"{quote(key)} is not sent: beside custom_id and params nothing is known."
            + suggestion(key, REQUEST_KEYS),
        )


def _check_params(params: Object) -> Iterator[Finding]:
    """Yield all that is wrong with one request's params."""
    yield from _check_model(params)
    yield from _check_max_tokens(params)
    yield from _check_messages(params)
    for name in sorted(map(str, params.keys() & (expected_params().keys() | _CHECKS.keys()))):
        if params[name] is None and name not in _NULLABLE:
            yield Finding(
                Kind.NULL_PARAM, f"{name} is null: leave it out where it is not meant to be set."
            )
        else:
            yield from _CHECKS.get(name, _check_value)(name, params[name])
    yield from _check_thinking(params)
    yield from _check_names(params)


def _check_model(params: Object) -> Iterator[Finding]:
    if "model" not in params:
        yield Finding(Kind.MODEL_MISSING, "model is missing.")
    elif not isinstance(params["model"], str) or not params["model"].strip():
        yield Finding(
            Kind.MODEL_TYPE, f"model must be the name of a model, not {quote(params['model'])}."
        )


def _check_max_tokens(params: Object) -> Iterator[Finding]:
    if "max_tokens" not in params:
        yield Finding(Kind.MAX_TOKENS_MISSING, "max_tokens is missing.")
        return
    value = params["max_tokens"]
    if not _is_whole(value):
        yield Finding(
            Kind.MAX_TOKENS_TYPE, f"max_tokens must be a whole number, not {quote(value)}."
        )
    elif isinstance(value, int) and value < 1:
        yield Finding(
            Kind.MAX_TOKENS_RANGE, f"max_tokens must be at least 1 in a batch, not {value}."
        )


def _check_thinking(params: Object) -> Iterator[Finding]:
    thinking = params.get("thinking")
    if thinking is None:
        return
    if not isinstance(thinking, dict) or not isinstance(thinking.get("type"), str):
        yield Finding(
            Kind.THINKING_SHAPE, 'thinking must be an object with a "type", such as "enabled".'
        )
    elif thinking["type"] not in THINKING_TYPES:
        known = suggestion(thinking["type"], THINKING_TYPES)
        yield Finding(
            Kind.UNKNOWN_VALUE, f"thinking has the unknown type {quote(thinking['type'])}.{known}"
        )
    elif thinking["type"] == "enabled":
        yield from _check_budget(thinking, params.get("max_tokens"))


def _check_budget(thinking: Object, max_tokens: object) -> Iterator[Finding]:
    budget = thinking.get("budget_tokens")
    if not isinstance(budget, int) or isinstance(budget, bool):
        yield Finding(
            Kind.THINKING_SHAPE,
            'thinking of type "enabled" needs budget_tokens, a whole number from 1,024.',
        )
    elif budget < LEAST_BUDGET:
        yield Finding(
            Kind.THINKING_BUDGET, f"budget_tokens of thinking must be at least 1,024, not {budget}."
        )
    elif isinstance(max_tokens, int) and budget >= max_tokens:
        yield Finding(
            Kind.THINKING_BUDGET,
            f"budget_tokens of thinking ({budget}) must be less than max_tokens ({max_tokens}).",
        )


def _check_names(params: Object) -> Iterator[Finding]:
    for key in sorted(str(key) for key in params.keys() - PARAMS):
        if key == "betas":
            yield Finding(
                Kind.BETAS,
                "betas is a header of the call, not a param: take it out of every request and set"
                " it in the profile (anthropic-beta).",
            )
        elif key in _OF_THE_SDK:
            yield Finding(
                Kind.UNKNOWN_PARAM,
                f"{key} is an argument of the client, not a param: what is in it belongs directly"
                " into params, headers into the profile.",
            )
        else:
            yield Finding(
                Kind.UNKNOWN_PARAM,
                f"{quote(key)} is not a known param.{suggestion(key, SPECIFIED_PARAMS)}",
            )


def _check_value(name: str, value: object) -> Iterator[Finding]:
    """Hold a value against its type."""
    expected = expected_params()[name]
    try:
        msgspec.convert(value, expected.type)
    except msgspec.ValidationError:
        if expected.values and isinstance(value, str):
            known = suggestion(value, expected.values)
            yield Finding(Kind.UNKNOWN_VALUE, f"{name} {quote(value)} is not known.{known}")
        else:
            kind = _KINDS.get(name, Kind.PARAM_TYPE)
            yield Finding(kind, f"{name} must be {expected.words}, not {quote(value)}.")


def _check_stream(name: str, value: object) -> Iterator[Finding]:
    if value is True:
        yield Finding(
            Kind.STREAM, "stream: true is not allowed in a batch: take it out, results are a file."
        )
    else:
        yield from _check_value(name, value)


def _check_tool_choice(name: str, value: object) -> Iterator[Finding]:
    if not isinstance(value, dict) or not isinstance(value.get("type"), str):
        expected = f'{name} must be an object with a "type", not {quote(value)}.'
        yield Finding(Kind.PARAM_TYPE, expected)
    elif value["type"] not in TOOL_CHOICES:
        known = suggestion(value["type"], TOOL_CHOICES)
        yield Finding(
            Kind.UNKNOWN_VALUE, f"tool_choice has the unknown type {quote(value['type'])}.{known}"
        )


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _check_messages(params: Object) -> Iterator[Finding]:
    """Yield all that is wrong with the messages of one request."""
    if "messages" not in params:
        yield Finding(Kind.MESSAGES_MISSING, "messages is missing.")
        return
    messages = params["messages"]
    if not isinstance(messages, list):
        yield Finding(Kind.MESSAGES_TYPE, f"messages must be a list, not {quote(messages)}.")
        return
    if not messages:
        yield Finding(Kind.MESSAGES_EMPTY, "messages must hold at least one message.")
    if len(messages) > MAX_MESSAGES:
        yield Finding(
            Kind.MESSAGES_TOO_MANY,
            f"{len(messages):,} messages; at most {MAX_MESSAGES:,} are allowed in a request.",
        )
    for number, message in enumerate(messages):
        is_last = number == len(messages) - 1
        yield from _check_message(f"messages[{number}]", message, is_last=is_last)


def _check_system(name: str, value: object) -> Iterator[Finding]:
    """Yield what is wrong with the system prompt."""
    if isinstance(value, str):
        return
    if not isinstance(value, list):
        yield Finding(
            Kind.PARAM_TYPE, f"{name} must be text or a list of text blocks, not {quote(value)}."
        )
        return
    for number, block in enumerate(value):
        yield from _check_block(f"{name}[{number}]", block)


def _check_message(where: str, message: object, *, is_last: bool) -> Iterator[Finding]:
    if not isinstance(message, dict):
        yield Finding(
            Kind.MESSAGE_TYPE,
            f'{where} must be an object with "role" and "content", not {quote(message)}.',
        )
        return
    yield from _check_role(where, message)
    if "content" not in message:
        yield Finding(Kind.CONTENT_MISSING, f"{where} has no content.")
    else:
        may_be_empty = is_last and message.get("role") == "assistant"
        yield from _check_content(where, message["content"], may_be_empty=may_be_empty)
    for key in sorted(map(str, message.keys() - MESSAGE_KEYS)):
        yield Finding(
            Kind.UNKNOWN_MESSAGE_KEY,
            f"{where} has the unknown key {quote(key)}.{suggestion(key, MESSAGE_KEYS)}",
        )


def _check_role(where: str, message: Object) -> Iterator[Finding]:
    role = message.get("role")
    if isinstance(role, str) and role in ROLES:
        return
    if role == "system":
        text = f'{where} has the role "system": put its text into the param "system" instead.'
    elif isinstance(role, str):
        text = f"{where} has the unknown role {quote(role)}.{suggestion(role, ROLES)}"
    else:
        text = f'{where} needs a role, "user" or "assistant".'
    yield Finding(Kind.ROLE, text)


def _check_content(where: str, content: object, *, may_be_empty: bool) -> Iterator[Finding]:
    if not isinstance(content, str | list):
        yield Finding(
            Kind.CONTENT_TYPE,
            f"content of {where} must be text or a list of blocks, not {quote(content)}.",
        )
        return
    if not content and not may_be_empty:
        yield Finding(Kind.EMPTY_CONTENT, f"content of {where} is empty.")
    if isinstance(content, list):
        for number, block in enumerate(content):
            yield from _check_block(f"{where}.content[{number}]", block)


def _check_block(where: str, block: object) -> Iterator[Finding]:
    if not isinstance(block, dict) or not isinstance(block.get("type"), str):
        yield Finding(
            Kind.BLOCK_SHAPE, f'{where} must be an object with a "type", not {quote(block)}.'
        )
        return
    kind = block["type"]
    if kind not in BLOCKS:
        yield Finding(
            Kind.UNKNOWN_VALUE,
            f"{where} has the unknown type {quote(kind)}.{suggestion(kind, BLOCKS)}",
        )
    for name, expected in BLOCK_NEEDS.get(kind, ()):
        if not isinstance(block.get(name), expected):
            yield Finding(
                Kind.BLOCK_SHAPE,
                f'{where} of type "{kind}" needs "{name}", {_JSON_NAMES[expected]}.',
            )
    if kind == "text" and block.get("text") == "":
        yield Finding(Kind.EMPTY_CONTENT, f"{where} is an empty text.")


_CHECKS: dict[str, Callable[[str, object], Iterator[Finding]]] = {
    "stream": _check_stream,
    "system": _check_system,
    "tool_choice": _check_tool_choice,
}
"""What a type alone does not decide about."""
