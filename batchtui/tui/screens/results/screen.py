"""The screen of the results: its state, and how it is shown while rows arrive."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from msgspec import Struct, field
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Horizontal, Vertical
from textual.timer import Timer
from textual.types import CSSPathType
from textual.widgets import Input

from batchtui.tui.commands.bindings import dispatched
from batchtui.tui.commands.command import Command
from batchtui.tui.commands.results import READING_COMMANDS, RESULT_COMMANDS
from batchtui.tui.glyphs import Glyphs
from batchtui.tui.lines import Line
from batchtui.tui.screens.command_screen import CommandScreen, Handlers
from batchtui.tui.screens.results import (
    exporting,
    handing_over,
    moving,
    querying,
    reading,
    reports,
    showing,
    taking,
)
from batchtui.tui.screens.results.browser import Browser
from batchtui.tui.screens.results.query_help import query_help
from batchtui.tui.screens.results.querying import Asking
from batchtui.tui.screens.results.reading import Reading
from batchtui.tui.screens.results.requests import Requests
from batchtui.tui.screens.results.selection import Rows, Tab
from batchtui.tui.screens.results.snippets import Snippets
from batchtui.tui.screens.results.source import ResultsSource
from batchtui.tui.stylesheets import RESULTS
from batchtui.tui.widgets.action_bar import ActionBar
from batchtui.tui.widgets.line_bar import LineBar
from batchtui.tui.widgets.line_list import LineList
from batchtui.tui.widgets.reader_view import ReaderView
from batchtui.tui.widgets.results_query import QueryInput
from batchtui.tui.widgets.results_table import ResultsTable
from batchtui.tui.widgets.results_tabs import TabsBar

if TYPE_CHECKING:
    from batchtui.session import Session

_SHOW_EVERY = 0.25
"""Seconds between two looks at what has arrived: more would only cost bytes."""


class ResultsSetup(Struct, frozen=True):
    """What the screen is made with, besides the rows.

    Attributes:
        glyphs: The signs to draw with.
        export_dir: Where exports go.
        prices_file: The user's own prices; need not exist.
        is_read_only: Whether everything that changes something is refused.
        session: The account the rows belong to, ``None`` for a file.
        environ: The user's environment, for their pager and editor.
    """

    glyphs: Glyphs
    export_dir: Path = Path()
    prices_file: Path | None = None
    is_read_only: bool = False
    session: "Session | None" = None
    environ: Mapping[str, str] = field(default_factory=dict)


class ResultsScreen(CommandScreen[None]):
    """Shows results: a list of rows, a reader, and what is known of all of them.

    Args:
        source: Where the rows come from.
        setup: The rest.
    """

    CSS_PATH: ClassVar[CSSPathType | None] = RESULTS
    OFFERED = RESULT_COMMANDS
    BINDINGS: ClassVar[list[BindingType]] = dispatched(RESULT_COMMANDS)
    VERTICAL_BREAKPOINTS = [(0, "-low"), (18, "-high")]  # noqa: RUF012 - as Textual declares it

    def __init__(self, source: ResultsSource, setup: ResultsSetup) -> None:
        super().__init__()
        self.source = source
        self.setup = setup
        self.glyphs = setup.glyphs
        self.browser = Browser(source)
        self.reading = Reading()
        self.asking = Asking()
        self.requests = Requests(setup.session, source.batch.id if source.batch else None)
        self.snippets = Snippets(source.index, None)
        self._shown_at = 0.0
        self._timer: Timer | None = None
        self._was_moving = True
        self._is_left = False

    def handlers(self) -> Handlers:
        """What carries the commands out."""
        modules = (moving, taking, reports, handing_over, exporting)
        return {
            command: partial(run, self)
            for module in modules
            for command, run in module.COMMANDS.items()
        }

    def bar_commands(self) -> Sequence[type[Command]]:
        """Other commands while a row is read on the whole screen."""
        return READING_COMMANDS if self.has_class("-reading") else super().bar_commands()

    def help_lines(self) -> tuple[Line, ...]:
        """The query language."""
        return query_help()

    def compose(self) -> ComposeResult:
        """Header, tabs, query, list and reader, action bar."""
        yield LineBar(id="results-header", classes="chrome")
        yield TabsBar(id="results-tabs")
        yield LineBar(id="results-query")
        with Horizontal(id="results-ask"):
            yield LineBar(id="results-prompt")
            yield QueryInput(
                id="results-input", compact=True, placeholder="type:errored, out<50, …"
            )
            yield LineBar(id="results-found")
        yield LineBar(id="results-hints")
        yield LineBar(id="results-problem")
        with Container(id="results-body"):
            yield ResultsTable(id="results-table")
            with Vertical(id="results-reader"):
                yield LineBar(id="reader-title")
                yield ReaderView(id="reader-view")
        yield ActionBar(id="results-actions", classes="chrome")

    def on_mount(self) -> None:
        """Show the first rows, and get the others."""
        table = self.query_one(ResultsTable)
        table.cursor_glyph = self.glyphs.cursor
        table.focus()
        # at once, not by a message: so the counter goes with the cursor, in the same picture
        self.watch(table, "cursor", partial(showing.show_position, self), init=False)
        self.query_one("#results-prompt", LineBar).lines = querying.PROMPT_LINES
        self.source.open()
        self.browser.take_in()
        self.reselect()
        self.call_after_refresh(self.lay_out)
        self.start(self.run_source, "source")

    async def on_unmount(self) -> None:
        """Stop what is under way, and give the file back."""
        self._is_left = True
        if self._timer is not None:
            self._timer.stop()
        mine = [worker for worker in self.workers if worker.node is self]
        for worker in mine:
            worker.cancel()
        # as long as one of them writes, what is not to be kept cannot be deleted
        await asyncio.gather(*(worker.wait() for worker in mine), return_exceptions=True)
        await self.source.close()

    # Rows as they arrive

    async def run_source(self) -> None:
        """Get the rows."""
        await self.source.run(self.note_change)
        self.note_change()

    def note_change(self) -> None:
        """Something is new: show it, though not more often than a person can read."""
        if self._timer is None and not self._is_left:
            wait = max(0.01, self._shown_at + _SHOW_EVERY - time.monotonic())
            self._timer = self.set_timer(wait, self._show_change)

    async def _show_change(self) -> None:
        self._timer = None
        self._shown_at = time.monotonic()
        is_other = self.browser.take_in()
        has_settled = self._was_moving and not self.source.status.is_moving
        self._was_moving = self.source.status.is_moving
        query = self.browser.query
        if is_other:
            self.reading.text = None
        if query is not None and (is_other or (has_settled and query.depends_on_all_rows)):
            querying.start_search(self)
        else:
            querying.go_on(self)
        await self.show_rows()

    # How it is shown

    def reselect(self) -> None:
        """Show the rows of tab and query."""
        if self.browser.is_ordered:
            self.start(self.show_rows, "order")
        else:
            self._take_rows(self.browser.select())

    async def show_rows(self) -> None:
        """Show the rows of tab and query in their order."""
        rows = self.browser.select()
        if self.browser.is_ordered:
            rows = await self.browser.order(rows)
        self._take_rows(rows)

    def _take_rows(self, rows: Rows) -> None:
        # a key may have moved the cursor already, and its message still be on the way
        self._note_cursor()
        place = self.browser.show(rows)
        self.show(place)
        reading.follow(self)

    def show(self, cursor: int | None = None) -> None:
        """Hand every widget its value; each repaints only what differs.

        Args:
            cursor: Where to put the cursor; ``None`` leaves it.
        """
        if self.is_mounted:
            showing.show(self, cursor)

    @property
    def is_reader_seen(self) -> bool:
        """Whether there is a reader on the screen."""
        view = self.query_one(ReaderView)
        return bool(view.size)

    def lay_out(self) -> None:
        """Fit everything to the widths as they are now."""
        if self.is_mounted:
            self.show()
            reading.follow(self)

    def on_resize(self) -> None:
        """Lay the lines out for the new widths."""
        self.call_after_refresh(self.lay_out)

    def stop_work(self, group: str) -> None:
        """End the workers of a group."""
        self.workers.cancel_group(self, group)

    # What the user does

    def move_cursor(self, step: int) -> bool:
        """Move the cursor by some rows; tells whether it could."""
        table = self.query_one(ResultsTable)
        before = table.cursor
        table.cursor += step
        return table.cursor != before

    def _note_cursor(self) -> bool:
        """Take over the row that the cursor is on; tells whether it is another."""
        table, rows = self.query_one(ResultsTable), self.browser.rows
        if table.cursor >= len(rows) or rows[table.cursor] == self.browser.row:
            return False
        self.browser.row = rows[table.cursor]
        return True

    @on(LineList.Highlighted, "#results-table")
    def follow_cursor(self) -> None:
        """Note the row that the cursor came to, and read it when the cursor rests."""
        if self._note_cursor():
            reading.follow_key(self)

    @on(LineList.Chosen, "#results-table")
    def read_chosen(self) -> None:
        """A double click is Enter."""
        moving.set_reading(self, is_reading=True)

    def action_show_tab(self, name: str) -> None:
        """A click on a tab."""
        moving.show_tab(self, Tab[name])

    @on(Input.Changed, "#results-input")
    def search_as_typed(self, event: Input.Changed) -> None:
        """Search while the user types."""
        querying.typed(self, event.value)

    @on(Input.Submitted, "#results-input")
    def keep_query(self) -> None:
        """Go back to the list; the query stays."""
        querying.keep(self)

    @on(QueryInput.GivenUp)
    def give_query_up(self) -> None:
        """Go back to the list and to the query of before."""
        querying.give_up(self)

    @on(QueryInput.CompletionWanted)
    def complete_query(self) -> None:
        """Take the chosen suggestion."""
        querying.take_suggestion(self)

    @on(QueryInput.SuggestionWanted)
    def choose_suggestion(self, event: QueryInput.SuggestionWanted) -> None:
        """Choose another suggestion."""
        querying.choose(self, event.step)
