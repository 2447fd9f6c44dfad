"""The list of rows: those of a tab and a query, in their order, while they may be arriving."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial, partialmethod

from textual.message import Message
from textual.worker import Worker

from batchtui.library.ledger_values import Review
from batchtui.results.errors import ResultsFileError
from batchtui.results.query.engine import Query, compile_query
from batchtui.results.query.sorting import NO_ORDER
from batchtui.tui.glyphs import Glyphs
from batchtui.tui.messages import start_work
from batchtui.tui.screens.results.browser import Browser
from batchtui.tui.screens.results.row_columns import Needed
from batchtui.tui.screens.results.rows import ResultRows, RowsContext
from batchtui.tui.screens.results.selection import Rows, Tab
from batchtui.tui.stepping import stepped
from batchtui.tui.widgets.results_table import ResultsTable

Look = Callable[[Callable[[], None]], Awaitable[None]]
"""Searches, and calls back when there are more matches."""


class RowsPane(ResultsTable):
    """Shows the rows of a `Browser`, searches and sorts them, and moves and marks among them.

    Args:
        browser: What is looked at.
        glyphs: The signs to draw with.
    """

    @dataclass
    class Changed(Message):
        """Other rows are shown, or the same in another way."""

    @dataclass
    class Reached(Message):
        """The cursor came to another row by a key or a click."""

    def __init__(self, browser: Browser, glyphs: Glyphs) -> None:
        super().__init__(id="results-table")
        self.browser = browser
        self.glyphs = glyphs
        self._search_work: Worker[None] | None = None
        self._record_work: Worker[None] | None = None

    def on_mount(self) -> None:
        """Show the first rows."""
        self.take_in()

    # What is shown

    def take_in(self, *, is_settled: bool = False, has_settled: bool = False) -> bool:
        """Show what has arrived.

        Args:
            is_settled: Whether no more rows come for now.
            has_settled: Whether that is new.

        Returns:
            Whether all rows are others than before.
        """
        browser = self.browser
        is_other = browser.take_in()
        if browser.reader is not None:
            with suppress(ResultsFileError):  # whoever gets or reads the rows says it
                browser.columns.decide(browser.reader, is_whole=browser.is_whole)
        if is_settled and (self._record_work is None or self._record_work.is_finished):
            self._record_work = start_work(self, self._find_records, "records")
        query = browser.state.query
        if query is not None and (is_other or (has_settled and query.depends_on_all_rows)):
            self._search()
        elif browser.has_rows_to_search and not self._is_searching:
            self._search_work = start_work(
                self, partial(self._look, browser.resume_search), "search"
            )
        self.select()
        return is_other

    @property
    def is_settled(self) -> bool:
        """Whether all rows are here, and what is known of them is shown."""
        work = self._record_work
        is_known = work is not None and work.is_finished
        return is_known and self.browser.is_whole and not self._is_searching

    def take_reviews(self, reviews: Mapping[str, Review]) -> None:
        """Show what was said of the rows, by custom_id."""
        if self.browser.take_reviews(reviews):
            if self.browser.state.query is not None:
                self._search()
            self.show_again()
            self.post_message(self.Changed())

    def select(self) -> None:
        """Show the rows of tab and query."""
        if self.browser.state.is_ordered:
            start_work(self, self.show_rows, "order")
        else:
            self._take_rows(self.browser.select())

    def take_over(self, glyphs: Glyphs) -> None:
        """Draw with other signs."""
        self.glyphs = glyphs
        self.show_again()

    def show_again(self, cursor: int | None = None) -> None:
        """Show the same rows; only the lines that look different are painted.

        Args:
            cursor: Where to put the cursor; ``None`` leaves it.
        """
        browser, state = self.browser, self.browser.state
        context = RowsContext(
            browser.review_flags,
            browser.snippets,
            self.glyphs,
            state.marked,
            browser.expected_rows,
            Needed.by(browser.index),
            state.sort,
            browser.columns.columns(),
            partial(browser.columns.text, browser.reader),
        )
        self.show(ResultRows(browser.index, state.rows, context), cursor)

    async def _find_records(self) -> None:
        """Find the records of all rows, and the values of columns, in turns with everything else.

        Shown are the numbers at the end: while they grow they would only cost bytes.
        """
        browser = self.browser
        await browser.find_records()
        if browser.is_whole:
            browser.columns.measure_all()
        if browser.state.query is not None and browser.state.query.depends_on_all_rows:
            self._search()
        else:
            self.select()

    def choose_columns(self, columns: Sequence[str]) -> None:
        """Show these fields as columns, also the next time."""
        self._record_work = start_work(self, partial(self._choose_columns, columns), "records")

    async def _choose_columns(self, columns: Sequence[str]) -> None:
        await asyncio.to_thread(self.browser.columns.choose, columns)
        self.show_again()
        await self._find_records()

    async def use_pattern(self, pattern: str) -> None:
        """Find the records by a pattern of the user's; "" for the ways that are known.

        Raises:
            PatternFaulty: It is no pattern with named groups.
            ResultsFileError: The file cannot be read.
        """
        browser = self.browser
        await asyncio.to_thread(browser.use_pattern, pattern)
        reader, is_decided = browser.reader, False
        while reader is not None and not is_decided:
            is_decided = browser.columns.decide(reader, is_whole=browser.is_whole)
        if browser.state.query is not None:
            self._search()
        self._record_work = start_work(self, self._find_records, "records")

    async def show_rows(self, *, from_top: bool = False) -> None:
        """Show the rows of tab and query in their order.

        Args:
            from_top: Whether the cursor goes to the first row; else it stays on its row.
        """
        rows = self.browser.select()
        if self.browser.state.is_ordered:
            rows = await self.browser.order(rows)
            if self.browser.lacks_order:
                self.browser.lacks_order = False
                self.notify(NO_ORDER, severity="warning")
        self._take_rows(rows, from_top=from_top)

    def _take_rows(self, rows: Rows, *, from_top: bool = False) -> None:
        # a key may have moved the cursor already, and its message still be on the way
        self.browser.note_cursor(self.cursor)
        self.show_again(self.browser.show(rows, from_top=from_top))
        self.post_message(self.Changed())

    # The query

    def ask(self, text: str, tab: Tab | None = None) -> None:
        """Show the rows of a query in a tab; ``None`` for the one that is shown."""
        self.take_query(text, compile_query(text) if text.strip() else None, tab=tab)

    def take_query(
        self, text: str, query: Query | None, pause: float = 0.0, *, tab: Tab | None = None
    ) -> None:
        """Show the rows of a query, those of another order from their top.

        Args:
            text: As typed.
            query: The same, understood; ``None`` for all rows.
            pause: Seconds to wait for another one first.
            tab: In which tab; ``None`` for the one that is shown.
        """
        order = self.browser.state.sort
        self.browser.ask(text, query, tab)
        self._search(pause, from_top=self.browser.state.sort != order)

    async def return_by(self, way_back: Callable[[], None]) -> None:
        """Show the rows that were shown before; a search that was left then begins again."""
        if self._search_work is not None:
            self._search_work.cancel()
        way_back()
        if not self.browser.is_searched:
            self._search()
        await self.show_rows()

    @property
    def _is_searching(self) -> bool:
        return self._search_work is not None and not self._search_work.is_finished

    def _search(self, pause: float = 0.0, *, from_top: bool = False) -> None:
        look = partial(self._look, self.browser.run_search, pause, from_top=from_top)
        self._search_work = start_work(self, look, "search")

    async def _look(self, look: Look, pause: float = 0.0, *, from_top: bool = False) -> None:
        if pause:
            await asyncio.sleep(pause)
        await look(self.select)
        await self.show_rows(from_top=from_top)

    def sort_rows(self) -> None:
        """To the next order, by way of the query."""
        self.ask(next_order(self.browser.state.text))

    def action_sort_by(self, field: str) -> None:
        """A click on the head of a column: sort by it, reverse, or stop sorting."""
        self.ask(sorted_by(self.browser.state.text, field))

    def action_sort_by_field(self, place: int) -> None:
        """The same for one of the chosen columns."""
        column = self.browser.columns.columns()[place]
        is_number = column.align == "right"
        self.ask(sorted_by(self.browser.state.text, column.key, is_number=is_number))

    # Tabs, the cursor and marks

    def show_tab(self, tab: Tab) -> None:
        """Show the rows of a tab; the cursor stays on its row if that is there."""
        self.browser.show_tab(tab)
        self.select()

    show_all_rows = partialmethod(show_tab, Tab.ALL)
    show_succeeded = partialmethod(show_tab, Tab.SUCCEEDED)
    show_errored = partialmethod(show_tab, Tab.ERRORED)
    show_canceled = partialmethod(show_tab, Tab.CANCELED)
    show_expired = partialmethod(show_tab, Tab.EXPIRED)
    show_doubtful = partialmethod(show_tab, Tab.LOOK)

    def next_tab(self) -> None:
        """To the next tab."""
        self.show_tab(stepped(self.browser.state.tab))

    def previous_tab(self) -> None:
        """To the previous tab."""
        self.show_tab(stepped(self.browser.state.tab, -1))

    def move(self, step: int) -> bool:
        """Move the cursor by some rows, and return whether it could."""
        before = self.cursor
        self.cursor += step
        return self.cursor != before

    next_row = partialmethod(move, 1)
    previous_row = partialmethod(move, -1)

    def mark_row(self) -> None:
        """Mark the row and go one down, so that several are marked quickly."""
        self.browser.toggle_mark()
        self.show_again()
        self.post_message(self.Changed())
        self.move(1)

    def on_line_list_highlighted(self) -> None:
        """Note the row that the cursor came to."""
        if self.browser.note_cursor(self.cursor):
            self.post_message(self.Reached())


ORDERS = ("", "-out", "-in", "id", "-size")
"""The orders that one key goes through; the first is that of the file."""

_NUMBERS = {"in", "out", "size"}
"""Fields of which the largest values are worth most."""
_SORT = re.compile(r"""(?:^|(?<=\s))sort:(?:"(?:[^"\\]|\\.)*"|[^\s"])*\s*""")


def next_order(text: str) -> str:
    """Return the query with the next of `ORDERS` in place of its own."""
    current = _order_of(text)
    place = ORDERS.index(current) if current in ORDERS else -1
    return _ordered_by(text, ORDERS[(place + 1) % len(ORDERS)])


def sorted_by(text: str, field: str, *, is_number: bool = False) -> str:
    """Return the query sorted by a field: numbers largest first, then the other way, then not."""
    is_number = is_number or field in _NUMBERS
    steps = [f"-{field}", field] if is_number else [field, f"-{field}"]
    current = _order_of(text)
    place = steps.index(current) if current in steps else -1
    return _ordered_by(text, steps[place + 1] if place + 1 < len(steps) else "")


def _order_of(text: str) -> str:
    found = _SORT.search(text)
    return found.group().strip().removeprefix("sort:") if found else ""


def _ordered_by(text: str, order: str) -> str:
    kept = _SORT.sub("", text).strip()
    return f"{kept} sort:{order}".strip() if order else kept
