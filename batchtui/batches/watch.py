"""Watching batches until they end, for scripts: one event per change, then the outcome.

Driven by the same `Poller` as the screen, so any number of batches costs one list call a tick.
"""

import random as system_random
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import timedelta
from enum import StrEnum

from msgspec import Struct

from batchtui.api.models import MessageBatch
from batchtui.batches.calls import BatchReader
from batchtui.batches.poll_schedule import PollProblem
from batchtui.batches.poller import Poller, PollSnapshot
from batchtui.batches.rate_meter import RateMeter
from batchtui.batches.rules import is_all_ok
from batchtui.clock import Clock

EXIT_ALL_OK = 0
EXIT_SOME_FAILED = 1
EXIT_CANNOT_GO_ON = 2


class WatchEventKind(StrEnum):
    """What happened."""

    SEEN = "seen"
    """First look at a batch that is live."""
    CHANGED = "changed"
    """Its status or its counts are different."""
    ENDED = "ended"
    GONE = "gone"
    """The server does not know it: deleted, or of another workspace."""
    PROBLEM = "problem"
    """Calls fail; it goes on trying."""
    RECOVERED = "recovered"
    STOPPED = "stopped"
    """Calls fail for good: the watch is over."""


class WatchEvent(Struct, frozen=True):
    """One thing that happened."""

    kind: WatchEventKind
    batch_id: str = ""
    """The batch it is about; "" for problems."""
    batch: MessageBatch | None = None
    """The batch as it is now."""
    previous: MessageBatch | None = None
    """The batch as it was reported last."""
    problem: PollProblem | None = None


class WatchTally:
    """What has become of what is watched, over one or several watches; takes in their events.

    Attributes:
        open: The batches that have not ended yet, as they were last seen.
        stopped: The event that stopped the watch for good, or ``None``.
        has_seen: Whether there was any batch to watch.
    """

    def __init__(self, batch_ids: Sequence[str] = ()) -> None:
        """Begin.

        Args:
            batch_ids: What is watched; none: everything that is live at the first look.
        """
        self.open: dict[str, MessageBatch | None] = dict.fromkeys(batch_ids)
        self.stopped: WatchEvent | None = None
        self.has_seen = bool(batch_ids)
        self._code = EXIT_ALL_OK

    @property
    def exit_code(self) -> int:
        """0: all ended, all ok. 1: some did not end well. 2: it could not be found out."""
        return EXIT_CANNOT_GO_ON if self.open or self.stopped is not None else self._code

    def take(self, event: WatchEvent) -> None:
        """Note what happened."""
        self.stopped = event if event.kind is WatchEventKind.STOPPED else None
        self.has_seen = self.has_seen or bool(event.batch_id)
        if event.kind in (WatchEventKind.SEEN, WatchEventKind.CHANGED):
            self.open[event.batch_id] = event.batch
        elif event.kind is WatchEventKind.ENDED:
            is_fine = event.batch is not None and is_all_ok(event.batch)
            self._close(event, EXIT_ALL_OK if is_fine else EXIT_SOME_FAILED)
        elif event.kind is WatchEventKind.GONE:
            was_seen = event.previous is not None
            self._close(event, EXIT_SOME_FAILED if was_seen else EXIT_CANNOT_GO_ON)

    def _close(self, event: WatchEvent, code: int) -> None:
        self.open.pop(event.batch_id, None)
        self._code = max(self._code, code)


class Watch:
    """Watches given batches, or everything that is live, until all have ended.

    Args:
        calls: Where batches are read.
        batch_ids: What to watch; none: everything that is live at the first look.
        clock: Time.
        meter: Counts the calls of the account, also those of others.
        interval: Seconds between calls while something young is live.
        random: Numbers from 0 to 1 for the jitter.
        server_offset: Server clock minus local clock.
    """

    def __init__(
        self,
        calls: BatchReader,
        batch_ids: Sequence[str] = (),
        *,
        clock: Clock,
        meter: RateMeter,
        interval: float = 5.0,
        random: Callable[[], float] = system_random.random,
        server_offset: Callable[[], timedelta | None] = lambda: None,
    ) -> None:
        self._poller = Poller(
            calls,
            clock=clock,
            meter=meter,
            interval=interval,
            random=random,
            already_live=batch_ids,
            server_offset=server_offset,
        )
        self._watches_all = not batch_ids
        self._open: dict[str, MessageBatch | None] = dict.fromkeys(batch_ids)
        self._problem: PollProblem | None = None

    async def run(self) -> AsyncIterator[WatchEvent]:
        """Watch; ends when every batch has ended or is gone, or nothing can be found out."""
        async for snapshot in self._poller.run():
            for event in self._events(snapshot):
                yield event
            is_over = not self._open and self._poller.is_settled
            if is_over or snapshot.status.is_stopped:
                return

    def _events(self, snapshot: PollSnapshot) -> list[WatchEvent]:
        events = self._problem_events(snapshot.status.problem)
        for batch in snapshot.changed:
            if batch.id in self._open or self._watches_all:
                events.append(self._see(batch))
        for batch in snapshot.ended:
            if batch.id in self._open:
                previous = self._open.pop(batch.id)
                events.append(WatchEvent(WatchEventKind.ENDED, batch.id, batch, previous))
        for batch_id in snapshot.gone:
            if batch_id in self._open:
                previous = self._open.pop(batch_id)
                events.append(WatchEvent(WatchEventKind.GONE, batch_id, previous=previous))
        if self._poller.is_settled:
            self._watches_all = False
        return events

    def _see(self, batch: MessageBatch) -> WatchEvent:
        previous = self._open.get(batch.id)
        self._open[batch.id] = batch
        kind = WatchEventKind.SEEN if previous is None else WatchEventKind.CHANGED
        return WatchEvent(kind, batch.id, batch, previous)

    def _problem_events(self, problem: PollProblem | None) -> list[WatchEvent]:
        before, self._problem = self._problem, problem
        if problem is None:
            return [] if before is None else [WatchEvent(WatchEventKind.RECOVERED)]
        if before is not None and before.what_happened == problem.what_happened:
            return []
        kind = WatchEventKind.STOPPED if problem.is_permanent else WatchEventKind.PROBLEM
        return [WatchEvent(kind, problem=problem)]
