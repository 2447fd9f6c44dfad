"""The commands on the list itself: they page, filter, sort and mark."""

from datetime import UTC

from msgspec.structs import replace

from batchtui.batches.list_query import ListQuery
from batchtui.batches.listing import Listing
from batchtui.formatting import format_count
from batchtui.tui.screens.batches.panes import BatchPanes
from batchtui.tui.screens.batches.updates import ListUpdates
from batchtui.tui.screens.batches.view import sort_by_column
from batchtui.tui.screens.host import Host
from batchtui.tui.stepping import stepped


class ListControls:
    """Shows the list another way.

    Args:
        updates: The list.
        panes: Where it is shown.
        host: Runs what takes time, and notifies.
    """

    def __init__(self, updates: ListUpdates, panes: BatchPanes, host: Host) -> None:
        self._updates = updates
        self._panes = panes
        self._host = host

    @property
    def _listing(self) -> Listing:
        return self._updates.listing

    # What the panes report

    def follow_cursor(self) -> None:
        """Select the batch that the user moved to."""
        table = self._panes.table
        cursor_id = None if table.is_placing else table.cursor_id
        if cursor_id is not None and cursor_id != self._listing.selected:
            self._updates.browse(self._listing.select(cursor_id))

    def sort_by_column(self, column: str) -> None:
        """Sort by a column, or the other way round."""
        query = self._listing.query
        self._show_query(replace(query, sort=sort_by_column(column, query.sort)))

    def filter_by_text(self, text: str) -> None:
        """Show the batches that a text is part of."""
        self._show_query(replace(self._listing.query, text=text))

    def _show_query(self, query: ListQuery) -> None:
        self._updates.browse(self._listing.with_query(query))

    # Commands

    def next_page(self) -> None:
        """To the next page, fetching what it lacks."""
        self._host.start(self._updates.go_to_next_page, "page")

    def previous_page(self) -> None:
        """To the previous page, which is loaded."""
        self._updates.browse(self._listing.turn_to(self._listing.page - 1))

    def load_more(self) -> None:
        """Load a thousand more, for filter and sort."""
        self._host.start(self._load_more, "page")

    async def _load_more(self) -> None:
        await self._updates.load_more()
        self._host.notify(f"{format_count(len(self._listing.cache.order))} batches loaded")

    def show_new(self) -> None:
        """Put the announced batches in and go to the newest."""
        self._updates.browse(self._listing.accept_new().turn_to(1))

    def mark_batch(self) -> None:
        """Mark the batch under the cursor and go one down, so that several are marked quickly."""
        if self._listing.selected is not None:
            self._updates.browse(self._listing.toggle_mark(self._listing.selected))
            self._panes.table.action_cursor_down()

    def mark_all(self) -> None:
        """Mark all rows of the page, or none if all are."""
        self._updates.browse(self._listing.toggle_marks_of_page())

    def sort_batches(self) -> None:
        """To the next order."""
        query = self._listing.query
        self._show_query(replace(query, sort=stepped(query.sort)))

    def filter_state(self) -> None:
        """To the next filter by state."""
        query = self._listing.query
        self._show_query(replace(query, state=stepped(query.state)))

    def filter_outcome(self) -> None:
        """To the next filter by outcome."""
        query = self._listing.query
        self._show_query(replace(query, outcome=stepped(query.outcome)))

    async def filter_batches(self) -> None:
        """Go to the field of the filter."""
        await self._panes.open_filter()

    def clear_filter(self) -> None:
        """Take filter and marks away; the batch under the cursor stays."""
        self._panes.clear_filter()
        query = ListQuery(sort=self._listing.query.sort)
        self._updates.browse(self._listing.clear_marks().with_query(query))

    def switch_detail(self) -> None:
        """Go between list and detail."""
        self._panes.switch_detail()

    def show_times(self) -> None:
        """Switch between local time and UTC."""
        self._updates.show_times_in(UTC if self._updates.state.zone is None else None)
