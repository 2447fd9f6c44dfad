"""Which rows need a look: answered, but not as they should be.

An answer needs a look if it was cut, paused or declined, if it is empty, or if it is not JSON
where most answers of the file are. All of it is known from the index, while it grows.
"""

from array import array
from collections.abc import Iterable
from itertools import compress

from msgspec import Struct

from batchtui.results.index import EMPTY_ANSWER, JSON_ANSWER, SUCCEEDED, ResultsIndex
from batchtui.results.records.registry import records_of
from batchtui.results.row_block import pack, unpack

STOPS: dict[str, str] = {
    "max_tokens": "cut at max_tokens",
    "refusal": "declined",
    "pause_turn": "paused in the middle",
    "model_context_window_exceeded": "ran out of context window",
}
"""The stop reasons that need a look, and what to say of them."""

NOT_WHOLE = frozenset({"max_tokens", "refusal"})
"""The stop reasons of answers that are not whole: cut, or declined."""

EMPTY = "empty answer"
PROSE = "not JSON, as most answers are"

_STEP = 16_384
"""Rows looked at in one go; a fraction of a millisecond."""
_SUCCEEDED = bytes(int(code == SUCCEEDED) for code in range(256))
_NEEDS_LOOK, _CALLS_TOOL = 1, 2
"""What a stop reason says of an answer."""


class _Kinds(Struct, frozen=True):
    """Sets of rows, as `row_block` packs them."""

    troubled: int
    """Need a look whatever the others are."""
    json: int
    """Answered with JSON, and otherwise fine."""
    plain: int
    """Answered with other text, and otherwise fine."""


class ReviewFlags:
    """Keeps the rows that need a look up to date while an index grows."""

    def __init__(self) -> None:
        self._knows_records = False
        self._begin()

    def _begin(self) -> None:
        self._kinds: list[tuple[range, _Kinds]] = []
        """Rows, and of what kind they are: numbers are made of it where they are asked for."""
        self._troubled_count = self._plain_count = self._json_count = 0
        self._seen = 0

    @property
    def expects_json(self) -> bool:
        """Whether most answers seen so far are JSON, so that the others stand out."""
        return self._json_count > self._plain_count

    @property
    def count(self) -> int:
        """How many of the rows seen so far need a look."""
        return self._troubled_count + (self._plain_count if self.expects_json else 0)

    def rows(self) -> "array[int]":
        """Return the rows that need a look, ascending."""
        found = array("I")
        for rows, kinds in self._kinds:
            found.extend(_rows_of(rows, self._marked(kinds)))
        return found

    def update(self, index: ResultsIndex) -> None:
        """Look at the rows that came since the last call.

        Once all answers were looked at for their records, it is known which of them are JSON: then
        all rows are looked at again.
        """
        count = len(index)
        if not self._knows_records and 0 < count <= records_of(index).looked:
            self._begin()
            self._knows_records = True
        while self._seen < count:
            stop = min(self._seen + _STEP, count)
            kinds = _sort_out(index, self._seen, stop)
            self._kinds.append((range(self._seen, stop), kinds))
            self._troubled_count += kinds.troubled.bit_count()
            self._plain_count += kinds.plain.bit_count()
            self._json_count += kinds.json.bit_count()
            self._seen = stop

    def select(self, index: ResultsIndex, start: int, stop: int) -> int:
        """Return which rows from ``start`` up to ``stop`` need a look, packed as a `RowBlock` does.

        What is expected of an answer is taken from all rows seen by `update` so far.
        """
        return self._marked(_sort_out(index, start, stop))

    def _marked(self, kinds: _Kinds) -> int:
        return kinds.troubled | kinds.plain if self.expects_json else kinds.troubled

    def reasons(self, index: ResultsIndex, row: int) -> tuple[str, ...]:
        """Say why a row needs a look; empty if it does not."""
        if index.types[row] != SUCCEEDED:
            return ()
        stop = STOPS.get(index.stop_names[index.stop_reasons[row]])
        empty = EMPTY if index.flags[row] & EMPTY_ANSWER else None
        found = tuple(reason for reason in (stop, empty) if reason is not None)
        if found or not self.expects_json:
            return found
        return (PROSE,) if _sort_out(index, row, row + 1).plain else ()


def _rows_of(rows: range, marks: int) -> Iterable[int]:
    return compress(rows, unpack(marks, len(rows))) if marks else ()


def _sort_out(index: ResultsIndex, start: int, stop: int) -> _Kinds:
    answered = pack(index.types[start:stop].tobytes().translate(_SUCCEEDED))
    stops = pack(index.stop_reasons[start:stop].tobytes().translate(_marks_of(index.stop_names)))
    flags = pack(index.flags[start:stop].tobytes())

    def rows_with(marks: int, mark: int) -> int:
        return (marks >> (mark.bit_length() - 1)) & answered

    troubled = rows_with(stops, _NEEDS_LOOK) | rows_with(flags, EMPTY_ANSWER)
    json = rows_with(flags, JSON_ANSWER)
    plain = answered & ~(troubled | json | rows_with(stops, _CALLS_TOOL))
    return _Kinds(troubled=troubled, json=json & ~troubled, plain=plain)


def _marks_of(stop_names: list[str]) -> bytes:
    marks = bytes(
        _NEEDS_LOOK * (name in STOPS) + _CALLS_TOOL * (name == "tool_use") for name in stop_names
    )
    return marks.ljust(256, b"\0")
