"""Some neighboring rows of a file, and sets of them.

A set of rows is a whole number whose bytes are 0 or 1, one a row from the block's first row on:
and, or and not of 100,000 rows then take microseconds, and columns become sets by translation.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import compress
from typing import Protocol

from batchtui.results.answer import Answer, read_answer
from batchtui.results.index import ResultsIndex
from batchtui.results.lines import MAX_LINE


class LineSource(Protocol):
    """Where the bytes of the rows come from; `reader.RowReader` is one."""

    def span(self, offset: int, length: int) -> bytes:
        """Return some bytes of the file."""


def read_line(index: ResultsIndex, source: LineSource, row: int) -> bytes:
    """Return a row's line.

    Raises:
        ResultsFileError: It cannot be read.
    """
    return source.span(index.offsets[row], index.lengths[row])


def read_answer_of(index: ResultsIndex, source: LineSource, row: int) -> Answer:
    """Return what a row answered; nothing where its line is too long for an answer.

    Raises:
        ResultsFileError: It cannot be read.
    """
    if index.lengths[row] > MAX_LINE:
        return Answer()
    return read_answer(read_line(index, source, row))


class RowBlock:
    """Some neighboring rows of a file, whose bytes are read at most once and only if needed."""

    def __init__(self, index: ResultsIndex, source: LineSource, start: int, stop: int) -> None:
        self.index = index
        self.start = start
        self.stop = stop
        self.source = source
        self._data: bytes | None = None
        self._lowered: bytes | None = None
        self._base = 0

    def __len__(self) -> int:
        return self.stop - self.start

    @property
    def everything(self) -> int:
        """The set of all rows of the block."""
        return pack(b"\x01" * len(self))

    @property
    def base(self) -> int:
        """Where the block starts in the file, in bytes."""
        return self.index.offsets[self.start]

    @property
    def size(self) -> int:
        """From the first byte of the block to its last."""
        last = self.stop - 1
        return self.index.offsets[last] + self.index.lengths[last] - self.base

    def data(self, *, lowered: bool = False) -> bytes:
        """Return all bytes of the block, read at the first call."""
        if self._data is None:
            self._base = self.base
            self._data = self.source.span(self._base, self.size)
        if not lowered:
            return self._data
        if self._lowered is None:
            self._lowered = self._data.lower()
        return self._lowered

    def line(self, row: int) -> bytes:
        """Return the bytes of one row, from what is read already or else from the file."""
        offset, length = self.index.offsets[row], self.index.lengths[row]
        if self._data is None:
            return self.source.span(offset, length)
        return self._data[offset - self._base : offset - self._base + length]

    def rows(self, among: int) -> Iterator[int]:
        """Return the numbers of the rows in a set, ascending."""
        return compress(range(self.start, self.stop), unpack(among, len(self)))

    def set_of(self, rows: Iterable[int]) -> int:
        """Return the set of some rows of the block."""
        marks = bytearray(len(self))
        for row in rows:
            marks[row - self.start] = 1
        return pack(marks)


def pack(marks: bytes | bytearray) -> int:
    """Make a set of rows from one byte a row, each 0 or 1."""
    return int.from_bytes(marks, "little")


def unpack(rows: int, count: int) -> bytes:
    """Make one byte a row, each 0 or 1, from a set of ``count`` rows."""
    return rows.to_bytes(count, "little")


def end_of_block(index: ResultsIndex, start: int, limit: int, size: int) -> int:
    """Return the end of a block of rows that together are not too many bytes to read.

    Args:
        index: The rows.
        start: The first row; it is in the block whatever its size.
        limit: The row at which the block ends at the latest.
        size: How many bytes it may have.
    """
    offsets = index.offsets
    end = offsets[start] + size
    stop = bisect_right(offsets, end, start + 1, max(limit, start + 1))
    is_last_over = stop - 1 > start and offsets[stop - 1] + index.lengths[stop - 1] > end
    return stop - is_last_over
