"""Every mistake in one request, in words: what does not fit `batchtui.submission.specification`.

Uniqueness of ids and the limits of a batch are the business of `batchtui.submission.validate`.
"""

import re
from collections.abc import Callable, Iterator

import msgspec

from batchtui import custom_ids
from batchtui.submission.look_alikes import name_look_alike
from batchtui.submission.message_rules import check_messages, check_system
from batchtui.submission.problems import ProblemKind, RuleFinding, quote
from batchtui.submission.specification import (
    LEAST_BUDGET,
    PARAMS,
    REQUEST_KEYS,
    SPECIFIED_PARAMS,
    THINKING_TYPES,
    TOOL_CHOICES,
    JsonObject,
    expected_params,
    suggestion,
)

_NOT_ALLOWED = re.compile(f"[^{custom_ids.CHARACTERS}]")
_OF_THE_SDK = frozenset({"extra_body", "extra_headers", "extra_query", "timeout"})
"""Arguments of the official clients' methods, which are no params."""
_NULLABLE = frozenset({"container", "context_management", "output_format"})
_KINDS = {
    "temperature": ProblemKind.TEMPERATURE,
    "top_p": ProblemKind.TOP_P,
    "top_k": ProblemKind.TOP_K,
}
"""Of what is no `ProblemKind.PARAM_TYPE`."""


def check_request(request: object) -> Iterator[RuleFinding]:
    """Yield all that is wrong with one decoded request."""
    if not isinstance(request, dict):
        yield RuleFinding(
            ProblemKind.NOT_OBJECT, f'Expected {{"custom_id", "params"}}, found {quote(request)}.'
        )
        return
    look_alike = name_look_alike(request)
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
        yield RuleFinding(
            ProblemKind.PARAMS_TYPE,
            f"params must be an object, not {quote(request['params'])}.{hint * is_text}",
        )
    else:
        yield from _check_params(request["params"])


def _check_custom_id(request: JsonObject) -> Iterator[RuleFinding]:
    """Yield what is wrong with the id."""
    if "custom_id" not in request:
        yield RuleFinding(
            ProblemKind.CUSTOM_ID_MISSING, "custom_id is missing: results are matched by it."
        )
        return
    custom_id = request["custom_id"]
    if not isinstance(custom_id, str):
        yield RuleFinding(
            ProblemKind.CUSTOM_ID_TYPE, f"custom_id must be text in quotes, not {quote(custom_id)}."
        )
        return
    if not 1 <= len(custom_id) <= custom_ids.LONGEST:
        yield RuleFinding(
            ProblemKind.CUSTOM_ID_LENGTH,
            f"custom_id has {len(custom_id)} characters; 1 to {custom_ids.LONGEST} are allowed.",
        )
    wrong = _NOT_ALLOWED.search(custom_id)
    if wrong:
        yield RuleFinding(
            ProblemKind.CUSTOM_ID_PATTERN,
            f"custom_id {quote(custom_id)} contains {quote(wrong.group())};"
            " letters a-z and A-Z, digits, _ and - are allowed.",
        )


def _params_missing(request: JsonObject) -> RuleFinding:
    if request.keys() & SPECIFIED_PARAMS:
        return RuleFinding(
            ProblemKind.PARAMS_MISSING,
            'params is missing: put model, max_tokens, messages and the rest inside "params".',
        )
    return RuleFinding(ProblemKind.PARAMS_MISSING, "params is missing.")


def _check_request_keys(request: JsonObject) -> Iterator[RuleFinding]:
    unknown = request.keys() - REQUEST_KEYS
    if "params" not in request:
        unknown -= SPECIFIED_PARAMS  # reported already: they belong inside params
    for key in sorted(map(str, unknown)):
        yield RuleFinding(
            ProblemKind.UNKNOWN_REQUEST_KEY,
            f"{quote(key)} is not sent: beside custom_id and params nothing is known."
            + suggestion(key, REQUEST_KEYS),
        )


def _check_params(params: JsonObject) -> Iterator[RuleFinding]:
    """Yield all that is wrong with one request's params."""
    yield from _check_model(params)
    yield from _check_max_tokens(params)
    yield from check_messages(params)
    for name in sorted(map(str, params.keys() & (expected_params().keys() | _CHECKS.keys()))):
        if params[name] is None and name not in _NULLABLE:
            yield RuleFinding(
                ProblemKind.NULL_PARAM,
                f"{name} is null: leave it out where it is not meant to be set.",
            )
        else:
            yield from _CHECKS.get(name, _check_value)(name, params[name])
    yield from _check_thinking(params)
    yield from _check_names(params)


def _check_model(params: JsonObject) -> Iterator[RuleFinding]:
    if "model" not in params:
        yield RuleFinding(ProblemKind.MODEL_MISSING, "model is missing.")
    elif not isinstance(params["model"], str) or not params["model"].strip():
        yield RuleFinding(
            ProblemKind.MODEL_TYPE,
            f"model must be the name of a model, not {quote(params['model'])}.",
        )


def _check_max_tokens(params: JsonObject) -> Iterator[RuleFinding]:
    if "max_tokens" not in params:
        yield RuleFinding(ProblemKind.MAX_TOKENS_MISSING, "max_tokens is missing.")
        return
    value = params["max_tokens"]
    if not _is_whole(value):
        yield RuleFinding(
            ProblemKind.MAX_TOKENS_TYPE, f"max_tokens must be a whole number, not {quote(value)}."
        )
    elif isinstance(value, int) and value < 1:
        yield RuleFinding(
            ProblemKind.MAX_TOKENS_RANGE, f"max_tokens must be at least 1 in a batch, not {value}."
        )


def _check_thinking(params: JsonObject) -> Iterator[RuleFinding]:
    thinking = params.get("thinking")
    if thinking is None:
        return
    if not isinstance(thinking, dict) or not isinstance(thinking.get("type"), str):
        yield RuleFinding(
            ProblemKind.THINKING_SHAPE,
            'thinking must be an object with a "type", such as "enabled".',
        )
    elif thinking["type"] not in THINKING_TYPES:
        known = suggestion(thinking["type"], THINKING_TYPES)
        yield RuleFinding(
            ProblemKind.UNKNOWN_VALUE,
            f"thinking has the unknown type {quote(thinking['type'])}.{known}",
        )
    elif thinking["type"] == "enabled":
        yield from _check_budget(thinking, params.get("max_tokens"))


def _check_budget(thinking: JsonObject, max_tokens: object) -> Iterator[RuleFinding]:
    budget = thinking.get("budget_tokens")
    if not isinstance(budget, int) or isinstance(budget, bool):
        yield RuleFinding(
            ProblemKind.THINKING_SHAPE,
            'thinking of type "enabled" needs budget_tokens, a whole number from 1,024.',
        )
    elif budget < LEAST_BUDGET:
        yield RuleFinding(
            ProblemKind.THINKING_BUDGET,
            f"budget_tokens of thinking must be at least 1,024, not {budget}.",
        )
    elif isinstance(max_tokens, int) and budget >= max_tokens:
        yield RuleFinding(
            ProblemKind.THINKING_BUDGET,
            f"budget_tokens of thinking ({budget}) must be less than max_tokens ({max_tokens}).",
        )


def _check_names(params: JsonObject) -> Iterator[RuleFinding]:
    for key in sorted(str(key) for key in params.keys() - PARAMS):
        if key == "betas":
            yield RuleFinding(
                ProblemKind.BETAS,
                "betas is a header of the call, not a param: take it out of every request and set"
                " it in the profile (anthropic-beta).",
            )
        elif key in _OF_THE_SDK:
            yield RuleFinding(
                ProblemKind.UNKNOWN_PARAM,
                f"{key} is an argument of the client, not a param: what is in it belongs directly"
                " into params, headers into the profile.",
            )
        else:
            yield RuleFinding(
                ProblemKind.UNKNOWN_PARAM,
                f"{quote(key)} is not a known param.{suggestion(key, SPECIFIED_PARAMS)}",
            )


def _check_value(name: str, value: object) -> Iterator[RuleFinding]:
    """Hold a value against its type."""
    expected = expected_params()[name]
    try:
        msgspec.convert(value, expected.type)
    except msgspec.ValidationError:
        if expected.values and isinstance(value, str):
            known = suggestion(value, expected.values)
            yield RuleFinding(
                ProblemKind.UNKNOWN_VALUE, f"{name} {quote(value)} is not known.{known}"
            )
        else:
            kind = _KINDS.get(name, ProblemKind.PARAM_TYPE)
            yield RuleFinding(kind, f"{name} must be {expected.words}, not {quote(value)}.")


def _check_stream(name: str, value: object) -> Iterator[RuleFinding]:
    if value is True:
        yield RuleFinding(
            ProblemKind.STREAM,
            "stream: true is not allowed in a batch: take it out, results are a file.",
        )
    else:
        yield from _check_value(name, value)


def _check_tool_choice(name: str, value: object) -> Iterator[RuleFinding]:
    if not isinstance(value, dict) or not isinstance(value.get("type"), str):
        expected = f'{name} must be an object with a "type", not {quote(value)}.'
        yield RuleFinding(ProblemKind.PARAM_TYPE, expected)
    elif value["type"] not in TOOL_CHOICES:
        known = suggestion(value["type"], TOOL_CHOICES)
        yield RuleFinding(
            ProblemKind.UNKNOWN_VALUE,
            f"tool_choice has the unknown type {quote(value['type'])}.{known}",
        )


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


_CHECKS: dict[str, Callable[[str, object], Iterator[RuleFinding]]] = {
    "stream": _check_stream,
    "system": check_system,
    "tool_choice": _check_tool_choice,
}
"""What a type alone does not decide about."""
