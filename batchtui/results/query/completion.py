"""What could be typed next in a query: fields, and values with what the file really holds."""

import re
from array import array
from collections import Counter

from msgspec import Struct

from batchtui.results.index import ResultsIndex
from batchtui.results.query.reference import FIELDS, SORT_FIELDS, Field, find_field
from batchtui.results.query.syntax import quote
from batchtui.untrusted import visible

_TERM = re.compile(r'(?:[^\s"]|"(?:[^"\\]|\\.)*"?)*\Z', re.DOTALL)
_OPENING = re.compile(r"[-(]*")
_FIELD = re.compile(r"([^\W\d]\w*)(>=|<=|[:=~<>])")
_MAX_VALUES = 50
_MAX_COUNTED = 200_000
"""Rows above which values are not counted: a key press must not wait."""


class Completion(Struct, frozen=True):
    """Something that could stand where the cursor is."""

    insert: str
    """The text to put in place of the query's characters from ``start`` to ``end``."""
    start: int
    """Where the replaced text starts, in characters."""
    end: int
    """Where it ends, exclusive: the cursor."""
    description: str
    """What it means, in a few words."""


def complete(text: str, cursor: int, index: ResultsIndex | None = None) -> list[Completion]:
    """Return what could complete the term before the cursor, the most useful first.

    Args:
        text: The query as typed so far; it need not be one.
        cursor: Where the cursor is, in characters.
        index: The rows, for the values they have.
    """
    match = _TERM.search(text, 0, cursor)
    start = match.start() if match is not None else cursor
    opening = _OPENING.match(text, start, cursor)
    start = opening.end() if opening is not None else start
    field_match = _FIELD.match(text, start, cursor)
    if field_match is None:
        return _complete_field(text[start:cursor], start, cursor)
    field = find_field(field_match.group(1))
    if field is None or field_match.group(2) not in field.operators:
        return []
    typed = text[field_match.end() : cursor]
    if field.name == "sort":
        return _complete_sort(typed, field_match.end(), cursor)
    return _complete_value(field, typed, field_match.end(), cursor, index)


def _complete_field(typed: str, start: int, cursor: int) -> list[Completion]:
    wanted = typed.lower()
    if wanted.startswith('"'):
        return []
    found = [
        field
        for field in FIELDS
        if any(name.startswith(wanted) for name in (field.name, *field.aliases))
    ]
    found.sort(key=lambda field: not field.name.startswith(wanted))
    return [
        Completion(field.name + _usual_operator(field), start, cursor, field.summary)
        for field in found
    ]


def _usual_operator(field: Field) -> str:
    return ">" if field.kind == "number" else ":"


def _complete_sort(typed: str, start: int, cursor: int) -> list[Completion]:
    before, _, last = typed.rpartition(",")
    start += len(before) + 1 if before or typed.startswith(",") else 0
    minus = "-" if last.startswith("-") else ""
    wanted = last.removeprefix("-").lower()
    names = [name for name in SORT_FIELDS if name.startswith(wanted)]
    order = "largest first" if minus else "smallest first"
    return [Completion(minus + name, start, cursor, order) for name in names]


def _complete_value(
    field: Field, typed: str, start: int, cursor: int, index: ResultsIndex | None
) -> list[Completion]:
    last = typed.strip('"')
    if not typed.startswith('"') and field.kind in {"choice", "name"}:
        last = typed.rpartition(",")[2]
        start = cursor - len(last)
    wanted = last.lower()
    values = {choice.value: choice.summary for choice in field.choices}
    for value, rows in (_values_in(field, index) if index is not None else {}).items():
        values[value] = ", ".join(filter(None, (values.get(value), rows)))
    fitting = [value for value in values if wanted in value.lower()]
    fitting.sort(key=lambda value: not value.lower().startswith(wanted))
    return [
        Completion(quote(value), start, cursor, values[value]) for value in fitting[:_MAX_VALUES]
    ]


def _values_in(field: Field, index: ResultsIndex) -> dict[str, str]:
    """Return the values the rows have, the most frequent first, with how many rows have each."""
    match field.name:
        case "stop":
            return _describe(index.stop_names, index.stop_reasons)
        case "model":
            return _describe(index.model_names, index.models)
        case "error":
            return _describe([cause.type for cause in index.cause_list], index.causes)
        case _:
            return {}


def _describe(names: list[str], codes: "array[int]") -> dict[str, str]:
    if len(codes) > _MAX_COUNTED:
        return {visible(name): "" for name in names if name}
    counts: Counter[str] = Counter()
    for code, rows in Counter(codes[:]).items():
        counts[names[code]] += rows
    del counts[""]
    return {visible(name): f"{rows:,} rows" for name, rows in counts.most_common()}
