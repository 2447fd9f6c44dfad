"""The screen of the batch list: its state, and how it is shown."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, timedelta, tzinfo
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from msgspec.structs import replace
from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.reactive import reactive
from textual.timer import Timer
from textual.widgets import Input

from batchtui.api.models import MessageBatch
from batchtui.batches.deadlines import server_now
from batchtui.batches.listing import Listing
from batchtui.batches.poll_schedule import PollStatus
from batchtui.tui.commands import batches as commands
from batchtui.tui.commands.batches import BATCH_COMMANDS
from batchtui.tui.commands.bindings import dispatched
from batchtui.tui.glyphs import Glyphs
from batchtui.tui.lines import Line
from batchtui.tui.screens.batches import refreshing
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
from batchtui.tui.screens.batches.panes import BatchPanes, PaneValues
from batchtui.tui.screens.batches.rows import batch_rows
from batchtui.tui.screens.batches.services import BatchServices
from batchtui.tui.screens.batches.verdicts import batch_verdicts
from batchtui.tui.screens.command_screen import CommandScreen, Handlers
from batchtui.tui.widgets.line_list import LineList
from batchtui.tui.widgets.line_view import LineView

if TYPE_CHECKING:
    from batchtui.batches.lister import Fetched

_TICK_SECONDS = 10.0
_CALM_TICK_SECONDS = 30.0
"""How often ages are written anew while something is live, and while nothing is."""
_REST_SECONDS = 0.15
"""How long the cursor rests before the detail follows it: a key held down costs two rows a step."""
_DOWNLOADS = 2
"""Downloads that run at the same time; the others wait."""


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
    tries: reactive[frozenset[str]] = reactive(frozenset, repaint=False)
    parts: reactive[Mapping[str, int]] = reactive(dict, repaint=False)
    zone: reactive[tzinfo | None] = reactive(None, repaint=False)

    def __init__(self, services: BatchServices, glyphs: Glyphs, jump_to: str | None = None) -> None:
        super().__init__()
        self.services = services
        self.session = session = services.session
        self.jump_to = jump_to
        self.is_remembered = False
        self.described: str | None = None
        self._is_begun = False
        self._resting: Timer | None = None
        self._ticking: Timer | None = None
        self.download_slots = asyncio.Semaphore(_DOWNLOADS)
        self.panes = BatchPanes()
        self._glyphs = glyphs
        settings = session.settings
        self.set_reactive(BatchesScreen.listing, Listing(page_size=settings.page_size))
        self.set_reactive(BatchesScreen.zone, UTC if settings.time_display == "utc" else None)

    def handlers(self) -> Handlers:
        """What carries the commands out, loaded after the first picture."""
        from batchtui.tui.screens.batches import browsing, fetching, naming, tending

        return {
            command: partial(run, self)
            for module in (browsing, fetching, naming, tending)
            for command, run in module.COMMANDS.items()
        }

    def compose(self) -> ComposeResult:
        """Everything lies in the panes."""
        yield self.panes

    def on_mount(self) -> None:
        """Show what was seen last time, then what is there now."""
        self.panes.table.cursor_glyph = self._glyphs.cursor
        self.panes.table.focus()
        for notice in self.session.notices:
            self.notify(notice, severity="warning")
        self.set_reactive(BatchesScreen.listing, self.services.remembered_list(self.listing))
        self.is_remembered = self.listing.is_begun
        self.show()
        self.watch(self.app, "app_focus", self._follow_focus, init=False)
        # the first picture goes out before anything else is loaded
        self.call_after_refresh(self._begin)

    async def _begin(self) -> None:
        self._is_begun = True
        # styling it takes longer than styling all the rest
        await self.panes.add_find()
        refreshing.begin(self)
        self._tick()

    def take_over_settings(self) -> None:
        """Make the list what changed settings say."""
        settings = self.session.settings
        self.zone = UTC if settings.time_display == "utc" else None
        self.services.poller.set_interval(settings.poll_interval)
        self.listing = self.listing.with_page_size(settings.page_size)
        refreshing.fill_page(self)
        self.show()

    @property
    def context(self) -> ViewContext:
        """The facts of this moment for the view models."""
        now = server_now(self.session.clock.now(), self.session.server_offset)
        return ViewContext(
            # in steps: ages of seconds are told, but not at every check anew
            now=now - timedelta(seconds=now.second % 10, microseconds=now.microsecond),
            zone=self.zone,
            glyphs=self._glyphs,
            here=self.here,
            labels=self.listing.labels,
            fetching=self.fetching,
            tries=self.tries,
            parts=self.parts,
        )

    @property
    def targets(self) -> tuple[MessageBatch, ...]:
        """What a command acts on: the marked batches, or the one under the cursor."""
        selected = self.listing.selected_batch
        return self.listing.marked_batches or ((selected,) if selected else ())

    def apply(self, fetched: "Fetched") -> None:
        """Take in what a call brought."""
        refreshing.apply(self, fetched)

    # How it is shown

    def watch_listing(self, old: Listing, new: Listing) -> None:
        """Show the new list, and look up what this disk knows where other batches are seen."""
        if new.selected != self.described:
            self._await_rest()
        if replace(new, selected=old.selected) == old:
            self._decide()
            self.panes.table.go_to(new.selected)
            return
        if [row.id for row in old.rows] != [row.id for row in new.rows]:
            self.look_up()
        self.show()

    def _await_rest(self) -> None:
        """Describe the batch under the cursor when the cursor has come to rest."""
        if self._resting is not None:
            self._resting.stop()
        self._resting = self.set_timer(_REST_SECONDS, self.describe)

    @property
    def is_at_rest(self) -> bool:
        """Whether the detail is of the batch under the cursor."""
        return self.described in {None, self.listing.selected}

    def watch_status(self, old: PollStatus, new: PollStatus) -> None:
        """Let the ages tick as what is live asks for."""
        if self._is_begun and bool(old.live_count) != bool(new.live_count):
            self._tick()

    def watch_fetching(self) -> None:
        """Show how far the downloads are."""
        if self._is_begun:
            self.show()

    def look_up(self) -> None:
        """Ask this disk what it knows of the batches on the page."""
        self.start(partial(refreshing.look_up, self), "known")

    def describe(self) -> None:
        """Show the batch under the cursor in detail, with what this disk knows of it."""
        self.start(partial(refreshing.describe, self), "facts")

    def _decide(self) -> None:
        """Work out what is possible with the batch under the cursor."""
        is_read_only = self.session.settings.read_only
        self.verdicts = batch_verdicts(self.listing, self.here, is_read_only=is_read_only)

    def show(self) -> None:
        """Hand the widgets what they show now."""
        listing, context, status, panes = self.listing, self.context, self.status, self.panes
        now = self.session.clock.now()
        self._decide()
        pointing = Pointing(
            self.session.profile,
            self.session.account,
            is_demo=self.session.is_demo,
            is_read_only=self.session.settings.read_only,
        )
        panes.show(
            PaneValues(
                header=pointing_line(pointing, status, now, self._glyphs, panes.header.line_width),
                filter=filter_line(
                    listing, listing.query.text, len(self.at_risk), panes.filter.line_width
                ),
                problem=problem_line(status),
                note=note_lines(listing, status, self.session, max(10, self.size.width - 4)),
                rows=batch_rows(listing.rows, listing.marked, context),
                cursor_id=listing.selected,
                detail=self._detail(context),
                items=tuple(self.action_items()) if self.is_at_rest else panes.actions.items,
                status=status_spans(status, now),
            )
        )

    def _detail(self, context: ViewContext) -> tuple[Line, ...]:
        """Write the detail of the batch the cursor rested on last."""
        batches = self.listing.cache.batches
        described = None if self.described is None else batches.get(self.described)
        batch = described or self.listing.selected_batch
        facts = self.facts if described else DetailFacts()
        width = self.panes.detail.line_width
        return detail_lines(batch, facts, context, width) if batch else ()

    def _tick(self) -> None:
        """Write the ages anew; only as often as one of them is likely to differ and is seen."""
        is_seen = self.is_current
        if is_seen:
            self.show()
        if self._ticking is not None:
            self._ticking.stop()
        seconds = _TICK_SECONDS if is_seen and self.status.live_count else _CALM_TICK_SECONDS
        self._ticking = self.set_timer(seconds, self._tick)

    def on_resize(self) -> None:
        """Lay the lines out for the new widths."""
        self.call_after_refresh(self.show)

    @on(LineView.Resized, "#batch-detail")
    def fit_detail(self) -> None:
        """Write the detail for its width, which is known once there is a batch to show."""
        self.show()

    # What the user does with the list itself

    @on(LineList.Highlighted, "#batch-table")
    def follow_cursor(self) -> None:
        """Show the batch that the cursor came to."""
        cursor_id = self.panes.table.cursor_id
        if cursor_id is not None and cursor_id != self.listing.selected:
            self.listing = self.listing.select(cursor_id)

    @on(LineList.Chosen, "#batch-table")
    async def open_chosen(self) -> None:
        """A double click is Enter."""
        await self.run_command(commands.OpenResults)

    @on(Input.Changed, "#batches-find")
    def filter_as_typed(self, event: Input.Changed) -> None:
        """Filter while the user types."""
        from batchtui.tui.screens.batches import browsing

        browsing.set_filter_text(self, event.value)

    @on(Input.Submitted, "#batches-find")
    def keep_filter(self) -> None:
        """Go back to the list; the filter stays."""
        self.set_focus(self.panes.table)

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
