"""The reader: shows the row that the cursor rests on, piece by piece where it is long."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial, partialmethod

from msgspec import Struct
from msgspec.structs import replace
from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widget import Widget

from batchtui.errors import BatchtuiError
from batchtui.library.ledger_values import Review
from batchtui.tui import external
from batchtui.tui.glyphs import Glyphs
from batchtui.tui.messages import CopyWanted, Failed, start_work
from batchtui.tui.screens.base_screen import end_workers
from batchtui.tui.screens.results import row_actions
from batchtui.tui.screens.results.layout import LONGEST_LINE, View, lay_out_row
from batchtui.tui.screens.results.reader_body import ReaderBody
from batchtui.tui.screens.results.requests import (
    FoundRequest,
    Requests,
)
from batchtui.tui.screens.results.row_actions import RowToRead
from batchtui.tui.screens.results.row_text import RowText, RowTexts, row_layout, title_line
from batchtui.tui.stepping import stepped
from batchtui.tui.widgets.line_bar import LineBar
from batchtui.tui.widgets.reader_view import ReaderView

_REST, _LONG_REST = 0.15, 0.25
"""Seconds that the cursor must rest on a row before it is read, and those when it was running: who
runs through a list pays nothing for the rows in between, on the line least of all."""
_RUNNING = 0.4
"""Seconds between two steps of the cursor below which it is running."""
_BESIDE = 116
"""Cells from which a question stands beside its answer."""
_PATIENCE = 0.15
"""Seconds that an answer waits for its question: its file may have to be read first."""


class DocumentKey(Struct, frozen=True):
    """What a document is made from; another one is another document."""

    index: int
    row: int
    view: View
    width: int
    height: int
    """Of which the beginning of a question takes a share."""
    is_wrapped: bool
    query: str
    question_width: int
    """Of the question beside the answer; 0 where it stands in the same text."""
    reasons: tuple[str, ...]
    review: Review | None
    expects_record: bool


class ReaderPane(Vertical):
    """Shows one row in one of three views, and goes from match to match in it.

    Args:
        requests: Finds the request of a row.
        glyphs: The signs to draw with.
        environ: The user's environment without a key, for pager and editor.
    """

    @dataclass
    class MatchesEnded(Message):
        """The row has no further match in this direction."""

        step: int
        """1 behind the last match, -1 before the first."""

    def __init__(self, requests: Requests, glyphs: Glyphs, environ: Mapping[str, str]) -> None:
        super().__init__(id="results-reader")
        self._title = LineBar(id="reader-title")
        self.body = ReaderBody(lambda step: self.post_message(self.MatchesEnded(step)))
        self.glyphs = glyphs
        self.view = View.CONVERSATION
        self.is_wrapped = True
        self._requests = requests
        self._environ = environ
        self.is_beside = False
        """Whether the question stands beside the answer."""
        self._hides_question = False
        self._target: RowToRead | None = None
        self._texts = RowTexts()
        self._shown: RowToRead | None = None
        self._made_from: DocumentKey | None = None
        self._being_laid_out: DocumentKey | None = None
        self._is_whole = False
        self._stepped_at = 0.0
        """When a key moved the cursor last, by a clock that never goes back."""

    def compose(self) -> ComposeResult:
        """Yield the title over the question and the answer."""
        yield self._title
        yield self.body

    def on_mount(self) -> None:
        """Get ready for the first row."""
        start_work(self, self._requests.prepare, "requests")

    async def on_unmount(self) -> None:
        """Read no further: the file is about to be given back."""
        await end_workers(self)

    @on(events.Resize)
    @on(ReaderView.Resized)
    def follow_size(self) -> None:
        """Lay the row out for the new size."""
        self.call_after_refresh(self._follow, 0.0)

    @property
    def views(self) -> tuple[Widget, ...]:
        """What can be read: the question, where it has room, and the answer."""
        return self.body.question_view, self.body.text_view

    def focus_answer(self) -> None:
        """Give the keys to the answer."""
        self.body.text_view.focus()

    # What is read

    def read(self, target: RowToRead | None) -> None:
        """Read a row at once; ``None`` empties the reader."""
        self._target = target
        self._follow(0.0)

    def read_at_rest(self, target: RowToRead | None) -> None:
        """Read the row that a key brought the cursor to, once the cursor rests there."""
        self._target = target
        now = time.monotonic()
        is_running = now - self._stepped_at < _RUNNING
        self._stepped_at = now
        self._follow(_LONG_REST if is_running else _REST)

    def shows(self, target: RowToRead) -> bool:
        """Return whether a row stands here whole, or cannot be seen at all."""
        if not self.body.text_view.size:
            return True
        is_read = self._is_whole and self._wanted() == self._made_from
        is_placed = self.is_beside == self._has_room_beside
        return is_read and is_placed and target.is_same_row(self._target)

    def forget(self) -> None:
        """Forget what was read: the file, or the one with the requests, is another."""
        self._texts.forget()
        self._made_from = None
        self._requests.forget()

    def take_over(self, glyphs: Glyphs) -> None:
        """Draw with other signs."""
        self.glyphs = glyphs
        self._made_from = None
        self._follow(0.0)

    def switch_view(self) -> None:
        """To the next way to look at a row."""
        self.view = stepped(self.view)
        self._follow(0.0)

    def wrap_lines(self) -> None:
        """Break long lines, or not."""
        self.is_wrapped = not self.is_wrapped
        self.body.text_view.left = 0
        self._follow(0.0)

    def switch_question(self) -> None:
        """To the whole question or back to the answer; beside each other, hide or show it."""
        if self.is_beside or self._hides_question:
            self._hides_question = not self._hides_question
            self._follow(0.0)
        else:
            self.body.switch_question()

    def next_match(self) -> None:
        """To the next match in this row."""
        self.body.matches.next_match()

    def previous_match(self) -> None:
        """To the previous match in this row."""
        self.body.matches.previous_match()

    def want_match(self, step: int) -> None:
        """Go to a match of the row that is read next: its first one for 1, its last one for -1."""
        self.body.matches.want(step)

    def scroll_half(self, step: int) -> None:
        """Scroll by half a screen."""
        self.body.scroll_half(step)

    async def _copy(self, copy: Callable[[RowToRead], CopyWanted]) -> None:
        if self._target is not None:
            self.post_message(await asyncio.to_thread(copy, self._target))

    copy_answer = partialmethod(_copy, row_actions.copy_of_answer)
    copy_row = partialmethod(_copy, row_actions.copy_of_row)
    copy_custom_id = partialmethod(_copy, row_actions.copy_of_id)

    async def _open_in(self, program: external.Program) -> None:
        if self._target is not None:
            file = await asyncio.to_thread(row_actions.file_of_row, self._target, self.view)
            external.show_text(program, file.text, file.name, self._environ, self.app.suspend)

    open_in_pager = partialmethod(_open_in, external.PAGER)
    open_in_editor = partialmethod(_open_in, external.EDITOR)

    def _follow(self, delay: float) -> None:
        wanted = self._wanted()
        if wanted is None or wanted != self._being_laid_out:
            show = partial(self._show_row, delay)
            start_work(self, show, "reading")

    @property
    def _has_room_beside(self) -> bool:
        return (
            self.size.width >= _BESIDE
            and self.view is View.CONVERSATION
            and self._requests.is_known
            and not self._hides_question
        )

    def _place_question(self) -> bool:
        """Put the question beside the answer where there is room; tell whether that is new."""
        is_beside = self._has_room_beside
        is_new = is_beside != self.is_beside
        self.is_beside = is_beside
        self.set_class(is_beside, "-beside")
        return is_new

    def _wanted(self) -> DocumentKey | None:
        """Return what should stand in the reader now; ``None`` where it is not to be seen."""
        target, view = self._target, self.body.text_view
        width = min(view.text_width, LONGEST_LINE)
        if target is None or not view.size or width <= 1:
            return None
        return DocumentKey(
            id(target.index),
            target.row,
            self.view,
            width,
            view.size.height,
            self.is_wrapped,
            target.query.text if target.query else "",
            min(self.body.question_view.text_width, LONGEST_LINE) if self.is_beside else 0,
            target.reasons,
            target.review,
            target.expects_record,
        )

    async def _show_row(self, delay: float) -> None:
        if delay:
            await asyncio.sleep(delay)
        if self._place_question():
            self.call_after_refresh(self._follow, 0.0)
            return
        if self.is_beside and not self.body.question_view.size:
            return  # it is about to be given its width
        wanted, target = self._wanted(), self._target
        if wanted is None or target is None:
            self._show_nothing()
            return
        if wanted == self._made_from and self._is_whole:
            return
        request = asyncio.ensure_future(self._requests.find(target.custom_id))
        try:
            text = await self._texts.read(target)
            if text is not None:
                await self._lay_out(target, wanted, text, request)
        finally:
            request.cancel()
            await asyncio.gather(request, return_exceptions=True)

    async def _lay_out(
        self,
        target: RowToRead,
        wanted: DocumentKey,
        text: RowText,
        request: "asyncio.Future[FoundRequest | None]",
    ) -> None:
        """Show a row with its request."""
        body, view = self.body, self.view
        top = body.text_view.top if target.is_same_row(self._shown) else 0
        self._shown, self._made_from, self._being_laid_out = target, wanted, wanted
        body.matches.begin()
        self._is_whole = False
        self._show_title(target)
        layout = row_layout(target, text, self.glyphs, wanted.width, is_wrapped=wanted.is_wrapped)
        lay_out = partial(lay_out_row, view, text.conversation, text.data, layout)
        try:
            await asyncio.wait({request}, timeout=_PATIENCE)
            if not request.done():
                await body.show_answer(lay_out(), top)
                top = body.text_view.top
            found = await self._found(request)
            asked = found if view is View.CONVERSATION else None
            if wanted.question_width:
                question = replace(layout, width=wanted.question_width)
                await body.show_beside(lay_out(), asked, layout, question, top)
            else:
                await body.show_below(lay_out(), asked, layout, top)
            self._is_whole = True
        finally:
            if self._being_laid_out is wanted:
                self._being_laid_out = None
        if self._place_question():
            self.call_after_refresh(self._follow, 0.0)

    async def _found(self, request: "asyncio.Future[FoundRequest | None]") -> FoundRequest | None:
        try:
            return await request
        except BatchtuiError as error:
            # the answer can be read anyway
            self.post_message(Failed(error))
            return None

    def _show_nothing(self) -> None:
        self._shown = self._made_from = None
        self._title.lines = ()
        self.body.show_nothing()

    def _show_title(self, target: RowToRead) -> None:
        title = title_line(target, self.view, self.glyphs, is_wrapped=self.is_wrapped)
        self._title.lines = (title,)
