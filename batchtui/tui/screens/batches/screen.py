"""The screen of the batch list: its state, and how it is shown and kept fresh."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, tzinfo
from functools import partial
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.reactive import reactive
from textual.widgets import Input

from batchtui.api.models import MessageBatch
from batchtui.batches.deadlines import server_now
from batchtui.batches.lister import Fetched
from batchtui.batches.listing import Listing
from batchtui.batches.polling import PollSnapshot, PollStatus
from batchtui.tui.commands import batches as commands
from batchtui.tui.commands.batches import BATCH_COMMANDS
from batchtui.tui.commands.bindings import dispatched
from batchtui.tui.glyphs import Glyphs
from batchtui.tui.screens.batches import announcing, browsing, fetching, naming, tending
from batchtui.tui.screens.batches.context import ViewContext
from batchtui.tui.screens.batches.detail import DetailFacts, detail_lines
from batchtui.tui.screens.batches.empty import note_lines
from batchtui.tui.screens.batches.header import (
    Pointing,
    filter_line,
    pointing_line,
    problem_line,
    status_spans,
)
from batchtui.tui.screens.batches.rows import batch_rows
from batchtui.tui.screens.batches.services import BatchServices
from batchtui.tui.screens.batches.verdicts import batch_verdicts
from batchtui.tui.screens.command_screen import CommandScreen, Handlers
from batchtui.tui.widgets.action_bar import ActionBar
from batchtui.tui.widgets.batch_table import BatchTable
from batchtui.tui.widgets.line_bar import LineBar
from batchtui.tui.widgets.line_list import LineList
from batchtui.tui.widgets.line_view import LineView

_TICK_SECONDS = 1.0
_CALM_TICK_SECONDS = 30.0
"""How often ages are written anew while something is live, and while nothing is."""


class BatchesScreen(CommandScreen[None]):
    """Lists the batches of one account, shows one in detail, and watches the live ones.

    Args:
        services: The services of the account.
        glyphs: The signs to draw with.
        jump_to: A batch to put the cursor on at first, or ``None``.
    """

    OFFERED = BATCH_COMMANDS
    BINDINGS: ClassVar[list[BindingType]] = dispatched(BATCH_COMMANDS)

    listing: reactive[Listing] = reactive(Listing, repaint=False)
    status: reactive[PollStatus] = reactive(PollStatus, repaint=False)
    facts: reactive[DetailFacts] = reactive(DetailFacts, repaint=False)
    here: reactive[frozenset[str]] = reactive(frozenset, repaint=False)
    at_risk: reactive[tuple[str, ...]] = reactive((), repaint=False)
    fetching: reactive[Mapping[str, str]] = reactive(dict, repaint=False)
    zone: reactive[tzinfo | None] = reactive(None, repaint=False)

    def __init__(self, services: BatchServices, glyphs: Glyphs, jump_to: str | None = None) -> None:
        super().__init__()
        self.services = services
        self.session = session = services.session
        self._glyphs = glyphs
        self._jump_to = jump_to
        self._is_remembered = False
        self.download_slots = asyncio.Semaphore(fetching.AT_ONCE)
        self.header = LineBar(id="batches-header", classes="chrome")
        self.filter = LineBar(id="batches-filter")
        self.find = Input(id="batches-find", placeholder="label, id or state", compact=True)
        self.body = Container(id="batches-body")
        self.table = BatchTable(id="batch-table")
        self.detail = LineView(id="batch-detail")
        self.note = LineView(id="batches-note")
        self.problem = LineBar(id="batches-problem")
        self.actions = ActionBar(id="batches-actions", classes="chrome")
        settings = session.settings
        self.set_reactive(BatchesScreen.listing, Listing(page_size=settings.page_size))
        self.set_reactive(BatchesScreen.zone, UTC if settings.time_display == "utc" else None)

    def handlers(self) -> Handlers:
        """What carries the commands out."""
        return {
            command: partial(run, self)
            for module in (browsing, fetching, naming, tending)
            for command, run in module.COMMANDS.items()
        }

    def compose(self) -> ComposeResult:
        """Header, filter, list and detail, action bar."""
        yield self.header
        yield self.filter
        yield self.find
        with self.body:
            yield self.table
            yield self.detail
            yield self.note
        yield self.problem
        yield self.actions

    def on_mount(self) -> None:
        """Show what was seen last time, then what is there now."""
        self.table.cursor_glyph = self._glyphs.cursor
        self.table.focus()
        for notice in self.session.notices:
            self.tell(notice, severity="warning")
        self.listing = self.services.remembered_list(self.listing)
        self._is_remembered = self.listing.is_begun
        self.show()
        self._tick()
        self.start(self._watch(), "watch")
        if not self.session.settings.auto_refresh:
            self.services.poller.pause()
            self.services.poller.ask_now()

    def take_over_settings(self) -> None:
        """Make the list what changed settings say."""
        settings = self.session.settings
        self.zone = UTC if settings.time_display == "utc" else None
        self.services.poller.set_interval(settings.poll_interval)
        self.listing = self.listing.with_page_size(settings.page_size)
        if self.listing.rows_missing(self.listing.page):
            self.start(browsing.fill_page(self), "page")
        self.show()

    @property
    def context(self) -> ViewContext:
        """The facts of this moment for the view models."""
        local = self.session.clock.now()
        return ViewContext(
            now=server_now(local, self.session.client.server_offset),
            zone=self.zone,
            glyphs=self._glyphs,
            here=self.here,
            labels=self.listing.labels,
            fetching=self.fetching,
        )

    @property
    def targets(self) -> tuple[MessageBatch, ...]:
        """What a command acts on: the marked batches, or the one under the cursor."""
        selected = self.listing.selected_batch
        return self.listing.marked_batches or ((selected,) if selected else ())

    # What came from the server

    async def _watch(self) -> None:
        """Take in every snapshot of the poller, for as long as the screen lives."""
        async for snapshot in self.services.poller.run():
            self._take(snapshot)

    def _take(self, snapshot: PollSnapshot) -> None:
        self.status = snapshot.status
        self.apply(snapshot.fetched)
        if self._jump_to is not None and self.listing.is_begun:
            jump_to, self._jump_to = self._jump_to, None
            self.start(browsing.find(self, jump_to), "jump")
        elif self.listing.is_begun and self.listing.rows_missing(self.listing.page):
            self.start(browsing.fill_page(self), "page")
        if snapshot.ended:
            self.start(announcing.announce(self, snapshot.ended), "ended", is_exclusive=False)
        if self.is_mounted:
            self.show()

    def apply(self, fetched: Fetched) -> None:
        """Take in what a call brought."""
        if self._is_remembered and fetched.pages:
            # the list of last time made way: nothing of it may pass for fresh
            fresh = Listing(
                query=self.listing.query,
                labels=self.listing.labels,
                page_size=self.listing.page_size,
            )
            selected = self.listing.selected
            self._is_remembered = False
            listing = fetched.apply(fresh)
            self.listing = listing.select(selected) if selected else listing
        else:
            self.listing = fetched.apply(self.listing)
        if fetched.pages or fetched.batches:
            batches = [batch for one in fetched.pages for batch in one.page.data]
            self.start(
                self.services.remember([*batches, *fetched.batches]), "remember", is_exclusive=False
            )

    # How it is shown

    def watch_listing(self, old: Listing, new: Listing) -> None:
        """Show the new list, and look up what this disk knows where other batches are seen."""
        if [row.id for row in old.rows] != [row.id for row in new.rows]:
            self.look_up()
        if old.selected != new.selected:
            self.facts = DetailFacts()
            self.look_up_selected()
        if self.is_mounted:
            self.show()

    def watch_fetching(self) -> None:
        """Show how far the downloads are."""
        self.show()

    def look_up(self) -> None:
        """Ask this disk what it knows of the batches on the page."""
        self.start(self._look_up(), "known")

    async def _look_up(self) -> None:
        ids = [batch.id for batch in (*self.listing.rows, *self.listing.marked_batches)]
        loaded = tuple(self.listing.loaded.batches.values())
        known = await self.services.known_of(ids, loaded, self.context.now)
        self.here = (self.here - frozenset(ids)) | known.here
        self.at_risk = known.at_risk
        self.listing = self.listing.with_labels(known.labels)
        self.show()

    def look_up_selected(self) -> None:
        """Ask this disk what it knows of the batch under the cursor."""
        self.start(self._look_up_selected(), "facts")

    async def _look_up_selected(self) -> None:
        batch = self.listing.selected_batch
        if batch is not None:
            self.facts = await self.services.facts_of(batch, self.context.now)
            self.show()

    def show(self) -> None:
        """Hand every widget its value; each repaints only what differs."""
        listing, context, status = self.listing, self.context, self.status
        now = self.session.clock.now()
        pointing = Pointing(
            self.session.profile,
            self.session.client.account,
            is_demo=self.session.is_demo,
            is_read_only=self.session.settings.read_only,
        )
        width = self.header.size.width
        self.header.lines = (pointing_line(pointing, status, now, self._glyphs, width),)
        self.filter.lines = (filter_line(listing, self.find.value, len(self.at_risk)),)
        self.problem.lines = (problem_line(status),)
        self.problem.display = status.problem is not None
        self._show_note()
        self.table.show(batch_rows(listing.rows, listing.marked, context), listing.selected)
        self._show_detail(context)
        self.verdicts = batch_verdicts(
            listing, self.here, is_read_only=self.session.settings.read_only
        )
        self.actions.items = tuple(self.action_items())
        self.actions.status = status_spans(status, now)

    def _show_note(self) -> None:
        note = note_lines(self.listing, self.status, self.session)
        self.body.set_class(bool(note), "-note")
        if note:
            self.note.lines = note

    def _show_detail(self, context: ViewContext) -> None:
        batch = self.listing.selected_batch
        width = self.detail.line_width
        self.detail.lines = detail_lines(batch, self.facts, context, width) if batch else ()

    def _tick(self) -> None:
        """Write the ages anew; only as often as one of them is likely to differ."""
        if self.is_current:
            self.show()
        seconds = _TICK_SECONDS if self.status.live_count else _CALM_TICK_SECONDS
        self.set_timer(seconds, self._tick)

    def on_resize(self) -> None:
        """Lay the lines out for the new widths."""
        self.call_after_refresh(self.show)

    # What the user does with the list itself

    @on(LineList.Highlighted, "#batch-table")
    def follow_cursor(self) -> None:
        """Show the batch that the cursor came to."""
        cursor_id = self.table.cursor_id
        if cursor_id is not None and cursor_id != self.listing.selected:
            self.listing = self.listing.select(cursor_id)

    @on(LineList.Chosen, "#batch-table")
    async def open_chosen(self) -> None:
        """A double click is Enter."""
        await self.run_command(commands.OpenResults)

    @on(Input.Changed, "#batches-find")
    def filter_as_typed(self, event: Input.Changed) -> None:
        """Filter while the user types."""
        browsing.set_filter_text(self, event.value)

    @on(Input.Submitted, "#batches-find")
    def keep_filter(self) -> None:
        """Go back to the list; the filter stays."""
        browsing.close_filter(self)

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        """Coming back from another screen: what this disk knows may have changed."""
        del event
        if self.is_mounted and self.listing.is_begun:
            self.look_up()
            self.look_up_selected()

    def on_app_focus(self) -> None:
        """The terminal has the focus again: catch up."""
        self.services.poller.set_focus(is_focused=True)

    def on_app_blur(self) -> None:
        """The terminal lost the focus: ask less often."""
        self.services.poller.set_focus(is_focused=False)
