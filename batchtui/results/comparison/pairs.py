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
from batchtui.results.answer import read_answer, read_error
from batchtui.results.comparison.answer_block import AnswerBlock, compare_rows
from batchtui.results.comparison.answers import (
    Change,
    FieldChange,
    field_changes,
)
from batchtui.results.errors import QueryError
from batchtui.results.index import RESULT_TYPES, SUCCEEDED, UNKNOWN_TOKENS, ResultsIndex
from batchtui.results.records.columns import FieldColumn
from batchtui.results.records.table import records_of
from batchtui.results.row_block import LineSource

NO_ROW: Final = -1
"""Stands for the row that a side does not have."""
_STEP: Final = 64
"""Pairs compared in one go: a few milliseconds."""
_STEP_BYTES: Final = 4 * 1024 * 1024
"""Bytes of them after which it is enough."""
_CUT: Final = "max_tokens"
_REFUSED: Final = "refusal"


_CHANGES: Final = tuple(Change)
_NUMBER: Final = {change: number for number, change in enumerate(_CHANGES)}


class Side(Struct, frozen=True):
    """One run."""

    name: str
    """Its label, id or file; untrusted text."""
    index: ResultsIndex
    """Its rows, all of them."""
    source: LineSource
    """Where their bytes are."""

    def line(self, row: int) -> bytes:
        """Return a row's line.

        Raises:
            ResultsFileError: It cannot be read.
        """
        return self.source.span(self.index.offsets[row], self.index.lengths[row])

    def kind(self, row: int) -> str:
        """Return a row's type, or for an answer that is not whole why."""
        index = self.index
        kind = index.types[row]
        stop = index.stop_names[index.stop_reasons[row]] if kind == SUCCEEDED else ""
        return stop if stop in (_CUT, _REFUSED) else RESULT_TYPES[kind]


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


class Comparison:
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
        self._fields = tuple(fields)
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
        while self.compared < len(self):
            pairs = range(self.compared, self._block_stop(self.compared))
            answered: list[int] = []
            for pair in pairs:
                change = self._compare(pair, columns)
                if change is None:
                    answered.append(pair)
                else:
                    self._changes[pair] = _NUMBER[change]
            if answered:
                self._compare_answers(answered)
            self.compared = pairs.stop
            yield

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
        sides = ((self.a, self.rows_a[pair]), (self.b, self.rows_b[pair]))
        return sum(side.index.lengths[row] for side, row in sides if row != NO_ROW)

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
        kind_a = "" if row_a == NO_ROW else self.a.kind(row_a)
        return kind_a, "" if row_b == NO_ROW else self.b.kind(row_b)

    def detail(self, pair: int) -> PairDetail:
        """Read a pair to show it.

        Raises:
            ResultsFileError: A file cannot be read.
        """
        text_a, text_b = _text(self.a, self.rows_a[pair]), _text(self.b, self.rows_b[pair])
        change, fields = self.change(pair), self.fields(pair)
        return PairDetail(self.custom_id(pair), change, *self.kinds(pair), text_a, text_b, fields)

    def fields(self, pair: int) -> tuple[FieldChange, ...]:
        """Return the fields in which a pair differs; none where a side has no record.

        Raises:
            ResultsFileError: A file cannot be read.
        """
        record_a = _record(self.a, self.rows_a[pair])
        record_b = None if record_a is None else _record(self.b, self.rows_b[pair])
        if record_a is None or record_b is None:
            return ()
        found = field_changes(record_a, record_b)
        return tuple(one for one in found if self._is_compared(one.path))

    def _is_compared(self, path: str) -> bool:
        return not self._fields or path.startswith(self._fields)

    def _compare(
        self, pair: int, columns: "Sequence[tuple[FieldColumn, FieldColumn]]"
    ) -> Change | None:
        """Compare the sides of a pair; None where the answers have to be read for that."""
        row_a, row_b = self.rows_a[pair], self.rows_b[pair]
        if row_b == NO_ROW:
            return Change.ONLY_A
        if row_a == NO_ROW:
            return Change.ONLY_B
        if self.a.kind(row_a) != self.b.kind(row_b):
            return Change.TYPE
        if columns:
            return self._compare_fields(row_a, row_b, columns)
        if self.a.index.types[row_a] == SUCCEEDED:
            return None
        is_same = read_error(self.a.line(row_a)) == read_error(self.b.line(row_b))
        return Change.SAME if is_same else Change.TEXT

    def _compare_answers(self, pairs: Sequence[int]) -> None:
        """Compare pairs of which both sides have answered."""
        a = AnswerBlock(self.a.index, self.a.source, [self.rows_a[pair] for pair in pairs])
        b = AnswerBlock(self.b.index, self.b.source, [self.rows_b[pair] for pair in pairs])
        for place, pair in enumerate(pairs):
            change, differing = compare_rows(a, b, place)
            self._changes[pair] = _NUMBER[change]
            if differing:
                self._field_counts.update(differing)

    def _block_stop(self, start: int) -> int:
        """Return where the pairs end that are compared in one go, the first of them at start."""
        size, stop = 0, min(start + _STEP, len(self))
        for pair in range(start, stop):
            size += self.size(pair)
            if size > _STEP_BYTES:
                return pair + 1
        return stop

    def _compare_fields(
        self, row_a: int, row_b: int, columns: "Sequence[tuple[FieldColumn, FieldColumn]]"
    ) -> Change:
        differing = [
            one.path.text for one, other in columns if one.cells[row_a] != other.cells[row_b]
        ]
        self._field_counts.update(differing)
        return Change.FIELDS if differing else Change.SAME


class RunTotals(Struct, frozen=True):
    """One run in numbers."""

    rows: int
    succeeded: int
    input_tokens: int
    output_tokens: int
    mean_output: float | None
    """Output tokens of an answer, on average; None without answers."""


def run_totals(side: Side) -> RunTotals:
    """Add up a run."""
    index = side.index
    totals = index.totals
    known = len(index) - index.output_tokens.count(UNKNOWN_TOKENS)
    return RunTotals(
        rows=len(index),
        succeeded=index.count_of(SUCCEEDED),
        input_tokens=totals.input + totals.cache_read + totals.cache_write,
        output_tokens=totals.output,
        mean_output=totals.output / known if known else None,
    )


def filled(side: Side, path: str) -> FieldColumn:
    """Return the column of a field with the values of all rows of a run.

    Raises:
        QueryError: The text is not a path.
        ResultsFileError: The file cannot be read.
    """
    records = records_of(side.index)
    try:
        column = records.column(path)
    except ValueError:
        raise QueryError(f"{path} is not a field", position=0, length=len(path)) from None
    records.fill(side.source, len(side.index), [column])
    return column


# Joining


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


def _text(side: Side, row: int) -> str:
    """The answer of a row, or its error's message."""
    if row == NO_ROW:
        return ""
    line = side.line(row)
    is_answer = side.index.types[row] == SUCCEEDED
    return read_answer(line).searched if is_answer else read_error(line)[1]


def _record(side: Side, row: int) -> bytes | None:
    if row == NO_ROW or side.index.types[row] != SUCCEEDED:
        return None
    return AnswerBlock(side.index, side.source, [row]).record(0)
