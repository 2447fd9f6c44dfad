"""Keeping the batch list fresh: what the server shows, and what this disk knows of it."""

import asyncio
from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace

from batchtui.api.models import MessageBatch
from batchtui.batches.listing import Listing
from batchtui.errors import BatchtuiError
from batchtui.tui.screens.batches.detail import DetailFacts

if TYPE_CHECKING:
    from batchtui.batches.lister import Fetched
    from batchtui.batches.polling import PollSnapshot
    from batchtui.tui.screens.batches.screen import BatchesScreen


def begin(screen: "BatchesScreen") -> None:
    """Begin what the first picture does not wait for."""
    screen.look_up()
    screen.describe()
    screen.start(partial(watch, screen), "watch")


async def watch(screen: "BatchesScreen") -> None:
    """Go online, and take in every snapshot of the poller for as long as the screen lives."""
    await asyncio.to_thread(_load_the_rest, screen)
    poller = screen.services.poller
    if not screen.session.settings.auto_refresh:
        poller.pause()
        poller.ask_now()
    async for snapshot in poller.run():
        _take(screen, snapshot)


def _load_the_rest(screen: "BatchesScreen") -> None:
    """Load what the first picture did not need, so that no first key waits for it."""
    _ = screen.session.client, screen.handlers()


def _take(screen: "BatchesScreen", snapshot: "PollSnapshot") -> None:
    screen.status = snapshot.status
    apply(screen, snapshot.fetched)
    if screen.jump_to is not None and screen.listing.is_begun:
        jump_to, screen.jump_to = screen.jump_to, None
        screen.start(partial(find, screen, jump_to), "jump")
    else:
        fill_page(screen)
    if snapshot.ended:
        from batchtui.tui.screens.batches import announcing

        screen.start(
            partial(announcing.announce, screen, snapshot.ended), "ended", is_exclusive=False
        )
    screen.show()


def apply(screen: "BatchesScreen", fetched: "Fetched") -> None:
    """Take in what a call brought."""
    if screen.is_remembered and fetched.pages:
        screen.is_remembered = False
        screen.listing = _replace_remembered(screen.listing, fetched)
    else:
        screen.listing = fetched.apply(screen.listing)
    batches = [batch for one in fetched.pages for batch in one.page.data]
    _remember(screen, [*batches, *fetched.batches])


def _replace_remembered(remembered: Listing, fetched: "Fetched") -> Listing:
    """The list without anything of last time: nothing of it may pass for fresh."""
    fresh = Listing(
        query=remembered.query, labels=remembered.labels, page_size=remembered.page_size
    )
    listing = fetched.apply(fresh)
    return listing if remembered.selected is None else listing.select(remembered.selected)


def _remember(screen: "BatchesScreen", batches: Iterable[MessageBatch]) -> None:
    kept = tuple(batches)
    if kept:
        screen.start(partial(screen.services.remember, kept), "remember", is_exclusive=False)


def fill_page(screen: "BatchesScreen") -> None:
    """Fetch what the page shown lacks, if it lacks anything."""
    listing = screen.listing
    if listing.is_begun and listing.rows_missing(listing.page):
        screen.start(partial(_fill_page, screen), "page")


async def _fill_page(screen: "BatchesScreen") -> None:
    fetched = await screen.services.lister.go_to(screen.listing, screen.listing.page)
    # the cursor stays where it is: this is not a turn of the page
    apply(screen, replace(fetched, turn_to=None, jump_to=None))


async def find(screen: "BatchesScreen", batch_id: str) -> None:
    """Put the cursor on a batch, asking the server where it is not loaded.

    Raises:
        NotFound: The server does not know it.
    """
    apply(screen, await screen.services.lister.find(screen.listing, batch_id))


async def look_up(screen: "BatchesScreen") -> None:
    """Ask this disk what it knows of the batches on the page."""
    listing = screen.listing
    ids = [batch.id for batch in (*listing.rows, *listing.marked_batches)]
    loaded = tuple(listing.cache.batches.values())
    known = await screen.services.known_of(ids, loaded, screen.context.now)
    screen.here = (screen.here - frozenset(ids)) | known.here
    screen.at_risk = known.at_risk
    screen.tries, screen.parts = known.tries, known.parts
    screen.listing = screen.listing.with_labels(known.labels)
    screen.show()


async def describe(screen: "BatchesScreen") -> None:
    """Show the batch under the cursor in detail, with what this disk knows of it."""
    batch = screen.listing.selected_batch
    if batch is None:
        return
    try:
        facts = await screen.services.facts_of(batch, screen.context.now)
    except BatchtuiError:
        _show_facts(screen, batch, DetailFacts())
        raise
    _show_facts(screen, batch, facts)


def _show_facts(screen: "BatchesScreen", batch: MessageBatch, facts: DetailFacts) -> None:
    screen.described, screen.facts = batch.id, facts
    screen.show()
