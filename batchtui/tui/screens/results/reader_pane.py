"""The reader: shows the row that the cursor rests on, piece by piece where it is long."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial, partialmethod
from itertools import chain

from msgspec import Struct
from msgspec.structs import replace
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message

from batchtui.errors import BatchtuiError
from batchtui.results.index import NO_CAUSE
from batchtui.results.triage_advice import find_advice
from batchtui.tui import external
from batchtui.tui.glyphs import Glyphs
from batchtui.tui.lines import BLANK
from batchtui.tui.messages import CopyWanted, Failed, start_work
from batchtui.tui.screens.base_screen import end_workers
from batchtui.tui.screens.results import row_actions
from batchtui.tui.screens.results.layout import RowSetting, View, lay_out_row
from batchtui.tui.screens.results.matches import Matches
from batchtui.tui.screens.results.requests import (
    FoundRequest,
    Requests,
    lay_out_question,
    lay_out_request,
)
from batchtui.tui.screens.results.row_actions import RowToRead
from batchtui.tui.screens.results.row_text import RowText, RowTexts, title_line
from batchtui.tui.widgets.line_bar import LineBar
from batchtui.tui.widgets.reader_document import Document, Lines
from batchtui.tui.widgets.reader_text import find_nothing
from batchtui.tui.widgets.reader_view import ReaderView

_REST, _LONG_REST = 0.15, 0.25
"""Seconds that the cursor must rest on a row before it is read, and those when it was running: who
runs through a list pays nothing for the rows in between, on the line least of all."""
_RUNNING = 0.4
"""Seconds between two steps of the cursor below which it is running."""
_BESIDE = 116
"""Cells from which a question stands beside its answer."""
_LONGEST_LINE = 100
"""Cells of a line that is still easy to read."""
_PATIENCE = 0.15
"""Seconds that an answer waits for its question: its file may have to be read first."""


class Wanted(Struct, frozen=True):
    """What a document is made from; another one is another document."""

    index: int
    row: int
    view: View
    width: int
    is_wrapped: bool
    query: str
    is_beside: bool


class ReaderPane(Vertical):
    """Shows one row in one of three views, and goes from match to match in it.

    Args:
        requests: Finds the request of a row.
        glyphs: The signs to draw with.
        environ: The user's environment, for their pager and editor.
    """

    @dataclass
    class NoMoreMatches(Message):
        """The row has no further match in this direction."""

        step: int
        """1 behind the last match, -1 before the first."""

    def __init__(self, requests: Requests, glyphs: Glyphs, environ: Mapping[str, str]) -> None:
        super().__init__(id="results-reader")
        self._title = LineBar(id="reader-title")
        self.question_view = ReaderView(id="reader-question")
        self.text_view = ReaderView(id="reader-view")
        self.glyphs = glyphs
        self.view = View.CONVERSATION
        self.is_wrapped = True
        self.matches = Matches(
            self.text_view, lambda step: self.post_message(self.NoMoreMatches(step))
        )
        self._requests = requests
        self._environ = environ
        self.is_beside = False
        """Whether the question stands beside the answer."""
        self._question_line: int | None = None
        """Where the request begins, if there is one in the text."""
        self._begins_with_question = False
        self._hides_question = False
        self._target: RowToRead | None = None
        self._texts = RowTexts()
        self._shown: RowToRead | None = None
        self._made_from: Wanted | None = None
        self._being_laid_out: Wanted | None = None
        self._is_whole = False
        self._stepped_at = 0.0
        """When a key moved the cursor last, by a clock that never goes back."""

    def compose(self) -> ComposeResult:
        """The title over the question and the answer."""
        yield self._title
        with Horizontal():
            yield self.question_view
            yield self.text_view

    async def on_unmount(self) -> None:
        """Read no further: the file is about to be given back."""
        await end_workers(self)

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
        self.view = self.view.after
        self._follow(0.0)

    def wrap_lines(self) -> None:
        """Break long lines, or not."""
        self.is_wrapped = not self.is_wrapped
        self.text_view.left = 0
        self._follow(0.0)

    def switch_question(self) -> None:
        """To the whole question or back to the answer; beside each other, hide or show it."""
        if self.is_beside or self._hides_question:
            self._hides_question = not self._hides_question
            self._follow(0.0)
            return
        self._begins_with_question = not self._begins_with_question
        self._go_to_question()

    def _go_to_question(self) -> None:
        if self._begins_with_question and self._question_line is not None:
            self.text_view.scroll_to(y=self._question_line, animate=False)
        else:
            self.text_view.scroll_home(animate=False)

    def want_match(self, step: int) -> None:
        """Go to a match of the row that is read next: its first one for 1, its last one for -1."""
        self.matches.wanted = step

    def scroll_half(self, step: int) -> None:
        """Scroll by half a screen."""
        view = self.text_view
        view.scroll_relative(y=step * max(1, view.size.height // 2), animate=False)

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

    def _place_question(self) -> bool:
        """Put the question beside the answer where there is room; tell whether that is new."""
        is_beside = (
            self.size.width >= _BESIDE
            and self.view is View.CONVERSATION
            and self._requests.is_known
            and not self._hides_question
        )
        is_new = is_beside != self.is_beside
        self.is_beside = is_beside
        self.set_class(is_beside, "-beside")
        return is_new

    def _wanted(self) -> Wanted | None:
        """Return what should stand in the reader now; ``None`` where it is not to be seen."""
        target, view = self._target, self.text_view
        width = min(view.text_width, _LONGEST_LINE)
        if target is None or not view.size or width <= 1:
            return None
        return Wanted(
            id(target.index),
            target.row,
            self.view,
            width,
            self.is_wrapped,
            target.query.text if target.query else "",
            self.is_beside,
        )

    async def _show_row(self, delay: float) -> None:
        if delay:
            await asyncio.sleep(delay)
        if self._place_question():
            self.call_after_refresh(self._follow, 0.0)
            return
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
        wanted: Wanted,
        text: RowText,
        request: "asyncio.Future[FoundRequest | None]",
    ) -> None:
        """Show a row with its request."""
        view = self.text_view
        top = view.top if target.is_same_row(self._shown) else 0
        self._shown, self._made_from, self._being_laid_out = target, wanted, wanted
        self.matches.line, self._is_whole = None, False
        self._show_title(target)
        setting = self._setting(target, wanted, text)
        try:
            await asyncio.wait({request}, timeout=_PATIENCE)
            if not request.done():
                answer = lay_out_row(self.view, text.conversation, text.data, setting)
                await view.lay_out(answer, top)
                top = view.top
            await self._lay_out_both(text, await self._found(request), setting, top)
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

    async def _lay_out_both(
        self, text: RowText, found: FoundRequest | None, setting: RowSetting, top: int
    ) -> None:
        """Lay out question and answer: beside each other, or the beginning of the question first.

        The whole request stands below the answer then.
        """
        view, is_asked = self.text_view, found is not None and self.view is View.CONVERSATION
        steps = lay_out_row(self.view, text.conversation, text.data, setting)
        self._question_line = None
        if found is None or not is_asked or self.is_beside:
            document = await view.lay_out(steps, top)
        else:
            asked = lay_out_question(found, setting, most=max(3, view.size.height // 3))
            document = await view.lay_out(chain(asked, steps), top)
        if self.matches.wanted or (setting.find_text is not find_nothing and not top):
            self.matches.go_to_wanted()
        if found is None or not is_asked:
            if self.is_beside:
                self.question_view.show(Document())
        elif self.is_beside:
            width = min(self.question_view.text_width, _LONGEST_LINE)
            request = lay_out_request(found, replace(setting, width=width))
            await self.question_view.lay_out(request, 0)
        else:
            self._question_line = len(document) + 1
            below = chain([Lines([BLANK])], lay_out_request(found, setting))
            await view.lay_out(below, None, document)
            if self._begins_with_question and not top:
                self._go_to_question()

    def _show_nothing(self) -> None:
        self._shown = self._made_from = None
        self._title.lines = ()
        self.text_view.show(Document())
        self.question_view.show(Document())

    def _setting(self, target: RowToRead, wanted: Wanted, text: RowText) -> RowSetting:
        query, index, row = target.query, target.index, target.row
        cause = index.causes[row]
        return RowSetting(
            width=wanted.width,
            glyphs=self.glyphs,
            is_wrapped=wanted.is_wrapped,
            find_text=query.spans if query else find_nothing,
            find_error=(lambda text: query.spans(text, "error")) if query else find_nothing,
            advice=find_advice(index.cause_list[cause]).advice if cause != NO_CAUSE else "",
            reasons=(*target.reasons, *text.missing),
        )

    def _show_title(self, target: RowToRead) -> None:
        title = title_line(target, self.view, self.glyphs, is_wrapped=self.is_wrapped)
        self._title.lines = (title,)
