"""Keeping the state of the batch list up to date: from the server, from this disk, by the user."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from msgspec.structs import replace

from batchtui.api.models import MessageBatch
from batchtui.batches.listing import Listing
from batchtui.batches.poll_schedule import PollStatus
from batchtui.errors import BatchtuiError
from batchtui.tui.commands.command import Command
from batchtui.tui.screens.batches.services import BatchServices
from batchtui.tui.screens.batches.state import BatchListState, DetailFacts, DownloadState
from batchtui.tui.screens.batches.tour import next_step

if TYPE_CHECKING:
    from batchtui.batches.lister import Fetched
    from batchtui.batches.notices import Notice


class ListUpdates:
    """Owns the state of one batch list, and reports each change of it.

    What it is asked to do one after the other is done on the state as it is then: a page that
    comes while the user filters loses nothing of either.

    Args:
        services: What asks the server and this disk.
        on_state: Is given each new state.
        page_size: Rows of a page.
    """

    def __init__(
        self, services: BatchServices, on_state: Callable[[BatchListState], None], page_size: int
    ) -> None:
        self._services = services
        self._session = services.session
        self._on_state = on_state
        self._looking_up = asyncio.Lock()
        listing = services.remembered_list(Listing(page_size=page_size))
        known = services.known_at_first(listing, self.now)
        self.state = BatchListState(
            listing=listing,
            known=known,
            tour=0 if self._session.is_demo else None,
            zone=zone_of(self._session.settings.time_display),
            is_remembered=listing.is_begun,
        )

    @property
    def listing(self) -> Listing:
        """The batches as they are now."""
        return self.state.listing

    @property
    def now(self) -> datetime:
        """The server's present moment, in steps: an age is not written again for each second."""
        now = self._session.server_now
        return now - timedelta(seconds=now.second % 10, microseconds=now.microsecond)

    # By the user

    def browse(self, listing: Listing) -> None:
        """Show the list another way: what a method of `Listing` gave."""
        is_all_seen = listing.cache is self.listing.cache
        self._change(replace(self.state, listing=listing), is_by_user=is_all_seen)

    def unmark(self, batches: Iterable[MessageBatch]) -> None:
        """Take away the marks of what was acted on; others may have been made meanwhile."""
        listing = self.listing.unmark(batch.id for batch in batches)
        self._change(replace(self.state, listing=listing))

    def show_times_in(self, zone: tzinfo | None) -> None:
        """Write times in another zone."""
        self._change(replace(self.state, zone=zone))

    def take_step(self, command: type[Command]) -> None:
        """Go on with the tour of the demo if this is the command that it is about."""
        step = next_step(self.state.tour, command)
        if step != self.state.tour:
            self._change(replace(self.state, tour=step))

    def show_downloads(self, downloads: DownloadState) -> None:
        """Show how far downloads are."""
        self._change(replace(self.state, downloads=downloads))

    # The watching

    def pause_or_resume(self) -> None:
        """Pause the watching; where it is paused, go on."""
        poller = self._services.poller
        if self.state.status.is_paused:
            poller.resume()
        else:
            poller.pause()

    def ask_now(self) -> None:
        """Ask the server at once, also while paused."""
        self._services.poller.ask_now()

    def set_focus(self, is_focused: bool) -> None:
        """Ask less often while the terminal is not looked at; catch up when it is again."""
        self._services.poller.set_focus(is_focused=is_focused)

    def set_interval(self, seconds: float) -> None:
        """Ask as often as the settings say."""
        self._services.poller.set_interval(seconds)

    # From the server

    async def watch(self) -> AsyncIterator[tuple[MessageBatch, ...]]:
        """Go online and take in what the poller brings; yields the batches that have ended."""
        # what the first picture did not need, so that no first key waits for it
        await asyncio.to_thread(lambda: self._session.client)
        poller = self._services.poller
        if not self._session.settings.auto_refresh:
            poller.pause()
            poller.ask_now()
        async for snapshot in poller.run():
            await self._take(snapshot.fetched, snapshot.status)
            yield snapshot.ended

    async def _take(self, fetched: "Fetched", status: PollStatus | None = None) -> None:
        """Take in what a call brought, and keep it for the next start."""
        state = self.state
        if state.is_remembered and fetched.pages:
            listing, is_remembered = _replace_remembered(state.listing, fetched), False
        else:
            listing, is_remembered = fetched.apply(state.listing), state.is_remembered
        status = status or state.status
        self._change(replace(state, listing=listing, status=status, is_remembered=is_remembered))
        batches = [batch for one in fetched.pages for batch in one.page.data]
        if batches or fetched.batches:
            await self._services.remember([*batches, *fetched.batches])

    @property
    def lacks_rows(self) -> bool:
        """Whether fewer batches are loaded than the pages up to this one hold, and more exist."""
        listing = self.listing
        return listing.is_begun and bool(listing.rows_missing(listing.page))

    async def fill_page(self) -> None:
        """Fetch what the page shown lacks; the cursor stays where it is."""
        fetched = await self._services.lister.go_to(self.listing, self.listing.page)
        await self._take(replace(fetched, turn_to=None, jump_to=None))

    async def go_to_next_page(self) -> None:
        """Turn to the next page, fetching what it lacks."""
        await self._take(await self._services.lister.next_page(self.listing))

    async def load_more(self) -> None:
        """Load up to a thousand more, for filter and sort."""
        await self._take(await self._services.lister.load_more(self.listing))

    async def ids_named(self, text: str) -> Sequence[str]:
        """Return the ids of the batches that a text may mean: an id, a label, a beginning, last.

        Raises:
            ApiError: The newest is asked for, and the list cannot be had.
            LedgerError: What this disk knows cannot be read.
        """
        from batchtui.batches.batch_names import find_all

        return await find_all(self._session.ledger, self._session.client, text)

    async def find(self, batch_id: str) -> None:
        """Put the cursor on a batch, asking the server where it is not loaded.

        Raises:
            NotFound: The server does not know it.
        """
        await self._take(await self._services.lister.find(self.listing, batch_id))

    async def add_created(self, batches: Sequence[MessageBatch]) -> None:
        """Put batches just made into the list, and the cursor on the last of them."""
        from batchtui.batches.lister import Fetched

        # those the poller has announced meanwhile are no news to who made them
        self.browse(self.listing.accept_new())
        for batch in batches:
            self._services.poller.report(batch)
        await self._take(Fetched(batches=tuple(batches), jump_to=batches[-1].id))

    def report(self, batch: MessageBatch) -> None:
        """Take in a batch as an answer of the server showed it; its end is noticed like any."""
        self._services.poller.report(batch)

    async def remove(self, batch_id: str) -> None:
        """Take a batch that the server does not have any more off the list, for good."""
        from batchtui.batches.lister import Fetched

        self._services.poller.report_gone(batch_id)
        await self._take(Fetched(gone=(batch_id,)))
        await self._services.mark_gone(batch_id)

    async def find_expiring(self) -> None:
        """Ask the server for the batches whose results end soon, wherever they stand."""
        from batchtui.api.errors import ApiError

        with suppress(ApiError):
            # what fails here fails in the list as well, which says so
            await self._services.read_old_batches(self.now)
            await self.look_up()

    # From this disk

    async def look_up(self) -> None:
        """Ask this disk what it knows of the batches on the page."""
        # one after the other: what was read before a label was set must not be shown after it
        async with self._looking_up:
            await self._look_up()

    async def _look_up(self) -> None:
        listing = self.listing
        ids = [batch.id for batch in (*listing.rows, *listing.marked_batches)]
        loaded = tuple(listing.cache.batches.values())
        known, labels = await self._services.known_of(ids, loaded, self.now)
        saved = (self.state.known.saved - frozenset(ids)) | known.saved
        listing = self.listing.with_labels(labels)
        self._change(replace(self.state, known=replace(known, saved=saved), listing=listing))

    async def read_model_uses(self) -> None:
        """Read who answers the batches on the page, and for how much."""
        ids = [batch.id for batch in self.listing.rows]
        uses = await self._services.gists.uses_of(ids)
        self._change(replace(self.state, model_uses=uses))

    async def describe(self) -> None:
        """Look up what is known of the batch under the cursor, for the detail."""
        batch = self.listing.selected_batch
        if batch is None:
            return
        try:
            facts = await self._services.facts_of(batch, self.now)
        except BatchtuiError:
            # the detail follows the cursor all the same
            self._change(replace(self.state, facts=DetailFacts(batch.id)))
            raise
        if self.listing.selected == batch.id:
            await self._show_facts(batch, facts)

    async def _show_facts(self, batch: MessageBatch, facts: DetailFacts) -> None:
        """Show what was looked up of the batch, then what takes longer to read."""
        before = self.state.facts
        if before is not None and before.batch_id == batch.id:
            # until it is read again
            facts = replace(facts, answered_since=before.answered_since)
        self._change(replace(self.state, facts=facts))
        if batch.has_ended and facts.gist is None and batch.id in self.state.known.saved:
            gist = await self._services.gists.read(batch.id)
            if gist is not None and self.state.facts is facts:
                facts = replace(facts, gist=gist)
                self._change(replace(self.state, facts=facts))
        if facts.gist is not None and facts.gist.causes and facts.origin is not None:
            count = await self._services.gists.answered_since(batch.id)
            if count != facts.answered_since and self.state.facts is facts:
                self._change(replace(self.state, facts=replace(facts, answered_since=count)))

    async def announce(
        self,
        ended: tuple[MessageBatch, ...],
        on_notice: "Callable[[Notice], object]",
        on_failure: Callable[[BatchtuiError], object],
    ) -> None:
        """Announce batches that have ended, unless somebody has, and run the user's command.

        Args:
            ended: The batches.
            on_notice: Is given what to show.
            on_failure: Is given why the user's command fails.
        """
        from batchtui.batches.notices import claim_ended, notices_of, run_on_done_for

        session = self._session
        claimed = await asyncio.to_thread(claim_ended, ended, session.ledger.claim_notification)
        labels = dict(await asyncio.to_thread(session.ledger.labels))
        for notice in notices_of(claimed, labels):
            on_notice(notice)
        if not session.is_demo:
            on_done = session.settings.on_done
            await run_on_done_for(
                claimed, labels, on_done, environ=session.environ, on_failure=on_failure
            )

    def _change(self, state: BatchListState, *, is_by_user: bool = False) -> None:
        """Take over a state, noting whether what commands act on became another by itself."""
        if not is_by_user and _acted_on(state.listing) != _acted_on(self.listing):
            state = replace(state, moves=self.state.moves + 1)
        self.state = state
        self._on_state(state)


def _acted_on(listing: Listing) -> tuple[str | None, frozenset[str]]:
    """Return what commands act on: the batch under the cursor and the marked ones."""
    return listing.selected, listing.marked


def zone_of(time_display: str) -> tzinfo | None:
    """Return the zone that the setting chooses; ``None`` is the machine's own."""
    return UTC if time_display == "utc" else None


def _replace_remembered(remembered: Listing, fetched: "Fetched") -> Listing:
    """Return the list without anything of last time: nothing of it may pass for fresh."""
    fresh = Listing(
        query=remembered.query, labels=remembered.labels, page_size=remembered.page_size
    )
    listing = fetched.apply(fresh)
    # who is at the top, as everybody is at first, is there for what is new
    at_top = remembered.selected in remembered.shown[:1]
    return listing if at_top or remembered.selected is None else listing.select(remembered.selected)
