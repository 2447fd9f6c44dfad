"""The screen of the results: rows, a reader, and the way to what is known of all of them."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial, partialmethod
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from msgspec import Struct, field
from msgspec.structs import replace
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.reactive import reactive
from textual.types import CSSPathType

from batchtui.config.loading import LoadedSettings
from batchtui.formatting import plural
from batchtui.results.errors import QueryError
from batchtui.results.query.engine import Query, compile_query
from batchtui.tui import external
from batchtui.tui.commands.bindings import dispatched
from batchtui.tui.commands.command import Command
from batchtui.tui.commands.results import READING_COMMANDS, RESULT_COMMANDS
from batchtui.tui.glyphs import Glyphs
from batchtui.tui.lines import Line
from batchtui.tui.messages import CopyWanted, SourceWanted
from batchtui.tui.screens.command_screen import CommandScreen
from batchtui.tui.screens.results import row_actions
from batchtui.tui.screens.results.browser import Browser, next_order, sorted_by
from batchtui.tui.screens.results.header import position_spans
from batchtui.tui.screens.results.query_pane import QueryPane, query_help
from batchtui.tui.screens.results.reader_pane import ReaderPane, RowToRead
from batchtui.tui.screens.results.requests import Requests
from batchtui.tui.screens.results.selection import Rows, Tab
from batchtui.tui.screens.results.source import ResultsSource
from batchtui.tui.screens.results.view import ResultsView, ViewSetting, results_view
from batchtui.tui.stylesheets import RESULTS
from batchtui.tui.widgets.action_bar import ActionBar
from batchtui.tui.widgets.line_bar import LineBar
from batchtui.tui.widgets.line_list import LineList
from batchtui.tui.widgets.results_table import ResultsTable

if TYPE_CHECKING:
    from batchtui.session import Session

_SHOW_EVERY = 0.25
"""Seconds between two looks at what has arrived: more would only cost bytes."""
_TYPING_PAUSE = 0.08
"""Seconds without a key after which what is typed is searched for."""


class ResultsSetup(Struct, frozen=True):
    """What the screen is made with, besides the rows."""

    glyphs: Glyphs
    export_dir: Path = Path()
    """Where exports go."""
    prices_file: Path | None = None
    """The user's own prices; need not exist."""
    is_read_only: bool = False
    """Whether everything that changes something is refused."""
    can_leave: bool = False
    """Whether there is a screen to go back to."""
    session: "Session | None" = None
    """The account the rows belong to, ``None`` for a file."""
    environ: Mapping[str, str] = field(default_factory=dict)
    """The user's environment, for their pager and editor."""


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

    view: reactive[ResultsView] = reactive(ResultsView(), repaint=False, init=False)
    """What the panes show."""

    def __init__(self, source: ResultsSource, setup: ResultsSetup) -> None:
        super().__init__()
        self.source = source
        self.setup = setup
        self.browser = Browser(source)
        self._header = LineBar(id="results-header", classes="chrome")
        self._tabs = LineBar(id="results-tabs")
        self._problem = LineBar(id="results-problem")
        self._actions = ActionBar(id="results-actions", classes="chrome")
        self.table = ResultsTable(id="results-table")
        self.query_pane = QueryPane()
        requests = Requests(setup.session, source.batch.id if source.batch else None)
        self.reader = ReaderPane(requests, setup.glyphs)
        self._changed = asyncio.Event()
        self._was_moving = True
        self._requests_may_differ = False

    def bar_commands(self) -> Sequence[type[Command]]:
        """Return other commands while a row is read on the whole screen."""
        return READING_COMMANDS if self.has_class("-reading") else super().bar_commands()

    def help_lines(self) -> tuple[Line, ...]:
        """Return the query language."""
        return query_help()

    def compose(self) -> ComposeResult:
        """Header, tabs, query, list and reader, action bar."""
        yield self._header
        yield self._tabs
        yield self.query_pane
        yield self._problem
        with Container(id="results-body"):
            yield self.table
            yield self.reader
        yield self._actions

    def on_mount(self) -> None:
        """Show the first rows, and get the others."""
        self.table.cursor_glyph = self.setup.glyphs.cursor
        self.table.focus()
        # at once, not by a message: so the counter goes with the cursor, in the same picture
        self.watch(self.table, "cursor", self._show_position, init=False)
        self.source.open()
        self.browser.take_in()
        self._reselect()
        self.call_after_refresh(self._lay_out)
        self.start(self._run_source, "source")
        self.start(self._follow_source, "changes")

    def take_over_settings(self, loaded: LoadedSettings, glyphs: Glyphs) -> None:
        """Show everything as changed settings say."""
        self.setup = replace(
            self.setup,
            glyphs=glyphs,
            export_dir=loaded.export_dir,
            prices_file=loaded.paths.prices_file,
            is_read_only=loaded.settings.read_only,
        )
        self.table.cursor_glyph = glyphs.cursor
        self.reader.glyphs = glyphs
        self.reader.lay_out_again()
        self.show()

    async def on_unmount(self) -> None:
        """Stop what is under way, and give the file back."""
        mine = [worker for worker in self.workers if worker.node is self]
        for worker in mine:
            worker.cancel()
        # as long as one of them writes, what is not to be kept cannot be deleted
        await asyncio.gather(*(worker.wait() for worker in mine), return_exceptions=True)
        await self.source.close()

    # Rows as they arrive

    async def _run_source(self) -> None:
        await self.source.run(self._changed.set)
        self._changed.set()

    async def _follow_source(self) -> None:
        """Show what is new, though not more often than a person can read."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            await self._show_change()
            await asyncio.sleep(_SHOW_EVERY)

    async def _show_change(self) -> None:
        is_other = self.browser.take_in()
        has_settled = self._was_moving and not self.source.status.is_moving
        self._was_moving = self.source.status.is_moving
        query = self.browser.query
        if is_other:
            self.reader.forget()
        if query is not None and (is_other or (has_settled and query.depends_on_all_rows)):
            self._search()
        elif self.browser.has_rows_to_search and not self._is_searching:
            self.start(partial(self._look, self.browser.resume_search), "search")
        await self._show_rows()

    # How it is shown

    def _reselect(self) -> None:
        """Show the rows of tab and query."""
        if self.browser.is_ordered:
            self.start(self._show_rows, "order")
        else:
            self._take_rows(self.browser.select())

    async def _show_rows(self, *, from_top: bool = False) -> None:
        """Show the rows of tab and query in their order.

        Args:
            from_top: Whether the cursor goes to the first row; else it stays on its row.
        """
        rows = self.browser.select()
        if self.browser.is_ordered:
            rows = await self.browser.order(rows)
        self._take_rows(rows, from_top=from_top)

    def _take_rows(self, rows: Rows, *, from_top: bool = False) -> None:
        # a key may have moved the cursor already, and its message still be on the way
        self._note_cursor()
        if from_top:
            self.browser.row = None
        place = self.browser.show(rows)
        self.show(place)
        self._read_row()

    def show(self, cursor: int | None = None) -> None:
        """Hand every pane its value; each repaints only what differs.

        Args:
            cursor: Where to put the cursor; ``None`` leaves it.
        """
        if not self.is_mounted:
            return
        setting = ViewSetting(
            self.setup.glyphs,
            self._header.line_width,
            self.table.size.width,
            self.keymap,
            is_read_only=self.setup.is_read_only,
        )
        self.view = results_view(self.browser, self.source, setting, cursor)

    def watch_view(self, view: ResultsView) -> None:
        """Hand every pane its value."""
        self._header.lines = (view.header,)
        self._tabs.lines = (view.tabs,)
        self.query_pane.show(view.query, view.found)
        self._problem.lines = (view.problem,)
        self._problem.display = bool(view.problem.left)
        self.table.note = view.note
        self.table.show(view.rows, view.cursor)
        self.needs = view.needs
        self._actions.items = tuple(self.action_items())
        self._show_position()

    def _show_position(self) -> None:
        """Say which row the cursor is on."""
        shown = len(self.browser.rows)
        self.query_pane.show_position(position_spans(self.table.cursor, shown))

    def _lay_out(self) -> None:
        """Fit everything to the widths as they are now."""
        if self.is_mounted:
            self.show()
            self._read_row()

    def on_resize(self) -> None:
        """Lay the lines out for the new widths."""
        self.call_after_refresh(self._lay_out)

    # The row under the cursor

    def _row_to_read(self) -> RowToRead | None:
        browser = self.browser
        row, reader = browser.row, browser.reader
        if row is None or reader is None or not len(browser.rows):
            return None
        reasons = browser.review_flags.reasons(browser.index, row)
        return RowToRead(browser.index, reader, row, browser.query, reasons)

    def _read_row(self) -> None:
        self.reader.read(self._row_to_read())

    def _move_cursor(self, step: int) -> bool:
        """Move the cursor by some rows, and return whether it could."""
        before = self.table.cursor
        self.table.cursor += step
        return self.table.cursor != before

    def _note_cursor(self) -> bool:
        """Take over the row that the cursor is on, and return whether it is another."""
        cursor, rows = self.table.cursor, self.browser.rows
        if cursor >= len(rows) or rows[cursor] == self.browser.row:
            return False
        self.browser.row = rows[cursor]
        return True

    @on(LineList.Highlighted, "#results-table")
    def follow_cursor(self) -> None:
        """Note the row that the cursor came to, and read it when the cursor rests."""
        if self._note_cursor():
            self.reader.read_at_rest(self._row_to_read())

    @on(LineList.Chosen, "#results-table")
    def read_chosen(self) -> None:
        """A double click is Enter."""
        self._set_reading(is_reading=True)

    @on(ReaderPane.NoMoreMatches)
    def go_on_with_matches(self, event: ReaderPane.NoMoreMatches) -> None:
        """Look for a match in the next row, or the one before."""
        if self._move_cursor(event.step):
            self._note_cursor()
            self.reader.want_match(event.step)
            self._read_row()
        else:
            self.notify("There is no further match")

    @on(ReaderPane.Failed)
    def tell_failure(self, event: ReaderPane.Failed) -> None:
        """Say why a row cannot be read."""
        self.notify_error(event.error)

    # The query

    def _ask(self, text: str) -> None:
        """Make a text the query."""
        self._take_query(text, compile_query(text) if text.strip() else None)

    def _take_query(self, text: str, query: Query | None, pause: float = 0.0) -> None:
        """Look for the rows of a query, after some seconds in which another may be typed.

        Another order is shown from its top.
        """
        order = self.browser.sort
        self.browser.ask(text, query)
        self._search(pause, from_top=self.browser.sort != order)

    def _search(self, pause: float = 0.0, *, from_top: bool = False) -> None:
        look = partial(self._look, self.browser.run_search, pause, from_top=from_top)
        self.start(look, "search")

    @property
    def _is_searching(self) -> bool:
        return any(one.group == "search" and not one.is_finished for one in self.workers)

    async def _look(
        self,
        look: Callable[[Callable[[], None]], Awaitable[None]],
        pause: float = 0.0,
        *,
        from_top: bool = False,
    ) -> None:
        if pause:
            await asyncio.sleep(pause)
        try:
            await look(self._changed.set)
        except QueryError as error:
            self.query_pane.point_at(error)
            raise
        await self._show_rows(from_top=from_top)

    @on(QueryPane.Changed)
    def search_as_typed(self, event: QueryPane.Changed) -> None:
        """Search while the user types."""
        if event.text != self.browser.text:
            self._take_query(event.text, event.query, _TYPING_PAUSE)

    @on(QueryPane.Kept)
    def return_to_rows(self) -> None:
        """Go back to the list."""
        self.set_focus(self.table)
        self.show()

    @on(QueryPane.GivenUp)
    def return_to_query(self, event: QueryPane.GivenUp) -> None:
        """Go back to the list and to the query of before."""
        self.return_to_rows()
        if event.text != self.browser.text:
            self._ask(event.text)

    def filter_rows(self) -> None:
        """Open the field of the query."""
        self.query_pane.open(self.browser.text, self.browser.index)

    def sort_rows(self) -> None:
        """To the next order, by way of the query."""
        self._ask(next_order(self.browser.text))

    def action_sort_by(self, field: str) -> None:
        """A click on the head of a column."""
        self._ask(sorted_by(self.browser.text, field))

    # Tabs and rows

    def show_tab(self, tab: Tab) -> None:
        """Show the rows of a tab; the cursor stays on its row if that is there."""
        self.browser.tab = tab
        self._reselect()

    show_all_rows = partialmethod(show_tab, Tab.ALL)
    show_succeeded = partialmethod(show_tab, Tab.SUCCEEDED)
    show_errored = partialmethod(show_tab, Tab.ERRORED)
    show_canceled = partialmethod(show_tab, Tab.CANCELED)
    show_expired = partialmethod(show_tab, Tab.EXPIRED)
    show_doubtful = partialmethod(show_tab, Tab.LOOK)

    def action_show_tab(self, name: str) -> None:
        """A click on a tab."""
        self.show_tab(Tab[name])

    def next_tab(self) -> None:
        """To the next tab."""
        self.show_tab(self.browser.tab.after)

    def previous_tab(self) -> None:
        """To the previous tab."""
        self.show_tab(self.browser.tab.before)

    def mark_row(self) -> None:
        """Mark the row and go one down, so that several are marked quickly."""
        self.browser.toggle_mark()
        self.show()
        self._move_cursor(1)

    next_row = partialmethod(_move_cursor, 1)
    previous_row = partialmethod(_move_cursor, -1)

    # The reader

    def read_row(self) -> None:
        """Read on the whole screen, and back."""
        self._set_reading(is_reading=not self.has_class("-reading"))

    def _set_reading(self, *, is_reading: bool) -> None:
        """Give the reader the whole screen, or take it back."""
        self.set_class(is_reading, "-reading")
        (self.reader.text_view if is_reading else self.table).focus()
        self.call_after_refresh(self._lay_out)

    def toggle_reader(self) -> None:
        """Hide the reader, or show it."""
        self.toggle_class("-no-reader")
        self.table.focus()
        self.call_after_refresh(self._lay_out)

    def switch_reader(self) -> None:
        """Go between the rows and the reader."""
        if self.reader.text_view.has_focus or not self.reader.display:
            self.table.focus()
        else:
            self.reader.text_view.focus()

    def _scroll_reader(self, step: int) -> None:
        self.reader.scroll_half(step)

    scroll_down = partialmethod(_scroll_reader, 1)
    scroll_up = partialmethod(_scroll_reader, -1)

    def switch_view(self) -> None:
        """To the next way to look at the row."""
        self.reader.next_view()

    def switch_question(self) -> None:
        """To the whole question, and back."""
        self.reader.switch_question()

    def wrap_lines(self) -> None:
        """Break long lines, or not."""
        self.reader.toggle_wrap()

    def next_match(self) -> None:
        """To the next match, in this row or a later one."""
        self.reader.next_match()

    def previous_match(self) -> None:
        """To the previous match."""
        self.reader.previous_match()

    def step_back(self) -> None:
        """From reading to the list, from a query to all rows, then where you came from."""
        if self.has_class("-reading"):
            self._set_reading(is_reading=False)
        elif self.reader.text_view.has_focus:
            self.table.focus()
        elif self.browser.text:
            self._ask("")
        elif self.setup.can_leave:
            self.dismiss(None)
        else:
            self.notify("Press q to leave")

    # Taking something out

    def _copy(self, copy: Callable[[Browser], CopyWanted]) -> None:
        self.post_message(copy(self.browser))

    copy_answer = partialmethod(_copy, row_actions.copy_of_answer)
    copy_row = partialmethod(_copy, row_actions.copy_of_row)
    copy_custom_id = partialmethod(_copy, row_actions.copy_of_id)

    def _open_in(self, program: external.Program) -> None:
        file = row_actions.file_of_row(self.browser, self.reader.view)
        external.show_text(program, file.text, file.name, self.setup.environ, self.app.suspend)

    open_in_pager = partialmethod(_open_in, external.PAGER)
    open_in_editor = partialmethod(_open_in, external.EDITOR)

    def send_again(self) -> None:
        """Ask for the rows to be sent again."""
        if self.source.batch is not None:
            self.post_message(row_actions.resend(self.browser, self.source.batch))

    def attach_requests(self) -> None:
        """Ask for the file of requests that the batch was made from."""
        if self.source.batch is not None:
            self._requests_may_differ = True
            self.post_message(SourceWanted(self.source.batch))

    def on_screen_resume(self) -> None:
        """Read the row again if its request may be known by now."""
        if self._requests_may_differ:
            self._requests_may_differ = False
            self.reader.forget()
            self._read_row()

    def export_rows(self) -> None:
        """Ask what is to be written where, and write it."""
        self.start(self._export, "dialog")

    async def _export(self) -> None:
        from batchtui.tui.screens.results.export_dialog import ExportDialog, export_plan

        plan = export_plan(self.browser, self.source, self.setup.export_dir)
        if plan is None:
            return
        written = await self.app.push_screen_wait(ExportDialog(plan))
        if written is not None:
            self.notify(f"{plural(written.rows, 'row')} written to {written.path}")

    # What is known of all rows

    def show_failures(self) -> None:
        """List why rows failed; a chosen group becomes the query."""
        from batchtui.tui.screens.results.failures import FailuresScreen

        def take(query: str | None) -> None:
            if query is not None:
                self.browser.tab = Tab.ALL
                self.query_pane.remember(query)
                self._ask(query)

        self.app.push_screen(FailuresScreen(self.browser, self.source, self.setup.glyphs), take)

    def show_summary(self) -> None:
        """Show everything in numbers."""
        from batchtui.tui.screens.results.summary import SummaryScreen

        setup = self.setup
        self.app.push_screen(
            SummaryScreen(self.browser, self.source, setup.glyphs, setup.prices_file)
        )

    def reload_results(self) -> None:
        """Go on with what broke off."""
        self.start(self._run_source, "source")
