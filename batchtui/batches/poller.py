"""The loop of live polling: one call a tick, a snapshot after each, by `poll_schedule`.

The `Poller` holds no screen and no list. It yields `PollSnapshot` values: what came from the
server (to be applied to a `Listing`), what it means (changed, ended, gone) and the status line.
"""

import asyncio
import random as system_random
from collections.abc import AsyncIterator, Callable, Iterable
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct, field

from batchtui.api.errors import ApiError, NotFound, RateLimited, StatusError
from batchtui.api.models import MessageBatch
from batchtui.batches.calls import BatchReader, is_cursor_refused
from batchtui.batches.deadlines import server_now
from batchtui.batches.lister import Fetched, FetchedPage
from batchtui.batches.poll_schedule import SHORTEST, LiveAges, PollProblem, PollSchedule, PollStatus
from batchtui.batches.rate_meter import RateMeter
from batchtui.batches.sweep import (
    AskCall,
    ListCall,
    PollDelta,
    PollState,
    next_call,
    postpone,
    restart,
    take_batch,
    take_gone,
    take_page,
)
from batchtui.clock import Clock, wait_for

_SLICE: Final = 5.0
"""Seconds of one stretch of waiting: how soon a machine that slept is noticed to be awake."""
_SLEPT: Final = 15.0
"""Seconds by which the wall clock runs ahead of the monotonic one after a sleep."""
_RESERVE: Final = 5
"""Calls a minute that polling leaves to what a person does."""
_HANGS: Final = 4.0
"""Seconds after which a call without an answer is not worth waiting for, if a person asks again."""
_AT_ONCE: Final = 10
"""Calls within a minute after which those that complete a look are spread out."""


class PollSnapshot(Struct, frozen=True):
    """What one tick (or a pause, a resume, a report) brought."""

    status: PollStatus
    fetched: Fetched = field(default_factory=Fetched)
    """To be applied to the listing."""
    changed: tuple[MessageBatch, ...] = ()
    """Live batches that are new or different."""
    ended: tuple[MessageBatch, ...] = ()
    """Batches whose end is noticed now, for the only time."""
    gone: tuple[str, ...] = ()
    """Live ids that do not exist any more."""


class Poller:
    """Watches everything that is live.

    Args:
        calls: Where batches are read.
        clock: Time.
        meter: Counts the calls of the account, also those of others.
        interval: Seconds between calls while something young is live: the setting.
        random: Numbers from 0 to 1 for the jitter.
        already_live: Ids that were live when the program ran last.
        server_offset: Server clock minus local clock, as the client measured it.
    """

    def __init__(
        self,
        calls: BatchReader,
        *,
        clock: Clock,
        meter: RateMeter,
        interval: float = 5.0,
        random: Callable[[], float] = system_random.random,
        already_live: Iterable[str] = (),
        server_offset: Callable[[], timedelta | None] = lambda: None,
    ) -> None:
        self._calls = calls
        self._clock = clock
        self._random = random
        self._meter = meter
        self._server_offset = server_offset
        self._schedule = PollSchedule(interval=interval)
        self._state = PollState.start(already_live)
        self._ages = LiveAges()
        self._updated_at: datetime | None = None
        self._reported: list[MessageBatch] = []
        self._poked = asyncio.Event()
        self._call: asyncio.Task[PollSnapshot] | None = None
        self._called_at = 0.0
        self._given_up = False

    @property
    def live(self) -> tuple[MessageBatch, ...]:
        """The live batches, as last seen."""
        return self._state.live_batches

    @property
    def is_settled(self) -> bool:
        """Whether the server has answered and no further call is needed to know what is live."""
        return self._state.since is not None and not self._state.is_in_between

    @property
    def status(self) -> PollStatus:
        """The status at this moment."""
        delay = self._delay()
        now = self._clock.now()
        return PollStatus(
            updated_at=self._updated_at,
            next_at=None if delay is None else now + timedelta(seconds=delay),
            problem=self._schedule.problem,
            is_paused=self._schedule.is_paused,
            live_count=len(self._state.live),
        )

    def pause(self) -> None:
        """Ask no more until `resume`."""
        self._switch(self._schedule.pause())

    def resume(self) -> None:
        """Ask at once and go on, also after a permanent error."""
        self._switch(self._schedule.resume())

    def ask_now(self) -> None:
        """Make the next call at once, also while paused; one that hangs is given up for it."""
        self._switch(self._schedule.ask())
        if self._call is not None and self._clock.monotonic() - self._called_at >= _HANGS:
            self._given_up = self._call.cancel()

    def set_focus(self, *, is_focused: bool) -> None:
        """Note whether the terminal has the focus."""
        self._switch(self._schedule.focus(is_focused=is_focused))

    def set_interval(self, interval: float) -> None:
        """Take over the setting, in seconds."""
        self._switch(self._schedule.with_interval(interval))

    def report(self, batch: MessageBatch) -> None:
        """Take in a batch known from elsewhere: an answer to cancel, create or retrieve.

        Its end, if it has ended, comes in the next snapshot like any other.
        """
        self._reported.append(batch)
        self._poked.set()

    def report_gone(self, batch_id: str) -> None:
        """Note that a batch was deleted: it is watched no more."""
        self._state = take_gone(self._state, batch_id).state

    async def run(self) -> AsyncIterator[PollSnapshot]:
        """Poll forever; to be iterated by one consumer. Ends by being canceled or closed."""
        while True:
            delay = self._delay()
            if self._reported:
                self._poked.clear()
                yield self._take_reported()
            elif delay is not None and delay <= 0:
                self._poked.clear()
                if (snapshot := await self._tick_unless_given_up()) is not None:
                    yield snapshot
            elif await self._wait(delay):
                self._poked.clear()
                if not self._reported:
                    yield PollSnapshot(self.status)

    def _switch(self, schedule: PollSchedule) -> None:
        self._schedule = schedule
        self._poked.set()

    def _server_now(self) -> datetime:
        return server_now(self._clock.now(), self._server_offset())

    def _delay(self) -> float | None:
        at = self._clock.monotonic()
        delay = self._schedule.next_delay(self._ages, at)
        if delay is None:
            return None
        if self._state.is_in_between and self._schedule.problem is None:
            # the first few at once: a person, or a script, waits for them
            pause = SHORTEST if self._meter.last_minute(at) > _AT_ONCE else 0.0
            delay = min(delay, max(0.0, self._schedule.attempted_at + pause - at))
        return max(delay, self._meter.seconds_until_free(at, reserve=_RESERVE))

    async def _wait(self, delay: float | None) -> bool:
        """Wait for the next tick; True if something cut it short."""
        if delay is None:
            return await self._poked.wait()
        until = self._clock.monotonic() + delay
        while (left := until - self._clock.monotonic()) > 0:
            wall, steady = self._clock.now(), self._clock.monotonic()
            if await wait_for(self._poked, min(left, _SLICE), self._clock):
                return True
            passed = self._clock.monotonic() - steady
            if (self._clock.now() - wall).total_seconds() - passed > _SLEPT:
                self._schedule = self._schedule.woke()
                return False
        return False

    async def _tick_unless_given_up(self) -> PollSnapshot | None:
        """Make a call; None where a person asked again while it hung."""
        self._called_at = self._clock.monotonic()
        self._call = asyncio.ensure_future(self._tick())
        try:
            return await self._call
        except asyncio.CancelledError:
            whole = asyncio.current_task()
            if not self._given_up or (whole is not None and whole.cancelling()):
                raise
            return None
        finally:
            self._call, self._given_up = None, False

    async def _tick(self) -> PollSnapshot:
        call = next_call(self._state)
        try:
            snapshot = await (
                self._ask(call.batch_id) if isinstance(call, AskCall) else self._list(call)
            )
        except ApiError as error:
            self._schedule = self._schedule.failed(
                self._clock.monotonic(), PollProblem.of(error), jitter=self._random()
            )
            return PollSnapshot(self.status)
        return snapshot

    async def _list(self, call: ListCall) -> PollSnapshot:
        try:
            page = await self._calls.list_page(limit=call.limit, after_id=call.after)
        except StatusError as error:
            if call.after is None or not is_cursor_refused(error):
                raise
            # the batch to go on after was deleted: the next tick starts from the top
            return self._take(PollDelta(restart(self._state)), Fetched())
        delta = take_page(self._state, page, self._server_now())
        return self._take(delta, Fetched((FetchedPage(page, call.after),)))

    async def _ask(self, batch_id: str) -> PollSnapshot:
        try:
            batch = await self._calls.retrieve(batch_id)
        except NotFound:
            return self._take(take_gone(self._state, batch_id), Fetched(gone=(batch_id,)))
        except StatusError as error:
            if not isinstance(error, RateLimited):
                # one batch that the server cannot show must not keep the others from being seen
                self._state = postpone(self._state, batch_id)
            raise
        delta = take_batch(self._state, batch, self._server_now())
        return self._take(delta, Fetched(batches=(batch,)))

    def _take(self, delta: PollDelta, fetched: Fetched) -> PollSnapshot:
        self._updated_at = self._clock.now()
        self._state = delta.state
        self._ages = LiveAges.of(self._state.live_batches, self._server_now())
        self._schedule = self._schedule.succeeded(
            self._clock.monotonic(), changed=delta.has_turned, jitter=self._random()
        )
        return PollSnapshot(self.status, fetched, delta.changed, delta.ended, delta.gone)

    def _take_reported(self) -> PollSnapshot:
        """Return a snapshot of what was reported; no call is made, the schedule stays."""
        reported, self._reported = self._reported, []
        changed: list[MessageBatch] = []
        ended: list[MessageBatch] = []
        for batch in reported:
            delta = take_batch(self._state, batch, self._server_now())
            self._state = delta.state
            changed += delta.changed
            ended += delta.ended
        self._ages = LiveAges.of(self._state.live_batches, self._server_now())
        fetched = Fetched(batches=tuple(reported))
        return PollSnapshot(self.status, fetched, tuple(changed), tuple(ended))
