"""Two runs of one job side by side, joined by custom_id: what is the same, and what changed how.

Only numbers are kept of each pair; lines are read once for the comparison, and again for what is
shown. Where an id occurs several times on a side, the first meets the first, the second the second.
"""

from array import array
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import compress
from typing import Final

from msgspec import Struct

from batchtui.library.ledger_values import Review
from batchtui.results.answer import read_error
from batchtui.results.comparison.answer_block import AnswerBlock, compare_rows
from batchtui.results.comparison.answers import Change, FieldChange, are_equal, field_changes
from batchtui.results.comparison.side import Side, filled
from batchtui.results.index import SUCCEEDED, ResultsIndex
from batchtui.results.records.columns import FieldColumn
from batchtui.results.records.paths import FieldPath, PartialValue, values_at, with_dot

NO_ROW: Final = -1
"""Stands for the row that a side does not have."""
_STEP: Final = 64
"""Pairs compared in one go: a few milliseconds."""
_STEP_BYTES: Final = 4 * 1024 * 1024
"""Bytes of them after which it is enough."""

_CHANGES: Final = tuple(Change)
_NUMBER: Final = {change: number for number, change in enumerate(_CHANGES)}


class PairDetail(Struct, frozen=True):
    """All there is to show of one pair; untrusted text throughout."""

    custom_id: str
    change: Change
    kind_a: str
    """The row's type, ``max_tokens`` or ``refusal``; empty where the side has no such row."""
    kind_b: str
    text_a: str
    """The answer, or the error's message."""
    text_b: str
    fields: tuple[FieldChange, ...] = ()
    """The fields that differ, where both sides have a record."""

    @property
    def turned(self) -> "PairDetail":
        """The same pair with its sides exchanged."""
        other = {Change.ONLY_A: Change.ONLY_B, Change.ONLY_B: Change.ONLY_A}
        return PairDetail(
            self.custom_id,
            other.get(self.change, self.change),
            self.kind_b,
            self.kind_a,
            self.text_b,
            self.text_a,
            tuple(FieldChange(one.path, one.b, one.a) for one in self.fields),
        )


class ResultsComparison:
    """The pairs of two runs, in the order of the first one; what only the second has comes last.

    Attributes:
        a: The first run.
        b: The second run.
        rows_a: Of each pair the row of the first run, or `NO_ROW`.
        rows_b: Of each pair the row of the second run, or `NO_ROW`.
        compared: How many pairs are compared so far.
    """

    def __init__(self, a: Side, b: Side, *, fields: Sequence[str] = ()) -> None:
        """Join two runs; `run` compares them.

        Args:
            a: The first run.
            b: The second run.
            fields: Paths of the only fields of the answers' records that are compared; all of
                the answers if there are none.
        """
        self.a, self.b = a, b
        self.rows_a, self.rows_b = _joined(a.index, b.index)
        self._kinds_a, self._kinds_b = a.kinds(), b.kinds()
        self._fields = tuple(map(with_dot, fields))
        self._inside = tuple(f"{field}{sign}" for field in self._fields for sign in ".[")
        self._changes = bytearray(len(self.rows_a))
        self._field_counts: Counter[str] = Counter()
        self.compared = 0
        self._reviews: Mapping[str, Review] | None = None

    @property
    def reviews(self) -> Mapping[str, Review] | None:
        """What was said of the pairs, by custom_id; ``None`` where that is not known."""
        return self._reviews

    @reviews.setter
    def reviews(self, reviews: Mapping[str, Review]) -> None:
        # a pair is both its rows: so the usual terms of a query find what was said of it
        self._reviews = self.a.index.reviews = self.b.index.reviews = reviews

    def __len__(self) -> int:
        return len(self.rows_a)

    def run(self) -> Iterator[None]:
        """Compare all pairs; yields after each few milliseconds, and must be used up.

        Raises:
            QueryError: A field to compare is none.
            ResultsFileError: A file cannot be read.
        """
        columns = [(filled(self.a, path), filled(self.b, path)) for path in self._fields]
        for pairs in self.in_blocks(range(len(self))):
            answered: list[int] = []
            for pair in pairs:
                change = self._compare(pair, columns)
                if change is None:
                    answered.append(pair)
                else:
                    self._changes[pair] = _NUMBER[change]
            if answered:
                self._compare_answers(answered)
            self.compared += len(pairs)
            yield

    def in_blocks(self, pairs: Sequence[int]) -> Iterator[Sequence[int]]:
        """Yield pairs some at a time, as many as are read together."""
        start = size = 0
        for place, pair in enumerate(pairs, 1):
            size += self.size(pair)
            if size > _STEP_BYTES or place - start == _STEP:
                yield pairs[start:place]
                start, size = place, 0
        if start < len(pairs):
            yield pairs[start:]

    def change(self, pair: int) -> Change:
        """Return how the sides of a pair differ."""
        return _CHANGES[self._changes[pair]]

    def counts(self) -> Mapping[Change, int]:
        """Return how many of the compared pairs differ in each way."""
        count, end = self._changes.count, self.compared
        return {change: count(_NUMBER[change], 0, end) for change in _CHANGES}

    def select(
        self, wanted: Collection[Change], among: Sequence[int] | None = None
    ) -> Sequence[int]:
        """Return the compared pairs that differ in one of some ways.

        Args:
            wanted: The ways.
            among: The pairs to choose from, whose order stays; all of them if not given.
        """
        marks = bytes(change in wanted for change in _CHANGES).ljust(256, b"\0")
        is_wanted = self._changes[: self.compared].translate(marks)
        if among is None:
            return array("q", compress(range(self.compared), is_wanted))
        return array("q", [pair for pair in among if pair < self.compared and is_wanted[pair]])

    def size(self, pair: int) -> int:
        """Return how many bytes both lines of a pair have."""
        row_a, row_b = self.rows_a[pair], self.rows_b[pair]
        size_a = 0 if row_a == NO_ROW else self.a.index.lengths[row_a]
        return size_a + (0 if row_b == NO_ROW else self.b.index.lengths[row_b])

    def field_counts(self) -> Mapping[str, int]:
        """Return in how many of the compared pairs each outermost field differs, most first."""
        return dict(self._field_counts.most_common())

    def custom_id(self, pair: int) -> str:
        """Return the id of a pair; untrusted text."""
        row = self.rows_a[pair]
        if row != NO_ROW:
            return self.a.index.custom_id(row)
        return self.b.index.custom_id(self.rows_b[pair])

    def kinds(self, pair: int) -> tuple[str, str]:
        """Return what became of the row on each side; empty where there is none."""
        row_a, row_b = self.rows_a[pair], self.rows_b[pair]
        kind_a = "" if row_a == NO_ROW else self._kinds_a[row_a]
        return kind_a, "" if row_b == NO_ROW else self._kinds_b[row_b]

    def detail(self, pair: int) -> PairDetail:
        """Read a pair to show it.

        Raises:
            ResultsFileError: A file cannot be read.
        """
        row_a, row_b = self.rows_a[pair], self.rows_b[pair]
        text_a = "" if row_a == NO_ROW else self.a.text(row_a)
        text_b = "" if row_b == NO_ROW else self.b.text(row_b)
        change, fields = self.change(pair), self.fields([pair])[0]
        return PairDetail(self.custom_id(pair), change, *self.kinds(pair), text_a, text_b, fields)

    def fields(self, pairs: Sequence[int]) -> list[tuple[FieldChange, ...]]:
        """Return the fields in which each of some pairs differs; none where a record is missing.

        Raises:
            ResultsFileError: A file cannot be read.
        """
        found: dict[int, tuple[FieldChange, ...]] = {}
        answered = [pair for pair in pairs if self._are_answers(pair)]
        if answered:
            a, b = self._answers(answered)
            for place, pair in enumerate(answered):
                record_a, record_b = a.record(place), b.record(place)
                if record_a is not None and record_b is not None:
                    changes = field_changes(record_a, record_b)
                    found[pair] = tuple(one for one in changes if self._is_compared(one.path))
        return [found.get(pair, ()) for pair in pairs]

    def _are_answers(self, pair: int) -> bool:
        row_a, row_b = self.rows_a[pair], self.rows_b[pair]
        if NO_ROW in (row_a, row_b):
            return False
        return self.a.index.types[row_a] == self.b.index.types[row_b] == SUCCEEDED

    def _answers(self, pairs: Sequence[int]) -> tuple[AnswerBlock, AnswerBlock]:
        """Read both sides of some pairs; all of them are answers."""
        return (
            AnswerBlock(self.a.index, self.a.source, [self.rows_a[pair] for pair in pairs]),
            AnswerBlock(self.b.index, self.b.source, [self.rows_b[pair] for pair in pairs]),
        )

    def _is_compared(self, path: str) -> bool:
        return not self._fields or path in self._fields or path.startswith(self._inside)

    def _compare(
        self, pair: int, columns: "Sequence[tuple[FieldColumn, FieldColumn]]"
    ) -> Change | None:
        """Compare the sides of a pair; None where the answers have to be read for that."""
        row_a, row_b = self.rows_a[pair], self.rows_b[pair]
        if row_b == NO_ROW:
            return Change.ONLY_A
        if row_a == NO_ROW:
            return Change.ONLY_B
        if self._kinds_a[row_a] != self._kinds_b[row_b]:
            return Change.TYPE
        if columns:
            return self._compare_fields(row_a, row_b, columns)
        if self.a.index.types[row_a] == SUCCEEDED:
            return None
        is_same = read_error(self.a.line(row_a)) == read_error(self.b.line(row_b))
        return Change.SAME if is_same else Change.TEXT

    def _compare_answers(self, pairs: Sequence[int]) -> None:
        """Compare pairs of which both sides have answered."""
        a, b = self._answers(pairs)
        for place, pair in enumerate(pairs):
            change, differing = compare_rows(a, b, place)
            self._changes[pair] = _NUMBER[change]
            if differing:
                self._field_counts.update(differing)

    def _compare_fields(
        self, row_a: int, row_b: int, columns: "Sequence[tuple[FieldColumn, FieldColumn]]"
    ) -> Change:
        differing: list[FieldPath] = []
        unsure: list[FieldPath] = []
        for one, other in columns:
            cell = one.cells[row_a]
            if cell != other.cells[row_b]:
                differing.append(one.path)
            elif isinstance(cell, tuple | PartialValue):
                unsure.append(one.path)
        if unsure:
            differing += self._differing_inside(row_a, row_b, unsure)
        self._field_counts.update(path.text for path in differing)
        return Change.FIELDS if differing else Change.SAME

    def _differing_inside(
        self, row_a: int, row_b: int, paths: Sequence[FieldPath]
    ) -> Sequence[FieldPath]:
        """Return those of some fields that differ although columns keep the same part of them."""
        if self.a.record_text(row_a) == self.b.record_text(row_b):
            return ()
        a, b = self.a.record(row_a), self.b.record(row_b)
        return [
            path
            for path in paths
            if not are_equal(values_at(a, path.steps), values_at(b, path.steps))
        ]


def _joined(a: ResultsIndex, b: ResultsIndex) -> "tuple[array[int], array[int]]":
    waiting: dict[str, int | list[int]] = {}
    for row, custom_id in enumerate(b.custom_ids(0, len(b))):
        held = waiting.setdefault(custom_id, row)
        if held is row:
            continue
        if isinstance(held, list):
            held.append(row)
        elif held != row:
            waiting[custom_id] = [held, row]
    rows_a, rows_b = array("q", range(len(a))), array("q")
    is_met = bytearray(len(b))
    for custom_id in a.custom_ids(0, len(a)):
        held = waiting.pop(custom_id, NO_ROW)
        if isinstance(held, list):
            waiting[custom_id] = held[1:] if len(held) > 2 else held[1]
            held = held[0]
        rows_b.append(held)
        if held != NO_ROW:
            is_met[held] = 1
    only_b = [row for row, met in enumerate(is_met) if not met]
    rows_a.extend([NO_ROW] * len(only_b))
    rows_b.extend(only_b)
    return rows_a, rows_b
