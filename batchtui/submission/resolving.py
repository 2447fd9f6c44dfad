"""Settles a part of which it is not known whether it made a batch."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from msgspec import Struct

from batchtui.clock import Clock
from batchtui.formatting import format_count
from batchtui.library.ledger import Ledger
from batchtui.library.ledger_values import PartRecord, PartState
from batchtui.submission.errors import Unresolved
from batchtui.submission.looking import Found, look_for
from batchtui.submission.pace import Event, Looking, Made, Pace
from batchtui.submission.service import Service


class Consent(Struct, frozen=True):
    """What may be done without asking when it is not known whether a part made a batch."""

    adopt_certain: bool = True
    """Take the one batch that can be nothing else."""
    resend_absent: bool = False
    """Send again once the batch had time to appear in the list and did not."""


class Resolver:
    """Looks at the list for as long as it takes, and decides within the consent given.

    Args:
        service: The API.
        ledger: Whose journal says what is open.
        pace: How long to look.
        clock: For waits.
        on_event: Told what happens.
    """

    def __init__(
        self,
        service: Service,
        ledger: Ledger,
        pace: Pace,
        clock: Clock,
        on_event: Callable[[Event], None],
    ) -> None:
        self._service = service
        self._ledger = ledger
        self._pace = pace
        self._clock = clock
        self._tell = on_event

    async def is_settled(self, part: PartRecord, consent: Consent) -> bool:
        """Make sure of a part, before anything of it is sent.

        Args:
            part: In any state; nobody is sending it now.
            consent: What may be done without asking.

        Returns:
            True if a batch stands for it, False if none was made and it may be sent.

        Raises:
            Unresolved: A person has to decide.
            ApiError: The list cannot be had.
            LedgerError: The journal cannot be read or written.
        """
        if part.state.is_done:
            return True
        if part.state is PartState.SENDING:
            await self._release(part)
        if not part.state.is_unresolved:
            return False
        found = await self._look_long_enough(part, consent)
        if found.is_certain and consent.adopt_certain:
            await self._adopt(part, found)
            return True
        if found.candidates or not consent.resend_absent:
            raise _unresolved(part, found)
        await self._release(part)
        return False

    async def _look_long_enough(self, part: PartRecord, consent: Consent) -> Found:
        while True:
            found = await look_for(self._service, self._ledger, part, self._pace, self._clock.now())
            left = self._seconds_left(part, found, consent)
            if left <= 0:
                return found
            self._tell(Looking(part.plan.number, left))
            await self._clock.sleep(min(self._pace.look_again, left))

    def _seconds_left(self, part: PartRecord, found: Found, consent: Consent) -> float:
        """Return how much longer something may show up that would change the answer."""
        if found.candidates and not (found.is_certain and consent.adopt_certain):
            return 0.0
        patience = self._pace.adopt_after if found.candidates else self._pace.settle
        since = part.sent_at or part.sending_at or self._clock.now()
        # A clock set back must not make this wait for hours.
        left = since + timedelta(seconds=patience) - self._clock.now()
        return min(left.total_seconds(), patience)

    async def _adopt(self, part: PartRecord, found: Found) -> None:
        batch = found.candidates[0]
        await asyncio.to_thread(
            self._ledger.journal.complete,
            part.submission_id,
            part.plan.number,
            batch.id,
            adopted=True,
        )
        self._tell(Made(part.plan.number, batch, is_adopted=True))

    async def _release(self, part: PartRecord) -> None:
        await asyncio.to_thread(self._ledger.journal.release, part.submission_id, part.plan.number)


def _unresolved(part: PartRecord, found: Found) -> Unresolved:
    requests = format_count(part.plan.requests)
    if found.candidates:
        ids = ", ".join(batch.id for batch in found.candidates)
        message = (
            f"Part {part.plan.number} ({requests} requests) may have become one of these"
            f" batches: {ids}."
        )
        hint = "Adopt the one that is yours, or send the part again knowing it may exist twice."
    else:
        message = (
            f"Part {part.plan.number} ({requests} requests) was sent, but no answer came and no"
            " such batch has appeared in the list."
        )
        hint = "Look once more a little later, or send the part again knowing it may exist twice."
    return Unresolved(
        message,
        submission_id=part.submission_id,
        number=part.plan.number,
        candidates=found.candidates,
        hint=hint,
    )
