"""What the batch list asks of its services, away from the event loop where it touches a disk."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from batchtui.api.models import BatchPage, MessageBatch, decode_batch, encode_batch
from batchtui.batches.lister import Lister
from batchtui.batches.listing import Listing
from batchtui.batches.polling import Poller
from batchtui.batches.waiting import CallMeter
from batchtui.library.ledger_values import SeenBatch
from batchtui.session import Session
from batchtui.tui.screens.batches.detail import DetailFacts


@dataclass(frozen=True, slots=True)
class Known:
    """What this disk knows of batches.

    Attributes:
        labels: Labels by id; untrusted text.
        here: Ids of those whose verified results are on this disk.
    """

    labels: dict[str, str]
    here: frozenset[str]


class BatchServices:
    """The services of one session, made for one batch list.

    Args:
        session: The account.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.meter = CallMeter()
        self.lister = Lister(session.client)
        self.poller = Poller(
            session.client,
            clock=session.clock,
            interval=session.settings.poll_interval,
            meter=self.meter,
            server_offset=lambda: session.client.server_offset,
        )

    async def known_of(self, batch_ids: Iterable[str]) -> Known:
        """What this disk knows of these batches, and the labels of all."""
        return await asyncio.to_thread(self._known_of, tuple(batch_ids))

    def _known_of(self, batch_ids: Sequence[str]) -> Known:
        labels = dict(self.session.ledger.labels())
        store = self.session.store
        here = frozenset(one for one in batch_ids if store.stored(one) is not None)
        return Known(labels, here)

    async def facts_of(self, batch: MessageBatch, now: datetime) -> DetailFacts:
        """What this disk knows of one batch."""
        record = await asyncio.to_thread(self.session.ledger.record, batch.id)
        return DetailFacts(record)

    async def set_label(self, batch_id: str, label: str) -> None:
        """Name a batch; an empty label takes the name away."""
        await asyncio.to_thread(self.session.ledger.set_label, batch_id, label)

    async def set_note(self, batch_id: str, note: str) -> None:
        """Write a note on a batch."""
        await asyncio.to_thread(self.session.ledger.set_note, batch_id, note)

    async def forget_results(self, batch_id: str) -> int:
        """Remove the copy of the results from this disk; gives the bytes that were freed."""
        return await asyncio.to_thread(self.session.store.forget, batch_id)

    async def mark_gone(self, batch_id: str) -> None:
        """Remember that a batch is not on the server any more."""
        await asyncio.to_thread(self.session.ledger.mark_gone, [batch_id])

    async def remember(self, batches: Iterable[MessageBatch]) -> None:
        """Keep what the server showed, for the first frame of the next start."""
        seen = [
            SeenBatch(
                batch.id,
                encode_batch(batch),
                batch.created_at,
                batch.ended_at,
                batch.request_counts.total,
            )
            for batch in batches
        ]
        ledger, scope = self.session.ledger, self.session.scope
        await asyncio.to_thread(ledger.remember_batches, seen, scope=scope)

    async def remembered(self, listing: Listing) -> Listing:
        """The list as it was last seen, in the pages of ``listing``."""
        ledger, scope = self.session.ledger, self.session.scope
        limit = listing.page_size
        seen = await asyncio.to_thread(ledger.last_list, limit, scope=scope)
        batches = tuple(_decoded(seen))
        return listing.absorb(BatchPage(data=batches, has_more=True)) if batches else listing


def _decoded(seen: Iterable[SeenBatch]) -> Iterable[MessageBatch]:
    for one in seen:
        try:
            yield decode_batch(one.raw)
        except ValueError:
            # an entry of another version is not worth a message: the server is asked anyway
            continue
