"""How long batches take: "typical for you", from the user's own ended batches of similar size.

The API documents no speed, and its counts stay at zero until the end, so the only honest forecast
is experience. Nothing is said where there is too little of it: fewer than `ENOUGH` batches whose
number of requests is within a factor of about three.
"""

import math
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from batchtui.api.models import MessageBatch
from batchtui.batches.deadlines import PROCESSING_WINDOW, elapsed_of, expires_in
from batchtui.library.ledger import Ledger
from batchtui.library.ledger_values import decode_seen

ENOUGH: Final = 5
"""Similar batches needed before anything is said."""
_REACH: Final = 0.5
"""How far apart two sizes may be, in powers of ten."""
_SHORT_OF_TIME: Final = timedelta(hours=2)
"""What is left of the 24 hours when running that long is itself a warning."""
_WINDOW_SECONDS: Final = PROCESSING_WINDOW.total_seconds()


class Typical(Struct, frozen=True):
    """How long similar batches took."""

    p50: timedelta
    """Half of them took no longer."""
    p90: timedelta
    """Nine in ten took no longer."""
    samples: int
    """How many there were."""


class Outlook(Struct, frozen=True):
    """What can be said of a live batch. Fields are None where nothing honest can be said."""

    typical: Typical | None = None
    """Similar batches, whatever this one's age."""
    likely_by: datetime | None = None
    """When half of the similar ones that took at least this long had ended."""
    surely_by: datetime | None = None
    """When nine in ten of those had."""
    warning: str = ""
    """Why it may expire before it ends; "" where nothing speaks for it."""


@dataclass(frozen=True, slots=True)
class DurationHistory:
    """Durations of ended batches by size. Made by `history_of`."""

    samples: tuple[tuple[int, float], ...] = ()
    """(number of requests, seconds from creation to end)."""
    _cache: dict[int, tuple[float, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def similar(self, requests: int) -> tuple[float, ...]:
        """Return seconds that batches of similar size took, ascending."""
        found = self._cache.get(requests)
        if found is None:
            size = _size(requests)
            found = tuple(
                sorted(s for number, s in self.samples if abs(_size(number) - size) <= _REACH)
            )
            self._cache[requests] = found
        return found

    def typical(self, requests: int) -> Typical | None:
        """Return how long batches of about this many requests take; None without enough of them."""
        seconds = self.similar(requests)
        if len(seconds) < ENOUGH:
            return None
        return Typical(_quantile(seconds, 0.5), _quantile(seconds, 0.9), len(seconds))


def sample_of(batch: MessageBatch) -> tuple[int, float] | None:
    """Return what an ended batch adds to the history.

    Returns:
        (requests, seconds), or None where it says nothing of how long such a batch takes: it is
        live, was canceled, or its timestamps make no sense, such as an end in the same moment.
    """
    counts = batch.request_counts
    if batch.is_live or batch.cancel_initiated_at is not None or counts.canceled:
        return None
    elapsed = elapsed_of(batch, batch.ended_at) if batch.ended_at is not None else None
    if not elapsed or counts.total == 0:
        return None
    return counts.total, elapsed.total_seconds()


def history_of(batches: Iterable[MessageBatch]) -> DurationHistory:
    """Return the history that batches make; those that say nothing are passed over."""
    samples = map(sample_of, batches)
    return DurationHistory(tuple(sample for sample in samples if sample is not None))


def read_history(ledger: Ledger, *, scope: str) -> DurationHistory:
    """Return the history of an account, from the batches that this disk has seen.

    Raises:
        LedgerError: The ledger cannot be read.
    """
    return history_of(decode_seen(ledger.seen.ended(scope=scope)))


def outlook_of(batch: MessageBatch, history: DurationHistory, now: datetime) -> Outlook:
    """Return what can be said of a live batch at the server's moment ``now``."""
    elapsed = elapsed_of(batch, now)
    if batch.has_ended or elapsed is None or batch.created_at is None:
        return Outlook()
    requests = batch.request_counts.total
    typical = history.typical(requests)
    # those that were done by now say nothing of a batch that is not
    seconds = history.similar(requests)
    longer = seconds[bisect_right(seconds, elapsed.total_seconds()) :]
    warning = _warning(batch, longer, elapsed, now)
    if len(longer) < ENOUGH or batch.is_canceling:
        return Outlook(typical, warning=warning)
    return Outlook(
        typical,
        batch.created_at + _quantile(longer, 0.5),
        batch.created_at + _quantile(longer, 0.9),
        warning,
    )


def _warning(
    batch: MessageBatch, longer: tuple[float, ...], elapsed: timedelta, now: datetime
) -> str:
    left = expires_in(batch, now)
    if left is None or batch.is_canceling:
        return ""
    counts = batch.request_counts
    done = counts.total - counts.processing
    if 0 < done < counts.total and elapsed * counts.processing / done > left:
        return "At this pace it expires before all requests are done"
    expired = sum(1 for seconds in longer if seconds >= _WINDOW_SECONDS * 0.99)
    if len(longer) >= ENOUGH and expired * 2 >= len(longer):
        return "Most similar batches that took this long expired"
    if left <= _SHORT_OF_TIME:
        return "It expires soon: requests not done by then are not made"
    return ""


def _size(requests: int) -> float:
    return math.log10(max(1, requests))


def _quantile(ascending: tuple[float, ...], share: float) -> timedelta:
    """Return the smallest value that ``share`` of the values do not exceed."""
    place = min(len(ascending) - 1, math.ceil(share * len(ascending)) - 1)
    return timedelta(seconds=ascending[place])
