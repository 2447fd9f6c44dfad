"""The pair under the cursor in full: both answers with what differs, or what was asked."""

import asyncio
from functools import partial, partialmethod

from textual import on
from textual.cache import LRUCache

from batchtui.results.comparison.pairs import PairDetail
from batchtui.tui.glyphs import Glyphs
from batchtui.tui.lines import Line, line
from batchtui.tui.messages import CopyWanted, start_work
from batchtui.tui.screens.base_screen import end_workers
from batchtui.tui.screens.compare.browser import PairBrowser
from batchtui.tui.screens.compare.pair_lines import (
    PairLayout,
    pair_lines,
    question_lines,
    request_lines,
)
from batchtui.tui.screens.results.layout import RowLayout
from batchtui.tui.screens.results.requests import FoundRequest
from batchtui.tui.widgets.line_view import LineView
from batchtui.untrusted import visible

_QUESTIONS = 100
"""Questions kept."""
_REST = 0.15
"""Seconds that the cursor must rest on a pair before it is laid out."""


class PairPane(LineView):
    """Shows one pair; files are read and words compared in a thread.

    Args:
        browser: The runs.
        glyphs: The signs to draw with.
    """

    def __init__(self, browser: PairBrowser, glyphs: Glyphs) -> None:
        super().__init__(id="compare-reader")
        self._browser = browser
        self._glyphs = glyphs
        self._pair: int | None = None
        """The pair to read."""
        self._shown: int | None = None
        """The pair that was shown from its top."""
        self._is_beside = True
        self._is_question = False
        self._questions: LRUCache[str, FoundRequest | None] = LRUCache(_QUESTIONS)

    async def on_unmount(self) -> None:
        """Read no further: the files are about to be given back."""
        await end_workers(self)

    def read(self, pair: int | None) -> None:
        """Read a pair at once; ``None`` empties the pane."""
        self._pair = pair
        start_work(self, self._show_pair, "pair")

    def read_at_rest(self, pair: int | None) -> None:
        """Read the pair that the cursor came to, once it rests there."""
        self._pair = pair
        start_work(self, partial(self._show_pair, _REST), "pair")

    def take_over(self, glyphs: Glyphs) -> None:
        """Draw with other signs."""
        self._glyphs = glyphs
        start_work(self, self._show_pair, "pair")

    @on(LineView.Resized)
    def _fit(self) -> None:
        """Lay the pair out for the new width."""
        start_work(self, self._show_pair, "pair")

    async def _show_pair(self, delay: float = 0.0) -> None:
        """Lay the pair out, and put its question above it."""
        await asyncio.sleep(delay)
        pair, width = self._pair, self.line_width
        detail = None if pair is None else await asyncio.to_thread(self._browser.detail, pair)
        if detail is None or width <= 0:
            self.lines = ()
            return
        names = (visible(self._browser.a.name), visible(self._browser.b.name))
        layout = PairLayout(self._glyphs, width, *names, is_beside=self._is_beside)
        lines = await asyncio.to_thread(pair_lines, detail, layout)
        self._show_lines(detail, layout, lines)
        if pair != self._shown:
            self._shown = pair
            self.scroll_home(animate=False)
        if detail.custom_id not in self._questions:
            self._questions[detail.custom_id] = await self._question_of(detail.custom_id)
            self._show_lines(detail, layout, lines)

    def _show_lines(self, detail: PairDetail, layout: PairLayout, lines: tuple[Line, ...]) -> None:
        top = line((visible(detail.custom_id) or "(no custom_id)", "strong"))
        asked = RowLayout(layout.text_width, self._glyphs)
        found = self._questions.get(detail.custom_id)
        if self._is_question and found is not None:
            self.lines = (top, *request_lines(found, asked))
        else:
            self.lines = (top, *question_lines(found, asked), *lines)

    async def _question_of(self, custom_id: str) -> FoundRequest | None:
        """Find what was asked, with the first run or the second."""
        found: FoundRequest | None = None
        for run in (self._browser.a, self._browser.b):
            found = found or await run.requests.find(custom_id)
        return found

    # Commands

    def switch_sides(self) -> None:
        """Put the answers beside each other, or one above the other."""
        self._is_beside = not self._is_beside
        start_work(self, self._show_pair, "pair")

    def switch_pair_question(self) -> None:
        """Show all that was asked, or the answers again."""
        comparison, pair = self._browser.comparison, self._pair
        if comparison is None or pair is None:
            return
        if not self._is_question and not self._questions.get(comparison.custom_id(pair)):
            self.notify("The file with the questions is not known", severity="warning")
            return
        self._is_question = not self._is_question
        self._shown = None
        start_work(self, self._show_pair, "pair")

    def _scroll(self, step: int) -> None:
        self.scroll_relative(y=step, animate=False)

    scroll_pair_down = partialmethod(_scroll, 1)
    scroll_pair_up = partialmethod(_scroll, -1)

    async def copy_pair(self) -> None:
        """Copy both answers."""
        if self._pair is None:
            return
        detail = await asyncio.to_thread(self._browser.detail, self._pair)
        if detail is not None:
            a, b = self._browser.a.name, self._browser.b.name
            text = f"{a}:\n{detail.text_a}\n\n{b}:\n{detail.text_b}\n"
            self.post_message(CopyWanted(text, "both answers"))

    def copy_pair_id(self) -> None:
        """Copy the id."""
        comparison = self._browser.comparison
        if comparison is not None and self._pair is not None:
            self.post_message(CopyWanted(comparison.custom_id(self._pair), "the custom_id"))
