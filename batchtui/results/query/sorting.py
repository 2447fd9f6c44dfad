"""Orders rows by the columns of the index: stable, rows without a value last."""

from array import array
from collections.abc import Callable, Sequence

from batchtui.results.index import RESULT_TYPES, ResultsIndex
from batchtui.results.query.columns import total_tokens
from batchtui.results.query.syntax import SortKey


def sort_rows(index: ResultsIndex, rows: "array[int]", keys: Sequence[SortKey]) -> "array[int]":
    """Return rows in the order of some keys.

    Args:
        index: The columns.
        rows: Row numbers, ascending.
        keys: The most important first; rows alike in all of them keep their order.
    """
    for key in reversed(keys):
        rows = _sort_by_one(index, rows, key)
    return rows


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
