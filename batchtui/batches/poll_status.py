"""What the status line says of the watching; apart from the watching, to be loaded quickly."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from batchtui.batches.governor import Problem


class PollStatus(Struct, frozen=True):
    """What the status line says; moments are of the local wall clock."""

    updated_at: datetime | None = None
    """When the server last answered; None before that."""
    next_at: datetime | None = None
    """When it is asked next; None while paused or stopped."""
    problem: "Problem | None" = None
    """Why the last call gave nothing."""
    is_paused: bool = False
    live_count: int = 0
    """How many batches are live."""
    calls_last_minute: int = 0

    @property
    def is_stopped(self) -> bool:
        """Whether polling waits for a person, because of `problem`."""
        return self.problem is not None and self.problem.is_permanent

    def age(self, now: datetime) -> timedelta | None:
        """How old what is shown is, never negative; None where nothing has come yet."""
        return None if self.updated_at is None else max(timedelta(0), now - self.updated_at)
