"""The widgets of the batch list, and the commands that page, filter, sort and mark."""

from datetime import UTC
from enum import StrEnum
from functools import cached_property
from typing import TypeVar

from msgspec.structs import replace
from textual import on
from textual.app import ComposeResult
from textual.containers import Container
from textual.geometry import Size
from textual.widgets import Input

from batchtui.batches.list_query import ListQuery, OutcomeFilter, Sort, StateFilter
from batchtui.formatting import format_count
from batchtui.tui.screens.batches.updates import ListUpdates
from batchtui.tui.screens.batches.view import BatchListView, Widths, sort_by_column
from batchtui.tui.screens.command_screen import NARROW, WIDE
from batchtui.tui.screens.host import Host
from batchtui.tui.widgets.action_bar import ActionBar
from batchtui.tui.widgets.batch_table import BatchTable
from batchtui.tui.widgets.line_bar import LineBar
from batchtui.tui.widgets.line_view import LineView
from batchtui.tui.widgets.text_field import TextField

ChoiceT = TypeVar("ChoiceT", bound=StrEnum)

_AROUND = 4
"""Lines of a screen that are no rows: header, filter, heads of columns, action bar."""
_DETAIL_BELOW = 9
"""Lines of the detail where it stands below the list."""
SHORT = 18
"""Lines below which the detail does not fit below the list: one is shown at a time."""


def rows_that_fit(size: Size) -> int:
    """Return how many rows of the list a screen of that size has room for."""
    is_below = NARROW <= size.width < WIDE and size.height >= SHORT
    return max(1, size.height - _AROUND - (_DETAIL_BELOW if is_below else 0))


class BatchPanes(Container):
    """Header, filter, list and detail, action bar; and the commands on the list itself.

    Args:
        updates: The list.
        host: Runs what takes time, and notifies.
        actions: What can be done.
    """

    def __init__(self, updates: ListUpdates, host: Host, actions: ActionBar) -> None:
        super().__init__(id="batches-panes")
        self._updates = updates
        self._host = host
        self.header = LineBar(id="batches-header", classes="chrome")
        self.filter = LineBar(id="batches-filter")
        self.body = Container(id="batches-body")
        self.table = BatchTable(id="batch-table")
        self.detail = LineView(id="batch-detail")
        self.note = LineView(id="batches-note")
        self.problem = LineBar(id="batches-problem")
        self.actions = actions

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield self.header
        yield self.filter
        with self.body:
            yield self.table
            yield self.detail
            yield self.note
        yield self.problem
        yield self.actions

    @cached_property
    def find(self) -> TextField:
        """The field of the filter, which is not there yet in the first picture."""
        return TextField(
            id="batches-find",
            placeholder="label, id or state",
            compact=True,
            # what comes in one go with the key that opens it would be taken as to be replaced
            select_on_focus=False,
        )

    async def add_find(self) -> None:
        """Put the field of the filter in its place; it has no height until it has the focus."""
        if self.find.parent is None:
            await self.mount(self.find, after=self.filter)

    @property
    def widths(self) -> Widths:
        """Cells that a line of each pane has."""
        note = max(10, self.app.size.width - 5)
        return Widths(self.header.line_width, self.filter.line_width, self.detail.line_width, note)

    def begin(self, color: str) -> None:
        """Mark the account by its color, and give the keys to the list."""
        self.header.add_class(f"profile-{color}")
        self.table.focus()

    def go_to(self, batch_id: str | None) -> None:
        """Put the cursor on a batch, while everything else stays as it is."""
        self.table.go_to(batch_id)

    def close_filter(self) -> None:
        """Go back from the field of the filter to the list."""
        self.screen.set_focus(self.table)

    def show(self, values: BatchListView) -> None:
        """Hand every widget its value; each repaints only what differs."""
        self.header.lines = (values.header,)
        self.filter.lines = (values.filter,)
        has_problem = values.problem is not None
        if self.problem.display != has_problem:
            # saying again what is so would lay out and paint the whole screen again
            self.problem.display = has_problem
        if values.problem is not None:
            self.problem.lines = (values.problem,)
        self.body.set_class(bool(values.note), "-note")
        self.note.lines = values.note
        self.table.show(values.rows, values.cursor_id, values.sort_mark)
        self.detail.lines = values.detail
        self.actions.status = values.status

    # What is done with the list

    def on_mount(self) -> None:
        """Follow the cursor at once: the next key is about the batch that it came to."""
        self.watch(self.table, "cursor", self.follow_cursor, init=False)

    def follow_cursor(self) -> None:
        """Select the batch that the user moved to."""
        cursor_id = None if self.table.is_placing else self.table.cursor_id
        if cursor_id is not None and cursor_id != self._updates.listing.selected:
            self._updates.browse(self._updates.listing.select(cursor_id))

    @on(BatchTable.ColumnChosen)
    def sort_by_column(self, event: BatchTable.ColumnChosen) -> None:
        """Sort by the column whose head was clicked."""
        query = self._updates.listing.query
        self._query(replace(query, sort=sort_by_column(event.column, query.sort)))

    @on(Input.Changed, "#batches-find")
    def filter_as_typed(self, event: Input.Changed) -> None:
        """Filter while the user types."""
        self._query(replace(self._updates.listing.query, text=event.value))

    @on(Input.Submitted, "#batches-find")
    def keep_filter(self) -> None:
        """Go back to the list; the filter stays."""
        self.close_filter()

    # Commands

    def next_page(self) -> None:
        """To the next page, fetching what it lacks."""
        self._host.start(self._updates.go_to_next_page, "page")

    def previous_page(self) -> None:
        """To the previous page, which is loaded."""
        self._updates.browse(self._updates.listing.turn_to(self._updates.listing.page - 1))

    def load_more(self) -> None:
        """Load a thousand more, for filter and sort."""
        self._host.start(self._load_more, "page")

    async def _load_more(self) -> None:
        await self._updates.load_more()
        self._host.notify(f"{format_count(len(self._updates.listing.cache.order))} batches loaded")

    def show_new(self) -> None:
        """Put the announced batches in and go to the newest."""
        self._updates.browse(self._updates.listing.accept_new().turn_to(1))

    def mark_batch(self) -> None:
        """Mark the batch under the cursor and go one down, so that several are marked quickly."""
        if self._updates.listing.selected is not None:
            self._updates.browse(self._updates.listing.toggle_mark(self._updates.listing.selected))
            self.table.action_cursor_down()

    def mark_all(self) -> None:
        """Mark all rows of the page, or none if all are."""
        self._updates.browse(self._updates.listing.toggle_marks_of_page())

    def sort_batches(self) -> None:
        """To the next order."""
        query = self._updates.listing.query
        self._query(replace(query, sort=_after(query.sort, Sort)))

    def filter_state(self) -> None:
        """To the next filter by state."""
        query = self._updates.listing.query
        self._query(replace(query, state=_after(query.state, StateFilter)))

    def filter_outcome(self) -> None:
        """To the next filter by outcome."""
        query = self._updates.listing.query
        self._query(replace(query, outcome=_after(query.outcome, OutcomeFilter)))

    def _query(self, query: ListQuery) -> None:
        self._updates.browse(self._updates.listing.with_query(query))

    async def filter_batches(self) -> None:
        """Go to the field of the filter."""
        # there already, but for a key that came with the first picture
        await self.add_find()
        # not by `Widget.focus`, which waits its turn: what is typed next would be taken as commands
        self.screen.set_focus(self.find)

    def clear_filter(self) -> None:
        """Take filter and marks away; the batch under the cursor stays."""
        self.find.value = ""
        self.close_filter()
        self.body.remove_class("-detail")
        query = ListQuery(sort=self._updates.listing.query.sort)
        self._updates.browse(self._updates.listing.clear_marks().with_query(query))

    def switch_detail(self) -> None:
        """Go between list and detail; where there is room for one only, show the other one."""
        to_detail = self.table.has_focus
        self.body.set_class(to_detail, "-detail")
        (self.detail if to_detail else self.table).focus()

    def show_times(self) -> None:
        """Switch between local time and UTC."""
        self._updates.show_times_in(UTC if self._updates.state.zone is None else None)


def _after(current: ChoiceT, values: type[ChoiceT]) -> ChoiceT:
    """Return the next of the values of a filter or an order, the first after the last."""
    every = list(values)
    return every[(every.index(current) + 1) % len(every)]
