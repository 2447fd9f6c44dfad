"""The calls the services of this package make: what `api.client.BatchesClient` gives, no more.

And what refuses a cursor, and the count of calls that keeps all services together to the
rate the API allows.
"""

from collections import deque
from typing import Protocol

from batchtui.api.errors import ApiError, BadRequest, NotFound
from batchtui.api.models import DeletedMessageBatch, MessageBatch
from batchtui.api.paging import PageReader

CALLS_PER_MINUTE = 50
"""What the lowest rate tiers of the API allow."""
_WINDOW = 60.0


def is_cursor_refused(error: ApiError) -> bool:
    """Return whether a page may be refused because the batch to go on after is not there.

    A 400 counts whatever it says: to begin from the top again does no harm.
    """
    is_refused = isinstance(error, BadRequest) and error.status == 400
    return is_refused or isinstance(error, NotFound)


class BatchReader(PageReader, Protocol):
    """Where batches are read from. Every call raises `api.errors.ApiError` when it fails."""

    async def retrieve(self, batch_id: str) -> MessageBatch:
        """Return one batch."""
        ...


class BatchCalls(BatchReader, Protocol):
    """Where batches are read and acted on."""

    async def cancel(self, batch_id: str) -> MessageBatch:
        """Ask for a batch to be canceled; gives its new state."""
        ...

    async def delete(self, batch_id: str) -> DeletedMessageBatch:
        """Delete an ended batch and its results."""
        ...


class RateMeter:
    """Counts the calls of the last minute, over all services that share it.

    Memory is bounded by the calls of one minute.
    """

    def __init__(self) -> None:
        self._moments: deque[float] = deque()

    def note(self, at: float) -> None:
        """Count a call sent at the monotonic moment ``at``."""
        self._moments.append(at)
        self._forget(at)

    def last_minute(self, at: float) -> int:
        """Return how many calls were sent in the minute before ``at``."""
        self._forget(at)
        return len(self._moments)

    def seconds_until_free(self, at: float, *, reserve: int = 0) -> float:
        """Return how long to wait before one more call keeps to the limit.

        Args:
            at: The present monotonic moment.
            reserve: Calls to leave to others.
        """
        excess = self.last_minute(at) - (CALLS_PER_MINUTE - reserve)
        return 0.0 if excess < 0 else self._moments[excess] + _WINDOW - at

    def _forget(self, at: float) -> None:
        while self._moments and self._moments[0] <= at - _WINDOW:
            self._moments.popleft()
