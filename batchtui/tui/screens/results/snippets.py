"""The beginning of what a row answered, read from the file when the row is seen."""

import re
from collections import OrderedDict

from batchtui.results.answer import Answer, read_answer, read_error
from batchtui.results.errors import ResultsFileError
from batchtui.results.index import ERRORED, SUCCEEDED, UNREADABLE, ResultsIndex
from batchtui.results.records.finder import Record, find_record
from batchtui.results.records.registry import records_of
from batchtui.results.row_block import LineSource
from batchtui.untrusted import visible

_KEPT = 2_000
_LENGTH = 240
"""Characters of an answer that are kept."""
_WHOLE = 32 * 1024
"""Bytes of the longest line that is read as a whole; of longer ones the beginning has to do."""
_TEXT = re.compile(rb'"type"\s*:\s*"text"\s*,\s*"text"\s*:\s*"((?:[^"\\]|\\.){0,600})')
_SPACES = re.compile(r"\s+")


class Snippets:
    """Gives the beginning of answers and error messages, and keeps the last ones.

    Args:
        index: The rows.
        source: Where their bytes are; ``None`` gives nothing.
    """

    def __init__(self, index: ResultsIndex, source: LineSource | None) -> None:
        self._index = index
        self._source = source
        self._kept: OrderedDict[int, str] = OrderedDict()

    def is_of(self, index: ResultsIndex, source: LineSource | None) -> bool:
        """Return whether these are the snippets of some rows."""
        return self._index is index and self._source is source

    def of(self, row: int) -> str:
        """Return the beginning of what a row says, as one safe line; empty if it says nothing."""
        found = self._kept.get(row)
        if found is None:
            found = self._kept[row] = self._read(row)
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return found

    def _read(self, row: int) -> str:
        kind, length = self._index.types[row], self._index.lengths[row]
        if self._source is None or kind not in {SUCCEEDED, ERRORED, UNREADABLE}:
            return ""
        try:
            data = self._source.span(self._index.offsets[row], min(length, _WHOLE))
        except ResultsFileError:
            return ""
        if kind == UNREADABLE:
            text = data[:_LENGTH].decode(errors="replace")
        elif kind == ERRORED:
            text = read_error(data)[1]
        else:
            text = self._said(read_answer(data)) if length <= _WHOLE else _beginning(data)
        return visible(_SPACES.sub(" ", text[: _LENGTH * 4]).strip()[:_LENGTH])

    def _said(self, answer: Answer) -> str:
        """Return what an answer says: its record without the words around it, else its text."""
        found = find_record(answer, records_of(self._index).pattern)
        return found.text if isinstance(found, Record) else answer.searched


def _beginning(data: bytes) -> str:
    """Return the beginning of the first text in the beginning of a line."""
    match = _TEXT.search(data)
    if match is None:
        return ""
    text = match.group(1).decode(errors="replace")
    return text.replace("\\n", " ").replace("\\t", " ").replace('\\"', '"')
