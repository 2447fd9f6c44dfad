"""The whole batch in numbers, and the way to the rows behind a number."""

import asyncio
from functools import partial

from textual import events, on
from textual.app import ComposeResult
from textual.reactive import reactive
from textual.strip import Strip

from batchtui.batches.rules import ALLOWED, Availability
from batchtui.prices import PriceTable, load_prices
from batchtui.results.summary import Summary, SummaryBuilder, summarize
from batchtui.tui.commands import reports as commands
from batchtui.tui.commands.reading import ResultNeed, StepBack
from batchtui.tui.lines import Line, Span
from batchtui.tui.messages import CopyWanted
from batchtui.tui.screens.command_screen import CommandScreen
from batchtui.tui.screens.results.browser import Browser
from batchtui.tui.screens.results.source import ResultsSource
from batchtui.tui.screens.results.summary_view import (
    SummaryLine,
    SummaryState,
    summary_header,
    summary_lines,
)
from batchtui.tui.stylesheets import RESULTS
from batchtui.tui.widgets.line_bar import LineBar
from batchtui.tui.widgets.line_list import GUTTER, LineList

_FEW = 20_000
"""Rows that are summed up before the first picture: some milliseconds."""
_LOOK_AGAIN = 1.0
"""Seconds between two looks while rows arrive."""


_NO_ROWS_HERE = Availability("This line stands for no rows")


class SummaryList(LineList):
    """The lines of the summary; the cursor goes from one that stands for rows to the next."""

    def __init__(self) -> None:
        super().__init__(id="summary-lines")
        self.lines: tuple[SummaryLine, ...] = ()

    def show(self, lines: tuple[SummaryLine, ...], query: str) -> None:
        """Show lines, with the cursor on that of a query, else on the first that has one."""
        old, self.lines = self.lines, lines
        self.row_count = len(lines)
        at = next((at for at, one in enumerate(lines) if query and one.query == query), None)
        self.cursor = self._first if at is None else at
        if len(old) != len(lines):
            self.refresh()
            return
        self.refresh_rows(row for row in range(len(lines)) if old[row] != lines[row])

    @property
    def chosen_query(self) -> str:
        """The query for the rows of the line under the cursor; empty if it stands for none."""
        return self.lines[self.cursor].query if self.lines else ""

    def line_of(self, row: int, width: int) -> Line:
        """Return one line."""
        del width
        return self.lines[row].line

    def _cursor_row(self, content: Line, width: int) -> Strip:
        marked = super()._cursor_row(content, width)
        cells = self.lines[self.cursor].cells
        if not cells:
            return marked
        # what stands beside it is something else
        plain = self._painter.paint(Line((Span(" " * GUTTER), *content.left)), width)
        return Strip.join([marked.crop(0, GUTTER + cells), plain.crop(GUTTER + cells)])

    @property
    def _places(self) -> list[int]:
        return [at for at, one in enumerate(self.lines) if one.query]

    @property
    def _first(self) -> int:
        return next(iter(self._places), 0)

    def action_cursor_down(self) -> None:
        """To the next line that stands for rows, past no line that was not seen."""
        self._step(1)

    def action_cursor_up(self) -> None:
        """To the line before that stands for rows, past no line that was not seen."""
        self._step(-1)

    def _step(self, step: int) -> None:
        ahead = [at for at in self._places[::step] if (at - self.cursor) * step > 0]
        if not ahead:
            self.scroll_to(y=0 if step < 0 else self.max_scroll_y, animate=False)
        elif abs(ahead[0] - self.cursor) < self.visible_rows:
            self.cursor = ahead[0]
        else:
            self.cursor += step * (self.visible_rows - 1)

    def action_cursor_first(self) -> None:
        """To the first line that stands for rows."""
        self.cursor = self._first
        self.scroll_to(y=0, animate=False)

    def action_cursor_last(self) -> None:
        """To the last line that stands for rows."""
        self.cursor = self._places[-1] if self._places else 0
        self.scroll_to(y=self.max_scroll_y, animate=False)


class SummaryScreen(CommandScreen[str | None]):
    """Shows how rows ended, tokens, lengths of answers and the estimated cost.

    Gives the query for the rows of a chosen line, or ``None``.

    Args:
        browser: The rows.
        source: Where they come from.
        query: That of the line to begin at.
    """

    CSS_PATH = RESULTS
    OFFERED = (
        commands.ShowRowsOfLine,
        commands.CopySummary,
        StepBack,
    )

    state: reactive[SummaryState | None] = reactive(None, repaint=False, init=False)

    def __init__(self, browser: Browser, source: ResultsSource, query: str = "") -> None:
        super().__init__()
        self._browser = browser
        self._source = source
        self._query = query
        self._header = LineBar(id="summary-header", classes="chrome")
        self._list = SummaryList()

    def compose(self) -> ComposeResult:
        """Header, lines, action bar."""
        yield self._header
        yield self._list
        yield self.actions

    @on(events.Mount)
    async def begin(self) -> None:
        """Sum up, at once where that takes no time, and again while rows arrive."""
        self._list.focus()
        prices_file = self.effective.loaded.paths.prices_file
        prices = await asyncio.to_thread(load_prices, prices_file)
        index = self._browser.index
        self._take(prices, summarize(index, prices) if len(index) <= _FEW else None)
        self.start(partial(self._follow, prices), "summary")

    async def _follow(self, prices: PriceTable) -> None:
        """Sum up the rows that came since in a thread, until all is known of them."""
        index, builder = self._browser.index, SummaryBuilder(prices)
        while True:
            is_final = self._browser.knows_odd_rows
            if self._browser.index is not index:  # the file is another
                index, builder = self._browser.index, SummaryBuilder(prices)
            await asyncio.to_thread(builder.update, index)
            self._take(prices, builder.summary(index))
            if is_final:
                return
            await asyncio.sleep(_LOOK_AGAIN)

    def _take(self, prices: PriceTable, summary: Summary | None) -> None:
        doubtful, is_moving = self._browser.review_flags.count, self._source.status.is_moving
        self.state = SummaryState(self._source.title, prices, summary, doubtful, is_moving)

    def watch_state(self) -> None:
        """Show the numbers as they are now."""
        self.show()

    def show(self) -> None:
        """Write the lines for the width as it is now."""
        state = self.state
        if state is None:
            return
        self._header.lines = (summary_header(state),)
        # before the first layout as wide as it will be: so the first picture is complete
        width = (self._list.line_width or self.app.size.width - 1) - GUTTER - 1
        if width >= 10:
            lines = summary_lines(state, self.effective.glyphs, width)
            self._list.show(lines, self._list.chosen_query or self._query)
        self.show_what_is_possible()

    @on(LineList.Highlighted)
    def show_what_is_possible(self) -> None:
        """Say whether the line under the cursor stands for rows."""
        self.needs = {
            ResultNeed.ROWS_OF_LINE: ALLOWED if self._list.chosen_query else _NO_ROWS_HERE
        }
        self.show_actions()

    @on(LineList.Chosen)
    def choose_line(self) -> None:
        """A double click is Enter, where there are rows to show."""
        if self._list.chosen_query:
            self.show_rows_of_line()

    def show_rows_of_line(self) -> None:
        """Go to the rows that the line under the cursor stands for."""
        self.dismiss(self._list.chosen_query)

    def step_back(self) -> None:
        """Go back to the rows."""
        self.dismiss(None)

    def copy_summary(self) -> None:
        """Copy the summary as text."""
        text = "\n".join(one.line.text.rstrip() for one in self._list.lines)
        self.post_message(CopyWanted(text, "the summary"))
