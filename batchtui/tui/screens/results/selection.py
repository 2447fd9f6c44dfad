"""Which rows are shown, by a tab, a query and an order, and which are marked. By their numbers."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from enum import Enum

from batchtui.results.index import CANCELED, ERRORED, EXPIRED, SUCCEEDED, ResultsIndex
from batchtui.results.review_flags import ReviewFlags


class Tab(Enum):
    """One of the tabs; the value is its title."""

    ALL = "All"
    SUCCEEDED = "Succeeded"
    ERRORED = "Errored"
    CANCELED = "Canceled"
    EXPIRED = "Expired"
    LOOK = "Needs a look"


_TYPES = {
    Tab.SUCCEEDED: SUCCEEDED,
    Tab.ERRORED: ERRORED,
    Tab.CANCELED: CANCELED,
    Tab.EXPIRED: EXPIRED,
}

Rows = Sequence[int]
"""Numbers of rows, in the order in which they are shown. May be a column that grows."""


def tab_counts(index: ResultsIndex, review_flags: ReviewFlags) -> dict[Tab, int]:
    """Return how many rows each tab has, without any query."""
    counts = {tab: index.count_of(kind) for tab, kind in _TYPES.items()}
    return {Tab.ALL: len(index), **counts, Tab.LOOK: review_flags.count}


def select_rows(
    index: ResultsIndex, review_flags: ReviewFlags, tab: Tab, matches: "array[int] | None"
) -> Rows:
    """Return the rows of a tab in the order of the file.

    Args:
        index: All rows.
        review_flags: Knows the rows that need a look; up to date.
        tab: Which tab.
        matches: The rows that match the query, ascending; ``None`` without a query.
    """
    if matches is None:
        return _rows_of(index, review_flags, tab)
    if tab is Tab.ALL:
        return matches
    if tab is Tab.LOOK:
        marks = bytearray(len(index))
        for row in review_flags.rows():
            marks[row] = 1
        return array("I", [row for row in matches if marks[row]])
    kind, types = _TYPES[tab], index.types
    return array("I", [row for row in matches if types[row] == kind])


def _rows_of(index: ResultsIndex, review_flags: ReviewFlags, tab: Tab) -> Rows:
    if tab is Tab.ALL:
        return range(len(index))
    return review_flags.rows() if tab is Tab.LOOK else index.rows_by_type[_TYPES[tab]]


def place_of(rows: Rows, row: int, *, is_ascending: bool) -> int:
    """Return where a row stands, or would stand; 0 then where rows are not in the file's order."""
    if is_ascending:
        return bisect_left(rows, row)
    try:
        return rows.index(row)
    except ValueError:
        return 0


class LostMarks:
    """Finds marked rows again once the file is another, as its rows come."""

    def __init__(self) -> None:
        self._ids: set[str] = set()
        self._rows_seen = 0

    def lose(self, index: ResultsIndex, marked: Iterable[int]) -> None:
        """Remember marks of rows whose file is about to be another."""
        self._ids |= {index.custom_id(row) for row in marked}
        self._rows_seen = 0

    def find(self, index: ResultsIndex) -> set[int]:
        """Return those that are found among the rows that have come since the last time."""
        if not self._ids:
            return set()
        first, self._rows_seen = self._rows_seen, len(index)
        ids = index.custom_ids(first, len(index))
        found = {row for row, name in enumerate(ids, first) if name in self._ids}
        self._ids -= {index.custom_id(row) for row in found}
        return found
