"""The life of a batch as a pure function of time: nothing runs in the background."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from batchtui.simulator.failures import ANSWERED, CANCELED, EXPIRED, TRUNCATED
from batchtui.simulator.work import Work

LIVES: Final = timedelta(hours=24)
RESULTS_LAST: Final = timedelta(days=29)

Status = Literal["in_progress", "canceling", "ended"]


@dataclass(frozen=True, slots=True)
class Tally:
    """How many requests stand where."""

    processing: int = 0
    succeeded: int = 0
    errored: int = 0
    canceled: int = 0
    expired: int = 0

    @property
    def total(self) -> int:
        """The number of requests: always the same for one batch."""
        return self.processing + self.succeeded + self.errored + self.canceled + self.expired


@dataclass(frozen=True, slots=True)
class Batch:
    """One batch and what was decided about it at its creation."""

    id: str
    """Its id."""
    workspace: str
    """The id of the workspace it lives in."""
    created_at: datetime
    """When it came."""
    work: Work
    """Its requests."""
    takes: timedelta
    """From creation to the end if nobody interferes; longer than 24 h means it expires."""
    cancel_takes: timedelta = timedelta(seconds=15)
    """From a cancel to the end."""
    cancel_initiated_at: datetime | None = None
    """When somebody canceled it."""

    @property
    def expires_at(self) -> datetime:
        """When the API gives up on what is left."""
        return self.created_at + LIVES

    @property
    def archives_at(self) -> datetime:
        """When the results are thrown away."""
        return self.created_at + RESULTS_LAST

    @property
    def ends_at(self) -> datetime:
        """When it ends or ended, as things stand."""
        end = min(self.created_at + self.takes, self.expires_at)
        if self.cancel_initiated_at is not None:
            end = min(end, self.cancel_initiated_at + self.cancel_takes)
        return end

    def status_at(self, moment: datetime) -> Status:
        """Return the processing status."""
        if moment >= self.ends_at:
            return "ended"
        if self.cancel_initiated_at is not None and moment >= self.cancel_initiated_at:
            return "canceling"
        return "in_progress"

    def processed_at(self, moment: datetime) -> int:
        """Return how many requests have had their turn; never fewer later."""
        moment = min(moment, self.ends_at)
        natural_end = self.created_at + self.takes
        if self.cancel_initiated_at is not None and self.ends_at < natural_end:
            # What is in flight completes; that takes the first quarter of the canceling.
            moment = min(moment, self.cancel_initiated_at + self.cancel_takes / 4)
        if moment >= natural_end or not self.takes:
            return self.work.total
        passed = max(moment - self.created_at, timedelta(0))
        return int(self.work.total * (passed / self.takes))

    def final_fates(self) -> bytes:
        """Return what became of each request in the end, one number of `failures` each."""
        fates = self.work.fates()
        processed = self.processed_at(self.ends_at)
        left = EXPIRED if self.ends_at == self.expires_at else CANCELED
        fates[processed:] = bytes([left]) * (len(fates) - processed)
        return bytes(fates)

    def final_tally(self) -> Tally:
        """Return the counts once it has ended."""
        return tally_of(self.final_fates())

    def running_tally(self, moment: datetime) -> Tally:
        """Return the counts of a service that moves them while the batch runs."""
        processed = self.processed_at(moment)
        so_far = tally_of(bytes(self.work.fates()[:processed]))
        return Tally(
            processing=self.work.total - processed,
            succeeded=so_far.succeeded,
            errored=so_far.errored,
        )


class FinalTallies:
    """The final counts of batches, each counted once: that is costly for large ones."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, datetime | None], Tally] = {}

    def of(self, batch: Batch) -> Tally:
        """Return the counts of an ended batch."""
        key = (batch.id, batch.cancel_initiated_at)
        tally = self._known.get(key)
        if tally is None:
            tally = self._known[key] = batch.final_tally()
        return tally


def tally_of(fates: bytes) -> Tally:
    """Count fates."""
    succeeded = fates.count(ANSWERED) + fates.count(TRUNCATED)
    canceled = fates.count(CANCELED)
    expired = fates.count(EXPIRED)
    return Tally(
        succeeded=succeeded,
        errored=len(fates) - succeeded - canceled - expired,
        canceled=canceled,
        expired=expired,
    )


@dataclass(frozen=True, slots=True)
class BatchView:
    """What the API says of a batch at one moment."""

    batch: Batch
    """The batch."""
    status: Status
    """Its processing status."""
    tally: Tally
    """Its counts."""
    ended_at: datetime | None
    """Set once it ended."""
    archived_at: datetime | None
    """Set once its results are gone."""
    has_results: bool
    """Whether the results can be fetched."""


def view(
    batch: Batch,
    moment: datetime,
    final: Tally | None,
    *,
    counts_move: bool = False,
    results_lag: timedelta = timedelta(0),
) -> BatchView:
    """Return what the API says of a batch at a moment.

    Args:
        batch: The batch.
        moment: World time.
        final: Its final counts if they are known already: they are costly for large batches.
        counts_move: Whether the counts of a live batch move, which is documented not to happen.
        results_lag: From the end until there are results.
    """
    status = batch.status_at(moment)
    if status == "ended":
        archived = batch.archives_at if moment >= batch.archives_at else None
        tally = final if final is not None else batch.final_tally()
        has_results = archived is None and moment >= batch.ends_at + results_lag
        return BatchView(batch, status, tally, batch.ends_at, archived, has_results)
    untouched = Tally(processing=batch.work.total)
    tally = batch.running_tally(moment) if counts_move else untouched
    return BatchView(batch, status, tally, None, None, has_results=False)
