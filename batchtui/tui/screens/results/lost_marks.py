"""Marks of rows that outlive their file: a row is found again by its id."""

from collections.abc import Iterable

from batchtui.results.index import ResultsIndex


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
