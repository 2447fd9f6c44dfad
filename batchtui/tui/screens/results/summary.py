"""The whole batch in numbers, on a screen of its own."""

import asyncio
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.types import CSSPathType

from batchtui.prices import PriceTable, load_prices
from batchtui.results.index import ResultsIndex
from batchtui.results.summary import SummaryBuilder
from batchtui.tui.commands import results as commands
from batchtui.tui.commands.bindings import dispatched
from batchtui.tui.commands.command import Command
from batchtui.tui.glyphs import Glyphs
from batchtui.tui.lines import line
from batchtui.tui.messages import CopyWanted
from batchtui.tui.screens.command_screen import CommandScreen
from batchtui.tui.screens.results.browser import Browser
from batchtui.tui.screens.results.source import ResultsSource
from batchtui.tui.screens.results.summary_lines import summary_lines
from batchtui.tui.stylesheets import RESULTS
from batchtui.tui.widgets.action_bar import ActionBar
from batchtui.tui.widgets.line_bar import LineBar
from batchtui.tui.widgets.line_view import LineView
from batchtui.untrusted import visible

_FEW = 20_000
"""Rows that are summed up before the first picture: some milliseconds."""
_LOOK_AGAIN = 1.0
"""Seconds between two looks while rows arrive."""


class SummaryScreen(CommandScreen[None]):
    """Shows how rows ended, tokens, lengths of answers and the estimated cost.

    Args:
        browser: The rows.
        source: Where they come from.
        glyphs: The signs to draw with.
        prices_file: The user's own prices; need not exist.
    """

    CSS_PATH: ClassVar[CSSPathType | None] = RESULTS
    OFFERED: ClassVar[tuple[type[Command], ...]] = (commands.CopySummary, commands.StepBack)
    BINDINGS: ClassVar[list[BindingType]] = dispatched(OFFERED)

    def __init__(
        self, browser: Browser, source: ResultsSource, glyphs: Glyphs, prices_file: Path | None
    ) -> None:
        super().__init__()
        self._browser = browser
        self._source = source
        self._glyphs = glyphs
        self._prices_file = prices_file
        self._prices: PriceTable | None = None
        self._builder: SummaryBuilder | None = None
        self._index: ResultsIndex | None = None

    def compose(self) -> ComposeResult:
        """Header, lines, action bar."""
        yield LineBar(id="summary-header", classes="chrome")
        yield LineView(id="summary-lines")
        yield ActionBar(id="summary-actions", classes="chrome")

    def on_mount(self) -> None:
        """Sum up, at once where that takes no time, and again while rows arrive."""
        self.query_one(LineView).focus()
        if len(self._browser.index) <= _FEW:
            self._prices = load_prices(self._prices_file)
            self._take_index(self._prices).update(self._browser.index)
        self.show()
        self.start(self._follow, "summary")

    async def _follow(self) -> None:
        if self._prices is None:
            self._prices = await asyncio.to_thread(load_prices, self._prices_file)
        while True:
            was_moving = self._source.status.is_moving
            await self._sum_up(self._prices)
            self.show()
            if not was_moving:
                return
            await asyncio.sleep(_LOOK_AGAIN)

    async def _sum_up(self, prices: PriceTable) -> None:
        """Take in the rows that came since, in a thread."""
        await asyncio.to_thread(self._take_index(prices).update, self._browser.index)

    def _take_index(self, prices: PriceTable) -> SummaryBuilder:
        """Return what sums up the rows there are now; another one if the file is another."""
        index = self._browser.index
        if self._builder is None or self._index is not index:
            self._index, self._builder = index, SummaryBuilder(prices)
        return self._builder

    def show(self) -> None:
        """Write the lines for the width as it is now."""
        if not self.children:
            return
        view = self.query_one(LineView)
        # before the first layout as wide as it will be: so the first picture is complete
        width = (view.content_size.width or self.app.size.width - 2) - 1
        if self._builder and self._index is not None and self._prices and width >= 10:
            summary = self._builder.summary(self._index)
            view.lines = summary_lines(summary, self._prices, self._glyphs, width)
        so_far = "so far" if self._source.status.is_moving else ""
        title = visible(self._source.title)
        header = line(("Summary", "strong"), f"   {title}   ", (so_far, "running"))
        self.query_one("#summary-header", LineBar).lines = (header,)
        self.query_one(ActionBar).items = tuple(self.action_items())

    def on_resize(self) -> None:
        """Lay the lines out for the new width."""
        self.call_after_refresh(self.show)

    def step_back(self) -> None:
        """Go back to the rows."""
        self.dismiss(None)

    def copy_summary(self) -> None:
        """Copy the summary as text."""
        lines = self.query_one(LineView).lines
        text = "\n".join(one.text.rstrip() for one in lines)
        self.post_message(CopyWanted(text, "the summary"))
