"""Custom ids that come twice, found in little memory.

A set of a million ids costs 100 MB. Here one byte per possible hash says "perhaps seen before";
only the hashes for which it does are counted exactly, once all rows are in.
"""

from array import array
from collections.abc import Iterator

_STEP = 20_000
"""Rows looked at between two pauses: about 2 ms."""
_ROOM = 8
"""Marks per row; fewer make more false suspects, each of which costs memory."""


class DuplicateFinder:
    """Collects custom ids, then tells which rows share theirs with another."""

    def __init__(self, *, room: int = 1 << 20) -> None:
        """Start empty.

        Args:
            room: Marks to begin with, a power of two; grows by itself.
        """
        self._hashes = array("q")
        self._tables = [bytearray(room)]
        self._room = room
        self._suspects: set[int] = set()

    def add(self, ids: list[str]) -> None:
        """Take the custom ids of the next rows; "" is no id."""
        hashes = list(map(hash, ids))
        self._hashes.extend(hashes)
        if len(self._hashes) * _ROOM > self._room:
            # The old marks stay where they are: moving them all would take a tenth of a second.
            self._room *= 4
            self._tables.append(bytearray(self._room))
        for marks in self._tables[:-1]:
            mask = len(marks) - 1
            self._suspects.update([value for value in hashes if marks[value & mask]])
        self._mark(hashes)

    def find(self, found: list[int]) -> Iterator[None]:
        """Append to ``found`` the rows that share their id, ascending; yields to make pauses."""
        times: dict[int, int] = {}
        suspects = self._suspects
        suspects.discard(hash(""))
        if not suspects:
            return
        for start in range(0, len(self._hashes), _STEP):
            for value in self._hashes[start : start + _STEP]:
                if value in suspects:
                    times[value] = times.get(value, 0) + 1
            yield
        shared = {value for value, count in times.items() if count > 1}
        if not shared:
            return
        for start in range(0, len(self._hashes), _STEP):
            part = self._hashes[start : start + _STEP]
            found.extend(row for row, value in enumerate(part, start) if value in shared)
            yield

    def distinct(self, rows: list[int]) -> int:
        """Return how many different ids the given rows have."""
        return len({self._hashes[row] for row in rows})

    def _mark(self, hashes: list[int]) -> None:
        marks = self._tables[-1]
        mask = len(marks) - 1
        suspect = self._suspects.add
        for value in hashes:
            slot = value & mask
            if marks[slot]:
                suspect(value)
            else:
                marks[slot] = 1
