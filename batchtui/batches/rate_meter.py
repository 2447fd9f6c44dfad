"""The count of calls that keeps all who call together to the rate the API allows."""

from collections import deque

CALLS_PER_MINUTE = 50
"""What the lowest rate tiers of the API allow."""
_WINDOW = 60.0


class RateMeter:
    """Counts the calls of the last minute, whoever made them.

    Memory is bounded by the calls of one minute.
    """

    def __init__(self) -> None:
        self._moments: deque[float] = deque()

    def note(self, at: float) -> None:
        """Count a call made at the monotonic moment ``at``; calls come in their order."""
        self._moments.append(at)
        self._forget(at)

    def last_minute(self, at: float) -> int:
        """Return how many calls were made in the minute before ``at``."""
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
