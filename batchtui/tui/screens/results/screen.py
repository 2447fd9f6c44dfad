"""The screen of the results: rows, a reader, and the way to what is known of all of them."""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from functools import partial, partialmethod

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Container
from textual.reactive import reactive
from textual.screen import Screen, ScreenResultType

from batchtui.library.answer_choices import AnswerChoices
from batchtui.results.errors import QueryError
from batchtui.tui.commands.command import Command
from batchtui.tui.commands.general import Quit
from batchtui.tui.commands.reading import READING_COMMANDS
from batchtui.tui.commands.results import RESULT_COMMANDS
from batchtui.tui.lines import Line
from batchtui.tui.messages import Failed, ResultsReturned
from batchtui.tui.screens.base_screen import LONGEST_HOLD, end_workers
from batchtui.tui.screens.command_screen import CommandScreen
from batchtui.tui.screens.results import row_actions
from batchtui.tui.screens.results.arrivals import Arrivals
from batchtui.tui.screens.results.browser import Browser
from batchtui.tui.screens.results.header import position_spans
from batchtui.tui.screens.results.host import ResultsSetup
from batchtui.tui.screens.results.query_pane import QueryPane, query_actions, query_help
from batchtui.tui.screens.results.reader_pane import ReaderPane
from batchtui.tui.screens.results.requests import Requests
from batchtui.tui.screens.results.row_screens import RowScreens
from batchtui.tui.screens.results.rows_pane import RowsPane
from batchtui.tui.screens.results.selection import Tab
from batchtui.tui.screens.results.source import ResultsSource, asked_of
from batchtui.tui.screens.results.view import ResultsView, ResultsViewSetup, results_view
from batchtui.tui.stylesheets import RESULTS
from batchtui.tui.widgets.action_bar import ActionItem
from batchtui.tui.widgets.line_bar import LineBar
from batchtui.tui.widgets.line_list import LineList

_TYPING_PAUSE = 0.08
"""Seconds without a key after which what is typed is searched for."""
_HEIGHTS = [(0, "-low"), (18, "-high")]
"""The class of the screen from so many lines on."""


class ResultsScreen(CommandScreen[None]):
    """Shows results: a list of rows, a reader, and what is known of all of them.

    Args:
        source: Where the rows come from.
        setup: The rest.
    """

    CSS_PATH = RESULTS
    OFFERED = RESULT_COMMANDS
    VERTICAL_BREAKPOINTS = _HEIGHTS

    view: reactive[ResultsView] = reactive(ResultsView(), repaint=False, init=False)
    """What is shown around the panes."""

    def __init__(self, source: ResultsSource, setup: ResultsSetup) -> None:
        super().__init__()
        self.source = source
        self.setup = setup
        requests = Requests(setup.source_of, partial(asked_of, source))
        choices, glyphs = AnswerChoices(self.effective.loaded.choices_file), self.effective.glyphs
        self.browser = Browser(source, choices, requests.find_schemas, requests.find_order)
        self.rows = RowsPane(self.browser, glyphs)
        self.query_pane = QueryPane()
        self.reader = ReaderPane(requests, glyphs, setup.viewer_environ)
        self._header = LineBar(id="results-header", classes="chrome")
        self._tabs = LineBar(id="results-tabs")
        self._problem = LineBar(id="results-problem")
        self.row_screens = RowScreens(
            self.browser, source, self.rows, self.query_pane, requests, self
        )
        self.arrivals = Arrivals(source, self.rows, self.reader, self)
        self._is_settled = False
        """Whether everything is shown that is known of the rows."""
        self._settles_until = 0.0
        """Until when, on the monotonic clock, that is waited for."""

    def command_owners(self) -> Sequence[object]:
        """Return who has the methods of the commands."""
        return (self, self.rows, self.reader, self.row_screens, self.arrivals)

    def bar_commands(self) -> Sequence[type[Command]]:
        """Return other commands while a row is read on the whole screen."""
        return READING_COMMANDS if self.browser.state.is_reading else super().bar_commands()

    def help_lines(self) -> tuple[Line, ...]:
        """Return the query language."""
        return query_help()

    @property
    def asks_for_own_help(self) -> bool:
        """Whether a query is being typed."""
        return self.query_pane.is_open

    def action_items(self) -> Iterator[ActionItem]:
        """Return what the keys of the field do while a query is being typed."""
        return query_actions() if self.query_pane.is_open else super().action_items()

    def compose(self) -> ComposeResult:
        """Header, tabs, query, list and reader, action bar."""
        yield self._header
        yield self._tabs
        yield self.query_pane
        yield self._problem
        with Container(id="results-body"):
            yield self.rows
            yield self.reader
        yield self.actions

    @on(events.Mount)
    async def begin(self) -> None:
        """Show the first rows, and get the others."""
        self._settles_until = time.monotonic() + LONGEST_HOLD
        self.rows.focus()
        # at once, not by a message: so the counter goes with the cursor, in the same picture
        self.watch(self.rows, "cursor", self._show_position, init=False)
        await asyncio.to_thread(self.browser.open)
        self.rows.take_in()
        self.call_after_refresh(self.fit)
        self.arrivals.begin()

    def is_complete(self) -> bool:
        """Return whether a row is read, and the others are here with what is known of them.

        The others are not waited for any longer than for any screen.
        """
        target = row_actions.row_to_read(self.browser)
        if target is None:
            return self._is_settled
        is_settled = self._is_settled or time.monotonic() > self._settles_until
        return is_settled and self.reader.shows(target)

    async def on_unmount(self) -> None:
        """Stop what is under way, and give the file back."""
        # as long as one of them writes, what is not to be kept cannot be deleted
        await end_workers(self)
        await self.source.close()
        self.app.post_message(ResultsReturned())

    def take_over_settings(self) -> None:
        """Show everything as changed settings say."""
        self.rows.take_over(self.effective.glyphs)
        self.reader.take_over(self.effective.glyphs)
        self.show()

    # How it is shown

    @on(RowsPane.Changed)
    def show_change(self) -> None:
        """Show what other rows are shown, and the row under the cursor."""
        self._is_settled = self.rows.is_settled
        self.show()
        self.reader.read(row_actions.row_to_read(self.browser))

    def show(self) -> None:
        """Hand every part its value; each repaints only what differs."""
        if not self.is_mounted:
            return
        setup = ResultsViewSetup(
            self.effective.glyphs,
            self._header.line_width,
            self.rows.size.width,
            self.key_of,
            is_typing=self.query_pane.is_open,
        )
        self.view = results_view(self.browser.state, self.browser.all_rows(), setup)

    def watch_view(self, view: ResultsView) -> None:
        """Hand every part its value."""
        self.set_class(view.is_reading, "-reading")
        self.set_class(not view.has_reader, "-no-reader")
        self._header.lines = (view.header,)
        self._tabs.lines = (view.tabs,)
        self.query_pane.show(view.query, view.found)
        self._problem.lines = view.problem
        self._problem.styles.height = len(view.problem)
        self._problem.display = bool(view.problem)
        self.rows.note = view.note
        self.needs = view.needs
        self.show_actions()
        self._show_position()

    def _show_position(self) -> None:
        """Say which row the cursor is on."""
        shown = len(self.browser.state.rows)
        self.query_pane.show_position(position_spans(self.rows.cursor, shown))

    def fit(self) -> None:
        """Fit everything to the widths as they are now."""
        if self.is_mounted:
            self.rows.show_again()
            self.show_change()

    # Rows, query and reader

    @on(RowsPane.Reached)
    def read_at_rest(self) -> None:
        """Read the row that the cursor came to when it rests there."""
        self.reader.read_at_rest(row_actions.row_to_read(self.browser))

    @on(ReaderPane.MatchesEnded)
    def go_on_with_matches(self, event: ReaderPane.MatchesEnded) -> None:
        """Look for a match in the next row, or the one before."""
        if self.rows.move(event.step):
            self.reader.want_match(event.step)
        else:
            self.notify("There is no further match")

    @on(Failed)
    def point_at_query(self, event: Failed) -> None:
        """Point at what is wrong in the query, if it was that."""
        if isinstance(event.error, QueryError):
            self.query_pane.point_at(event.error)

    def action_show_tab(self, name: str) -> None:
        """A click on a tab."""
        self.rows.show_tab(Tab[name])

    def action_show_without_record(self) -> None:
        """A click on the number of answers that have a record."""
        self.rows.ask("-is:record", Tab.SUCCEEDED)

    def filter_rows(self) -> None:
        """Open the field of the query."""
        self.query_pane.open(self.browser.state.text, self.browser.index)
        self.show_actions()

    @on(QueryPane.Changed)
    def search_as_typed(self, event: QueryPane.Changed) -> None:
        """Search while the user types."""
        if event.text != self.browser.state.text:
            self.rows.take_query(event.text, event.query, _TYPING_PAUSE)

    @on(QueryPane.Kept)
    def return_to_rows(self) -> None:
        """Go back to the list."""
        self.set_focus(self.rows)
        self.show()
        self.show_actions()

    @on(QueryPane.GivenUp)
    def return_to_query(self, event: QueryPane.GivenUp) -> None:
        """Go back to the list and to the query of before."""
        self.return_to_rows()
        if event.text != self.browser.state.text:
            self.rows.ask(event.text)

    # List or reader

    def read_row(self) -> None:
        """Read on the whole screen, and back."""
        self._set_reading(is_reading=not self.browser.state.is_reading)

    @on(LineList.Chosen, "#results-table")
    def read_chosen(self) -> None:
        """A double click is Enter."""
        self._set_reading(is_reading=True)

    def _set_reading(self, *, is_reading: bool) -> None:
        """Give the reader the whole screen, or take it back."""
        self.paint_once()
        self.browser.set_reading(is_reading=is_reading)
        self.show()
        if is_reading:
            self.reader.focus_answer()
        else:
            self.rows.focus()
        self.call_after_refresh(self.fit)

    def toggle_reader(self) -> None:
        """Hide the reader, or show it."""
        self.browser.toggle_reader()
        self.show()
        self.rows.focus()
        self.call_after_refresh(self.fit)

    def switch_reader(self) -> None:
        """Go between the rows, the question and the answer."""
        seen = [pane for pane in (self.rows, *self.reader.views) if pane.size]
        place = next((at for at, pane in enumerate(seen) if pane.has_focus), -1)
        if seen:
            seen[(place + 1) % len(seen)].focus()

    def _scroll_reader(self, step: int) -> None:
        self.reader.scroll_half(step)

    # here and not on the pane: Textual gives every widget methods of these names
    scroll_down = partialmethod(_scroll_reader, 1)
    scroll_up = partialmethod(_scroll_reader, -1)

    def step_back(self) -> None:
        """From reading to the list, from a query to all rows, then where you came from."""
        if self.browser.state.is_reading:
            self._set_reading(is_reading=False)
        elif self.reader.has_focus_within:
            self.rows.focus()
        elif self.row_screens.go_back():
            return
        elif self.browser.state.text:
            self.rows.ask("")
        elif self.setup.session is not None:
            self.dismiss(None)
        else:
            self.notify(f"Press {self.key_of(Quit)} to leave")

    def on_screen_resume(self) -> None:
        """Read the row again if its request may be known by now, or what was said of it."""
        self.arrivals.take_reviews()
        if self.row_screens.may_have_attached():
            self.reader.forget()
            self.show_change()

    # What the owners of commands use

    def visit(
        self, screen: Screen[ScreenResultType], take: Callable[[ScreenResultType | None], None]
    ) -> None:
        """Show a screen over the rows at once, and hand on what it gives."""
        self.app.push_screen(screen, take)

    def suspend(self) -> AbstractContextManager[None]:
        """Leave the terminal to another program."""
        return self.app.suspend()
