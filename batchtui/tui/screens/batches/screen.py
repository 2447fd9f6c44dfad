"""The screen of the batch list: what it is made of, its commands, and what its panes report."""

from collections.abc import Callable, Sequence
from functools import cached_property, partial

from msgspec.structs import replace
from textual import events, on
from textual.app import ComposeResult
from textual.message import Message
from textual.reactive import reactive
from textual.timer import Timer
from textual.widgets import Input

from batchtui.api.models import MessageBatch
from batchtui.batches.listing import Listing
from batchtui.tui import messages
from batchtui.tui.commands import batches as commands
from batchtui.tui.commands.batches import BATCH_COMMANDS
from batchtui.tui.commands.command import Command
from batchtui.tui.lines import Line
from batchtui.tui.screens.batches.availability import list_needs
from batchtui.tui.screens.batches.header import Pointing
from batchtui.tui.screens.batches.list_controls import ListControls
from batchtui.tui.screens.batches.list_watch import ListWatch
from batchtui.tui.screens.batches.panes import SHORT, BatchPanes, rows_that_fit
from batchtui.tui.screens.batches.rows import legend_lines
from batchtui.tui.screens.batches.services import BatchServices
from batchtui.tui.screens.batches.state import BatchListState, ViewContext
from batchtui.tui.screens.batches.updates import ListUpdates, zone_of
from batchtui.tui.screens.batches.view import (
    ListViewSetup,
    batch_list_view,
    context_of,
)
from batchtui.tui.screens.command_screen import WIDTHS, CommandScreen
from batchtui.tui.widgets.batch_table import BatchTable
from batchtui.tui.widgets.line_list import LineList
from batchtui.tui.widgets.line_view import LineView

# What only a command needs is imported there: the first picture waits for none of it.

_TICK_SECONDS = 10.0
_CALM_TICK_SECONDS = 30.0
"""How often ages are written again while something is live, and while nothing is."""
_REST_SECONDS = 0.15
"""How long the cursor rests before the detail follows it: a key held down costs two rows a step."""
HUGE = 160
"""Columns from which the detail is wider."""


_ACTING = frozenset(
    {
        commands.CancelBatch,
        commands.DeleteBatch,
        commands.ForgetResults,
        commands.RetryFailed,
    }
)
"""What never acts on other batches than the key was meant for."""
_WIDTHS = [*WIDTHS, (HUGE, "-huge")]
"""The class of the screen from so many columns on."""
_HEIGHTS = [(0, "-short"), (SHORT, "-tall")]
"""The class of the screen from so many lines on."""


class BatchesScreen(CommandScreen[None]):
    """Lists the batches of one account, shows one in detail, and watches the live ones.

    Args:
        services: The services of the account.
        jump_to: A batch to put the cursor on at first, or ``None``.
    """

    OFFERED = BATCH_COMMANDS

    HORIZONTAL_BREAKPOINTS = _WIDTHS
    VERTICAL_BREAKPOINTS = _HEIGHTS

    state: reactive[BatchListState] = reactive(BatchListState, repaint=False)

    def __init__(self, services: BatchServices, jump_to: str | None = None) -> None:
        super().__init__()
        self.services = services
        self.session = services.session
        page_size = self._page_size(has_hint=self.session.is_demo)
        self.updates = ListUpdates(services, self._show_state, page_size)
        self.panes = BatchPanes(self.actions)
        self._controls = ListControls(self.updates, self.panes, self)
        self.set_reactive(BatchesScreen.state, self.updates.state)
        self._list_watch = ListWatch(self.updates, self, jump_to)
        self._is_begun = False
        self._settled_at = 0.0
        """When commands came to act on other batches without the user's doing."""
        self._tick_timer = RestartedTimer(self.set_timer, self._tick)
        self._rest_timer = RestartedTimer(self.set_timer, self.describe)

    def _page_size(self, *, has_hint: bool) -> int:
        """Rows of a page: as the settings say, or as many as there is room for."""
        size = self.session.settings.page_size
        return size if isinstance(size, int) else max(1, rows_that_fit(self.app.size) - has_hint)

    @property
    def listing(self) -> Listing:
        """The batches as they are shown."""
        return self.updates.listing

    @cached_property
    def _owners(self) -> tuple[object, ...]:
        from batchtui.tui.screens.batches.batch_actions import BatchActions
        from batchtui.tui.screens.batches.batch_screens import BatchScreens
        from batchtui.tui.screens.batches.downloads import Downloads
        from batchtui.tui.screens.batches.own_records import OwnRecords

        return (
            self,
            self._controls,
            BatchActions(self.session, self.updates, self),
            Downloads(self.session, self.updates, self),
            OwnRecords(self.services, self.updates, self),
            BatchScreens(self.updates, self),
        )

    def command_owners(self) -> tuple[object, ...]:
        """Return the screen, what changes the view, batches and records, and the ways out."""
        return self._owners

    async def run_command(self, command: type[Command]) -> None:
        """Carry out a command, but for one that was typed for other batches."""
        if command in _ACTING and self.own_app.event_time < self._settled_at:
            self.notify("The list changed meanwhile: nothing was done", severity="warning")
            return
        await super().run_command(command)
        self.updates.take_step(command)
        self._fit_page()

    def help_lines(self) -> tuple[Line, ...]:
        """Say what the signs of the list mean."""
        return legend_lines(self.effective.glyphs)

    def compose(self) -> ComposeResult:
        """Everything lies in the panes."""
        yield self.panes

    def on_mount(self) -> None:
        """Show what was seen last time, then what is there now."""
        self.panes.begin(self.session.profile.color)
        ledger = self.session.ledger
        for notice in (*self.session.notices, *filter(None, (ledger.refusal, ledger.seen.unsaved))):
            self.notify(notice, severity="warning")
        self.show()
        # at once: the next key is about the batch that the cursor came to
        self.watch(self.panes.table, "cursor", self._controls.follow_cursor, init=False)
        self.watch(self.app, "app_focus", self.updates.set_focus, init=False)
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
        self._read_model_uses()
        self.describe()
        self._list_watch.begin()
        self._tick()

    def take_over_settings(self) -> None:
        """Make the list what changed settings say."""
        settings = self.effective.loaded.settings
        self.updates.set_interval(settings.poll_interval)
        self.updates.show_times_in(zone_of(settings.time_display))
        self._fit_page()

    # What is fitted and read

    def _fit_page(self) -> None:
        page_size = self._page_size(has_hint=self.state.tour is not None)
        if self.listing.page_size != page_size:
            self.updates.browse(self.listing.with_page_size(page_size))
            self._list_watch.fill_page()

    def look_up(self) -> None:
        """Ask this disk what it knows of the batches on the page."""
        self.start(self.updates.look_up, "known")

    def _read_model_uses(self) -> None:
        """Look up models and costs where there is room for them."""
        if self._is_begun and self.app.size.width >= HUGE:
            self.start(self.updates.read_model_uses, "uses")

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
            self.look_again()

    def look_again(self) -> None:
        """Show what this disk knows now."""
        self.look_up()
        self.describe()

    def _tick(self) -> None:
        """Write the ages again; only as often as one of them is likely to differ and is seen."""
        is_seen = self.is_current
        if is_seen:
            self.show()
        is_live = self.state.status.live_count
        self._tick_timer.start(_TICK_SECONDS if is_seen and is_live else _CALM_TICK_SECONDS)

    # How it is shown

    def _show_state(self, state: BatchListState) -> None:
        self.state = state

    def watch_state(self, old: BatchListState, new: BatchListState) -> None:
        """Show the new state, and look up what this disk knows where other batches are seen."""
        if new.moves != old.moves:
            # what was typed before was meant for other batches
            self._settled_at = Message().time
        if not self._is_begun:
            self.show()
            return
        if bool(old.status.live_count) != bool(new.status.live_count):
            self._tick()
        if not new.is_at_rest:
            self._rest_timer.start(_REST_SECONDS)
        if replace(new, listing=replace(new.listing, selected=old.listing.selected)) == old:
            self._decide()
            self.panes.go_to(new.listing.selected)
            return
        if [row.id for row in old.listing.rows] != [row.id for row in new.listing.rows]:
            self.look_up()
            self._read_model_uses()
        elif new.known.saved != old.known.saved:
            self._read_model_uses()
        self.show()

    def _decide(self) -> None:
        """Work out what is possible with the batch under the cursor."""
        self.needs = list_needs(self.listing, self.state.known.saved)

    @property
    def _setup(self) -> ListViewSetup:
        session = self.session
        return ListViewSetup(
            Pointing.of(session),
            now=session.clock.now(),
            server_now=self.updates.now,
            glyphs=self.effective.glyphs,
            key_of=self.key_of,
            widths=self.panes.widths,
            keeps_results=session.settings.keep_results,
        )

    @property
    def view_context(self) -> ViewContext:
        """What batches are written with now."""
        return context_of(self.state, self._setup)

    def show(self) -> None:
        """Hand the panes what they show now."""
        self._decide()
        self.panes.show(batch_list_view(self.state, self._setup))
        if self.state.facts is None or self.state.is_at_rest:
            self.show_actions()

    def on_resize(self) -> None:
        """Fill the page of the new size."""
        self._fit_page()
        if not self.state.model_uses:
            self._read_model_uses()

    @on(LineView.Resized, "#batch-detail")
    def fit_detail(self) -> None:
        """Write the detail for its width, which is known once there is a batch to show."""
        self.show()

    # What the panes report

    @on(BatchTable.ColumnChosen)
    def sort_by_column(self, event: BatchTable.ColumnChosen) -> None:
        """Sort by the column whose head was clicked."""
        self._controls.sort_by_column(event.column)

    @on(Input.Changed, "#batches-find")
    def filter_as_typed(self, event: Input.Changed) -> None:
        """Filter while the user types."""
        self._controls.filter_by_text(event.value)

    @on(Input.Submitted, "#batches-find")
    def keep_filter(self) -> None:
        """Go back to the list; the filter stays."""
        self.panes.close_filter()

    @on(LineList.Chosen, "#batch-table")
    async def open_chosen(self) -> None:
        """A double click is Enter."""
        await self.run_command(commands.OpenResults)

    # Commands

    def refresh_list(self) -> None:
        """Ask now, and go on where the watching was stopped."""
        if self.state.status.is_stopped:
            # what stopped it may be the key: it is looked for again
            self.post_message(messages.ReopenWanted(self.listing.selected))
        else:
            self.updates.ask_now()

    def pause_polling(self) -> None:
        """Pause the watching, or go on."""
        self.updates.pause_or_resume()

    def show_batch(self, batch_id: str) -> None:
        """Put the cursor on a batch."""
        self.start(partial(self.updates.find, batch_id), "jump")


class RestartedTimer:
    """Calls something a while after it was started last.

    Args:
        set_timer: Makes a timer: that of the widget it belongs to.
        then: What to call.
    """

    def __init__(
        self,
        set_timer: Callable[[float, Callable[[], None]], Timer],
        then: Callable[[], None],
    ) -> None:
        self._set_timer = set_timer
        self._then = then
        self._timer: Timer | None = None

    def start(self, seconds: float) -> None:
        """Call it in so many seconds, and not when it would have been called before."""
        if self._timer is not None:
            self._timer.stop()
        self._timer = self._set_timer(seconds, self._then)
