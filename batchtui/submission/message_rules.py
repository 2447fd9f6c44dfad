"""Every mistake in the messages and the system prompt of one request, in words."""

from collections.abc import Iterator

from batchtui.submission.problems import ProblemKind, RuleFinding, quote
from batchtui.submission.specification import (
    BLOCK_NEEDS,
    BLOCKS,
    MAX_MESSAGES,
    MESSAGE_KEYS,
    ROLES,
    JsonObject,
    suggestion,
)

_JSON_NAMES: dict[type, str] = {str: "text", dict: "an object"}


def check_messages(params: JsonObject) -> Iterator[RuleFinding]:
    """Yield all that is wrong with the messages of one request."""
    if "messages" not in params:
        yield RuleFinding(ProblemKind.MESSAGES_MISSING, "messages is missing.")
        return
    messages = params["messages"]
    if not isinstance(messages, list):
        yield RuleFinding(
            ProblemKind.MESSAGES_TYPE, f"messages must be a list, not {quote(messages)}."
        )
        return
    if not messages:
        yield RuleFinding(ProblemKind.MESSAGES_EMPTY, "messages must hold at least one message.")
    if len(messages) > MAX_MESSAGES:
        yield RuleFinding(
            ProblemKind.MESSAGES_TOO_MANY,
            f"{len(messages):,} messages; at most {MAX_MESSAGES:,} are allowed in a request.",
        )
    for number, message in enumerate(messages):
        is_last = number == len(messages) - 1
        yield from _check_message(f"messages[{number}]", message, is_last=is_last)


def check_system(name: str, value: object) -> Iterator[RuleFinding]:
    """Yield what is wrong with the system prompt."""
    if isinstance(value, str):
        return
    if not isinstance(value, list):
        yield RuleFinding(
            ProblemKind.PARAM_TYPE,
            f"{name} must be text or a list of text blocks, not {quote(value)}.",
        )
        return
    for number, block in enumerate(value):
        yield from _check_block(f"{name}[{number}]", block)


def _check_message(where: str, message: object, *, is_last: bool) -> Iterator[RuleFinding]:
    if not isinstance(message, dict):
        yield RuleFinding(
            ProblemKind.MESSAGE_TYPE,
            f'{where} must be an object with "role" and "content", not {quote(message)}.',
        )
        return
    yield from _check_role(where, message)
    if "content" not in message:
        yield RuleFinding(ProblemKind.CONTENT_MISSING, f"{where} has no content.")
    else:
        may_be_empty = is_last and message.get("role") == "assistant"
        yield from _check_content(where, message["content"], may_be_empty=may_be_empty)
    for key in sorted(map(str, message.keys() - MESSAGE_KEYS)):
        yield RuleFinding(
            ProblemKind.UNKNOWN_MESSAGE_KEY,
            f"{where} has the unknown key {quote(key)}.{suggestion(key, MESSAGE_KEYS)}",
        )


def _check_role(where: str, message: JsonObject) -> Iterator[RuleFinding]:
    role = message.get("role")
    if isinstance(role, str) and role in ROLES:
        return
    if role == "system":
        text = f'{where} has the role "system": put its text into the param "system" instead.'
    elif isinstance(role, str):
        text = f"{where} has the unknown role {quote(role)}.{suggestion(role, ROLES)}"
    else:
        text = f'{where} needs a role, "user" or "assistant".'
    yield RuleFinding(ProblemKind.ROLE, text)


def _check_content(where: str, content: object, *, may_be_empty: bool) -> Iterator[RuleFinding]:
    if not isinstance(content, str | list):
        yield RuleFinding(
            ProblemKind.CONTENT_TYPE,
            f"content of {where} must be text or a list of blocks, not {quote(content)}.",
        )
        return
    if not content and not may_be_empty:
        yield RuleFinding(ProblemKind.EMPTY_CONTENT, f"content of {where} is empty.")
    if isinstance(content, list):
        for number, block in enumerate(content):
            yield from _check_block(f"{where}.content[{number}]", block)


def _check_block(where: str, block: object) -> Iterator[RuleFinding]:
    if not isinstance(block, dict) or not isinstance(block.get("type"), str):
        yield RuleFinding(
            ProblemKind.BLOCK_SHAPE, f'{where} must be an object with a "type", not {quote(block)}.'
        )
        return
    kind = block["type"]
    if kind not in BLOCKS:
        yield RuleFinding(
            ProblemKind.UNKNOWN_VALUE,
            f"{where} has the unknown type {quote(kind)}.{suggestion(kind, BLOCKS)}",
        )
    for name, expected in BLOCK_NEEDS.get(kind, ()):
        if not isinstance(block.get(name), expected):
            yield RuleFinding(
                ProblemKind.BLOCK_SHAPE,
                f'{where} of type "{kind}" needs "{name}", {_JSON_NAMES[expected]}.',
            )
    if kind == "text" and block.get("text") == "":
        yield RuleFinding(ProblemKind.EMPTY_CONTENT, f"{where} is an empty text.")
