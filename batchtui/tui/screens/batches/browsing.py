"""The commands that move about in the list of batches: pages, filter, order, marks."""

from collections.abc import Callable, Mapping
from datetime import UTC
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from msgspec.structs import replace

from batchtui.batches.list_query import ListQuery, OutcomeFilter, Sort, StateFilter
from batchtui.formatting import format_count
from batchtui.tui.commands import batches as commands
from batchtui.tui.commands.command import Command
from batchtui.tui.messages import ReopenWanted
from batchtui.tui.screens.batches import refreshing
from batchtui.tui.screens.dialogs.prompt import PromptDialog
from batchtui.tui.screens.timeline import TimelineList, TimelineScreen

if TYPE_CHECKING:
    from batchtui.tui.screens.batches.screen import BatchesScreen

ValueT = TypeVar("ValueT")


def next_page(screen: "BatchesScreen") -> None:
    """To the next page, fetching what it lacks."""
    screen.start(partial(_next_page, screen), "page")


async def _next_page(screen: "BatchesScreen") -> None:
    screen.apply(await screen.services.lister.next_page(screen.listing))


def previous_page(screen: "BatchesScreen") -> None:
    """To the previous page, which is loaded."""
    screen.listing = screen.listing.turn_to(screen.listing.page - 1)


def load_more(screen: "BatchesScreen") -> None:
    """Load a thousand more, for filter and sort."""
    screen.start(partial(_load_more, screen), "page")


async def _load_more(screen: "BatchesScreen") -> None:
    screen.apply(await screen.services.lister.load_more(screen.listing))
    screen.notify(f"{format_count(len(screen.listing.cache.order))} batches loaded")


def show_new(screen: "BatchesScreen") -> None:
    """Put the announced batches in and go to the newest."""
    screen.listing = screen.listing.accept_new().turn_to(1)


def refresh(screen: "BatchesScreen") -> None:
    """Ask now, and go on where the watching was stopped."""
    poller = screen.services.poller
    if screen.status.is_stopped:
        # what stopped it may be the key: it is looked for anew
        screen.post_message(ReopenWanted(screen.listing.selected))
    else:
        poller.ask_now()


def pause(screen: "BatchesScreen") -> None:
    """Pause the watching, or go on."""
    poller = screen.services.poller
    if screen.status.is_paused:
        poller.resume()
    else:
        poller.pause()


def mark(screen: "BatchesScreen") -> None:
    """Mark the batch under the cursor and go one down, so that several are marked quickly."""
    selected = screen.listing.selected
    if selected is not None:
        screen.listing = screen.listing.toggle_mark(selected)
        screen.panes.table.action_cursor_down()


def mark_all(screen: "BatchesScreen") -> None:
    """Mark all rows of the page, or none if all are."""
    ids = {batch.id for batch in screen.listing.rows}
    listing = screen.listing
    screen.listing = listing.clear_marks() if ids <= listing.marked else listing.mark(ids)


def sort(screen: "BatchesScreen") -> None:
    """To the next order."""
    query = screen.listing.query
    _query(screen, replace(query, sort=_after(query.sort, list(Sort))))


def filter_state(screen: "BatchesScreen") -> None:
    """To the next filter by state."""
    query = screen.listing.query
    _query(screen, replace(query, state=_after(query.state, list(StateFilter))))


def filter_outcome(screen: "BatchesScreen") -> None:
    """To the next filter by outcome."""
    query = screen.listing.query
    _query(screen, replace(query, outcome=_after(query.outcome, list(OutcomeFilter))))


async def open_filter(screen: "BatchesScreen") -> None:
    """Open the field of the filter."""
    # there already, but for a key that came with the first picture
    await screen.panes.add_find()
    # not by `Widget.focus`, which waits its turn: what is typed next would be taken as commands
    screen.set_focus(screen.panes.find)


def close_filter(screen: "BatchesScreen") -> None:
    """Go back from the field of the filter to the list."""
    screen.set_focus(screen.panes.table)


def clear_filter(screen: "BatchesScreen") -> None:
    """Take filter and marks away; the batch under the cursor stays."""
    screen.panes.find.value = ""
    close_filter(screen)
    screen.panes.body.remove_class("-detail")
    screen.listing = screen.listing.clear_marks()
    _query(screen, ListQuery(sort=screen.listing.query.sort))


def set_filter_text(screen: "BatchesScreen", text: str) -> None:
    """Filter by words."""
    _query(screen, replace(screen.listing.query, text=text))


def switch_times(screen: "BatchesScreen") -> None:
    """Switch between local time and UTC."""
    screen.zone = UTC if screen.zone is None else None
    screen.show()


def go_to_id(screen: "BatchesScreen") -> None:
    """Ask for an id and jump to it."""
    screen.start(partial(_go_to_id, screen), "dialog")


async def _go_to_id(screen: "BatchesScreen") -> None:
    dialog = PromptDialog("Go to a batch", placeholder="msgbatch_…", confirm="Go")
    batch_id = await screen.app.push_screen_wait(dialog)
    if batch_id and batch_id.strip():
        await refreshing.find(screen, batch_id.strip())


def switch_detail(screen: "BatchesScreen") -> None:
    """Go between list and detail; where there is room for one only, the other one is shown."""
    table, detail = screen.panes.table, screen.panes.detail
    to_detail = table.has_focus
    screen.panes.body.set_class(to_detail, "-detail")
    (detail if to_detail else table).focus()


def show_timeline(screen: "BatchesScreen") -> None:
    """Show the loaded batches along time."""
    listing = screen.listing
    batches = tuple(listing.cache.batches[one] for one in listing.cache.order)
    context = screen.context
    timeline = TimelineList(batches, context.labels, context.now, context.zone, context.glyphs)
    screen.app.push_screen(TimelineScreen(timeline, len(batches)))


def _query(screen: "BatchesScreen", query: ListQuery) -> None:
    screen.listing = screen.listing.with_query(query)


def _after(current: ValueT, values: list[ValueT]) -> ValueT:
    return values[(values.index(current) + 1) % len(values)]


COMMANDS: Mapping[type[Command], "Callable[[BatchesScreen], object]"] = {
    commands.NextPage: next_page,
    commands.PreviousPage: previous_page,
    commands.LoadMore: load_more,
    commands.ShowNew: show_new,
    commands.RefreshList: refresh,
    commands.PausePolling: pause,
    commands.MarkBatch: mark,
    commands.MarkAll: mark_all,
    commands.SortBatches: sort,
    commands.FilterState: filter_state,
    commands.FilterOutcome: filter_outcome,
    commands.FilterBatches: open_filter,
    commands.ClearFilter: clear_filter,
    commands.ShowTimes: switch_times,
    commands.GoToId: go_to_id,
    commands.SwitchDetail: switch_detail,
    commands.ShowTimeline: show_timeline,
}
