"""One row as it is read: its bytes, decoded, the title over it and what is said beside it."""

import asyncio

from msgspec import Struct

from batchtui.results.conversation import Conversation, read_conversation
from batchtui.results.index import ERRORED, NO_CAUSE, RESULT_TYPES, SUCCEEDED, ResultsIndex
from batchtui.results.triage_advice import find_advice
from batchtui.tui.glyphs import Glyphs
from batchtui.tui.lines import Line, Span, spans
from batchtui.tui.screens.results.layout import RowLayout, View
from batchtui.tui.screens.results.row_actions import RowToRead, missing_record
from batchtui.tui.screens.results.rows import TYPE_STYLES, type_glyph
from batchtui.tui.widgets.reader_text import find_nothing
from batchtui.untrusted import visible

_LONG = 256 * 1024
"""Bytes of a line from which it is decoded in a thread."""
_HEADINGS = {SUCCEEDED: "Answer", ERRORED: "Error"}
"""What stands between a question and what came of it, by the type of the result."""


class RowText(Struct, frozen=True):
    """One row, read and decoded."""

    index: ResultsIndex
    row: int
    data: bytes
    conversation: Conversation
    expects_record: bool = False
    """Whether one was expected when it was read."""
    missing: tuple[str, ...] = ()
    """Why it has no record, where one is expected."""

    def is_of(self, target: RowToRead) -> bool:
        """Return whether this is what would be read again."""
        is_row = self.row == target.row and self.index is target.index
        return is_row and self.expects_record == target.expects_record


class RowTexts:
    """Reads rows, and keeps the one that was read last."""

    def __init__(self) -> None:
        self._last: RowText | None = None

    def forget(self) -> None:
        """Forget it: the file is another."""
        self._last = None

    async def read(self, target: RowToRead) -> RowText | None:
        """Read a row; ``None`` if there is none.

        Raises:
            ResultsFileError: It cannot be read.
        """
        index, row = target.index, target.row
        if self._last is not None and self._last.is_of(target):
            return self._last
        if row >= len(index):
            return None
        if index.lengths[row] < _LONG:
            self._last = _read(target)
        else:
            self._last = await asyncio.to_thread(_read, target)
        return self._last


def _read(target: RowToRead) -> RowText:
    data = target.data
    missing = missing_record(target)
    conversation = read_conversation(data)
    return RowText(target.index, target.row, data, conversation, target.expects_record, missing)


def title_line(target: RowToRead, view: View, glyphs: Glyphs, *, is_wrapped: bool) -> Line:
    """Write the row's id, and at the right how it ended and how it is looked at."""
    kind = target.index.types[target.row]
    right: list[Span] = []
    if view is not View.CONVERSATION:
        right += spans((view.value, "accent"), "  ")
    if not is_wrapped:
        right += spans(("not wrapped", "accent"), "  ")
    right += spans((f"{type_glyph(kind, glyphs)} {RESULT_TYPES[kind]}", TYPE_STYLES[kind]))
    name = visible(target.custom_id) or "(no custom_id)"
    return Line(spans((name, "heading")), (Span("  "), *right))


def row_layout(
    target: RowToRead, text: RowText, glyphs: Glyphs, width: int, *, is_wrapped: bool
) -> RowLayout:
    """Return how a row is laid out: what is found in it, said beside it, advised."""
    query, index, row = target.query, target.index, target.row
    cause = index.causes[row]
    return RowLayout(
        width=width,
        glyphs=glyphs,
        is_wrapped=is_wrapped,
        find_text=query.spans if query else find_nothing,
        find_error=(lambda text: query.spans(text, "error")) if query else find_nothing,
        advice=find_advice(index.cause_list[cause]).advice if cause != NO_CAUSE else "",
        reasons=(*target.reasons, *text.missing),
        review=target.review,
        heading=_HEADINGS.get(index.types[row], "Outcome"),
    )
