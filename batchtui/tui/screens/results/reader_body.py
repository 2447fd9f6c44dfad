"""One row as it is read: its answer, with the question beside it or around it."""

from collections.abc import Callable
from itertools import chain

from textual.app import ComposeResult
from textual.containers import Horizontal

from batchtui.tui.lines import BLANK
from batchtui.tui.screens.results.layout import RowLayout, Steps
from batchtui.tui.screens.results.requests import FoundRequest, lay_out_question, lay_out_request
from batchtui.tui.widgets.reader_document import Document, Lines
from batchtui.tui.widgets.reader_text import find_nothing
from batchtui.tui.widgets.reader_view import ReaderView


class Matches:
    """Goes through the matches of a text.

    Attributes:
        line: The line of the match that was gone to last; ``None`` before the first.

    Args:
        view: Shows the text.
        on_end: Called where there is no further match: with 1 behind the last, -1 before the first.
    """

    def __init__(self, view: ReaderView, on_end: Callable[[int], object]) -> None:
        self.line: int | None = None
        self._wanted = 0
        self._view = view
        self._on_end = on_end

    def begin(self) -> None:
        """Begin again: the text is about to be another."""
        self.line = None

    def want(self, step: int) -> None:
        """Go to a match of the next row: its first one for 1, its last one for -1."""
        self._wanted = step

    @property
    def is_wanted(self) -> bool:
        """Whether a match is what the row is shown for."""
        return self._wanted != 0

    def next_match(self) -> None:
        """To the next match in this row."""
        found = self._view.document.match_after(-1 if self.line is None else self.line)
        self._go_to(found, 1)

    def previous_match(self) -> None:
        """To the previous match in this row."""
        found = None
        if self.line is not None:
            found = self._view.document.match_before(self.line)
        self._go_to(found, -1)

    def _go_to(self, found: int | None, step: int) -> None:
        if found is None:
            self._on_end(step)
        else:
            self.line = found
            self._view.go_to(found)

    def go_to_wanted(self) -> None:
        """Go to the match for which a row is shown: the first, or the last on the way back."""
        document = self._view.document
        found = document.match_before(len(document)) if self._wanted < 0 else None
        found = document.match_after(-1) if found is None else found
        self._wanted = 0
        if found is not None:
            self.line = found
            self._view.go_to(found)


class ReaderBody(Horizontal):
    """Shows an answer, and what was asked: beside it, or its beginning above and all of it below.

    Args:
        on_end: Called where there is no further match: with 1 behind the last, -1 before the first.
    """

    def __init__(self, on_end: Callable[[int], object]) -> None:
        super().__init__()
        self.question_view = ReaderView(id="reader-question")
        self.text_view = ReaderView(id="reader-view")
        self.matches = Matches(self.text_view, on_end)
        self._question_line: int | None = None
        """Where the request begins, if there is one in the text."""
        self._begins_with_question = False

    def compose(self) -> ComposeResult:
        """Yield the question and the answer."""
        yield self.question_view
        yield self.text_view

    def show_nothing(self) -> None:
        """Show no row."""
        self.text_view.show(Document())
        self.question_view.show(Document())

    async def show_answer(self, answer: Steps, top: int) -> None:
        """Show an answer while its question is looked for."""
        await self.text_view.lay_out(answer, top)

    async def show_beside(
        self,
        answer: Steps,
        asked: FoundRequest | None,
        layout: RowLayout,
        question: RowLayout,
        top: int,
    ) -> None:
        """Show an answer, and its question beside it.

        Args:
            answer: The answer, laid out.
            asked: The request; ``None`` where there is none.
            layout: How the answer is laid out.
            question: How the request is.
            top: The line of the answer to show first.
        """
        self._question_line = None
        await self.text_view.lay_out(answer, top)
        self._go_to_match(layout, top)
        if asked is None:
            self.question_view.show(Document())
            return
        await self.question_view.lay_out(lay_out_request(asked, question), 0)

    async def show_below(
        self, answer: Steps, asked: FoundRequest | None, layout: RowLayout, top: int
    ) -> None:
        """Show the beginning of a question, the answer, and the whole request below it."""
        self._question_line = None
        view = self.text_view
        if asked is not None:
            most = max(3, view.size.height // 3)
            answer = chain(lay_out_question(asked, layout, most=most), answer)
        document = await view.lay_out(answer, top)
        self._go_to_match(layout, top)
        if asked is None:
            return
        self._question_line = len(document) + 1
        below = chain([Lines([BLANK])], lay_out_request(asked, layout))
        await view.lay_out(below, None, document)
        if self._begins_with_question and not top:
            self._go_to_question()

    def _go_to_match(self, layout: RowLayout, top: int) -> None:
        """Go to the match for which the row is shown, unless it is being read already."""
        is_searched = layout.find_text is not find_nothing
        if self.matches.is_wanted or (is_searched and not top):
            self.matches.go_to_wanted()

    def switch_question(self) -> None:
        """To the whole question below, or back to the answer."""
        self._begins_with_question = not self._begins_with_question
        self._go_to_question()

    def _go_to_question(self) -> None:
        if self._begins_with_question and self._question_line is not None:
            self.text_view.scroll_to(y=self._question_line, animate=False)
        else:
            self.text_view.scroll_home(animate=False)

    def scroll_half(self, step: int) -> None:
        """Scroll by half a screen."""
        self.text_view.scroll_half(step)
