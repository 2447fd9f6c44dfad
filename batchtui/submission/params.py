"""What is typed to change params: ``max_tokens=4096 temperature=0.2 -top_k``. Pure."""

import json
import shlex

import msgspec

from batchtui.formatting import nearest
from batchtui.submission.retry import Changes, JsonValue
from batchtui.submission.specification import PARAMS

_KNOWN = PARAMS
_VALUE = msgspec.json.Decoder()


class ParamError(ValueError):
    """What is typed cannot be understood; the text says why."""


def parse_changes(text: str) -> Changes:
    """Read what is typed.

    Args:
        text: ``name=value`` sets, ``-name`` takes away; values are JSON, or plain text.

    Raises:
        ParamError: It cannot be understood.
    """
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise ParamError(f"A quote is not closed: {error}.") from error
    given: dict[str, JsonValue] = {}
    removed: set[str] = set()
    for word in words:
        if word.startswith("-") and "=" not in word:
            removed.add(_checked(word[1:]))
            continue
        name, is_set, value = word.partition("=")
        if not is_set:
            raise ParamError(f"{name}: say {name}=VALUE, or -{name} to take it away.")
        given[_checked(name)] = value_of(value)
    both = sorted(removed & given.keys())
    if both:
        raise ParamError(f"{both[0]} is set and taken away.")
    return Changes(given, frozenset(removed))


def value_of(text: str) -> JsonValue:
    """The JSON value that is typed, or the text itself."""
    try:
        value: JsonValue = _VALUE.decode(text.encode())
    except (msgspec.DecodeError, UnicodeEncodeError):
        return text
    return value


def _checked(name: str) -> str:
    if name in _KNOWN:
        return name
    if not name:
        raise ParamError("A name is missing.")
    if name in {"custom_id", "params"}:
        raise ParamError(f"{name} is not a param: answers are told apart by their ids.")
    near = nearest(name, sorted(_KNOWN))
    if near:
        raise ParamError(f'There is no param "{name}". Did you mean "{near}"?')
    return name


def written(changes: Changes) -> str:
    """The changes as they would be typed."""
    given = [shlex.quote(f"{name}={_text(value)}") for name, value in changes.set.items()]
    return " ".join([*given, *(f"-{name}" for name in sorted(changes.remove))])


def _text(value: JsonValue) -> str:
    # a text that would be read as something else has to keep its quotes
    if isinstance(value, str) and value_of(value) == value:
        return value
    return json.dumps(value, ensure_ascii=False)
