"""Whose results are about to be lost, and in which order to fetch them."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from msgspec import Struct

from batchtui.api.models import MessageBatch
from batchtui.batches.deadlines import (
    LOSS_WARNING,
    ResultsPlace,
    results_availability,
    results_until,
)


class AtRisk(Struct, frozen=True):
    """A batch whose results end soon and are not on this disk."""

    batch: MessageBatch
    until: datetime
    """When the server drops them."""
    left: timedelta
    """How long until then, never negative."""


def fetchable(
    batches: Iterable[MessageBatch], now: datetime, is_here: Callable[[str], bool]
) -> tuple[MessageBatch, ...]:
    """What a sync has to download, nearest loss first, then by id.

    Batches without a creation moment come first: nobody knows how long they have.

    Args:
        batches: All that are known.
        now: The server's present moment.
        is_here: Whether a verified copy of a batch's results is on this disk.
    """
    wanted = [batch for batch in batches if _place(batch, now, is_here) in _ON_SERVER]
    return tuple(sorted(wanted, key=_by_loss))


def at_risk(
    batches: Iterable[MessageBatch],
    now: datetime,
    is_here: Callable[[str], bool],
    *,
    within: timedelta = LOSS_WARNING,
) -> tuple[AtRisk, ...]:
    """Whose results end within ``within`` and are not here, nearest loss first.

    Arguments are those of `fetchable`.
    """
    found = []
    for batch in fetchable(batches, now, is_here):
        until = results_until(batch)
        if until is not None and until - now <= within:
            found.append(AtRisk(batch, until, max(timedelta(0), until - now)))
    return tuple(found)


_ON_SERVER = {ResultsPlace.AVAILABLE, ResultsPlace.UNTIL}


def _place(batch: MessageBatch, now: datetime, is_here: Callable[[str], bool]) -> ResultsPlace:
    return results_availability(batch, now, is_here=is_here(batch.id)).place


def _by_loss(batch: MessageBatch) -> tuple[float, str]:
    return (batch.created_at.timestamp() if batch.created_at else float("-inf"), batch.id)
