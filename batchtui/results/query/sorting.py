"""Orders rows by the columns of the index: stable, rows without a value last."""

import hashlib
import heapq
from array import array
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from batchtui.results.index import RESULT_TYPES, ResultsIndex
from batchtui.results.query.columns import total_tokens
from batchtui.results.query.syntax import Sample, SortKey
from batchtui.results.records.paths import Cell, Part, Word
from batchtui.results.records.table import records_of


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
        if key.field == "asked":
            rows = _sort_as_asked(index, rows, asked or {}, descending=key.descending)
        elif key.field.startswith("."):
            rows = _sort_by_field(index, rows, key)
        else:
            rows = _sort_by_one(index, rows, key)
    return rows


def choose_sample(index: ResultsIndex, rows: "array[int]", sample: Sample) -> "array[int]":
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


def _sort_by_one(index: ResultsIndex, rows: "array[int]", key: SortKey) -> "array[int]":
    if key.field == "row":
        return array("I", sorted(rows, reverse=key.descending))
    if key.field == "id":
        return _sort_by_id(index, rows, descending=key.descending)
    values = _RANKS[key.field](index)
    unknown = -1
    known = [row for row in rows if values[row] != unknown]
    known.sort(key=values.__getitem__, reverse=key.descending)
    result = array("I", known)
    if len(known) < len(rows):
        result.extend(row for row in rows if values[row] == unknown)
    return result


def _sort_as_asked(
    index: ResultsIndex, rows: "array[int]", asked: Mapping[str, int], *, descending: bool
) -> "array[int]":
    ids = index.custom_ids(0, len(index))
    known = [row for row in rows if ids[row] in asked]
    known.sort(key=lambda row: asked[ids[row]], reverse=descending)
    result = array("I", known)
    if len(known) < len(rows):
        result.extend(row for row in rows if ids[row] not in asked)
    return result


def _sort_by_field(index: ResultsIndex, rows: "array[int]", key: SortKey) -> "array[int]":
    """Order rows by a field of their answers: numbers before texts, no value last."""
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
    special = sorted(ranks, key=ranks.__getitem__, reverse=key.descending)
    unknown = [row for row in rows if row >= count]
    unknown += [row for row in others if row not in ranks]
    if any(ranks[row][0] == 0 for row in special):  # numbers that no float holds
        ranks.update({row: (0, Decimal(repr(numbers[row])), "") for row in known})
        merged = sorted(ranks, key=ranks.__getitem__, reverse=key.descending)
        return array("I", [*merged, *unknown])
    parts = (special, known) if key.descending else (known, special)
    return array("I", [*parts[0], *parts[1], *unknown])


def _rank(cell: Cell) -> tuple[int, Decimal, str] | None:
    """Return what orders a value that is not a plain number; None for no value."""
    if isinstance(cell, tuple):
        return _rank(cell[0]) if cell else None
    match cell:
        case None:
            return None
        case str():
            return 1, Decimal(0), cell.lower()
        case Part():
            return (1, Decimal(0), cell.shown.lower()) if cell.kind == "string" else None
        case Word():
            return None if cell.name == "null" else (2, Decimal(0), cell.name)
        case _:
            return 0, Decimal(repr(cell)) if isinstance(cell, float) else Decimal(cell), ""


def _sort_by_id(index: ResultsIndex, rows: "array[int]", *, descending: bool) -> "array[int]":
    ids = index.custom_ids(0, len(index))
    named = [row for row in rows if ids[row]]
    named.sort(key=ids.__getitem__, reverse=descending)
    result = array("I", named)
    if len(named) < len(rows):
        result.extend(row for row in rows if not ids[row])
    return result


def _ranked(names: Sequence[str], codes: "array[int]") -> "array[int]":
    """Replace the number of a name by its place in the alphabet; no name is -1."""
    places = {name: place for place, name in enumerate(sorted(set(names)))}
    ranks = [places[name] if name else -1 for name in names]
    return array("i", map(ranks.__getitem__, codes))


def _rank_causes(index: ResultsIndex) -> "array[int]":
    codes = index.causes[: len(index)]
    names = [f"{cause.type}\n{cause.message_pattern}".strip() for cause in index.cause_list]
    return _ranked(names, codes)


def _rank_stops(index: ResultsIndex) -> "array[int]":
    codes = index.stop_reasons[: len(index)]
    return _ranked(index.stop_names, codes)


def _rank_models(index: ResultsIndex) -> "array[int]":
    codes = index.models[: len(index)]
    return _ranked(index.model_names, codes)


_RANKS: dict[str, Callable[[ResultsIndex], "array[int]"]] = {
    "type": lambda index: _ranked(RESULT_TYPES, index.types[: len(index)]),
    "stop": _rank_stops,
    "model": _rank_models,
    "error": _rank_causes,
    "in": lambda index: index.input_tokens,
    "out": lambda index: index.output_tokens,
    "cached": lambda index: index.cache_read,
    "written": lambda index: index.cache_write,
    "size": lambda index: index.lengths,
    "tokens": lambda index: total_tokens(index, 0, len(index)),
}
