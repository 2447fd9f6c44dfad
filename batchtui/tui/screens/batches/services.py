"""What the batch list asks of its services, away from the event loop where it touches a disk."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from batchtui.api.models import BatchPage, MessageBatch
from batchtui.batches.listing import Listing
from batchtui.library.ledger_values import SeenBatch, decode_seen
from batchtui.session import Session
from batchtui.tui.screens.batches.state import (
    BatchOrigin,
    DetailFacts,
    ListFacts,
)

# What asks the server, and what looks further than at the list last seen, is loaded when it is
# first needed: the first picture needs none of it.
if TYPE_CHECKING:
    from batchtui.batches.durations import DurationHistory, Typical
    from batchtui.batches.lister import Lister
    from batchtui.batches.poller import Poller
    from batchtui.tui.screens.batches.gists import GistReader

_REMEMBERED = 200
"""How many of the batches last seen are looked at for those that were live."""


class BatchServices:
    """The services of one session, made for one batch list. Making them reads the ledger.

    Args:
        session: The account.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.remembered = tuple(
            decode_seen(session.ledger.seen.last_list(_REMEMBERED, scope=session.scope))
        )
        self.labels = dict(session.ledger.labels())

    @cached_property
    def lister(self) -> "Lister":
        """Reads the list page by page."""
        from batchtui.batches.lister import Lister

        return Lister(self.session.client)

    @cached_property
    def poller(self) -> "Poller":
        """Watches everything that is live."""
        from batchtui.batches.poller import Poller

        session = self.session
        return Poller(
            session.client,
            clock=session.clock,
            interval=session.settings.poll_interval,
            meter=session.meter,
            already_live=[batch.id for batch in self.remembered if batch.is_live],
            server_offset=lambda: session.server_offset,
        )

    @cached_property
    def gists(self) -> "GistReader":
        """Reads in short what results and request files say."""
        from batchtui.tui.screens.batches.gists import GistReader

        return GistReader(self.session)

    def remembered_list(self, listing: Listing) -> Listing:
        """Return the list as it was last seen, in the pages of ``listing``."""
        listing = listing.with_labels(self.labels)
        batches = self.remembered[: listing.page_size]
        if not batches:
            return listing
        return listing.absorb(BatchPage(data=batches, has_more=True, last_id=batches[-1].id))

    def known_at_first(self, listing: Listing, now: datetime) -> ListFacts:
        """Return what this disk knows of a remembered list: the first picture is shown complete."""
        ids = [batch.id for batch in listing.rows]
        return self._known_of(ids, self.remembered, now)[0] if ids else ListFacts()

    async def known_of(
        self, batch_ids: Iterable[str], loaded: Sequence[MessageBatch], now: datetime
    ) -> tuple[ListFacts, dict[str, str]]:
        """Return what this disk knows of these batches, and the labels of all.

        Args:
            batch_ids: Those that are shown.
            loaded: All that are loaded.
            now: The server's present moment.
        """
        return await asyncio.to_thread(self._known_of, tuple(batch_ids), loaded, now)

    def _known_of(
        self, batch_ids: Sequence[str], loaded: Sequence[MessageBatch], now: datetime
    ) -> tuple[ListFacts, dict[str, str]]:
        from batchtui.batches.expiring import find_expiring

        session = self.session
        labels = dict(session.ledger.labels())
        saved = frozenset(filter(session.store.has, batch_ids))
        records = self.session.ledger.records(batch_ids).values()
        shown = frozenset(batch_ids)
        known = ListFacts(
            saved=saved,
            at_risk=find_expiring(session.ledger, session.store, scope=session.scope, now=now),
            tries=frozenset(one.batch_id for one in records if one.parents),
            parts={one.batch_id: one.part_number for one in records if one.part_number is not None},
            sources={one.batch_id: one.source.name for one in records if one.source},
            notes={one.batch_id: one.note.splitlines()[0] for one in records if one.note.strip()},
            usual=self._usual([one for one in loaded if one.id in shown and one.is_live]),
        )
        return known, labels

    async def read_old_batches(self, now: datetime) -> None:
        """Read the part of the server's list whose results end soon, for the next look."""
        from batchtui.batches.expiring import read_old_batches

        session = self.session
        await read_old_batches(session.client, session.ledger, scope=session.scope, now=now)

    def _usual(self, live: Sequence[MessageBatch]) -> "dict[str, Typical]":
        """Return how long batches like these take, of those of which that can be said."""
        if not live:
            return {}
        history = self._history()
        found = {batch.id: history.typical(batch.request_counts.total) for batch in live}
        return {batch_id: usual for batch_id, usual in found.items() if usual is not None}

    def _history(self) -> "DurationHistory":
        from batchtui.batches.durations import read_history

        return read_history(self.session.ledger, scope=self.session.scope)

    async def facts_of(self, batch: MessageBatch, now: datetime) -> DetailFacts:
        """Return what this disk knows of one batch, and what it makes of it."""
        return await asyncio.to_thread(self._facts_of, batch, now)

    def _facts_of(self, batch: MessageBatch, now: datetime) -> DetailFacts:
        from batchtui.batches.durations import outlook_of

        origin = self._origin_of(batch)
        if batch.has_ended:
            return DetailFacts(batch.id, origin, self.gists.known(batch.id))
        said = outlook_of(batch, self._history(), now)
        return DetailFacts(batch.id, origin, warning=said.warning)

    def _origin_of(self, batch: MessageBatch) -> BatchOrigin | None:
        from batchtui.submission.grouping import summarize_group

        ledger = self.session.ledger
        record = ledger.record(batch.id)
        if record is None:
            return None
        tries = ledger.lineage(batch.id).tries
        children = tuple(one.batch_id for one in tries if batch.id in one.parents)
        group = None
        if record.group_id is not None:
            submission = ledger.journal.submission(record.group_id)
            seen = decode_seen(ledger.seen.last_list(scope=self.session.scope))
            known = {one.id: one for one in seen} | {batch.id: batch}
            group = summarize_group(submission, known) if submission else None
        return BatchOrigin(record, children, group)

    async def set_label(self, batch_id: str, label: str) -> None:
        """Name a batch; an empty label takes the name away."""
        await asyncio.to_thread(self.session.ledger.set_label, batch_id, label)

    async def note_of(self, batch_id: str) -> str:
        """Return the note on a batch, as it is on this disk."""
        record = await asyncio.to_thread(self.session.ledger.record, batch_id)
        return record.note if record else ""

    async def set_note(self, batch_id: str, note: str) -> None:
        """Write a note on a batch."""
        await asyncio.to_thread(self.session.ledger.set_note, batch_id, note)

    async def size_of_results(self, batch_id: str) -> int:
        """Return how many bytes of results are on this disk."""
        stored = await asyncio.to_thread(self.session.store.stored, batch_id)
        return stored.size if stored else 0

    async def forget_results(self, batch_id: str) -> int:
        """Remove the copy of the results from this disk; gives the bytes that were freed."""
        self.gists.forget(batch_id)
        return await asyncio.to_thread(self.session.store.forget, batch_id)

    async def mark_gone(self, batch_id: str) -> None:
        """Remember that a batch is not on the server any more."""
        await asyncio.to_thread(self.session.ledger.seen.mark_gone, [batch_id])

    async def remember(self, batches: Iterable[MessageBatch]) -> None:
        """Keep what the server showed, for the first frame of the next start."""
        seen = [SeenBatch.of(batch) for batch in batches]
        ledger, scope = self.session.ledger, self.session.scope
        await asyncio.to_thread(ledger.seen.remember, seen, scope=scope)
