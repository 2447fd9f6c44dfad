"""The timeline of recent batches: when each was created, how long it ran, how it came out.

A plain view model in cells, for a plot of any width.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from batchtui.api.models import MessageBatch
from batchtui.batches.deadlines import PROCESSING_WINDOW, elapsed_of
from batchtui.batches.rules import BatchState, state_of

_SHORTEST: Final = timedelta(minutes=1)
"""A window is never narrower than this."""


class Bar(Struct, frozen=True):
    """One batch on the timeline."""

    batch_id: str
    state: BatchState
    requests: int
    start: datetime
    """When it was created."""
    duration: timedelta | None
    """How long it ran, or has run; None where its timestamps do not tell."""
    is_live: bool
    """Whether its end is open."""
    first_cell: int
    """The cell it begins in, from 0."""
    cells: int
    """How many cells it takes, at least 1."""


class Chronology(Struct, frozen=True):
    """The timeline: bars in the order they were given, over one window of time."""

    start: datetime
    end: datetime
    width: int
    bars: tuple[Bar, ...]

    def moment_at(self, cell: int) -> datetime:
        """Return the moment a cell begins at, for the axis."""
        return self.start + (self.end - self.start) * cell / self.width


def chronology(
    batches: Iterable[MessageBatch],
    now: datetime,
    width: int,
    *,
    window: timedelta | None = None,
) -> Chronology:
    """Lay batches out on a timeline that ends now.

    Args:
        batches: The batches; those without a creation moment, or wholly before the window, are
            left out.
        now: The server's present moment.
        width: Cells of the plot; at least 1.
        window: How far back it goes; None: to the oldest of the batches.
    """
    width = max(1, width)
    dated = [(batch, batch.created_at) for batch in batches if batch.created_at is not None]
    dated = [(batch, min(created, now)) for batch, created in dated]
    oldest = min((created for _, created in dated), default=now - PROCESSING_WINDOW)
    start = min(oldest if window is None else now - window, now - _SHORTEST)
    bars = (_bar(batch, created, start, now, width) for batch, created in dated)
    return Chronology(start, now, width, tuple(bar for bar in bars if bar is not None))


def _bar(
    batch: MessageBatch, created: datetime, start: datetime, end: datetime, width: int
) -> Bar | None:
    duration = elapsed_of(batch, end)
    last = end if batch.is_live else min(end, created + (duration or timedelta(0)))
    if last < start:
        return None
    span = end - start
    first_cell = min(width - 1, int(width * (max(created, start) - start) / span))
    last_cell = min(width - 1, int(width * (last - start) / span))
    return Bar(
        batch_id=batch.id,
        state=state_of(batch),
        requests=batch.request_counts.total,
        start=created,
        duration=duration,
        is_live=batch.is_live,
        first_cell=first_cell,
        cells=last_cell - first_cell + 1,
    )
