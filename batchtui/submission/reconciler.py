"""Did that create make a batch? Finds out, for a part whose answer was lost.

A candidate has exactly the part's number of requests, was created between the beginning of its
sending and a while after its last byte (by the server's clock), does not stand for another part,
and was not in the list before. One alone is *probably* the part's: somebody else may have made a
batch of that size just then. The custom_ids decide, as soon as there are results.
"""

import asyncio
import contextlib
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import Enum, auto

from msgspec import Struct
from msgspec.structs import replace

from batchtui.api.errors import ApiError, NotFound
from batchtui.api.models import MessageBatch
from batchtui.api.paging import iterate_pages
from batchtui.clock import Clock
from batchtui.formatting import plural
from batchtui.library.ledger import Ledger
from batchtui.library.ledger_values import PartRecord, PartState
from batchtui.request_line import custom_id_of
from batchtui.submission.errors import SourceError, Unresolved
from batchtui.submission.events import Event, Looking, Made, SendTimeouts
from batchtui.submission.requested import requested_ids
from batchtui.submission.service import Service

_PAGE = 100
_OPEN_STATES = frozenset({PartState.SENDING, PartState.SENT, PartState.AMBIGUOUS})
_IDS_COMPARED = 1000
"""Rows of results whose ids are held against those of the file."""


class Consent(Struct, frozen=True):
    """What may be done without asking when it is not known whether a part made a batch."""

    adopt_probable: bool = True
    """Take the one batch that fits for the part's, until its ids say otherwise."""
    resend_absent: bool = False
    """Send again once the batch had time to appear in the list and did not."""


class Ownership(Enum):
    """Whose a batch is, by the ids of its answers."""

    OURS = auto()
    """They are those of the part."""
    FOREIGN = auto()
    """They are of other requests."""
    UNKNOWN = auto()
    """There are none yet, or they cannot be compared."""


class PartMatch(Struct, frozen=True):
    """What the list says of one part."""

    candidates: tuple[MessageBatch, ...]
    """Batches that may be the part's, newest first."""
    is_proven: bool = False
    """Whether the one candidate has the ids of the part."""
    has_rival: bool = False
    """Whether another open part could have made them as well."""

    @property
    def is_probable(self) -> bool:
        """Whether there is one candidate, and no other part that it could be of."""
        return (
            len(self.candidates) == 1
            and self.candidates[0].created_at is not None
            and not self.has_rival
        )


class Reconciler:
    """Looks at the list for as long as it takes, and decides within the consent given.

    Args:
        service: The API.
        ledger: Whose journal says what is open.
        timeouts: How long to look.
        clock: For waits.
        on_event: Called with what happens.
    """

    def __init__(
        self,
        service: Service,
        ledger: Ledger,
        timeouts: SendTimeouts,
        clock: Clock,
        on_event: Callable[[Event], None],
    ) -> None:
        self._service = service
        self._ledger = ledger
        self._journal = ledger.journal
        self._timeouts = timeouts
        self._clock = clock
        self._report = on_event
        self._known_ids: dict[tuple[str, int], frozenset[str]] = {}

    async def is_settled(self, part: PartRecord, consent: Consent) -> bool:
        """Make sure of a part, before anything of it is sent.

        Args:
            part: In any state; nobody is sending it now.
            consent: What may be done without asking.

        Returns:
            True if a batch stands for it, at least probably; False if none was made and it may be
            sent.

        Raises:
            Unresolved: A person has to decide.
            ApiError: The API cannot be asked.
            LedgerError: The journal cannot be read or written.
        """
        match part.state:
            case PartState.CREATED | PartState.ADOPTED:
                return True
            case PartState.SENDING:
                await self._release(part)
                return False
            case PartState.PROBABLE:
                return await self._settle_probable(part, consent)
            case PartState.REJECTED:
                return await self._settle_rejected(part, consent)
            case PartState.SENT | PartState.AMBIGUOUS:
                return await self._settle_unknown(part, consent)
            case _:
                return False

    async def _settle_unknown(self, part: PartRecord, consent: Consent) -> bool:
        found = await self._look_long_enough(part, consent)
        if found.is_proven:
            await self._adopt(part, found.candidates[0])
            return True
        if found.is_probable and consent.adopt_probable:
            batch = found.candidates[0]
            where = (part.submission_id, part.plan.number)
            await asyncio.to_thread(self._journal.mark_probable, *where, batch.id)
            self._report(Made(part.plan.number, batch, is_adopted=True, is_probable=True))
            return True
        if found.candidates or not consent.resend_absent:
            raise _unresolved(part, found)
        await self._release(part)
        return False

    async def _settle_rejected(self, part: PartRecord, consent: Consent) -> bool:
        """Look once whether the API made something although it said no."""
        found = await self._look(part)
        where = (part.submission_id, part.plan.number)
        if not found.candidates:
            await asyncio.to_thread(self._journal.mark_failed, *where, part.detail)
            return False
        return await self._settle_unknown(await self._reopen(part), consent)

    async def _settle_probable(self, part: PartRecord, consent: Consent) -> bool:
        """Hold the ids of the probable batch against those of the part, if there are results."""
        with contextlib.suppress(NotFound):
            batch = await self._service.retrieve(part.batch_id or "")
            match await self._ownership(part, batch):
                case Ownership.OURS:
                    await self._adopt(part, batch)
                    return True
                case Ownership.UNKNOWN:
                    self._report(Made(part.plan.number, batch, is_adopted=True, is_probable=True))
                    return True
                case Ownership.FOREIGN:
                    pass
        return await self._settle_unknown(await self._reopen(part), consent)

    async def _reopen(self, part: PartRecord) -> PartRecord:
        where = (part.submission_id, part.plan.number)
        await asyncio.to_thread(self._journal.mark_ambiguous, *where, part.detail)
        return replace(part, state=PartState.AMBIGUOUS, batch_id=None)

    async def _look_long_enough(self, part: PartRecord, consent: Consent) -> PartMatch:
        # said before the list is asked: that may take long, too
        left = max(0.0, self._timeouts.settle - self._seconds_since(part))
        self._report(Looking(part.plan.number, left, part.detail))
        found = await self._look(part)
        # What wall clocks say counts once, now that the server has told its own; from then on
        # it is measured.
        before, began = self._seconds_since(part), self._clock.monotonic()
        while True:
            waited = before + self._clock.monotonic() - began
            left = self._patience(found, consent) - waited
            if left <= 0:
                return found
            self._report(Looking(part.plan.number, left, part.detail))
            await self._clock.sleep(min(self._timeouts.look_again, left))
            found = await self._look(part)

    def _seconds_since(self, part: PartRecord) -> float:
        """Return how long ago a part was sent: by the server's clock where both moments have it.

        This machine's own may have been set since.
        """
        since = part.sent_at or part.sending_at
        if since is None:
            return 0.0
        then, now = part.server_offset, self._service.server_offset
        was_set = now - then if then is not None and now is not None else timedelta(0)
        return max(0.0, (self._clock.now() - since + was_set).total_seconds())

    def _patience(self, found: PartMatch, consent: Consent) -> float:
        """Return for how long something may show up that would change the answer."""
        if not found.candidates:
            return self._timeouts.settle
        waits = found.is_probable and not found.is_proven and consent.adopt_probable
        return self._timeouts.adopt_after if waits else 0.0

    async def _look(self, part: PartRecord) -> PartMatch:
        """Look at the list once."""
        fitting = await self._fitting(part)
        taken = await asyncio.to_thread(self._journal.taken_ids)
        candidates = []
        for batch in fitting:
            if batch.id in taken or batch.id in part.seen_before:
                continue
            ownership = await self._ownership(part, batch)
            if ownership is Ownership.OURS:
                return PartMatch((batch,), is_proven=True)
            if ownership is Ownership.UNKNOWN:
                candidates.append(batch)
        has_rival = await asyncio.to_thread(_has_rival, self._ledger, part)
        return PartMatch(tuple(candidates), has_rival=has_rival)

    async def _fitting(self, part: PartRecord) -> list[MessageBatch]:
        """Return the batches of the list with the size and the time of a part."""
        fitting: dict[str, MessageBatch] = {}
        async for page in iterate_pages(self._service, limit=_PAGE):
            earliest, latest = self._window(part)
            fitting |= {
                batch.id: batch
                for batch in page.data
                if batch.request_counts.total == part.plan.requests
                and (batch.created_at is None or earliest <= batch.created_at <= latest)
            }
            if any(batch.created_at and batch.created_at < earliest for batch in page.data):
                break
        return list(fitting.values())

    def _window(self, part: PartRecord) -> tuple[datetime, datetime]:
        """Return when, by the server's clock, the part's batch can have been made."""
        offset = part.server_offset
        if offset is None:
            offset = self._service.server_offset or timedelta(0)
        slack = timedelta(seconds=self._timeouts.clock_slack)
        began = part.sending_at or self._clock.now()
        ended = max(began, part.sent_at or self._clock.now())
        return began + offset - slack, ended + offset + slack + timedelta(
            seconds=self._timeouts.latest
        )

    async def _ownership(self, part: PartRecord, batch: MessageBatch) -> Ownership:
        """Hold the ids of a batch's answers against those of a part's requests."""
        if batch.is_live or batch.results_url is None:
            return Ownership.UNKNOWN
        try:
            asked = await self._ids_of(part)
            answered = await self._first_ids(batch)
        except (ApiError, SourceError):
            return Ownership.UNKNOWN
        if not answered:
            return Ownership.UNKNOWN
        return Ownership.OURS if asked.issuperset(answered) else Ownership.FOREIGN

    async def _ids_of(self, part: PartRecord) -> frozenset[str]:
        key = (part.submission_id, part.plan.number)
        if key not in self._known_ids:
            record = await asyncio.to_thread(self._journal.submission, part.submission_id)
            if record is None:
                return frozenset()
            ids = requested_ids(record.plan.source, part)
            self._known_ids[key] = await asyncio.to_thread(frozenset, ids)
        return self._known_ids[key]

    async def _first_ids(self, batch: MessageBatch) -> list[str]:
        """Return the ids of the first rows of a batch's results."""
        ids: list[str] = []
        rest = b""
        async with self._service.results(batch) as stream:
            async for chunk in stream.chunks():
                *lines, rest = (rest + chunk).split(b"\n")
                ids += filter(None, map(custom_id_of, lines))
                if len(ids) >= _IDS_COMPARED:
                    return ids
        return [*ids, *filter(None, [custom_id_of(rest)])]

    async def _adopt(self, part: PartRecord, batch: MessageBatch) -> None:
        where = (part.submission_id, part.plan.number)
        await asyncio.to_thread(self._journal.complete, *where, batch.id, adopted=True)
        self._report(Made(part.plan.number, batch, is_adopted=True))

    async def _release(self, part: PartRecord) -> None:
        await asyncio.to_thread(self._journal.release, part.submission_id, part.plan.number)


def _has_rival(ledger: Ledger, part: PartRecord) -> bool:
    own = (part.submission_id, part.plan.number)
    return any(
        other.state in _OPEN_STATES
        and other.plan.requests == part.plan.requests
        and (other.submission_id, other.plan.number) != own
        for record in ledger.journal.submissions(open_only=True)
        for other in record.parts
    )


def _unresolved(part: PartRecord, found: PartMatch) -> Unresolved:
    requests = plural(part.plan.requests, "request")
    if found.candidates:
        ids = ", ".join(batch.id for batch in found.candidates)
        message = (
            f"Part {part.plan.number} ({requests}) may have become one of these batches: {ids}."
        )
        hint = "Adopt the one that is yours, or send the part again knowing it may exist twice."
    else:
        message = (
            f"Part {part.plan.number} ({requests}) was sent, but no answer came and no"
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
