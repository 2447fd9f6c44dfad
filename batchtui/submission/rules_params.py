"""The rules for the params of one request, as the specification states them."""

from collections.abc import Callable, Iterator

from batchtui.submission.known import (
    LATER_PARAMS,
    PARAMS,
    SERVICE_TIERS,
    THINKING_TYPES,
    TOOL_CHOICES,
    suggestion,
)
from batchtui.submission.problems import Finding, Kind, quote
from batchtui.submission.rules_messages import check_messages, check_system

Params = dict[object, object]


def check_params(params: Params) -> Iterator[Finding]:
    """Yield all that is wrong with one request's params."""
    yield from _check_model(params)
    yield from _check_max_tokens(params)
    yield from check_messages(params)
    for name, check in _OPTIONAL.items():
        if name not in params:
            continue
        if params[name] is None and name not in _NULLABLE:
            yield Finding(
                Kind.NULL_PARAM, f"{name} is null: leave it out where it is not meant to be set."
            )
        else:
            yield from check(name, params[name])
    yield from _check_thinking(params)
    yield from _check_keys(params)


def _check_model(params: Params) -> Iterator[Finding]:
    if "model" not in params:
        yield Finding(Kind.MODEL_MISSING, "model is missing.")
    elif not isinstance(params["model"], str) or not params["model"].strip():
        yield Finding(
            Kind.MODEL_TYPE, f"model must be the name of a model, not {quote(params['model'])}."
        )


def _check_max_tokens(params: Params) -> Iterator[Finding]:
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


def _check_thinking(params: Params) -> Iterator[Finding]:
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


def _check_budget(thinking: Params, max_tokens: object) -> Iterator[Finding]:
    budget = thinking.get("budget_tokens")
    if not isinstance(budget, int) or isinstance(budget, bool):
        yield Finding(
            Kind.THINKING_SHAPE,
            'thinking of type "enabled" needs budget_tokens, a whole number from 1,024.',
        )
    elif budget < 1024:
        yield Finding(
            Kind.THINKING_BUDGET, f"budget_tokens of thinking must be at least 1,024, not {budget}."
        )
    elif isinstance(max_tokens, int) and budget >= max_tokens:
        yield Finding(
            Kind.THINKING_BUDGET,
            f"budget_tokens of thinking ({budget}) must be less than max_tokens ({max_tokens}).",
        )


def _check_keys(params: Params) -> Iterator[Finding]:
    for key in sorted(str(key) for key in params.keys() - PARAMS - LATER_PARAMS):
        if key == "betas":
            yield Finding(
                Kind.BETAS,
                "betas is a header of the call, not a param: take it out of every request and set"
                " it in the profile (anthropic-beta).",
            )
        else:
            yield Finding(
                Kind.UNKNOWN_PARAM, f"{quote(key)} is no known param.{suggestion(key, PARAMS)}"
            )


def _check_stream(_: str, value: object) -> Iterator[Finding]:
    if value is True:
        yield Finding(
            Kind.STREAM, "stream: true is not allowed in a batch: take it out, results are a file."
        )
    elif value is not False:
        yield _wrong_type("stream", "true or false", value)


def _check_unit(name: str, value: object) -> Iterator[Finding]:
    kind = Kind.TEMPERATURE if name == "temperature" else Kind.TOP_P
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        yield Finding(kind, f"{name} must be a number from 0 to 1, not {quote(value)}.")


def _check_top_k(_: str, value: object) -> Iterator[Finding]:
    if not _is_whole(value) or (isinstance(value, int) and value < 0):
        yield Finding(Kind.TOP_K, f"top_k must be a whole number from 0, not {quote(value)}.")


def _check_stop_sequences(name: str, value: object) -> Iterator[Finding]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        yield _wrong_type(name, "a list of texts", value)


def _check_objects(name: str, value: object) -> Iterator[Finding]:
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        yield _wrong_type(name, "a list of objects", value)


def _check_object(name: str, value: object) -> Iterator[Finding]:
    if not isinstance(value, dict) and value is not None:
        yield _wrong_type(name, "an object", value)


def _check_container(name: str, value: object) -> Iterator[Finding]:
    if not isinstance(value, dict | str) and value is not None:
        yield _wrong_type(name, "an object or an identifier", value)


def _check_service_tier(name: str, value: object) -> Iterator[Finding]:
    if not isinstance(value, str):
        yield _wrong_type(name, '"auto" or "standard_only"', value)
    elif value not in SERVICE_TIERS:
        known = suggestion(value, SERVICE_TIERS)
        yield Finding(Kind.UNKNOWN_VALUE, f"service_tier {quote(value)} is not known.{known}")


def _check_tool_choice(name: str, value: object) -> Iterator[Finding]:
    if not isinstance(value, dict) or not isinstance(value.get("type"), str):
        yield _wrong_type(name, 'an object with a "type"', value)
    elif value["type"] not in TOOL_CHOICES:
        known = suggestion(value["type"], TOOL_CHOICES)
        yield Finding(
            Kind.UNKNOWN_VALUE, f"tool_choice has the unknown type {quote(value['type'])}.{known}"
        )


def _wrong_type(name: str, expected: str, value: object) -> Finding:
    return Finding(Kind.PARAM_TYPE, f"{name} must be {expected}, not {quote(value)}.")


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


_NULLABLE = frozenset({"container", "context_management", "output_format"})

_OPTIONAL: dict[str, Callable[[str, object], Iterator[Finding]]] = {
    "stream": _check_stream,
    "temperature": _check_unit,
    "top_p": _check_unit,
    "top_k": _check_top_k,
    "stop_sequences": _check_stop_sequences,
    "system": check_system,
    "tools": _check_objects,
    "mcp_servers": _check_objects,
    "tool_choice": _check_tool_choice,
    "metadata": _check_object,
    "context_management": _check_object,
    "output_config": _check_object,
    "output_format": _check_object,
    "container": _check_container,
    "service_tier": _check_service_tier,
}
