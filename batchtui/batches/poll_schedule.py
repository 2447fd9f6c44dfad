"""When to ask next: a pure schedule over everything that is live.

One list call refreshes all live batches, so the interval depends on what is worth knowing soon:
batches just created or canceled, and anything shortly after a change, are asked about at the
interval of the settings; older ones more slowly, up to once a minute; nothing live, once a minute
or less.
An unfocused terminal is served four times slower and catches up on return. Failures back off and
say why; errors that waiting does not heal stop the schedule until a person resumes it.

Moments are monotonic seconds. `poller.Poller` acts by it.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from batchtui.api.errors import ApiError
from batchtui.api.models import MessageBatch
from batchtui.batches.deadlines import age_of

SHORTEST: Final = 2.0
"""Seconds: no setting makes it quicker."""
SLOWEST_LIVE: Final = 60.0
"""Seconds between calls while anything is live, whatever its age, in a focused terminal."""
IDLE: Final = 60.0
"""Seconds between calls while nothing is live."""
UNFOCUSED: Final = 4.0
"""How much slower an unfocused terminal is served."""
_YOUNG: Final = 600.0
"""Seconds of age, or since the last change, within which the setting's interval holds."""
_FIRST_BACKOFF: Final = 5.0
_LONGEST_BACKOFF: Final = 300.0
_LONGEST_RETRY_AFTER: Final = 3600.0
_JITTER: Final = 0.1


class PollProblem(Struct, frozen=True):
    """Why the last call gave nothing."""

    message: str
    """What happened; may quote untrusted text."""
    hint: str = ""
    """What to do about it."""
    is_permanent: bool = False
    """Whether asking again is pointless until a person changes something."""
    retry_after: float | None = None
    """Seconds the server asked to wait."""
    what_happened: str = ""
    """The message without what differs each time."""

    @classmethod
    def of(cls, error: ApiError) -> "PollProblem":
        """Return the problem an error stands for."""
        return cls(
            error.message, error.hint, error.is_permanent, error.retry_after, error.what_happened
        )


class PollStatus(Struct, frozen=True):
    """What the status line says; moments are of the local wall clock."""

    updated_at: datetime | None = None
    """When the server last answered; None before that."""
    next_at: datetime | None = None
    """When it is asked next; None while paused or stopped."""
    problem: PollProblem | None = None
    """Why the last call gave nothing."""
    is_paused: bool = False
    live_count: int = 0
    """How many batches are live."""

    @property
    def is_stopped(self) -> bool:
        """Whether polling waits for a person, because of `problem`."""
        return self.problem is not None and self.problem.is_permanent

    def age(self, now: datetime) -> timedelta | None:
        """Return how old what is shown is, never negative; None where nothing has come yet."""
        return None if self.updated_at is None else max(timedelta(0), now - self.updated_at)


class LiveAges(Struct, frozen=True):
    """What the schedule has to know of the live batches."""

    count: int = 0
    freshest: float | None = None
    """Seconds since the last of them was created or canceled; None where that is unknown."""

    @classmethod
    def of(cls, live: Iterable[MessageBatch], now: datetime) -> "LiveAges":
        """Sum up ``live`` at the server's moment ``now``."""
        batches = list(live)
        freshness = (_freshness(batch, now) for batch in batches)
        return cls(len(batches), min((age for age in freshness if age is not None), default=None))


def _freshness(batch: MessageBatch, now: datetime) -> float | None:
    """Return seconds since its creation, or since its cancel: it will end soon after."""
    age = age_of(batch, now)
    if batch.is_canceling:
        since = batch.cancel_initiated_at
        return 0.0 if since is None else max(0.0, (now - since).total_seconds())
    return None if age is None else age.total_seconds()


class PollSchedule(Struct, frozen=True):
    """The state of the schedule; every event gives a new one."""

    interval: float = 5.0
    """Seconds between calls while something young is live: the setting."""
    is_paused: bool = False
    is_focused: bool = True
    is_asked: bool = True
    """Whether somebody wants the next call at once."""
    problem: PollProblem | None = None
    """Why the last call failed; None after a success."""
    failures: int = 0
    """Failures in a row."""
    attempted_at: float = 0.0
    """When the last call came back."""
    changed_at: float | None = None
    """When a batch last changed its state."""
    jitter: float = 0.5
    """From 0 to 1, drawn with every call, so that many terminals do not ask in step."""

    @property
    def is_stopped(self) -> bool:
        """Whether it waits for a person because of a permanent error."""
        return self.problem is not None and self.problem.is_permanent

    def succeeded(self, at: float, *, changed: bool, jitter: float) -> "PollSchedule":
        """Note that a call came back; ``changed``: a batch started, ended or began to cancel."""
        return replace(
            self,
            is_asked=False,
            problem=None,
            failures=0,
            attempted_at=at,
            changed_at=at if changed else self.changed_at,
            jitter=jitter,
        )

    def failed(self, at: float, problem: PollProblem, *, jitter: float) -> "PollSchedule":
        """Note that a call failed."""
        return replace(
            self,
            is_asked=False,
            problem=problem,
            failures=self.failures + 1,
            attempted_at=at,
            jitter=jitter,
        )

    def pause(self) -> "PollSchedule":
        """Ask no more until resumed."""
        return replace(self, is_paused=True, is_asked=False)

    def resume(self) -> "PollSchedule":
        """Go on at once, after a pause or a permanent error."""
        problem = None if self.is_stopped else self.problem
        return replace(self, is_paused=False, is_asked=True, problem=problem, failures=0)

    def ask(self) -> "PollSchedule":
        """Make the next call at once, once: also while paused or stopped."""
        return replace(self, is_asked=True)

    def woke(self) -> "PollSchedule":
        """Ask now, as the machine slept and what is known is old, unless paused or stopped."""
        return self if self.is_paused or self.is_stopped else self.ask()

    def focus(self, *, is_focused: bool) -> "PollSchedule":
        """Note the focus of the terminal; when it comes back, an overdue call is made at once."""
        return replace(self, is_focused=is_focused)

    def with_interval(self, interval: float) -> "PollSchedule":
        """Take over the changed setting."""
        return replace(self, interval=interval)

    def next_delay(self, live: LiveAges, at: float) -> float | None:
        """Return seconds until the next call, 0 where it is due; None while paused or stopped."""
        if self.is_asked:
            return 0.0
        if self.is_paused or self.is_stopped:
            return None
        delay = self._interval_for(live, at) if self.problem is None else self._backoff()
        return max(0.0, self.attempted_at + delay - at)

    def _interval_for(self, live: LiveAges, at: float) -> float:
        quick = max(SHORTEST, self.interval)
        if not live.count:
            base = max(IDLE, quick)
        else:
            since = [age for age in (live.freshest, self._since_change(at)) if age is not None]
            calm = min(since, default=0.0)
            base = max(quick, min(SLOWEST_LIVE, quick * calm / _YOUNG))
        if not self.is_focused:
            base *= UNFOCUSED
        return max(SHORTEST, self._spread(base))

    def _since_change(self, at: float) -> float | None:
        return None if self.changed_at is None else at - self.changed_at

    def _backoff(self) -> float:
        # the exponent is bounded: a night without network is thousands of failures
        doubled = _FIRST_BACKOFF * 2 ** min(self.failures - 1, 10)
        delay = self._spread(min(max(doubled, self.interval), _LONGEST_BACKOFF))
        retry_after = self.problem.retry_after if self.problem else None
        return max(delay, min(retry_after or 0.0, _LONGEST_RETRY_AFTER))

    def _spread(self, seconds: float) -> float:
        return seconds * (1 - _JITTER + 2 * _JITTER * self.jitter)
