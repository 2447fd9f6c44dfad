"""One action on many batches: paced, stoppable, with an outcome for every single one."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Final

from batchtui.api.errors import ApiError, ConnectionFailed, RateLimited
from batchtui.api.models import MessageBatch
from batchtui.batches.actions import (
    Action,
    Actions,
    ItemOutcome,
    OutcomeKind,
    may,
    not_sent,
)
from batchtui.batches.calls import BatchCalls
from batchtui.batches.rate_meter import RateMeter
from batchtui.clock import Clock, wait_for
from batchtui.formatting import format_count

_BURST: Final = 10
"""Calls made without a wait, before pacing begins."""
_SPACING: Final = 1.5
"""Seconds between the calls after that: 40 a minute."""
_RESERVE: Final = 10
"""Calls a minute left to polling and to what a person does meanwhile."""
_PATIENCE: Final = 3
"""Tries of one item that was refused for the rate; connections lost in a row before giving up."""
_USUAL_WAIT: Final = 30.0
"""Seconds to wait where a rate limit does not say how long."""


class BulkRun:
    """Cancels or deletes many batches, one after the other.

    Args:
        calls: Where batches are acted on.
        action: What to do.
        batch_ids: To which batches; each once.
        known: The batches as they are known here.
        clock: Time.
        meter: Counts the calls of the account, also those of others.
    """

    def __init__(
        self,
        calls: BatchCalls,
        action: Action,
        batch_ids: Sequence[str],
        *,
        known: Mapping[str, MessageBatch] | None = None,
        clock: Clock,
        meter: RateMeter,
    ) -> None:
        self.action = action
        self._clock = clock
        self._meter = meter
        self._actions = Actions(calls)
        self._known = known or {}
        self._remaining = list(dict.fromkeys(batch_ids))
        self._total = len(self._remaining)
        self._outcomes: list[ItemOutcome] = []
        self._in_flight: str | None = None
        self._stop = asyncio.Event()
        self._sent = 0
        self._last_sent = 0.0
        self._lost = 0

    @property
    def total(self) -> int:
        """How many batches the run is about."""
        return self._total

    @property
    def outcomes(self) -> tuple[ItemOutcome, ...]:
        """What became of those that had their turn."""
        return tuple(self._outcomes)

    def stop(self) -> None:
        """Send nothing more; a call under way is finished, the rest is reported as not sent."""
        self._stop.set()

    async def run(self) -> AsyncIterator[ItemOutcome]:
        """Do it, giving an outcome for every batch, in order. To be run once."""
        reason = ""
        while self._remaining:
            batch_id = self._remaining[0]
            if not reason and not await self._wait_for_turn(batch_id):
                reason = "stopped"
            self._remaining.pop(0)
            if reason:
                yield self._keep(not_sent(self.action, batch_id, reason))
                continue
            outcome = await self._act(batch_id)
            reason = self._reason_to_end(outcome)
            yield self._keep(outcome)

    def summary(self) -> str:
        """Return the run in one sentence: ``480 of 500 deleted, 12 refused, 8 not sent``."""
        kinds = Counter(outcome.kind for outcome in self._outcomes)
        done = f"{format_count(kinds[OutcomeKind.DONE])} of {format_count(self._total)} "
        others = [
            f"{format_count(kinds[kind])} {kind.value}"
            for kind in OutcomeKind
            if kind is not OutcomeKind.DONE and kinds[kind]
        ]
        if self._in_flight is not None:
            others.append("1 under way, outcome unknown")
        if self._remaining:
            others.append(f"{format_count(len(self._remaining))} still to go")
        return ", ".join([done + self.action.past, *others])

    def _keep(self, outcome: ItemOutcome) -> ItemOutcome:
        self._outcomes.append(outcome)
        return outcome

    async def _wait_for_turn(self, batch_id: str) -> bool:
        """Wait until a call may be sent; False if the run was stopped."""
        known = self._known.get(batch_id)
        is_sent = known is None or bool(may(self.action, known))
        while not self._stop.is_set():
            delay = self._delay() if is_sent else 0.0
            if delay <= 0:
                return True
            await wait_for(self._stop, delay, self._clock)
        return False

    def _delay(self) -> float:
        at = self._clock.monotonic()
        spacing = self._last_sent + _SPACING - at if self._sent >= _BURST else 0.0
        return max(spacing, self._meter.seconds_until_free(at, reserve=_RESERVE))

    async def _act(self, batch_id: str) -> ItemOutcome:
        """Act on one batch, again where the rate was exceeded."""
        self._in_flight = batch_id
        outcome = await self._send(batch_id)
        for _ in range(_PATIENCE - 1):
            if not _is_too_fast(outcome.error):
                break
            wait = (outcome.error and outcome.error.retry_after) or _USUAL_WAIT
            if await wait_for(self._stop, wait, self._clock):
                break
            outcome = await self._send(batch_id)
        self._in_flight = None
        return outcome

    async def _send(self, batch_id: str) -> ItemOutcome:
        outcome = await self._actions.act(self.action, batch_id, known=self._known.get(batch_id))
        if outcome.was_sent:
            self._sent += 1
            self._last_sent = self._clock.monotonic()
        return outcome

    def _reason_to_end(self, outcome: ItemOutcome) -> str:
        """Return why there is no point in sending the rest, or ""."""
        error = outcome.error
        self._lost = self._lost + 1 if isinstance(error, ConnectionFailed) else 0
        if outcome.kind is not OutcomeKind.FAILED or error is None:
            return ""
        if error.is_permanent or self._lost >= _PATIENCE or _is_too_fast(error):
            return error.message
        return ""


def _is_too_fast(error: ApiError | None) -> bool:
    return isinstance(error, RateLimited) and not error.is_permanent
