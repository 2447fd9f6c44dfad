"""From the state of the batch list to what its panes show. Pure."""

from datetime import datetime

from msgspec import Struct

from batchtui.batches.list_query import Sort
from batchtui.formatting import format_count
from batchtui.tui.commands import batches as commands
from batchtui.tui.commands.command import KeyOf
from batchtui.tui.commands.general import OpenSettings, SwitchProfile
from batchtui.tui.glyphs import Glyphs
from batchtui.tui.lines import BLANK, Line, Span, line
from batchtui.tui.screens.batches.detail import detail_lines
from batchtui.tui.screens.batches.header import (
    Pointing,
    filter_line,
    pointing_line,
    problem_line,
    status_spans,
)
from batchtui.tui.screens.batches.rows import batch_rows
from batchtui.tui.screens.batches.state import BatchListState, DetailFacts, ViewContext
from batchtui.tui.screens.batches.tour import tour_line
from batchtui.tui.widgets.batch_table import BatchRow, SortMark
from batchtui.tui.widgets.reader_wrapping import wrap_lines
from batchtui.untrusted import visible


class Widths(Struct, frozen=True):
    """Cells that a line of each pane has."""

    header: int
    filter: int
    detail: int
    note: int


class ListViewSetup(Struct, frozen=True):
    """What the view depends on besides the state of the list."""

    pointing: Pointing
    """Where the program is pointed."""
    now: datetime
    """This machine's present moment."""
    server_now: datetime
    """The server's present moment, in steps of which an age is written again."""
    glyphs: Glyphs
    """The signs to draw with."""
    key_of: KeyOf
    """The key of a command as it is set now."""
    widths: Widths
    """How much room there is."""
    keeps_results: bool = True
    """Whether the settings keep results on this disk."""


class BatchListView(Struct, frozen=True):
    """What the panes show."""

    header: Line
    """Where you are pointed, and how fresh the list is."""
    filter: Line
    """What of the list is shown."""
    problem: Line | None
    """What is wrong, or a hint of the demo, or ``None``."""
    note: tuple[Line, ...]
    """What stands in place of the list, or nothing."""
    rows: tuple[BatchRow, ...]
    """The rows of the page."""
    cursor_id: str | None
    """The batch under the cursor."""
    detail: tuple[Line, ...]
    """The detail of the batch that the cursor rested on last."""
    status: tuple[Span, ...]
    """What stands at the right end of the action bar."""
    sort_mark: SortMark
    """At which column the rows are sorted."""


def batch_list_view(state: BatchListState, setup: ListViewSetup) -> BatchListView:
    """Write everything that the panes show."""
    listing, widths = state.listing, setup.widths
    context = context_of(state, setup)
    return BatchListView(
        header=pointing_line(setup.pointing, state.status, setup.now, setup.glyphs, widths.header),
        filter=filter_line(
            listing,
            len(state.known.at_risk),
            setup.key_of,
            widths.filter,
            keeps_results=setup.keeps_results,
        ),
        # where there is no list yet, the note says it
        problem=(problem_line(state.status) if listing.is_begun else None) or _tour(state, setup),
        note=_note(state, setup),
        rows=batch_rows(listing.rows, listing.marked, context),
        cursor_id=listing.selected,
        detail=_detail(state, context, widths.detail),
        status=status_spans(state.status, state.downloads, setup.now, setup.key_of),
        sort_mark=_sort_mark(listing.query.sort, setup.glyphs),
    )


def context_of(state: BatchListState, setup: ListViewSetup) -> ViewContext:
    """Return what rows, detail and questions are written with."""
    return ViewContext(
        now=setup.server_now,
        zone=state.zone,
        glyphs=setup.glyphs,
        labels=state.listing.labels,
        known=state.known,
        model_uses=state.model_uses,
        downloads=state.downloads,
        key_of=setup.key_of,
        keeps_results=setup.keeps_results,
    )


_SORTED_BY = {
    Sort.NEWEST: ("age", True),
    Sort.OLDEST: ("age", False),
    Sort.REQUESTS: ("requests", False),
    Sort.FAILURES: ("outcome", False),
    Sort.EXPIRY: ("saved", True),
    Sort.STATE: ("state", True),
    Sort.LABEL: ("name", True),
}
"""At which column each order is seen, and whether its smallest value is on top."""


def sort_by_column(column: str, current: Sort) -> Sort:
    """Return the order that the head of a column stands for; the other one where there are two."""
    orders = [sort for sort, (key, _) in _SORTED_BY.items() if key == column]
    if not orders:
        return current
    return orders[(orders.index(current) + 1) % len(orders)] if current in orders else orders[0]


def _sort_mark(sort: Sort, glyphs: Glyphs) -> SortMark:
    column, is_ascending = _SORTED_BY[sort]
    return SortMark(column, glyphs.ascending if is_ascending else glyphs.descending)


def _tour(state: BatchListState, setup: ListViewSetup) -> Line | None:
    is_shown = state.tour is not None and state.listing.rows
    if state.tour is None or not is_shown:
        return None
    return tour_line(state.tour, setup.key_of, setup.widths.header)


def _detail(state: BatchListState, context: ViewContext, width: int) -> tuple[Line, ...]:
    batch = state.described
    if batch is None:
        return ()
    facts = state.facts
    known = facts if facts is not None and facts.batch_id == batch.id else DetailFacts(batch.id)
    return detail_lines(batch, known, context, width)


def _note(state: BatchListState, setup: ListViewSetup) -> tuple[Line, ...]:
    """Say why there are no rows; nothing where there are some."""
    lines = () if state.listing.rows else _why_empty(state, setup)
    return wrap_lines(lines, setup.widths.note)


def _why_empty(state: BatchListState, setup: ListViewSetup) -> tuple[Line, ...]:
    listing, key_of = state.listing, setup.key_of
    if not listing.is_begun:
        return _not_there_yet(state, setup)
    if listing.query.is_filtering and listing.cache.order:
        count = format_count(len(listing.cache.order))
        clear, more = key_of(commands.ClearFilter), key_of(commands.LoadMore)
        return (
            line(("Nothing matches the filter", "heading")),
            BLANK,
            line(f"Of {count} loaded batches none does. Press ", (clear, "key"), " to clear it."),
            *([line("Press ", (more, "key"), " to load more.")] if listing.has_more else []),
        )
    where = visible(setup.pointing.account.workspace_id or "") or "this workspace"
    profile, settings = key_of(SwitchProfile), key_of(OpenSettings)
    return (
        line(("No batches yet", "heading")),
        BLANK,
        line(f"There is nothing in {where}."),
        line(
            "Press ", (key_of(commands.NewBatch), "key"), " to create one from a file of requests."
        ),
        BLANK,
        line(
            ("Expected some? Another key may belong to another workspace: ", "muted"),
            (profile, "key"),
            (" switches the profile, ", "muted"),
            (settings, "key"),
            (" opens the settings.", "muted"),
        ),
    )


def _not_there_yet(state: BatchListState, setup: ListViewSetup) -> tuple[Line, ...]:
    problem = state.status.problem
    if problem is None:
        return (line((f"Asking {visible(setup.pointing.profile.host)} …", "muted")),)
    again, settings = setup.key_of(commands.RefreshList), setup.key_of(OpenSettings)
    return (
        line(("The list could not be loaded", "heading")),
        BLANK,
        line((visible(problem.message), "problem")),
        line(visible(problem.hint)),
        BLANK,
        line((again, "key"), " tries again   ", (settings, "key"), " opens the settings"),
    )
