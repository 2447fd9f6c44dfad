"""The screen of the batch list: what it is made of, its commands, and what its panes tell it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from datetime import UTC
from enum import StrEnum
from functools import cached_property, partial
from typing import TYPE_CHECKING, ClassVar, TypeVar

from msgspec.structs import replace
from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.reactive import reactive
from textual.timer import Timer
from textual.widgets import Input

from batchtui.api.models import MessageBatch
from batchtui.batches.list_query import ListQuery, OutcomeFilter, Sort, StateFilter
from batchtui.batches.listing import Listing
from batchtui.config.loading import LoadedSettings
from batchtui.formatting import format_count, format_size, plural
from batchtui.tui import messages
from batchtui.tui.commands import batches as commands
from batchtui.tui.commands.batches import BATCH_COMMANDS
from batchtui.tui.commands.bindings import dispatched
from batchtui.tui.commands.command import shown_key
from batchtui.tui.glyphs import Glyphs
from batchtui.tui.lines import Line, line
from batchtui.tui.screens.batches.availability import list_needs
from batchtui.tui.screens.batches.header import Pointing
from batchtui.tui.screens.batches.panes import SHORT, BatchPanes, rows_that_fit
from batchtui.tui.screens.batches.rows import short_id
from batchtui.tui.screens.batches.services import BatchServices
from batchtui.tui.screens.batches.state import BatchListState, ViewContext
from batchtui.tui.screens.batches.updates import ListUpdates, zone_of
from batchtui.tui.screens.batches.view import (
    ViewSetup,
    batch_list_view,
    context_of,
    sort_by_column,
)
from batchtui.tui.screens.command_screen import CommandScreen
from batchtui.tui.widgets.batch_table import BatchTable
from batchtui.tui.widgets.line_list import LineList
from batchtui.tui.widgets.line_view import LineView

# What only a command needs is imported there: the first picture waits for none of it.
if TYPE_CHECKING:
    from batchtui.batches.bulk import BulkRun
    from batchtui.batches.notices import Notice
    from batchtui.tui.screens.batches.batch_actions import BatchActions
    from batchtui.tui.screens.batches.downloads import Downloads, Ended
    from batchtui.tui.screens.batches.questions import Question

_TICK_SECONDS = 10.0
_CALM_TICK_SECONDS = 30.0
"""How often ages are written again while something is live, and while nothing is."""
_REST_SECONDS = 0.15
"""How long the cursor rests before the detail follows it: a key held down costs two rows a step."""
_ID_WIDTH = 60
HUGE = 160
"""Columns from which the detail is wider."""

ChoiceT = TypeVar("ChoiceT", bound=StrEnum)


class BatchesScreen(CommandScreen[None]):
    """Lists the batches of one account, shows one in detail, and watches the live ones.

    Args:
        services: The services of the account.
        glyphs: The signs to draw with.
        jump_to: A batch to put the cursor on at first, or ``None``.
    """

    OFFERED = BATCH_COMMANDS
    BINDINGS: ClassVar[list[BindingType]] = dispatched(BATCH_COMMANDS)

    HORIZONTAL_BREAKPOINTS = [*CommandScreen.HORIZONTAL_BREAKPOINTS, (HUGE, "-huge")]  # noqa: RUF012 - as Textual declares it
    VERTICAL_BREAKPOINTS = [(0, "-short"), (SHORT, "-tall")]  # noqa: RUF012 - as Textual declares it

    state: reactive[BatchListState] = reactive(BatchListState, repaint=False)

    def __init__(self, services: BatchServices, glyphs: Glyphs, jump_to: str | None = None) -> None:
        super().__init__()
        self.services = services
        self.session = services.session
        self.panes = BatchPanes()
        self.updates = ListUpdates(services, self._show_state, self._page_size)
        self.set_reactive(BatchesScreen.state, self.updates.state)
        self._glyphs = glyphs
        self._jump_to = jump_to
        self._is_begun = False
        self._resting: Timer | None = None
        self._ticking: Timer | None = None

    @property
    def _page_size(self) -> int:
        """Rows of a page: as the settings say, or as many as there is room for."""
        size = self.session.settings.page_size
        return size if isinstance(size, int) else rows_that_fit(self.app.size)

    @property
    def listing(self) -> Listing:
        """The batches as they are shown."""
        return self.updates.listing

    @cached_property
    def downloads(self) -> "Downloads":
        """What brings results to this disk."""
        from batchtui.tui.screens.batches.downloads import Downloads

        return Downloads(self.session, self.updates.show_downloads)

    @cached_property
    def _actions(self) -> "BatchActions":
        from batchtui.tui.screens.batches.batch_actions import BatchActions

        return BatchActions(
            self.session, self.updates, confirm=self._confirm, progress=self._show_progress
        )

    def compose(self) -> ComposeResult:
        """Everything lies in the panes."""
        yield self.panes

    def on_mount(self) -> None:
        """Show what was seen last time, then what is there now."""
        self.panes.table.cursor_glyph = self._glyphs.cursor
        self.panes.table.focus()
        for notice in self.session.notices:
            self.notify(notice, severity="warning")
        self.show()
        self.watch(self.app, "app_focus", self._follow_focus, init=False)
        # the first picture goes out before anything else is loaded
        self.call_after_refresh(self._begin)

    async def _begin(self) -> None:
        # styling it takes longer than styling all the rest
        await self.panes.add_find()
        self.begin_updates()

    def begin_updates(self) -> None:
        """Begin everything that the first picture did not wait for."""
        self._is_begun = True
        self.look_up()
        self.describe()
        self.start(self._watch, "watch")
        self._tick()

    def take_over_settings(self, loaded: LoadedSettings, glyphs: Glyphs) -> None:
        """Make the list what changed settings say."""
        settings = loaded.settings
        self._glyphs = glyphs
        self.panes.table.cursor_glyph = glyphs.cursor
        self.services.poller.set_interval(settings.poll_interval)
        self.updates.show_times_in(zone_of(settings.time_display))
        self._fit_page()

    # What happens by itself

    async def _watch(self) -> None:
        await asyncio.to_thread(_load_the_rest)
        async for ended in self.updates.watch():
            if self._jump_to is not None and self.listing.is_begun:
                jump_to, self._jump_to = self._jump_to, None
                self.start(partial(self.updates.find, jump_to), "jump")
            else:
                self._fill_page()
            if ended:
                self.start(partial(self._announce, ended), "ended", is_exclusive=False)

    async def _announce(self, ended: tuple[MessageBatch, ...]) -> None:
        await self.updates.announce(
            ended,
            on_notice=self._tell_end,
            on_failure=self.notify_error,
        )

    def _tell_end(self, notice: "Notice") -> None:
        self.post_message(messages.EndNoticed(notice))

    def _fit_page(self) -> None:
        if self.listing.page_size != self._page_size:
            self.updates.browse(self.listing.with_page_size(self._page_size))
            self._fill_page()

    def _fill_page(self) -> None:
        if self.updates.lacks_rows:
            self.start(self.updates.fill_page, "page")

    def look_up(self) -> None:
        """Ask this disk what it knows of the batches on the page."""
        self.start(self.updates.look_up, "known")

    def describe(self) -> None:
        """Show the batch under the cursor in detail, with what this disk knows of it."""
        self.start(self.updates.describe, "facts")

    def add_created(self, batches: Sequence[MessageBatch]) -> None:
        """Show batches that were just made, with the cursor on the last of them."""
        if batches:
            self.start(partial(self.updates.add_created, batches), "created", is_exclusive=False)

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        """Coming back from another screen: what this disk knows may have changed."""
        del event
        if not self._is_begun:
            return
        self._tick()
        if self.listing.is_begun:
            self.look_up()
            self.describe()

    def _follow_focus(self, is_focused: bool) -> None:
        """Ask less often while the terminal is not looked at; catch up when it is again."""
        self.services.poller.set_focus(is_focused=is_focused)

    def _tick(self) -> None:
        """Write the ages again; only as often as one of them is likely to differ and is seen."""
        is_seen = self.is_current
        if is_seen:
            self.show()
        if self._ticking is not None:
            self._ticking.stop()
        is_live = self.state.status.live_count
        seconds = _TICK_SECONDS if is_seen and is_live else _CALM_TICK_SECONDS
        self._ticking = self.set_timer(seconds, self._tick)

    # How it is shown

    def _show_state(self, state: BatchListState) -> None:
        self.state = state

    def watch_state(self, old: BatchListState, new: BatchListState) -> None:
        """Show the new state, and look up what this disk knows where other batches are seen."""
        if not self._is_begun:
            self.show()
            return
        if bool(old.status.live_count) != bool(new.status.live_count):
            self._tick()
        if not new.is_at_rest:
            self._await_rest()
        if replace(new, listing=replace(new.listing, selected=old.listing.selected)) == old:
            self._decide()
            self.panes.table.go_to(new.listing.selected)
            return
        if [row.id for row in old.listing.rows] != [row.id for row in new.listing.rows]:
            self.look_up()
        self.show()

    def _await_rest(self) -> None:
        """Describe the batch under the cursor when the cursor has come to rest."""
        if self._resting is not None:
            self._resting.stop()
        self._resting = self.set_timer(_REST_SECONDS, self.describe)

    def _decide(self) -> None:
        """Work out what is possible with the batch under the cursor."""
        is_read_only = self.session.settings.read_only
        self.needs = list_needs(self.listing, self.state.known.saved, is_read_only=is_read_only)

    @property
    def _setup(self) -> ViewSetup:
        session = self.session
        return ViewSetup(
            Pointing(
                session.profile,
                session.account,
                is_demo=session.is_demo,
                is_read_only=session.settings.read_only,
            ),
            now=session.clock.now(),
            server_now=self.updates.now,
            glyphs=self._glyphs,
            key_of=partial(shown_key, session.settings.keys),
            widths=self.panes.widths,
        )

    @property
    def _view_context(self) -> ViewContext:
        return context_of(self.state, self._setup)

    def show(self) -> None:
        """Hand the panes what they show now."""
        self._decide()
        self.panes.show(batch_list_view(self.state, self._setup))
        if self.state.is_at_rest:
            self.panes.actions.items = tuple(self.action_items())

    def on_resize(self) -> None:
        """Lay the lines out for the new widths."""
        self._fit_page()
        self.call_after_refresh(self.show)

    @on(LineView.Resized, "#batch-detail")
    def fit_detail(self) -> None:
        """Write the detail for its width, which is known once there is a batch to show."""
        self.show()

    # What the panes tell

    @on(LineList.Highlighted, "#batch-table")
    def follow_cursor(self) -> None:
        """Show the batch that the cursor came to."""
        cursor_id = self.panes.table.cursor_id
        if cursor_id is not None and cursor_id != self.listing.selected:
            self.updates.browse(self.listing.select(cursor_id))

    @on(BatchTable.ColumnChosen)
    def sort_by_column(self, event: BatchTable.ColumnChosen) -> None:
        """Sort by the column whose head was clicked."""
        query = self.listing.query
        self._query(replace(query, sort=sort_by_column(event.column, query.sort)))

    @on(LineList.Chosen, "#batch-table")
    async def open_chosen(self) -> None:
        """A double click is Enter."""
        await self.run_command(commands.OpenResults)

    @on(Input.Changed, "#batches-find")
    def filter_as_typed(self, event: Input.Changed) -> None:
        """Filter while the user types."""
        self._query(replace(self.listing.query, text=event.value))

    @on(Input.Submitted, "#batches-find")
    def keep_filter(self) -> None:
        """Go back to the list; the filter stays."""
        self.panes.close_filter()

    # Commands on the list itself

    def next_page(self) -> None:
        """To the next page, fetching what it lacks."""
        self.start(self.updates.go_to_next_page, "page")

    def previous_page(self) -> None:
        """To the previous page, which is loaded."""
        self.updates.browse(self.listing.turn_to(self.listing.page - 1))

    def load_more(self) -> None:
        """Load a thousand more, for filter and sort."""
        self.start(self._load_more, "page")

    async def _load_more(self) -> None:
        await self.updates.load_more()
        self.notify(f"{format_count(len(self.listing.cache.order))} batches loaded")

    def show_new(self) -> None:
        """Put the announced batches in and go to the newest."""
        self.updates.browse(self.listing.accept_new().turn_to(1))

    def refresh_list(self) -> None:
        """Ask now, and go on where the watching was stopped."""
        if self.state.status.is_stopped:
            # what stopped it may be the key: it is looked for again
            self.post_message(messages.ReopenWanted(self.listing.selected))
        else:
            self.services.poller.ask_now()

    def pause_polling(self) -> None:
        """Pause the watching, or go on."""
        poller = self.services.poller
        if self.state.status.is_paused:
            poller.resume()
        else:
            poller.pause()

    def mark_batch(self) -> None:
        """Mark the batch under the cursor and go one down, so that several are marked quickly."""
        if self.listing.selected is not None:
            self.updates.browse(self.listing.toggle_mark(self.listing.selected))
            self.panes.table.action_cursor_down()

    def mark_all(self) -> None:
        """Mark all rows of the page, or none if all are."""
        self.updates.browse(self.listing.toggle_marks_of_page())

    def sort_batches(self) -> None:
        """To the next order."""
        query = self.listing.query
        self._query(replace(query, sort=_after(query.sort, Sort)))

    def filter_state(self) -> None:
        """To the next filter by state."""
        query = self.listing.query
        self._query(replace(query, state=_after(query.state, StateFilter)))

    def filter_outcome(self) -> None:
        """To the next filter by outcome."""
        query = self.listing.query
        self._query(replace(query, outcome=_after(query.outcome, OutcomeFilter)))

    def _query(self, query: ListQuery) -> None:
        self.updates.browse(self.listing.with_query(query))

    async def filter_batches(self) -> None:
        """Open the field of the filter."""
        await self.panes.open_filter()

    def clear_filter(self) -> None:
        """Take filter and marks away; the batch under the cursor stays."""
        self.panes.clear_filter()
        query = ListQuery(sort=self.listing.query.sort)
        self.updates.browse(self.listing.clear_marks().with_query(query))

    def switch_detail(self) -> None:
        """Go between list and detail."""
        self.panes.switch_detail()

    def show_times(self) -> None:
        """Switch between local time and UTC."""
        self.updates.show_times_in(UTC if self.state.zone is None else None)

    def show_batch(self, batch_id: str) -> None:
        """Put the cursor on a batch."""
        self.start(partial(self.updates.find, batch_id), "jump")

    def go_to_id(self) -> None:
        """Ask for an id and jump to it."""
        self.start(self._go_to_id, "dialog")

    async def _go_to_id(self) -> None:
        batch_id = await self._prompt("Go to a batch", placeholder="msgbatch_…", confirm="Go")
        if batch_id:
            await self.updates.find(batch_id)

    def show_timeline(self) -> None:
        """Show the loaded batches along time."""
        from batchtui.tui.screens.timeline import TimelineList, TimelineScreen

        cache, context = self.listing.cache, self._view_context
        batches = tuple(cache.batches[one] for one in cache.order)
        timeline = TimelineList(batches, context.labels, context.now, context.zone, context.glyphs)
        self.app.push_screen(TimelineScreen(timeline, len(batches)), self._go_to)

    def _go_to(self, batch_id: str | None) -> None:
        if batch_id is not None and self.listing.knows(batch_id):
            self.updates.browse(self.listing.jump(batch_id))

    # Commands that change something on the server

    def cancel_batch(self) -> None:
        """Cancel the marked batches, or the one under the cursor."""
        self.start(self._cancel, "dialog")

    async def _cancel(self) -> None:
        self._act(await self._actions.ask_to_cancel(self.state.targets, self._view_context))

    def delete_batch(self) -> None:
        """Delete the marked batches, or the one under the cursor."""
        self.start(self._delete, "dialog")

    async def _delete(self) -> None:
        self._act(await self._actions.ask_to_delete(self.state.targets, self._view_context))

    def _act(self, agreed: "Question | None") -> None:
        """Do what was agreed to; no key may break that off, for the next question is another."""
        if agreed is not None:
            self.start(partial(self._carry_out, agreed), "act", is_exclusive=False)

    async def _carry_out(self, agreed: "Question") -> None:
        said, is_done = await self._actions.act(agreed, self._view_context)
        self.notify(said, severity="information" if is_done else "warning")

    async def _confirm(self, question: "Question") -> bool:
        from batchtui.tui.screens.dialogs.confirm import ConfirmDialog

        dialog = ConfirmDialog(question.title, question.body, question.yes)
        answer: bool | None = await self.app.push_screen_wait(dialog)
        return answer is True

    async def _show_progress(
        self, title: str, run: "BulkRun", outcomes: AsyncIterator[Line]
    ) -> None:
        from batchtui.tui.screens.dialogs.progress import ProgressDialog

        dialog = ProgressDialog(title, run.total, outcomes, run.stop)
        await self.app.push_screen_wait(dialog)

    # Commands on results

    def open_results(self) -> None:
        """Read the results."""
        self._ask_for(messages.ResultsWanted)

    def download_results(self) -> None:
        """Download the marked batches or the one under the cursor; stop one that is coming."""
        targets = self.state.targets
        if len(targets) == 1 and self.downloads.is_coming(targets[0].id):
            self.downloads.stop(targets[0].id)
        else:
            self._save(targets)

    def download_at_risk(self) -> None:
        """Download what the server is about to drop."""
        batches = self.listing.cache.batches
        self._save(batches[one] for one in self.state.known.at_risk if one in batches)

    def _save(self, batches: Iterable[MessageBatch]) -> None:
        wanted = self.downloads.wanted(batches, self.state.known.saved)
        if not wanted:
            self.notify("Nothing to download: it is here already, or not to be had")
            return
        tasks = self.downloads.begin(wanted)
        self.start(partial(self._follow_downloads, wanted, tasks), "download", is_exclusive=False)
        self.updates.browse(self.listing.clear_marks())

    async def _follow_downloads(
        self, batches: tuple[MessageBatch, ...], tasks: "tuple[asyncio.Task[Ended], ...]"
    ) -> None:
        from batchtui.tui.screens.batches.downloads import describe_ends, ends_of

        ends = await ends_of(batches, tasks)
        await self.updates.look_up()
        has_failed = any(one.problem for one in ends)
        self.notify(
            describe_ends(ends, self.listing.labels),
            severity="error" if has_failed else "information",
        )

    def forget_results(self) -> None:
        """Remove the copy of the results."""
        self.start(self._forget, "dialog")

    async def _forget(self) -> None:
        batch = self.listing.selected_batch
        if batch is not None:
            freed = await self.services.forget_results(batch.id)
            name = self.listing.labels.get(batch.id, "") or batch.id
            self.notify(f"Copy of the results of {name} removed: {format_size(freed)} freed")
            self.look_up()

    # Commands on one batch that change nothing on the server

    def label_batch(self) -> None:
        """Ask for the name of the batch."""
        self.start(self._label, "dialog")

    async def _label(self) -> None:
        batch = self.listing.selected_batch
        if batch is None:
            return
        body = (line((short_id(batch.id, _ID_WIDTH, self._glyphs), "muted")),)
        label = self.listing.labels.get(batch.id, "")
        text = await self._prompt("Label", body, value=label, placeholder="empty takes it away")
        if text is not None:
            await self.services.set_label(batch.id, text)
            self.look_up()

    def edit_note(self) -> None:
        """Ask for the note on the batch."""
        self.start(self._note, "dialog")

    async def _note(self) -> None:
        batch = self.listing.selected_batch
        if batch is None:
            return
        note = await self.services.note_of(batch.id)
        text = await self._prompt("Note", value=note, placeholder="empty takes it away")
        if text is not None:
            await self.services.set_note(batch.id, text)
            self.describe()

    async def _prompt(
        self,
        title: str,
        body: tuple[Line, ...] = (),
        *,
        value: str = "",
        placeholder: str = "",
        confirm: str = "Save",
    ) -> str | None:
        from batchtui.tui.screens.dialogs.prompt import PromptDialog

        dialog = PromptDialog(title, body, value=value, placeholder=placeholder, confirm=confirm)
        text: str | None = await self.app.push_screen_wait(dialog)
        return None if text is None else text.strip()

    def copy_id(self) -> None:
        """Copy the ids of the marked batches, or the one under the cursor."""
        batches = self.state.targets
        if batches:
            what = "the id" if len(batches) == 1 else plural(len(batches), "id")
            self.post_message(messages.CopyWanted("\n".join(one.id for one in batches), what))

    # Commands that another screen answers

    def retry_failed(self) -> None:
        """Send the failed rows again."""
        self._ask_for(messages.RetryWanted)

    def merge_tries(self) -> None:
        """Merge all tries."""
        self._ask_for(messages.MergeWanted)

    def attach_source(self) -> None:
        """Say which file it was made from."""
        self._ask_for(messages.SourceWanted)

    def _ask_for(self, message: Callable[[MessageBatch], Message]) -> None:
        batch = self.listing.selected_batch
        if batch is not None:
            self.post_message(message(batch))

    def new_batch(self) -> None:
        """Create a batch."""
        self.post_message(messages.CreateWanted())

    def finish_sending(self) -> None:
        """List what was interrupted while being sent."""
        self.post_message(messages.UnfinishedWanted())


def _load_the_rest() -> None:
    """Load what the first picture did not need, so that no first key waits for it."""
    from batchtui.tui.screens import timeline
    from batchtui.tui.screens.batches import batch_actions, downloads
    from batchtui.tui.screens.dialogs import confirm, progress, prompt

    _ = batch_actions, confirm, downloads, progress, prompt, timeline


def _after(current: ChoiceT, values: type[ChoiceT]) -> ChoiceT:
    """The next of the values of a filter or an order, the first after the last."""
    every = list(values)
    return every[(every.index(current) + 1) % len(every)]
