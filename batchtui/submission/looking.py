"""Did that create make a batch? Looks at the list for what may have come of one part.

A candidate has exactly the part's number of requests, was created between the beginning of its
sending and a while after its last byte (by the server's clock), is not known to stand for another
part, and had not been seen before the sending began. One candidate is certain only if no other part
of the same size is open as well: with two, either could be the other's.
"""

import asyncio
from datetime import datetime, timedelta

from msgspec import Struct

from batchtui.api.models import MessageBatch
from batchtui.library.ledger import Ledger
from batchtui.library.ledger_values import PartRecord, PartState
from batchtui.submission.pace import Pace
from batchtui.submission.service import Service

_PAGE = 100
_OPEN_STATES = frozenset({PartState.SENDING, PartState.SENT, PartState.AMBIGUOUS})


class Found(Struct, frozen=True):
    """What the list says of one part."""

    candidates: tuple[MessageBatch, ...]
    """Batches that may be the part's, newest first."""
    has_rival: bool
    """Whether another open part could have made them as well."""

    @property
    def is_certain(self) -> bool:
        """Whether there is one candidate, and it can be nothing else."""
        return (
            len(self.candidates) == 1
            and self.candidates[0].created_at is not None
            and not self.has_rival
        )


async def look_for(
    service: Service, ledger: Ledger, part: PartRecord, pace: Pace, now: datetime
) -> Found:
    """Look at the list once.

    Args:
        service: The API.
        ledger: Knows which batches are accounted for.
        part: Its sending has begun.
        pace: How far clocks may be apart.
        now: By our clock.

    Raises:
        ApiError: The list cannot be had.
        LedgerError: The ledger cannot be read.
    """
    began = part.sending_at or now
    same_size: list[MessageBatch] = []
    seen: set[str] = set()
    cursor: str | None = None
    while True:
        page = await service.list_page(limit=_PAGE, after_id=cursor)
        fresh = [batch for batch in page.data if batch.id not in seen]
        seen.update(batch.id for batch in fresh)
        earliest, latest = _window(service, began, part.sent_at or now, pace)
        same_size += [
            batch
            for batch in fresh
            if batch.request_counts.total == part.plan.requests
            and (batch.created_at is None or earliest <= batch.created_at <= latest)
        ]
        is_past = any(batch.created_at and batch.created_at < earliest for batch in fresh)
        cursor = page.last_id
        if is_past or not fresh or not page.has_more or cursor is None:
            break
    return await asyncio.to_thread(_leave_out_known, ledger, part, began, same_size)


def _window(
    service: Service, began: datetime, ended: datetime, pace: Pace
) -> tuple[datetime, datetime]:
    """Return when, by the server's clock, the part's batch can have been made."""
    offset = service.server_offset or timedelta(0)
    slack = timedelta(seconds=pace.clock_slack)
    latest = ended + offset + slack + timedelta(seconds=pace.latest)
    return began + offset - slack, latest


def _leave_out_known(
    ledger: Ledger, part: PartRecord, began: datetime, batches: list[MessageBatch]
) -> Found:
    known = ledger.seen_by([batch.id for batch in batches], began)
    known |= ledger.journal.taken_ids()
    return Found(
        tuple(batch for batch in batches if batch.id not in known), _has_rival(ledger, part)
    )


def _has_rival(ledger: Ledger, part: PartRecord) -> bool:
    own = (part.submission_id, part.plan.number)
    return any(
        other.state in _OPEN_STATES
        and other.plan.requests == part.plan.requests
        and (other.submission_id, other.plan.number) != own
        for record in ledger.journal.submissions(open_only=True)
        for other in record.parts
    )
