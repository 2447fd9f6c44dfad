"""Conditions on the columns of the index: they never read the file, but for unusual errors."""

import sys
from array import array
from collections.abc import Callable
from typing import TypeAlias

from msgspec import Struct

from batchtui.library.ledger_values import Review
from batchtui.results.answer import read_error
from batchtui.results.index import ErrorCause, ResultsIndex
from batchtui.results.query.conditions import Effort
from batchtui.results.query.matchers import Contains, Matcher
from batchtui.results.query.numbers import UNLIMITED
from batchtui.results.review_flags import ReviewFlags
from batchtui.results.row_block import RowBlock, pack

Column: TypeAlias = Callable[[ResultsIndex, int, int], "array[int]"]
"""Gives a copy of some rows of a column."""

_LOW_BYTE = slice(None, None, 2) if sys.byteorder == "little" else slice(1, None, 2)
_FOLDED = "…"
_OTHERS = "(others)"


class ByteTable(Struct, frozen=True):
    """Rows whose byte in a column is marked in a table."""

    column: Column
    """A column of bytes."""
    table: bytes
    """256 bytes, 1 for every byte wanted."""
    effort: Effort = Effort.COLUMN
    """Looks at the index only."""

    def select(self, block: RowBlock, among: int) -> int:
        """Return those rows of ``among`` whose byte is wanted."""
        values = self.column(block.index, block.start, block.stop)
        return pack(values.tobytes().translate(self.table)) & among


def byte_table(wanted: Callable[[int], bool]) -> bytes:
    """Make the table of a `ByteTable` from a rule."""
    return bytes(1 if wanted(value) else 0 for value in range(256))


class NameColumn(Struct, frozen=True):
    """A column of numbers that stand for names."""

    codes: Column
    """One or two bytes a row."""
    names: Callable[[ResultsIndex], list[str]]
    """The growing list that the numbers point into; its first name stands for none."""


class NameMatches:
    """Rows whose name in a column matches; a row without one never does.

    Args:
        column: Where the names are.
        matcher: What the name must match.
    """

    effort = Effort.COLUMN
    """Looks at the index only."""

    def __init__(self, column: NameColumn, matcher: Matcher) -> None:
        self._column = column
        self._matcher = matcher
        self._marks = bytearray(1)  # of the names seen so far: each is tested once

    def select(self, block: RowBlock, among: int) -> int:
        """Return those rows of ``among`` whose name matches."""
        values = self._column.codes(block.index, block.start, block.stop)
        marks = self._marks
        marks.extend(map(self._matcher.test, self._column.names(block.index)[len(marks) :]))
        return mark_rows(values, marks) & among


def mark_rows(values: "array[int]", marks: bytes | bytearray) -> int:
    """Return the set of rows whose value is marked.

    Args:
        values: One number a row.
        marks: 0 or 1 for every number that occurs.
    """
    if not any(marks):
        return 0
    if values.itemsize == 1 or len(marks) <= 256:
        low = values.tobytes() if values.itemsize == 1 else values.tobytes()[_LOW_BYTE]
        return pack(low.translate(bytes(marks[:256]).ljust(256, b"\0")))
    return pack(bytes(map(marks.__getitem__, values)))


class Between(Struct, frozen=True):
    """Rows whose number lies in a range; an unknown number, -1, never does."""

    column: Column
    """Numbers."""
    low: int
    """The smallest number wanted, at least 0."""
    high: int
    """The largest number wanted; below ``low`` nothing is."""
    effort: Effort = Effort.COLUMN
    """Looks at the index only."""

    def select(self, block: RowBlock, among: int) -> int:
        """Return those rows of ``among`` whose number is in the range."""
        low, high = self.low, self.high
        values = self.column(block.index, block.start, block.stop)
        if high >= UNLIMITED:  # half the time, and the usual case
            return pack(bytes([low <= value for value in values])) & among
        return pack(bytes([low <= value <= high for value in values])) & among


class IdMatches(Struct, frozen=True):
    """Rows whose custom id matches."""

    matcher: Matcher
    """What the id must match."""
    effort: Effort = Effort.COLUMN
    """Looks at the index only."""

    def select(self, block: RowBlock, among: int) -> int:
        """Return those rows of ``among`` whose id matches."""
        matcher = self.matcher
        if isinstance(matcher, Contains) and matcher.ignore_case:
            rows = block.index.ids.rows_holding(matcher.needle, block.start, block.stop)
            if rows is not None:
                return block.set_of(rows) & among
        ids = block.index.custom_ids(block.start, block.stop)
        return pack(bytes(map(self.matcher.test, ids))) & among


class CauseMatches:
    """Rows whose error's type or message matches.

    The index knows messages with numbers and ids folded. Where only what was folded could match,
    the rows' own messages are read, so that ``error:req_011CV`` finds its row.

    Args:
        matcher: What the type, or the message, must match.
        exact: Compare with the type and the folded message only.
    """

    def __init__(self, matcher: Matcher, *, exact: bool = False) -> None:
        self._matcher = matcher
        self._exact = exact
        # of the causes seen so far: each is judged once
        self._decided = bytearray(1)
        self._open = bytearray(1)

    @property
    def effort(self) -> Effort:
        """May read the lines of errors."""
        return Effort.COLUMN if self._exact else Effort.LINES

    def select(self, block: RowBlock, among: int) -> int:
        """Return those rows of ``among`` whose error matches."""
        for cause in block.index.cause_list[len(self._decided) :]:
            self._judge(cause)
        values = block.index.causes[block.start : block.stop]
        found = mark_rows(values, self._decided) & among
        unsure = mark_rows(values, self._open) & among
        if not unsure:
            return found
        return found | block.set_of(
            filter(lambda row: self._test_line(block, row), block.rows(unsure))
        )

    def _test_line(self, block: RowBlock, row: int) -> bool:
        texts = read_error(block.line(row))
        return any(map(self._matcher.test, texts))

    def _judge(self, cause: ErrorCause) -> None:
        matches = self._matcher.test(cause.type) or self._matcher.test(cause.message_pattern)
        folded = _FOLDED in cause.message_pattern or cause.message_pattern == _OTHERS
        self._decided.append(matches)
        self._open.append(folded and not matches and not self._exact)


class NeedsLook:
    """Rows that need a look; see `review_flags`."""

    effort = Effort.COLUMN
    """Looks at the index only."""

    def __init__(self) -> None:
        self._flags = ReviewFlags()

    def select(self, block: RowBlock, among: int) -> int:
        """Return those rows of ``among`` that need a look, as far as is known by now."""
        self._flags.update(block.index)
        return self._flags.select(block.index, block.start, block.stop) & among


class Reviewed(Struct, frozen=True):
    """Rows of which a person said something that matches."""

    said: Callable[[Review], str]
    """What is looked at."""
    matcher: Matcher | None
    """What it must match; None for anything at all."""
    effort: Effort = Effort.COLUMN
    """Looks at the index only."""

    def select(self, block: RowBlock, among: int) -> int:
        """Return those rows of ``among`` of which such a thing was said."""
        wanted = {
            custom_id
            for custom_id, review in block.index.reviews.items()
            if self.said(review) and (self.matcher is None or self.matcher.test(self.said(review)))
        }
        if not wanted:
            return 0
        ids = block.index.custom_ids(block.start, block.stop)
        return pack(bytes(map(wanted.__contains__, ids))) & among


REVIEWED: dict[str, Callable[[Review], str]] = {
    "review": lambda review: review.verdict,
    "note": lambda review: review.note,
}
"""What can be asked of reviews."""


def total_tokens(index: ResultsIndex, start: int, stop: int) -> "array[int]":
    """Return all tokens of each row; -1 where none is known."""
    columns = (index.input_tokens, index.output_tokens, index.cache_read, index.cache_write)
    parts = zip(*(column[start:stop] for column in columns), strict=True)
    return array("q", (sum(n for n in part if n > 0) if max(part) >= 0 else -1 for part in parts))


def row_numbers(_: ResultsIndex, start: int, stop: int) -> "array[int]":
    """Return the number of each row as shown, from 1."""
    return array("Q", range(start + 1, stop + 1))


NUMBERS: dict[str, Column] = {
    "in": lambda index, start, stop: index.input_tokens[start:stop],
    "out": lambda index, start, stop: index.output_tokens[start:stop],
    "cached": lambda index, start, stop: index.cache_read[start:stop],
    "written": lambda index, start, stop: index.cache_write[start:stop],
    "size": lambda index, start, stop: index.lengths[start:stop],
    "tokens": total_tokens,
    "row": row_numbers,
}
"""The columns of the numeric fields."""

NAMES: dict[str, NameColumn] = {
    "stop": NameColumn(
        lambda index, start, stop: index.stop_reasons[start:stop], lambda index: index.stop_names
    ),
    "model": NameColumn(
        lambda index, start, stop: index.models[start:stop], lambda index: index.model_names
    ),
}
"""The columns of the fields of names."""


def type_codes(index: ResultsIndex, start: int, stop: int) -> "array[int]":
    """Return how each request ended: places in `RESULT_TYPES`."""
    return index.types[start:stop]


def row_flags(index: ResultsIndex, start: int, stop: int) -> "array[int]":
    """Return what was noticed about each row, one bit each."""
    return index.flags[start:stop]
