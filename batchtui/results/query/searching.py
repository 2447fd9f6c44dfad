"""Conditions on the bytes of the file: the answer's text, or the line as received."""

from collections.abc import Callable

from msgspec import Struct

from batchtui.results.answer import raw_texts, read_answer
from batchtui.results.index import ODD_LINE, SEVERAL_TEXTS, SUCCEEDED
from batchtui.results.query.conditions import Cost
from batchtui.results.query.matchers import Contains, Matcher
from batchtui.results.query.prefilter import Prefilter
from batchtui.results.row_block import RowBlock

MAX_LINE = 64 * 1024 * 1024
"""Bytes of the longest line that is searched: longer ones are no results."""
_ALWAYS = ODD_LINE | SEVERAL_TEXTS
"""Rows whose bytes do not tell what their answer holds: a phrase may go on in the next block."""
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
    cost: Cost = Cost.TEXT
    """Searches the file."""

    def select(self, block: RowBlock, among: int) -> int:
        """Return those rows of ``among`` whose text matches.

        Raises:
            TimeoutError: The pattern takes too long.
        """
        rows = [row for row in block.rows(among) if self._is_searchable(block, row)]
        if not rows:
            return 0
        return block.set_of(
            [row for row in self._candidates(block, rows) if self._test(block, row)]
        )

    def _is_searchable(self, block: RowBlock, row: int) -> bool:
        index = block.index
        if self.answered_only and index.types[row] != SUCCEEDED:
            return False
        return index.lengths[row] <= MAX_LINE

    def _candidates(self, block: RowBlock, rows: list[int]) -> list[int]:
        prefilter = self.prefilter
        if prefilter is None:
            return rows
        flags = block.index.flags
        if len(rows) * _SPARSE < len(block):
            return [
                row for row in rows if flags[row] & _ALWAYS or prefilter.may_hold(block.line(row))
            ]
        data = block.data(lowered=prefilter.lowers)
        starts = block.index.offsets
        found = prefilter.candidates(data, starts, block.base, block.start, block.stop)
        return [row for row in rows if row in found or flags[row] & _ALWAYS]

    def _test(self, block: RowBlock, row: int) -> bool:
        line = block.line(row)
        verdict = self._judge(line)
        if verdict is not None:
            return verdict
        text = self.read_text(line)
        return self.matcher.test(text)

    def _judge(self, line: bytes) -> bool | None:
        """Decide without decoding the answer, where that can be done."""
        if self.prefilter is None or not self.answered_only:
            return None
        texts = raw_texts(line)
        if texts is None or len(texts) > 1:
            return None
        verdict = self.prefilter.judge(texts)
        return verdict if isinstance(self.matcher, Contains) or verdict is False else None


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
