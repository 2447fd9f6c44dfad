"""Results that the server is about to drop and that are not on this disk.

What is at risk stands at the end of the list, which nobody scrolls to: it is decided from what the
ledger has seen, after the part of the list that is old enough was read once more. A batch that the
ledger knows leads there, so this is nearly always one call, however long the list is.
"""

from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from msgspec import Struct

from batchtui.api.errors import ApiError
from batchtui.api.models import MessageBatch
from batchtui.api.paging import iterate_pages
from batchtui.batches.calls import BatchReader, is_cursor_refused
from batchtui.batches.deadlines import LOSS_WARNING, RESULTS_LIFETIME, at_risk
from batchtui.formatting import plural
from batchtui.library.ledger import Ledger
from batchtui.library.ledger_values import SeenBatch, decode_seen
from batchtui.library.store import ResultsStore

_GRACE: Final = timedelta(days=1)
"""How long servers may keep results beyond their time."""
_CURSORS: Final = 3
"""Batches tried as the place to read on from, each deleted by now, before reading from the top."""
_SAMPLED: Final = 100
"""Results on this disk from which the size of a row is taken."""


class ExpiringResult(Struct, frozen=True):
    """The results of one batch that will be lost soon."""

    batch: MessageBatch
    label: str
    """The user's name for it, or ""; untrusted text."""
    until: datetime
    """When the server drops them."""
    left: timedelta
    """How long until then, never negative."""
    about_bytes: int | None
    """How large they will be, by the rows on this disk; None where there is nothing to go by."""

    @property
    def hours_left(self) -> int:
        """Whole hours until then."""
        return int(self.left.total_seconds() // 3600)


def describe_expiring(count: int, *, where: str = "") -> str:
    """Say how many results are about to be lost: ``2 results expire within 48 h``.

    Args:
        count: How many.
        where: More about them, such as "not saved here".
    """
    results = " ".join(part for part in (plural(count, "result"), where) if part)
    verb = "expires" if count == 1 else "expire"
    return f"{results} {verb} within {LOSS_WARNING // timedelta(hours=1)} h"


def find_expiring(
    ledger: Ledger, store: ResultsStore, *, scope: str, now: datetime
) -> tuple[ExpiringResult, ...]:
    """Return whose results end within 48 hours for all this disk knows, nearest loss first.

    Reads the disk: a screen calls it in a thread.

    Args:
        ledger: What was seen of the server's list.
        store: The results on this disk.
        scope: The account.
        now: The server's present moment.

    Raises:
        LedgerError: The ledger cannot be read.
    """
    seen = ledger.seen.between(*_span(now), scope=scope)
    found = at_risk(decode_seen(seen), now, store.has)
    if not found:
        return ()
    labels = ledger.labels(one.batch.id for one in found)
    row_bytes = _bytes_per_row(store)
    return tuple(
        ExpiringResult(
            batch=one.batch,
            label=labels.get(one.batch.id, ""),
            until=one.until,
            left=one.left,
            about_bytes=int(row_bytes * one.batch.request_counts.total) if row_bytes else None,
        )
        for one in found
    )


async def read_old_batches(
    calls: BatchReader, ledger: Ledger, *, scope: str, now: datetime
) -> None:
    """Read the part of the server's list that `find_expiring` is about, and remember it.

    What is missing there between others was deleted elsewhere: it is not at risk.

    Args:
        calls: Where batches are read.
        ledger: Knows a batch to begin after, and remembers what is read.
        scope: The account.
        now: The server's present moment.

    Raises:
        ApiError: A page cannot be had.
        LedgerError: The ledger cannot be read.
    """
    import asyncio  # here: commands that look at this disk alone start without it

    start, end = _span(now)
    young = await asyncio.to_thread(ledger.seen.between, end, now, scope=scope, limit=_CURSORS)
    for cursor in (*(one.batch_id for one in young), None):
        try:
            listed = await _read_down(calls, ledger, scope, cursor, start)
        except ApiError as error:
            if cursor is None or not is_cursor_refused(error):
                raise
            continue
        # older than all that was listed: a server that lists only some says nothing of these
        oldest = min(listed.values(), default=end)
        span = max(start, oldest), end
        await asyncio.to_thread(_mark_missing, ledger, scope, span, listed.keys())
        return


async def _read_down(
    calls: BatchReader, ledger: Ledger, scope: str, cursor: str | None, start: datetime
) -> dict[str, datetime]:
    """Read from after a batch down to the moment ``start``, or until nothing new comes.

    Returns:
        The ids that are there, and when they were created; nothing where some cannot be read.
    """
    import asyncio

    listed: dict[str, datetime] = {}
    is_readable = True
    async for page in iterate_pages(calls, after_id=cursor):
        seen = map(SeenBatch.of, page.data)
        await asyncio.to_thread(ledger.seen.remember, seen, scope=scope)
        is_readable = is_readable and not page.unreadable
        listed |= {batch.id: batch.created_at for batch in page.data if batch.created_at}
        if min(listed.values(), default=start) < start:
            break
    return listed if is_readable else {}


def _mark_missing(
    ledger: Ledger, scope: str, span: tuple[datetime, datetime], listed: AbstractSet[str]
) -> None:
    """Note as gone what was created between two moments and is not listed."""
    known = ledger.seen.between(*span, scope=scope)
    ledger.seen.mark_gone({one.batch_id for one in known} - listed)


def _span(now: datetime) -> tuple[datetime, datetime]:
    """Return when batches were created whose results end within 48 hours, or may still be there."""
    horizon = now - RESULTS_LIFETIME
    return horizon - _GRACE, horizon + LOSS_WARNING


def _bytes_per_row(store: ResultsStore) -> float:
    """Return how large a row of this account is on average; 0 where none is here."""
    sampled = list(islice(store.all(), _SAMPLED))
    rows = sum(one.rows for one in sampled)
    return sum(one.size for one in sampled) / rows if rows else 0.0
