"""Rows grouped by what they have in common: a field of their answers, their type, their error.

Each group comes with the query that finds its rows; numbers come with what lies between them.
"""

import re
from array import array
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, TypeAlias

from batchtui.results.grouping import Grouping, RowGroup, Spread, largest_first, measure_spread
from batchtui.results.index import NO_CAUSE, RESULT_TYPES, ResultsIndex
from batchtui.results.query.numbers import read_signed
from batchtui.results.query.syntax import quote
from batchtui.results.records.columns import describe_kind, write_scalar
from batchtui.results.records.json_scan import Number
from batchtui.results.records.paths import Cell, PartialValue, Scalar, Word, shorten
from batchtui.results.records.registry import records_of
from batchtui.results.row_block import LineSource

if TYPE_CHECKING:
    from batchtui.results.schema import Misfit

INDEX_FIELDS = ("type", "stop", "model", "error", "review")
"""What rows can be grouped by beside the fields of their answers."""
MISFITS = "fits:"
"""With the name of a schema behind it: rows are grouped by what does not fit there."""

_Values: TypeAlias = "Cell | tuple[Scalar | PartialValue, ...]"
"""The values of a row: of a list that columns do not keep, all elements."""
_EMPTY_LIST = PartialValue("list", "0")

_MOST_NAMED = 50
"""Conditions of a query that nobody typed, at most."""
_GREATEST_EXPONENT = 300
"""Of a number whose distance to others a float can hold."""
_WORDS = frozenset({"true", "false", "null"})


def group_rows(
    index: ResultsIndex,
    source: LineSource,
    rows: "array[int]",
    by: str,
    *,
    limit: int | None = None,
    is_sample: bool = False,
) -> Grouping:
    """Group rows.

    Args:
        index: The rows of the file.
        source: Where their bytes are: a field that is no column yet is made one.
        rows: The rows to group.
        by: A field of the answers such as ``.vendor``, one of `INDEX_FIELDS`, or ``fits:`` with
            the name of a schema, for what does not fit it.
        limit: How many groups to return at most.
        is_sample: Whether the rows are a sample. Groups are asked for by the numbers of their rows
            then: with another condition, other rows would be drawn.

    Raises:
        ValueError: There is no such field.
        SchemaError: There is no such schema.
        BatchtuiError: The file cannot be read, or not the requests.
    """
    if by.startswith(MISFITS):
        return _group_misfits(index, source, rows, by.removeprefix(MISFITS), limit)
    if by in INDEX_FIELDS:
        return _group_by_index(index, rows, by, limit, is_sample=is_sample)
    cells = _cells_of(index, source, by, rows)
    counts = Counter(cells)
    missing = counts.pop(None, 0)
    values = _explode(counts)
    members = _Members(rows, map(_values_of, cells))

    def ask_for(value: Scalar | PartialValue | None) -> str:
        query = "" if is_sample else _ask_for(by, value, values)
        return query or members.query_of(value)

    groups = [
        RowGroup(_show(value), count, count / len(rows), ask_for(value), describe_kind(value))
        for value, count in values.most_common(limit)
    ]
    if missing:
        groups.append(_missing(missing, len(rows), ask_for(None)))
    return Grouping(by, largest_first(groups), len(rows), len(values), _spread_of(values))


def _cells_of(
    index: ResultsIndex, source: LineSource, by: str, rows: "array[int]"
) -> Sequence[_Values]:
    """Return the values of a field in some rows."""
    records = records_of(index)
    column = records.column(by)
    records.fill(source, len(index), [column])
    cells: list[_Values] = [*column.cells]
    wanted = frozenset(rows) if column.special else frozenset()
    for row in wanted.intersection(column.special):
        cell = cells[row]
        if isinstance(cell, PartialValue) and cell.kind == "list":
            scalars = records.scalars(source, row, column.path)
            cells[row] = tuple(map(shorten, scalars)) or cell
    return [cells[row] for row in rows]


def _explode(counts: Mapping[_Values, int]) -> "Counter[Scalar | PartialValue]":
    """Count each value of rows with several values, in the order in which they are met."""
    found: Counter[Scalar | PartialValue] = Counter()
    for cell, rows in counts.items():
        for value in dict.fromkeys(_values_of(cell)):
            if value is not None:
                found[value] += rows
    return found


def _values_of(cell: _Values) -> "Sequence[Scalar | PartialValue | None]":
    return (cell or (_EMPTY_LIST,)) if isinstance(cell, tuple) else (cell,)


def _missing(count: int, of_all: int, query: str) -> RowGroup:
    return RowGroup("", count, count / of_all, query, "", is_missing=True)


def _show(value: Scalar | PartialValue) -> str:
    if not isinstance(value, PartialValue):
        return write_scalar(value)
    if value.kind == "string":
        return f"{value.shown}…"
    return f"({value.kind} of {value.shown})" if value.shown != "0" else f"(empty {value.kind})"


def _ask_for(
    by: str, value: Scalar | PartialValue | None, others: "Counter[Scalar | PartialValue]"
) -> str:
    """Return the query that finds exactly these rows; empty if there is none but their numbers."""
    if value is None:
        return f"-has:{by}"
    if value == _EMPTY_LIST:
        return f"{by}=[]"
    if isinstance(value, PartialValue):
        return _ask_for_beginning(by, value.shown) if value.kind == "string" else ""
    text = write_scalar(value)
    if isinstance(value, Word):
        return f"{by}={text}"
    if isinstance(value, Number):
        return _ask_for_number(by, text, has_text=text in others)
    written = quote(text)
    is_plain = written == text and read_signed(text) is None and text.lower() not in _WORDS
    return f"{by}={written}" if is_plain or written != text else f'{by}="{text}"'


def _ask_for_number(by: str, text: str, *, has_text: bool) -> str:
    if read_signed(text) is None:
        return ""
    return f"{by}={text}" + (f' -{by}="{text}"' if has_text else "")


def _ask_for_beginning(by: str, text: str) -> str:
    pattern = re.escape(text).replace("/", r"\/").replace("\\\n", r"\n")
    return f"{by}~/^{pattern}/s"


class _Members:
    """The rows of groups that no condition finds, by what they have in common.

    Args:
        rows: All rows that are grouped.
        values: What each of them has.
    """

    def __init__(self, rows: Iterable[int], values: Iterable[Iterable[Hashable]]) -> None:
        self._pairs = zip(rows, values, strict=True)
        self._rows: defaultdict[Hashable, list[int]] = defaultdict(list)

    def query_of(self, value: Hashable) -> str:
        """Return the query for rows by their numbers; empty if these are too many."""
        for row, values in self._pairs:  # at the first call only: most fields need none
            for one in values:
                self._rows[one].append(row)
        spans: list[range] = []
        for row in sorted(set(self._rows[value])):
            if spans and spans[-1].stop == row:
                spans[-1] = range(spans[-1].start, row + 1)
            else:
                spans.append(range(row, row + 1))
        if len(spans) > _MOST_NAMED:
            return ""
        named = [f"row:{one[0] + 1}" + f"..{one.stop}" * (len(one) > 1) for one in spans]
        return f"({' or '.join(named)})" if len(named) > 1 else "".join(named)


def _spread_of(counts: "Counter[Scalar | PartialValue]") -> Spread | None:
    numbers = {
        value: rows
        for value, rows in counts.items()
        if isinstance(value, Number) and not _is_boundless(value)
    }
    return measure_spread(numbers)


def _is_boundless(number: Number) -> bool:
    return isinstance(number, Decimal) and number.adjusted() > _GREATEST_EXPONENT


def _group_by_index(
    index: ResultsIndex, rows: "array[int]", by: str, limit: int | None, *, is_sample: bool
) -> Grouping:
    codes, names, queries = _index_column(index, by)
    counts = Counter(codes[row] for row in rows)
    missing = counts.pop(NO_CAUSE, 0) if by != "type" else 0

    members = _Members(rows, ((codes[row],) for row in rows))

    def ask_for(code: int, query: str) -> str:
        return query if query and not is_sample else members.query_of(code)

    groups = [
        RowGroup(names[code], count, count / len(rows), ask_for(code, queries[code]))
        for code, count in counts.most_common(limit)
    ]
    if missing:
        query = f"-({' or '.join(queries[1:])})" if 1 < len(queries) <= _MOST_NAMED else ""
        groups.append(_missing(missing, len(rows), ask_for(NO_CAUSE, query)))
    return Grouping(by, largest_first(groups), len(rows), len(counts), None)


def _index_column(
    index: ResultsIndex, by: str
) -> tuple["array[int]", Sequence[str], Sequence[str]]:
    """Return a column of codes, and of each code its name and the query for it."""
    match by:
        case "type":
            return index.types, RESULT_TYPES, [f"type:{name}" for name in RESULT_TYPES]
        case "stop":
            names = index.stop_names
            return index.stop_reasons, names, [f"stop={quote(name)}" for name in names]
        case "model":
            names = index.model_names
            return index.models, names, [f"model={quote(name)}" for name in names]
        case "review":
            return _review_column(index)
        case "error":
            causes = index.cause_list
            named = [f"{cause.type}: {cause.message_pattern}".strip(": ") for cause in causes]
            return index.causes, named, cause_queries(index)
        case _:
            raise ValueError(by)


def _review_column(
    index: ResultsIndex,
) -> tuple["array[int]", Sequence[str], Sequence[str]]:
    verdicts = ["", *sorted({one.verdict for one in index.reviews.values() if one.verdict})]
    code_of = {verdict: code for code, verdict in enumerate(verdicts)}
    said = {one: code_of[review.verdict] for one, review in index.reviews.items()}
    codes = array("I", [said.get(one, 0) for one in index.custom_ids(0, len(index))])
    return codes, verdicts, [f"review={quote(verdict)}" for verdict in verdicts]


def cause_queries(index: ResultsIndex) -> list[str]:
    """Return, for each cause of the index, the shortest query that finds its rows and no others."""
    causes = index.cause_list
    types = Counter(cause.type for cause in causes)
    patterns = Counter(cause.message_pattern for cause in causes)
    queries: list[str] = []
    for cause in causes:
        by_type, by_pattern = quote(cause.type), quote(cause.message_pattern)
        if types[cause.type] == 1 and cause.type:
            queries.append(f"error={by_type}")
        elif patterns[cause.message_pattern] == 1:
            queries.append(f"error={by_pattern}")
        else:
            queries.append(f"error={by_type} error={by_pattern}")
    return queries


def _group_misfits(
    index: ResultsIndex, source: LineSource, rows: Sequence[int], name: str, limit: int | None
) -> Grouping:
    """Group the rows that do not fit a schema by field and reason; those without a record as one.

    Raises:
        SchemaError: There is no such schema.
        BatchtuiError: The file, or the requests, cannot be read.
    """
    from batchtui.results.row_schemas import schemas_for  # JSON Schema is rarely asked for

    schema_of = schemas_for(index, name)
    records = records_of(index)
    records.fill(source, len(index))
    counts: Counter[Misfit] = Counter()
    missing = 0
    for row in rows:
        schema = schema_of(row)
        if schema is None:
            continue
        text = records.text(source, row)
        if text is None:
            missing += 1
        else:
            counts.update(schema.misfits(text))
    total = max(1, len(rows))
    groups = [
        RowGroup(str(misfit), count, count / total, f"misfit={quote(str(misfit))}")
        for misfit, count in counts.most_common(limit)
    ]
    if missing:
        query = f"-fits:{quote(name)} -is:record"
        groups.append(RowGroup("no record", missing, missing / total, query))
    return Grouping(f"{MISFITS}{name}", largest_first(groups), len(rows), len(counts), None)
