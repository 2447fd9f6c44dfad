"""What is typed to change params: ``max_tokens=4096 temperature=0.2 -top_k``. Pure."""

import json
import shlex
from collections.abc import Iterable

import msgspec

from batchtui.formatting import nearest
from batchtui.submission.retry import Changes, JsonValue
from batchtui.submission.specification import PARAMS

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
    settings = [word for word in words if "=" in word]
    names = [word for word in words if "=" not in word]
    for name in names:
        if not name.startswith("-"):
            raise ParamError(f"{name}: say {name}=VALUE, or -{name} to take it away.")
    return changes_of(settings, [name[1:] for name in names])


def changes_of(settings: Iterable[str], removed: Iterable[str]) -> Changes:
    """Read changes that stand apart.

    Args:
        settings: Each ``name=value``; a value is JSON, or plain text.
        removed: The names of params to take away.

    Raises:
        ParamError: One cannot be understood.
    """
    given: dict[str, JsonValue] = {}
    for setting in settings:
        name, is_set, value = setting.partition("=")
        if not is_set:
            raise ParamError(f"{setting} is not PARAM=VALUE.")
        given[_checked(name)] = value_of(value)
    taken = frozenset(map(_checked, removed))
    both = sorted(taken & given.keys())
    if both:
        raise ParamError(f"{both[0]} is both set and removed.")
    return Changes(given, taken)


def value_of(text: str) -> JsonValue:
    """Return the JSON value that is typed, or the text itself.

    Raises:
        ParamError: It holds bytes that are no text, or is nested too deeply.
    """
    try:
        value: JsonValue = _VALUE.decode(text.encode())
    except msgspec.DecodeError:
        return text
    except UnicodeEncodeError:
        raise ParamError("A value is not UTF-8.") from None
    except RecursionError:
        raise ParamError("A value is nested too deeply.") from None
    return value


def _checked(name: str) -> str:
    if name in PARAMS:
        return name
    if not name:
        raise ParamError("A name is missing.")
    if name == "custom_id":
        raise ParamError("custom_id cannot be changed: answers are matched by it.")
    if name == "params":
        raise ParamError("params are changed one by one, as in max_tokens=8192.")
    near = nearest(name, sorted(PARAMS))
    if near:
        raise ParamError(f'There is no param "{name}". Did you mean "{near}"?')
    return name


def written(changes: Changes) -> str:
    """Return the changes as they would be typed."""
    given = [shlex.quote(f"{name}={_text(value)}") for name, value in changes.set.items()]
    return " ".join([*given, *(f"-{name}" for name in sorted(changes.remove))])


def _text(value: JsonValue) -> str:
    # a text that would be read as something else has to keep its quotes
    if isinstance(value, str) and value_of(value) == value:
        return value
    return json.dumps(value, ensure_ascii=False)
