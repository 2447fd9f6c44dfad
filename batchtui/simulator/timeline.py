"""The time of a simulated world: any source of time, run faster, and moved forward at will."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta


def utc_now() -> datetime:
    """Return the machine's own time, aware, in UTC."""
    return datetime.now(UTC)


class Timeline:
    """World time: starts at the source's present moment and then runs ``speed`` times as fast.

    It never goes back, whatever the source does, so that what has ended stays ended.

    Args:
        now: The source of time; must return aware datetimes.
        speed: World seconds per second of the source; more than zero.

    Raises:
        ValueError: ``speed`` is not above zero.
    """

    def __init__(self, now: Callable[[], datetime] = utc_now, speed: float = 1.0) -> None:
        if not speed > 0:
            raise ValueError(f"speed must be above 0, got {speed}")
        self._source = now
        self._speed = speed
        self._skipped = timedelta(0)
        self.start = now().astimezone(UTC)
        self._latest = self.start

    def now(self) -> datetime:
        """Return the present moment of the world, aware, in UTC."""
        passed = (self._source() - self.start) * self._speed
        self._latest = max(self._latest, self.start + passed + self._skipped)
        return self._latest

    def skip(self, by: timedelta) -> None:
        """Move the world forward at once.

        Raises:
            ValueError: ``by`` is negative.
        """
        if by < timedelta(0):
            raise ValueError("time cannot be moved back")
        self._skipped += by
