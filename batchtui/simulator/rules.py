"""What the API demands of a request of a batch.

Two kinds of rules: those that refuse the whole batch at creation (`check_envelope`), and those that
only show when the request gets its turn (`find_mistake`) and make an errored row.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias, TypeGuard

from batchtui.simulator.refusals import RefusalError

Json: TypeAlias = "str | int | float | bool | Sequence[Json] | Mapping[str, Json] | None"
Params: TypeAlias = "Mapping[str, Json]"

_CUSTOM_ID: Final = re.compile(r"[a-zA-Z0-9_-]{1,64}\Z")
_MOST_MESSAGES: Final = 100_000
_LEAST_THINKING: Final = 1_024

_KNOWN: Final = frozenset(
    {
        "max_tokens", "messages", "model", "cache_control", "container", "context_management",
        "inference_geo", "mcp_servers", "metadata", "output_config", "output_format",
        "service_tier", "speed", "stop_sequences", "stream", "system", "temperature", "thinking",
        "tool_choice", "tools", "top_k", "top_p",
    }
)  # fmt: skip


def check_envelope(place: str, item: Json) -> tuple[str, Params]:
    """Check what is checked before a batch is accepted.

    Args:
        place: Where the item stands, such as ``requests.17``.
        item: One element of ``requests``.

    Returns:
        Its custom_id and its params.

    Raises:
        RefusalError: The item is refused, and with it the batch.
    """
    if not isinstance(item, Mapping):
        raise RefusalError(400, f"{place}: Input should be an object")
    for key in item:
        if key not in {"custom_id", "params"}:
            raise RefusalError(400, f"{place}.{key}: Extra inputs are not permitted")
    custom_id = _check_custom_id(place, item)
    params = item.get("params")
    if "params" not in item:
        raise RefusalError(400, f"{place}.params: Field required")
    if not isinstance(params, Mapping):
        raise RefusalError(400, f"{place}.params: Input should be an object")
    _check_required(f"{place}.params", params)
    return custom_id, params


def _check_custom_id(place: str, item: Mapping[str, Json]) -> str:
    if "custom_id" not in item:
        raise RefusalError(400, f"{place}.custom_id: Field required")
    custom_id = item["custom_id"]
    if not isinstance(custom_id, str):
        raise RefusalError(400, f"{place}.custom_id: Input should be a valid string")
    if not _CUSTOM_ID.match(custom_id):
        raise RefusalError(
            400, f"{place}.custom_id: String should match pattern '^[a-zA-Z0-9_-]{{1,64}}$'"
        )
    return custom_id


def _check_required(place: str, params: Params) -> None:
    for name in ("max_tokens", "messages", "model"):
        if name not in params:
            raise RefusalError(400, f"{place}.{name}: Field required")
    if params.get("stream") is True:
        raise RefusalError(400, f"{place}.stream: streaming is not supported in batches")
    if params["max_tokens"] == 0 and not isinstance(params["max_tokens"], bool):
        raise RefusalError(400, f"{place}.max_tokens: Input should be greater than or equal to 1")


def find_mistake(params: Params) -> tuple[str, str] | None:
    """Look for what makes a request fail when it gets its turn.

    Returns:
        Error type and message of the first mistake, or None.
    """
    for check in _CHECKS:
        if mistake := check(params):
            return mistake if isinstance(mistake, tuple) else ("invalid_request_error", mistake)
    return None


def _unknown_keys(params: Params) -> str:
    return next(
        (f"{key}: Extra inputs are not permitted" for key in params if key not in _KNOWN), ""
    )


def _model(params: Params) -> str | tuple[str, str]:
    model = params["model"]
    if not isinstance(model, str):
        return "model: Input should be a valid string"
    if not model.startswith("claude-"):
        return "not_found_error", f"model: {model}"
    return ""


def _max_tokens(params: Params) -> str:
    limit, model = params["max_tokens"], str(params["model"])
    if not is_integer(limit):
        return "max_tokens: Input should be a valid integer"
    if limit < 1:
        return "max_tokens: Input should be greater than or equal to 1"
    most = most_tokens(model)
    if limit > most:
        return (
            f"max_tokens: {limit} > {most}, which is the maximum allowed number of output tokens"
            f" for {model}"
        )
    return ""


def most_tokens(model: str) -> int:
    """Return the greatest ``max_tokens`` a model takes."""
    if "opus-4-6" in model:
        return 128_000
    return 32_000 if "opus" in model else 64_000


def _messages(params: Params) -> str:
    messages = params["messages"]
    if not is_list(messages):
        return "messages: Input should be a valid list"
    if not messages:
        return "messages: at least one message is required"
    if len(messages) > _MOST_MESSAGES:
        return f"messages: at most {_MOST_MESSAGES} messages are allowed"
    last = len(messages) - 1
    for place, message in enumerate(messages):
        if mistake := _message(f"messages.{place}", message, is_last=place == last):
            return mistake
    return ""


def _message(place: str, message: Json, *, is_last: bool) -> str:
    if not isinstance(message, Mapping):
        return f"{place}: Input should be an object"
    role, content = message.get("role"), message.get("content")
    if role == "system":
        return (
            'messages: Unexpected role "system". The Messages API accepts a top-level `system`'
            ' parameter, not "system" as an input message role.'
        )
    if role not in {"user", "assistant"}:
        return f"{place}.role: Input should be 'user' or 'assistant'"
    if not isinstance(content, str) and not is_list(content):
        return f"{place}.content: Input should be a valid string or list"
    if not content and not (is_last and role == "assistant"):
        return (
            f"{place}: all messages must have non-empty content except for the optional final"
            " assistant message"
        )
    return "" if isinstance(content, str) else _blocks(f"{place}.content", content)


def _blocks(place: str, content: Sequence[Json]) -> str:
    for number, block in enumerate(content):
        if not isinstance(block, Mapping) or not isinstance(block.get("type"), str):
            return f"{place}.{number}.type: Field required"
        if block["type"] == "text" and not block.get("text"):
            return f"{place}.{number}.text: text content blocks must be non-empty"
    return ""


def _numbers(params: Params) -> str:
    for name in ("temperature", "top_p"):
        value = params.get(name)
        if value is not None and not (is_number(value) and 0 <= value <= 1):
            return f"{name}: range: 0..1"
    top_k = params.get("top_k")
    if top_k is not None and not (is_integer(top_k) and top_k >= 0):
        return "top_k: Input should be greater than or equal to 0"
    return ""


def _thinking(params: Params) -> str:
    thinking = params.get("thinking")
    if thinking is None:
        return ""
    if not isinstance(thinking, Mapping):
        return "thinking: Input should be an object"
    if thinking.get("type") not in {"enabled", "disabled", "adaptive"}:
        return "thinking.type: Input should be 'enabled', 'disabled' or 'adaptive'"
    return _budget(thinking, params["max_tokens"]) if thinking["type"] == "enabled" else ""


def _budget(thinking: Mapping[str, Json], limit: Json) -> str:
    budget = thinking.get("budget_tokens")
    if not is_integer(budget):
        return "thinking.enabled.budget_tokens: Field required"
    if budget < _LEAST_THINKING:
        return "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024"
    if is_integer(limit) and budget >= limit:
        return "`max_tokens` must be greater than `thinking.budget_tokens`."
    return ""


def _shapes(params: Params) -> str:
    for name in ("tools", "stop_sequences", "mcp_servers"):
        if params.get(name) is not None and not is_list(params[name]):
            return f"{name}: Input should be a valid list"
    for name in ("metadata", "tool_choice"):
        if params.get(name) is not None and not isinstance(params[name], Mapping):
            return f"{name}: Input should be an object"
    if mistake := _tool_choice(params):
        return mistake
    system = params.get("system")
    if system is not None and not isinstance(system, str) and not is_list(system):
        return "system: Input should be a valid string or list"
    if params.get("service_tier") not in {None, "auto", "standard_only"}:
        return "service_tier: Input should be 'auto' or 'standard_only'"
    return ""


def _tool_choice(params: Params) -> str:
    choice, tools = params.get("tool_choice"), params.get("tools")
    if not isinstance(choice, Mapping):
        return ""
    kind = choice.get("type")
    if kind not in {"auto", "any", "tool", "none"}:
        return "tool_choice.type: Input should be 'auto', 'any', 'tool' or 'none'"
    if not tools or not is_list(tools):
        return "tool_choice: may only be specified while providing tools"
    if kind == "tool" and "name" not in choice:
        return "tool_choice.tool.name: Field required"
    names = [tool.get("name") for tool in tools if isinstance(tool, Mapping)]
    if kind == "tool" and choice["name"] not in names:
        return f"Tool '{choice['name']}' not found in provided tools"
    return ""


def is_list(value: Json) -> TypeGuard[Sequence[Json]]:
    """Return whether a decoded value was a JSON array."""
    return isinstance(value, list)


def is_integer(value: Json) -> TypeGuard[int]:
    """Return whether a decoded value was a whole number: true and false are none."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: Json) -> TypeGuard[int | float]:
    """Return whether a decoded value was a number: true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


_CHECKS: Final[tuple[Callable[[Params], str | tuple[str, str]], ...]] = (
    _unknown_keys,
    _model,
    _max_tokens,
    _messages,
    _numbers,
    _thinking,
    _shapes,
)
