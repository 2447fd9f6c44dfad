"""Conditions on the bytes of the file: the answer's text, or the line as received."""

from collections.abc import Callable, Sequence

from msgspec import Struct

from batchtui.results.answer import raw_texts, read_answer
from batchtui.results.index import ODD_LINE, SEVERAL_TEXTS, SUCCEEDED
from batchtui.results.lines import MAX_LINE
from batchtui.results.query.conditions import Effort
from batchtui.results.query.matchers import Contains, Matcher
from batchtui.results.query.prefilter import Prefilter
from batchtui.results.row_block import RowBlock, pack

_ALWAYS = ODD_LINE | SEVERAL_TEXTS
"""Rows whose bytes do not tell what their answer holds: a phrase may go on in the next block."""
_ALWAYS_TABLE = bytes(int(bool(flag & _ALWAYS)) for flag in range(256))
_ANSWERED = bytes(int(kind == SUCCEEDED) for kind in range(256))
_SPARSE = 8
"""Below one row in this many, rows are read one by one rather than all of a block."""


class TextSearch(Struct, frozen=True):
    """Rows whose text matches."""

    read_text: Callable[[bytes], str]
    """Makes the text from a line."""
    matcher: Matcher
    """What the text must match."""
    prefilter: Prefilter | None
    """Finds the lines worth a look; None if all of them are."""
    answered_only: bool
    """Whether only succeeded rows have this text."""
    effort: Effort = Effort.TEXT
    """Searches the file."""

    def select(self, block: RowBlock, among: int) -> int:
        """Return those rows of ``among`` whose text matches.

        Raises:
            TimeoutError: The pattern takes too long.
        """
        index, count = block.index, len(block)
        if self.answered_only:
            kinds = index.types[block.start : block.stop].tobytes()
            among &= pack(kinds.translate(_ANSWERED))
        if (count == 1 and index.lengths[block.start] > MAX_LINE) or not among:
            return 0
        sure, unsure = self._sort_out(block, among)
        return sure | block.set_of([row for row in block.rows(unsure) if self._test(block, row)])

    def _sort_out(self, block: RowBlock, among: int) -> tuple[int, int]:
        """Return the rows that match for sure, and those that have to be looked at."""
        prefilter = self.prefilter
        if prefilter is None:
            return 0, among
        flags = block.index.flags
        if among.bit_count() * _SPARSE < len(block):
            rows = [
                row
                for row in block.rows(among)
                if flags[row] & _ALWAYS or prefilter.may_hold(block.line(row))
            ]
            return 0, block.set_of(rows)
        data = block.data(lowered=prefilter.lowers)
        marks = flags[block.start : block.stop].tobytes()
        lengths: Sequence[int] = bytes(len(block))
        if self.answered_only and isinstance(self.matcher, Contains):
            lengths = block.index.text_lengths[block.start : block.stop]
        numbers = range(block.start, block.stop)
        found, others = prefilter.sort_out(data, block.index.offsets, block.base, numbers, lengths)
        sure = block.set_of(found) & among
        unsure = (block.set_of(others) | pack(marks.translate(_ALWAYS_TABLE))) & among
        return sure, unsure & ~sure

    def _test(self, block: RowBlock, row: int) -> bool:
        line = block.line(row)
        decision = self._judge(line)
        if decision is not None:
            return decision
        text = self.read_text(line)
        return self.matcher.test(text)

    def _judge(self, line: bytes) -> bool | None:
        """Decide without decoding the answer, where that can be done."""
        if self.prefilter is None or not self.answered_only:
            return None
        texts = raw_texts(line)
        if texts is None or len(texts) > 1:
            return None
        decision = self.prefilter.judge(texts)
        return decision if isinstance(self.matcher, Contains) or decision is False else None


def decode_line(line: bytes) -> str:
    """Return a line as text, as received; what is not UTF-8 is replaced."""
    return line.decode("utf-8", errors="replace")


def _searched(line: bytes) -> str:
    return read_answer(line).searched


def search_answers(matcher: Matcher, prefilter: Prefilter | None) -> TextSearch:
    """Search what was answered."""
    return TextSearch(_searched, matcher, prefilter, answered_only=True)


def search_lines(matcher: Matcher, prefilter: Prefilter | None) -> TextSearch:
    """Search the lines as received."""
    return TextSearch(decode_line, matcher, prefilter, answered_only=False)
