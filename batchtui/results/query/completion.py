"""What could be typed next in a query: fields, and values with what the file really holds."""

import re
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping

from msgspec import Struct

from batchtui.formatting import plural
from batchtui.results.index import ResultsIndex
from batchtui.results.query.columns import NAMES, REVIEWED
from batchtui.results.query.lexer import read_field_and_operator
from batchtui.results.query.reference import FIELDS, SORT_FIELDS, Field, find_field
from batchtui.results.query.syntax import quote
from batchtui.results.records.catalog import FieldInfo
from batchtui.results.records.columns import write_scalar
from batchtui.results.records.registry import records_of
from batchtui.untrusted import visible

_TERM = re.compile(r'(?:[^\s"]|"(?:[^"\\]|\\.)*"?)*\Z', re.DOTALL)
_OPENING = re.compile(r"[-(]*")
_LISTED = frozenset({"type", "noticed", "name", "path", "id", "has", "review"})
"""Kinds of fields of which several values may stand behind one another, with commas."""
_VALUES_BEFORE = re.compile(r'(?:(?:[^,"]|"(?:[^"\\]|\\.)*(?:"|\Z))*,)*', re.DOTALL)
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


def complete_query(text: str, cursor: int, index: ResultsIndex | None = None) -> list[Completion]:
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
    named = read_field_and_operator(text[:cursor], start)
    if named is None:
        return _complete_field(text[start:cursor], start, cursor, index)
    name, sign, value_start = named
    field = find_field(name)
    if field is None or sign not in field.operators:
        return []
    typed = text[value_start:cursor]
    if field.kind in _LISTED and (before := _VALUES_BEFORE.match(typed)) is not None:
        value_start += before.end()
        typed = typed[before.end() :]
    match field.kind:
        case "sort":
            return _complete_sort(typed, value_start, cursor, index)
        case "has":
            paths = _complete_path(typed, value_start, cursor, index, sign="")
            return [*paths, *_complete_value(field, typed, value_start, cursor, index)]
        case _:
            return _complete_value(field, typed, value_start, cursor, index)


def _complete_field(
    typed: str, start: int, cursor: int, index: ResultsIndex | None
) -> list[Completion]:
    wanted = typed.lower()
    if wanted.startswith('"'):
        return []
    paths = _complete_path(typed, start, cursor, index)
    if wanted.startswith("."):
        return paths
    found = [
        field
        for field in FIELDS
        if any(name.startswith(wanted) for name in (field.name, *field.aliases))
    ]
    found.sort(key=lambda field: not field.name.startswith(wanted))
    return [
        *(
            Completion(field.name + _usual_operator(field), start, cursor, field.summary)
            for field in found
        ),
        *paths,
    ]


def _complete_path(
    typed: str, start: int, cursor: int, index: ResultsIndex | None, sign: str | None = None
) -> list[Completion]:
    """Offer the fields of the answers that hold what was typed, those that begin with it first."""
    wanted = typed.lower()
    fields = records_of(index).fields if index is not None else ()
    fitting = [field for field in fields if wanted in field.path.lower()]
    fitting.sort(key=lambda field: not field.path.lower().startswith(wanted))
    return [
        Completion(
            field.path + (_path_operator(field) if sign is None else sign),
            start,
            cursor,
            describe_field(field),
        )
        for field in fitting[:_MAX_VALUES]
    ]


def _path_operator(field: FieldInfo) -> str:
    return ">" if field.kinds and field.kinds[0][0] == "number" else ":"


def describe_field(field: FieldInfo) -> str:
    """Say what a field holds: its types, and the share of records that have it."""
    kinds = " or ".join(kind for kind, _ in field.kinds[:3])
    about = "about " if field.is_sampled else ""
    return f"{kinds}, in {about}{field.share:.0%} of the records"


def _usual_operator(field: Field) -> str:
    return ">" if field.kind == "number" else ":"


def _complete_sort(
    typed: str, start: int, cursor: int, index: ResultsIndex | None
) -> list[Completion]:
    before, _, last = typed.rpartition(",")
    start += len(before) + 1 if before or typed.startswith(",") else 0
    minus = "-" if last.startswith("-") else ""
    wanted = last.removeprefix("-").lower()
    fields = records_of(index).fields if index is not None else ()
    names = [*SORT_FIELDS, *(field.path for field in fields)]
    names = [name for name in names if name.startswith(wanted)]
    order = "largest first" if minus else "smallest first"
    return [Completion(minus + name, start, cursor, order) for name in names]


def _complete_value(
    field: Field, typed: str, start: int, cursor: int, index: ResultsIndex | None
) -> list[Completion]:
    wanted = typed.strip('"').lower()
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
    match field.kind:
        case "name":
            column = NAMES[field.name]
            return _describe(column.names(index), column.codes(index, 0, len(index)))
        case "cause":
            return _describe([cause.type for cause in index.cause_list], index.causes[:])
        case "path":
            return _values_of(field.name, index)
        case "review":
            return _describe_counts(map(REVIEWED[field.name], index.reviews.values()))
        case _:
            return {}


def _values_of(path: str, index: ResultsIndex) -> dict[str, str]:
    """Return the values of a field of the answers: all of them, or those of a sample."""
    records = records_of(index)
    column = records.columns.get(path)
    if column is not None and 0 < len(index) <= len(column) <= _MAX_COUNTED:
        counts, may_be_more = column.counts()
        least = "at least " if may_be_more else ""
        return {
            visible(write_scalar(value)): f"{least}{plural(rows, 'row')}"
            for value, rows in counts.most_common(_MAX_VALUES)
        }
    found = next((field for field in records.fields if field.path == path), None)
    about = "of a sample" if found is not None and found.is_sampled else ""
    return {
        visible(value): " ".join(filter(None, (plural(rows, "row"), about)))
        for value, rows in (found.values if found is not None else ())
    }


def _describe(names: list[str], codes: "array[int]") -> dict[str, str]:
    if len(codes) > _MAX_COUNTED:
        return {visible(name): "" for name in names if name}
    counts: Counter[str] = Counter()
    for code, rows in Counter(codes).items():
        counts[names[code]] += rows
    return _describe_counts(counts)


def _describe_counts(names: Iterable[str] | Mapping[str, int]) -> dict[str, str]:
    counts = Counter(names)
    del counts[""]
    return {visible(name): plural(rows, "row") for name, rows in counts.most_common()}
