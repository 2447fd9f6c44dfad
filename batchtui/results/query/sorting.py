"""Orders rows by the columns of the index: stable, rows without a value last."""

import hashlib
import heapq
from array import array
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final, TypeAlias

from batchtui.results.index import RESULT_TYPES, ResultsIndex
from batchtui.results.query.columns import NAMES, NUMBERS, type_codes
from batchtui.results.query.reference import kind_of
from batchtui.results.query.syntax import RowSample, SortKey
from batchtui.results.records.json_scan import as_written
from batchtui.results.records.paths import Cell, PartialValue, Word
from batchtui.results.records.registry import records_of

NO_ORDER: Final = "No requests are attached: rows stay in the order of the file."
"""What is to be said where rows are wanted in the order of the requests."""
_Rank: TypeAlias = tuple[int, Decimal, str]
"""What orders a value: its kind, then a number, then a text."""


def sort_rows(
    index: ResultsIndex,
    rows: "array[int]",
    keys: Sequence[SortKey],
    asked: Mapping[str, int] | None = None,
) -> "array[int]":
    """Return rows in the order of some keys.

    Args:
        index: The columns.
        rows: Row numbers, ascending.
        keys: The most important first; rows alike in all of them keep their order.
        asked: The place of each custom_id among the requests, for ``sort:asked``.
    """
    for key in reversed(keys):
        match kind_of(key.field):
            case "path":
                rows = _sort_by_field(index, rows, key)
            case "id":
                rows = _sort_by_id(index, rows, key)
            case _:
                rows = _sort_by_number(_numbers_of(key.field, index, asked or {}), rows, key)
    return rows


def choose_sample(index: ResultsIndex, rows: "array[int]", sample: RowSample) -> "array[int]":
    """Choose some rows by a number made of their ids: the same ones in every file of the batch.

    Args:
        index: The rows.
        rows: Those to choose from, ascending.
        sample: How many, and the seed.
    """
    if len(rows) <= sample.rows:
        return rows
    ids = index.custom_ids(0, len(index))
    seed = sample.seed.encode()

    def number(row: int) -> bytes:
        name = ids[row] or str(row)
        return hashlib.blake2b(
            name.encode(errors="surrogatepass"), digest_size=8, key=seed[:64]
        ).digest()

    return array("I", sorted(heapq.nsmallest(sample.rows, rows, key=number)))


def _sort_by_number(values: "array[int]", rows: "array[int]", key: SortKey) -> "array[int]":
    unknown = -1
    known = [row for row in rows if values[row] != unknown]
    others = [row for row in rows if values[row] == unknown]
    known.sort(key=values.__getitem__, reverse=key.descending)
    return array("I", known + others)


def _sort_by_id(index: ResultsIndex, rows: "array[int]", key: SortKey) -> "array[int]":
    ids = index.custom_ids(0, len(index))
    named = [row for row in rows if ids[row]]
    others = [row for row in rows if not ids[row]]
    named.sort(key=ids.__getitem__, reverse=key.descending)
    return array("I", named + others)


def _sort_by_field(index: ResultsIndex, rows: "array[int]", key: SortKey) -> "array[int]":
    """Order rows by a field of their answers: numbers first, then texts, no value last.

    That is so in both directions: a text such as "NaN" among numbers is no greater than they are.
    """
    column = records_of(index).column(key.field)
    cells = column.cells
    count = len(cells)
    numbers = column.numbers(count)
    known = [row for row in rows if row < count and numbers[row] == numbers[row]]
    known.sort(key=numbers.__getitem__, reverse=key.descending)
    if len(known) == len(rows):
        return array("I", known)
    others = [row for row in rows if row < count and numbers[row] != numbers[row]]
    ranks = {row: rank for row in others if (rank := _rank(cells[row])) is not None}
    special = _by_rank(ranks, key)
    unknown = [row for row in rows if row >= count]
    unknown += [row for row in others if row not in ranks]
    if any(ranks[row][0] == 0 for row in special):  # numbers that no float holds
        ranks.update({row: (0, as_written(numbers[row]), "") for row in known})
        return array("I", [*_by_rank(ranks, key), *unknown])
    return array("I", [*known, *special, *unknown])


def _by_rank(ranks: Mapping[int, _Rank], key: SortKey) -> list[int]:
    """Order rows by what they are, and those of one kind by their value."""
    rows = sorted(ranks, key=ranks.__getitem__, reverse=key.descending)
    return sorted(rows, key=lambda row: ranks[row][0])


def _rank(cell: Cell) -> _Rank | None:
    """Return what orders a value that is not a plain number; None for no value."""
    if isinstance(cell, tuple):
        return _rank(cell[0]) if cell else None
    match cell:
        case None:
            return None
        case str():
            return 1, Decimal(0), cell.lower()
        case PartialValue():
            return (1, Decimal(0), cell.shown.lower()) if cell.kind == "string" else None
        case Word():
            return None if cell.name == "null" else (2, Decimal(0), cell.name)
        case _:
            return 0, as_written(cell), ""


def _ranked(names: Sequence[str], codes: "array[int]") -> "array[int]":
    """Replace the number of a name by its place in the alphabet; no name is -1."""
    places = {name: place for place, name in enumerate(sorted(set(names)))}
    ranks = [places[name] if name else -1 for name in names]
    return array("i", map(ranks.__getitem__, codes))


def _numbers_of(field: str, index: ResultsIndex, asked: Mapping[str, int]) -> "array[int]":
    """Return what orders rows by a field: a number each, -1 for none."""
    rows = len(index)
    match kind_of(field):
        case "number":
            return NUMBERS[field](index, 0, rows)
        case "name":
            return _ranked(NAMES[field].names(index), NAMES[field].codes(index, 0, rows))
        case "asked":
            return array("q", [asked.get(one, -1) for one in index.custom_ids(0, rows)])
        case "type":
            return _ranked(RESULT_TYPES, type_codes(index, 0, rows))
        case "cause":
            causes = index.cause_list
            names = [f"{cause.type}\n{cause.message_pattern}".strip() for cause in causes]
            return _ranked(names, index.causes[:rows])
        case _:
            raise ValueError(field)
