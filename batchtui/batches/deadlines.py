"""A batch's ages and deadlines: 24 hours to run, 29 days of results, counted from creation.

Every function takes ``now`` as the server would say it: the local clock corrected by `server_now`.
Timestamps come from a server that may be wrong: missing, reversed or absurd ones give None, never
an error.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from msgspec import Struct

from batchtui.api.models import MessageBatch

PROCESSING_WINDOW: Final = timedelta(hours=24)
"""How long a batch may run."""
RESULTS_LIFETIME: Final = timedelta(days=29)
"""How long the server keeps results, from creation."""
LOSS_WARNING: Final = timedelta(hours=48)
"""How long before their end results that are not on this disk count as about to be lost."""
RESULTS_SOON: Final = timedelta(days=7)
"""From when on the list shows how long results remain."""
_ARCHIVE_GRACE: Final = timedelta(days=1)
"""How long after the deadline results may still be worth asking for."""
_ZERO: Final = timedelta(0)


class ResultsPlace(StrEnum):
    """Where a batch's results are."""

    NOT_YET = "not yet"
    """It has not ended, or the server names no results yet."""
    HERE = "here"
    """A verified copy is on this disk."""
    AVAILABLE = "available"
    """On the server, for a week or longer."""
    UNTIL = "until"
    """On the server, for `ResultsAvailability.left` only."""
    GONE = "gone"
    """Neither here nor there."""


class ResultsAvailability(Struct, frozen=True):
    """Where the results are, and how long they remain on the server."""

    place: ResultsPlace
    until: datetime | None
    """When the server drops them; None where unknown."""
    left: timedelta | None
    """How long until then, never negative; None where unknown or already gone."""
    is_about_to_be_lost: bool
    """Whether they end within 48 hours and no copy is here."""


class AtRisk(Struct, frozen=True):
    """A batch whose results end soon and are not on this disk."""

    batch: MessageBatch
    until: datetime
    """When the server drops them."""
    left: timedelta
    """How long until then, never negative."""


def server_now(local_now: datetime, server_offset: timedelta | None) -> datetime:
    """Return the server's present moment.

    Args:
        local_now: What this machine's clock says.
        server_offset: Server minus local, as the client measured it; None where unknown.
    """
    return _shift(local_now, server_offset or _ZERO) or local_now


def age_of(batch: MessageBatch, now: datetime) -> timedelta | None:
    """Return how long ago it was created, never negative; None where that is unknown."""
    return None if batch.created_at is None else max(_ZERO, now - batch.created_at)


def elapsed_of(batch: MessageBatch, now: datetime) -> timedelta | None:
    """Return how long it has run, or ran: None where its timestamps do not tell (or contradict)."""
    if batch.created_at is None:
        return None
    if batch.is_live:
        return max(_ZERO, now - batch.created_at)
    if batch.ended_at is None or batch.ended_at < batch.created_at:
        return None
    return batch.ended_at - batch.created_at


def expiry_of(batch: MessageBatch) -> datetime | None:
    """Return when its 24 hours are over: as the server says, else 24 hours after creation."""
    if batch.expires_at is not None or batch.created_at is None:
        return batch.expires_at
    return _shift(batch.created_at, PROCESSING_WINDOW)


def expires_in(batch: MessageBatch, now: datetime) -> timedelta | None:
    """Return how long a live batch still has, never negative; None once ended or where unknown."""
    expiry = expiry_of(batch)
    return None if expiry is None or batch.has_ended else max(_ZERO, expiry - now)


def results_until(batch: MessageBatch) -> datetime | None:
    """Return when the server drops its results: 29 days from creation; None if unknown."""
    return None if batch.created_at is None else _shift(batch.created_at, RESULTS_LIFETIME)


def results_availability(
    batch: MessageBatch, now: datetime, *, is_here: bool
) -> ResultsAvailability:
    """Return where its results are.

    Args:
        batch: The batch.
        now: The server's present moment.
        is_here: Whether a verified copy is on this disk.
    """
    until = results_until(batch)
    left = None if until is None else max(_ZERO, until - now)
    if is_here:
        return ResultsAvailability(ResultsPlace.HERE, until, left, is_about_to_be_lost=False)
    if batch.is_live:
        return ResultsAvailability(ResultsPlace.NOT_YET, until, left, is_about_to_be_lost=False)
    if _is_gone(batch, until, now):
        return ResultsAvailability(ResultsPlace.GONE, until, None, is_about_to_be_lost=False)
    if not batch.results_url:
        place = ResultsPlace.NOT_YET
    elif left is not None and left < RESULTS_SOON:
        place = ResultsPlace.UNTIL
    else:
        place = ResultsPlace.AVAILABLE
    is_close = left is not None and left <= LOSS_WARNING
    return ResultsAvailability(place, until, left, is_about_to_be_lost=is_close)


def fetchable(
    batches: Iterable[MessageBatch], now: datetime, is_here: Callable[[str], bool]
) -> tuple[MessageBatch, ...]:
    """Return what a sync has to download, nearest loss first, then by id.

    Batches without a creation moment come first: nobody knows how long they have.

    Args:
        batches: All that are known.
        now: The server's present moment.
        is_here: Whether a verified copy of a batch's results is on this disk.
    """
    wanted = [batch for batch in batches if _place(batch, now, is_here) in _ON_SERVER]
    return tuple(sorted(wanted, key=_by_loss))


def at_risk(
    batches: Iterable[MessageBatch], now: datetime, is_here: Callable[[str], bool]
) -> tuple[AtRisk, ...]:
    """Return whose results end within `LOSS_WARNING` and are not here, nearest loss first.

    Arguments are those of `fetchable`.
    """
    found = []
    for batch in fetchable(batches, now, is_here):
        until = results_until(batch)
        if until is not None and until - now <= LOSS_WARNING:
            found.append(AtRisk(batch, until, max(_ZERO, until - now)))
    return tuple(found)


_ON_SERVER = {ResultsPlace.AVAILABLE, ResultsPlace.UNTIL}


def _place(batch: MessageBatch, now: datetime, is_here: Callable[[str], bool]) -> ResultsPlace:
    return results_availability(batch, now, is_here=is_here(batch.id)).place


def _by_loss(batch: MessageBatch) -> tuple[float, str]:
    return (batch.created_at.timestamp() if batch.created_at else float("-inf"), batch.id)


def _is_gone(batch: MessageBatch, until: datetime | None, now: datetime) -> bool:
    if batch.archived_at is not None:
        return True
    if until is None:
        return False
    # a server that still names them may still have them for a little longer
    grace = _ARCHIVE_GRACE if batch.results_url else _ZERO
    return now - until >= grace


def _shift(moment: datetime, by: timedelta) -> datetime | None:
    """Return ``moment + by``, or None beyond the calendar."""
    try:
        return moment + by
    except OverflowError:
        return None
