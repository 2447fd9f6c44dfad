"""Answers of two runs compared in the bytes of their lines, some pairs at a time.

Most answers are one block of text with their JSON in a fence, or nothing but JSON: `locate` finds
where it is, and no more is decoded than it takes to tell how two answers differ. Whatever is not
sure this way is left to `answers.compare_answers`, which reads anything; both find the same.
"""

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

import msgspec

from batchtui.results.answer import read_answer
from batchtui.results.comparison.answers import (
    Change,
    after_fence,
    are_equal,
    before_fence,
    compare_answers,
    differ_early,
    outermost,
    record_of,
)
from batchtui.results.index import ResultsIndex
from batchtui.results.json_text import NOT_JSON
from batchtui.results.records.json_scan import read_fraction
from batchtui.results.records.locate import (
    FOUND_SLOWLY,
    NO_RECORD,
    locate,
    text_start,
    unescape,
)
from batchtui.results.records.registry import records_of
from batchtui.results.row_block import LineSource

_SPARSE: Final = 2
"""Rows are read in one go unless so many times their bytes lie between the first and the last."""

_Difference: TypeAlias = tuple[Change, Sequence[str]]

_decode_record: Callable[[str], object] = msgspec.json.Decoder(float_hook=read_fraction).decode


class AnswerBlock:
    """Some answered rows of one run, read together; they are asked for by their place in it."""

    def __init__(self, index: ResultsIndex, source: LineSource, rows: Sequence[int]) -> None:
        """Read the rows.

        Args:
            index: Where they are.
            source: Their file.
            rows: Their numbers, in any order; one at least, and all of them are answers.

        Raises:
            ResultsFileError: They cannot be read.
        """
        self._lengths = [index.lengths[row] for row in rows]
        self._data, self._starts = self._read(source, [index.offsets[row] for row in rows])
        self._stops = list(map(int.__add__, self._starts, self._lengths))
        self.pattern = records_of(index).pattern
        """The user's own way to find the records; the bytes of a line do not tell it then."""
        is_usual = self.pattern is None
        self._text_lengths = [index.text_lengths[row] if is_usual else 0 for row in rows]
        unsure = bytes([FOUND_SLOWLY]) * len(rows)
        self._places = locate(self._data, self._starts, self._lengths, self._text_lengths, unsure)

    def length(self, place: int) -> int:
        """Return how many bytes a row's line has."""
        return self._lengths[place]

    def line(self, place: int) -> bytes:
        """Return a row's line."""
        return self._data[self._starts[place] : self._stops[place]]

    def is_sure(self, place: int) -> bool:
        """Return whether what follows can be asked of a row."""
        return self._places.forms[place] != FOUND_SLOWLY

    def escaped(self, place: int) -> bytes:
        """Return a row's record as it is in the line; empty without one."""
        return self._data[self._places.starts[place] : self._places.stops[place]]

    def before(self, place: int) -> bytes:
        """Return what the answer says before its record, as in the line; all without one."""
        start = self._text_start(place)
        is_all = self._places.forms[place] == NO_RECORD
        stop = start + self._text_lengths[place] if is_all else self._places.starts[place]
        return self._data[start:stop]

    def after(self, place: int) -> bytes:
        """Return what the answer says after its record, as in the line; empty without one."""
        if self._places.forms[place] == NO_RECORD:
            return b""
        end = self._text_start(place) + self._text_lengths[place]
        return self._data[self._places.stops[place] : end]

    def record(self, place: int) -> bytes | None:
        """Return a row's record as it was written; None without one."""
        if self.is_sure(place):
            try:
                text = unescape(self.escaped(place))
                if text:
                    _decode_record(text)
                return text.encode() or None
            except NOT_JSON:
                pass
        found = record_of(read_answer(self.line(place)), self.pattern)
        return None if found is None else found.text.encode(errors="surrogatepass")

    def _read(self, source: LineSource, offsets: list[int]) -> tuple[bytes, list[int]]:
        """Read the rows; with where each of them starts in the bytes."""
        first = min(offsets)
        size = max(map(int.__add__, offsets, self._lengths)) - first
        if size <= _SPARSE * sum(self._lengths):
            return source.span(first, size), [offset - first for offset in offsets]
        starts, lines, end = [], [], 0
        for offset, length in zip(offsets, self._lengths, strict=True):
            lines.append(source.span(offset, length))
            starts.append(end)
            end += length
        return b"".join(lines), starts

    def _text_start(self, place: int) -> int:
        return text_start(self._data, self._starts[place], self._stops[place])


def compare_rows(a: AnswerBlock, b: AnswerBlock, place: int) -> _Difference:
    """Compare the answers at one place of both blocks; with the outermost fields that differ."""
    if a.length(place) == b.length(place) and a.line(place) == b.line(place):
        return Change.SAME, ()
    if a.is_sure(place) and b.is_sure(place):
        record_a, record_b = a.escaped(place), b.escaped(place)
        if bool(record_a) == bool(record_b):
            try:
                return _compare_sure(a, b, place, record_a, record_b)
            except NOT_JSON:
                pass
    return compare_answers(a.line(place), b.line(place), a.pattern, b.pattern)


def _compare_sure(
    a: AnswerBlock, b: AnswerBlock, place: int, record_a: bytes, record_b: bytes
) -> _Difference:
    """Compare answers that both have a record, or both have none.

    Raises:
        msgspec.DecodeError: What looked like a record is none.
    """
    if record_a:
        value_a = _decode_record(unescape(record_a))
        if record_a != record_b:
            value_b = _decode_record(unescape(record_b))
            if not are_equal(value_a, value_b):
                return Change.FIELDS, outermost(value_a, value_b)
    before_a, before_b = a.before(place), b.before(place)
    text_a, text_b = unescape(before_a), unescape(before_b)
    if record_a:
        text_a, text_b = before_fence(text_a), before_fence(text_b)
    if differ_early(text_a, text_b):
        return Change.TEXT, ()
    after_a, after_b = a.after(place), b.after(place)
    if (before_a, record_a, after_a) == (before_b, record_b, after_b):
        return Change.SAME, ()
    words_a = [*text_a.split(), *after_fence(unescape(after_a)).split()]
    words_b = [*text_b.split(), *after_fence(unescape(after_b)).split()]
    if words_a != words_b:
        return Change.TEXT, ()
    whole_a, whole_b = before_a + record_a + after_a, before_b + record_b + after_b
    is_same = unescape(whole_a) == unescape(whole_b)
    return (Change.SAME if is_same else Change.NORMALIZED), ()
