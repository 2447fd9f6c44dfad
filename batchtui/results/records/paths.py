"""Paths to fields of a record, as typed: ``.vendor``, ``.lines[0].sku``, ``.lines[].qty``."""

import re
from typing import TypeAlias

from msgspec import Struct

from batchtui.results.records.json_scan import Number

_PLAIN = re.compile(r"[^\W\d][\w-]*")
PATH_STARTS = (".", "[")
"""What a path starts with."""
_STEP = re.compile(
    r"""
    \.?\[(?:(?P<index>-?\d{1,9})|"(?P<bracketed>(?:[^"\\]|\\.)*)")?\]
    | \.(?:(?P<name>[\w][\w-]*)|"(?P<quoted>(?:[^"\\]|\\.)*)")
    """,
    re.VERBOSE,
)

_MEANT_STEP = re.compile(
    r"""\[(?:-?\d{1,9}|"(?:[^"\\]|\\.)*")?\]|\."(?:[^"\\]|\\.)*"|\.[^\s.\[\]"'=<>~:!()≠≤≥,]+"""
)


class Each(Struct, frozen=True):
    """Every element of a list."""


class Word(Struct, frozen=True):
    """One of JSON's words; a value of its own, so that ``true`` is not 1."""

    name: str
    """``true``, ``false`` or ``null``."""


class PartialValue(Struct, frozen=True):
    """A value that a column keeps in part: the record has the whole."""

    kind: str
    """``string``, ``list`` or ``object``."""
    shown: str
    """How it begins, or how many members it has."""


Step: TypeAlias = str | int | Each
Scalar: TypeAlias = str | Number | Word
Cell: TypeAlias = "Scalar | PartialValue | tuple[Scalar, ...] | None"
"""A value of a column: a tuple stands for several values; None for a field that is not there."""

EACH = Each()
TRUE, FALSE, NULL = Word("true"), Word("false"), Word("null")
MISSING = None
_MAX_TEXT = 256
_MAX_ITEMS = 64


class FieldPath(Struct, frozen=True):
    """Where a field is in a record."""

    text: str
    """As typed, leading dot included."""
    steps: tuple[Step, ...]
    """Names, places in a list, or every element."""

    @property
    def root(self) -> str | None:
        """The name it starts with; None if it does not start with a name."""
        first = self.steps[0] if self.steps else None
        return first if isinstance(first, str) else None


def read_path(text: str, start: int = 0) -> tuple[FieldPath, int] | None:
    """Read the path that starts at a place of a query.

    Returns:
        The path and the place behind it; None if there is no path. That of an element of the
        record, such as ``.[0].sku``, may lack its dot.
    """
    if not text.startswith(PATH_STARTS, start):
        return None
    steps: list[Step] = []
    position = start
    while (match := _STEP.match(text, position)) is not None:
        steps.append(_read_step(match))
        position = match.end()
    if not steps:
        return None
    return FieldPath(with_dot(text[start:position]), tuple(steps)), position


def read_meant_path(text: str, start: int = 0) -> tuple[str, int] | None:
    """Read what is meant for a path, though names with signs of their own are not in quotes.

    Returns:
        The path with these in quotes, and the place behind it; None if there is nothing like it.
    """
    steps: list[str] = []
    position = start
    while (match := _MEANT_STEP.match(text, position)) is not None:
        step = match.group()
        steps.append(step if _STEP.fullmatch(step) else write_name(step[1:]))
        position = match.end()
    return ("".join(steps), position) if steps else None


def path_hint(text: str) -> str:
    """Say how a path is written, if one can the one that a text is meant for."""
    meant = read_meant_path(text)
    if meant is not None and meant[1] == len(text):
        return f"Write {meant[0]}"
    return 'A field starts with a dot, as in .total, .lines[0].sku or ."unit price"'


def path_of(text: str) -> FieldPath | None:
    """Return the path that a text is, and nothing else; None if it is none."""
    read = read_path(text)
    return read[0] if read is not None and read[1] == len(text) else None


def with_dot(path: str) -> str:
    """Return a path as it is known: one such as ``[0].sku`` may be typed without its dot."""
    return f".{path}" if path.startswith("[") else path


def _read_step(match: re.Match[str]) -> Step:
    index, name = match.group("index"), match.group("name")
    if index is not None:
        return int(index)
    if name is not None:
        return name
    texts = (match.group("quoted"), match.group("bracketed"))
    quoted = next((text for text in texts if text is not None), None)
    return EACH if quoted is None else re.sub(r"\\(.)", r"\1", quoted)


def write_name(name: str) -> str:
    """Write the step to a name, quoted where it has to be."""
    if _PLAIN.fullmatch(name):
        return f".{name}"
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'."{escaped}"'


def step_into(path: str, step: str) -> str:
    """Write a path with one step more; "." is that of the whole record."""
    return step if path == "." and step.startswith(".") else path + step


def values_at(value: object, steps: tuple[Step, ...]) -> list[object]:
    """Return the values that a path leads to: several where it goes through a list."""
    found = [value]
    for step in steps:
        if isinstance(step, Each):
            found = [item for items in found if isinstance(items, list) for item in items]
        elif isinstance(step, int):
            lists = [items for items in found if isinstance(items, list)]
            found = [items[step] for items in lists if -len(items) <= step < len(items)]
        else:
            found = [item[step] for item in found if isinstance(item, dict) and step in item]
    return found


def scalars_of(value: object) -> list[Scalar]:
    """Return what a condition compares: a scalar itself, the scalars of a list."""
    found: list[Scalar] = []
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, list):
            waiting.extend(reversed(item))
        elif not isinstance(item, dict):
            found.append(scalar(item))
    return found


def scalar(value: object) -> Scalar:
    """Return a scalar of a record as columns hold it."""
    if isinstance(value, str):
        return value
    if value is None:
        return NULL
    if isinstance(value, bool):
        return TRUE if value else FALSE
    return value if isinstance(value, Number) else str(value)


def shorten(value: Scalar) -> Scalar | PartialValue:
    """Return a scalar, of a long text the beginning."""
    if isinstance(value, str) and len(value) > _MAX_TEXT:
        return PartialValue("string", value[:_MAX_TEXT])
    return value


def cell_of(value: object, steps: tuple[Step, ...]) -> Cell:
    """Return what a column keeps of a record's field."""
    found = values_at(value, steps)
    if not found:
        return MISSING
    if len(found) == 1 and EACH not in steps:
        return _keep(found[0])
    return _keep([item for item in found if not isinstance(item, dict)])


def _keep(value: object) -> Cell:
    if isinstance(value, str):
        return shorten(value)
    if isinstance(value, dict):
        return PartialValue("object", f"{len(value)}")
    if isinstance(value, list):
        scalars = scalars_of(value)
        is_short = len(scalars) <= _MAX_ITEMS and all(
            len(item) <= _MAX_TEXT for item in scalars if isinstance(item, str)
        )
        has_objects = not scalars and value
        return (
            tuple(scalars)
            if is_short and not has_objects
            else PartialValue("list", f"{len(value)}")
        )
    return scalar(value)
