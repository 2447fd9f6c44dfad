"""Sends a submission part by part, and picks up where an earlier run stopped.

What keeps a part from being sent twice: its state is written down before the first byte goes out
(``sending``) and before the last one does (``sent``). A run that ends in ``sending`` has made
nothing, since no server had the whole body. One that ends in ``sent``, or a create that failed
after that, may have made a batch: the list is looked at, and a part is only sent again once its
batch had time to appear and did not, or on the user's word. One run at a time holds the
submission's lock, which ends with its process.
"""

import asyncio
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from batchtui.api.errors import AmbiguousCreate, StatusError
from batchtui.clock import Clock, SystemClock
from batchtui.library.ledger import Ledger
from batchtui.library.ledger_values import PartRecord, SeenBatch, SubmissionPlan, SubmissionRecord
from batchtui.library.locks import FileLock
from batchtui.submission.errors import AlreadyRunning, SubmissionError, Unresolved
from batchtui.submission.events import Event, SendTimeouts, Waiting
from batchtui.submission.part_sender import PartSender
from batchtui.submission.reconciler import Consent, Reconciler
from batchtui.submission.refusals import explain_refusal, explain_rejection
from batchtui.submission.service import Service
from batchtui.submission.source import RequestSource

_KNOWN_PAGE = 100


def ignore_event(_event: Event) -> None:
    """Take no notice of events."""


class SubmissionRunner:
    """Runs the submissions of one profile.

    Args:
        service: The API.
        ledger: The profile's ledger, whose journal is kept.
        timeouts: How patiently.
        clock: For waits.
        on_event: Called with what happens, in the event loop.
    """

    def __init__(
        self,
        service: Service,
        ledger: Ledger,
        *,
        timeouts: SendTimeouts | None = None,
        clock: Clock | None = None,
        on_event: Callable[[Event], None] = ignore_event,
    ) -> None:
        self._service = service
        self._ledger = ledger
        self._timeouts = timeouts or SendTimeouts()
        self._clock = clock or SystemClock()
        self._report = on_event
        self._reconciler = Reconciler(service, ledger, self._timeouts, self._clock, on_event)

    async def start(
        self,
        plan: SubmissionPlan,
        *,
        consent: Consent | None = None,
        known: Collection[str] | None = None,
        knowingly: bool = False,
    ) -> SubmissionRecord:
        """Write a plan down and run it.

        Args:
            plan: As `prepare` made it.
            consent: What may be decided without asking.
            known: The submissions of the same contents that the user knows of; None for any.
            knowingly: Whether to send although it is not known of another part whether it was made.

        Raises:
            Unresolved: Another part is unresolved and this is not done knowingly; or as `run`.
            AlreadyRunning: Another process began to send the same contents meanwhile.
            SubmissionError: As `run`.
            ApiError: As `run`.
            LedgerError: As `run`.
        """
        other = None if knowingly else await asyncio.to_thread(self._unresolved_part)
        if other is not None:
            raise Unresolved(
                "An earlier create may have made a batch that is not accounted for yet.",
                submission_id=other.submission_id,
                number=other.plan.number,
                hint="Resolve that one first, or send this one knowing so.",
            )
        if not await asyncio.to_thread(self._ledger.journal.plan, plan, known=known):
            raise AlreadyRunning(
                "Another batchtui has begun to send a file with the same contents.",
                hint="Run the same command again to continue.",
            )
        return await self.run(plan.submission_id, consent=consent)

    async def run(self, submission_id: str, *, consent: Consent | None = None) -> SubmissionRecord:
        """Send what is left of a submission that is in the journal.

        Canceling the task stops it in order; it can be run again.

        Args:
            submission_id: Of the plan.
            consent: What may be decided without asking.

        Returns:
            The submission, with a batch for every part, which may be a probable one.

        Raises:
            Unresolved: A part may have made a batch: `adopt` or `send_again`, then run again.
            AlreadyRunning: Another process is at it.
            SourceChanged: The file is not the one that was planned.
            SourceError: The file cannot be read.
            SubmissionError: It was refused for good before.
            ApiError: The API refused, or cannot be reached. What it refused for good is said in the
                words of the file, and closes the submission.
            LedgerError: The journal cannot be written; nothing more was sent.
        """
        with self._alone(submission_id):
            record = await self._load(submission_id)
            if record.is_refused:
                raise SubmissionError(
                    "The server refused what is in this file: it cannot be resumed.",
                    hint="Correct the file and send it again.",
                )
            if not record.is_done:
                await self._finish(record, consent or Consent())
            return await self._load(submission_id)

    async def adopt(self, submission_id: str, number: int, batch_id: str) -> None:
        """Take a batch for a part, on the user's word.

        Raises:
            AlreadyRunning: Another process is at it.
            LedgerError: The batch stands for another part, or the journal cannot be written.
        """
        with self._alone(submission_id):
            await asyncio.to_thread(
                self._ledger.journal.complete, submission_id, number, batch_id, adopted=True
            )

    async def send_again(self, submission_id: str, number: int) -> None:
        """Say that a part made no batch, or may exist twice, on the user's word.

        Raises:
            AlreadyRunning: Another process is at it.
            LedgerError: The journal cannot be written.
        """
        with self._alone(submission_id):
            await asyncio.to_thread(self._ledger.journal.release, submission_id, number)

    async def _finish(self, record: SubmissionRecord, consent: Consent) -> None:
        plan = record.plan
        source = await asyncio.to_thread(RequestSource, plan.source.path)
        await asyncio.to_thread(source.require, plan.source)
        # One cheap call proves key and host before anything large is sent, tells the server's time,
        # and what is remembered of it cannot be mistaken for a batch of what is sent from here on.
        page = await self._service.list_page(limit=_KNOWN_PAGE)
        await asyncio.to_thread(
            self._ledger.seen.remember, map(SeenBatch.of, page.data), scope=plan.scope
        )
        sender = PartSender(
            self._service,
            self._ledger.journal,
            source,
            plan.betas,
            page.data,
            self._timeouts,
            self._clock,
            self._report,
        )
        has_sent = False
        for part in record.parts:
            if await self._reconciler.is_settled(part, consent):
                continue
            if has_sent:
                self._report(Waiting(part.plan.number, self._timeouts.between_parts, ""))
                await self._clock.sleep(self._timeouts.between_parts)
            has_sent = True
            try:
                await self._send(part, sender, consent)
            except StatusError as error:
                now = await self._load(plan.submission_id)
                if not now.is_refused:
                    raise
                raise await asyncio.to_thread(
                    explain_refusal, error, now, source, self._rest_folder
                ) from error

    async def _send(self, part: PartRecord, sender: PartSender, consent: Consent) -> None:
        """Send one part, and again as long as it is certain that nothing was made.

        What the API itself refused is not repeated: the list is looked at once; the user decides.
        """
        for attempt in range(1, self._timeouts.attempts + 1):
            try:
                return await sender.send(part)
            except AmbiguousCreate as error:
                record = await self._load(part.submission_id)
                current = record.parts[part.plan.number - 1]
                if await self._reconciler.is_settled(current, consent):
                    return None
                if error.reason.is_from_api:
                    raise explain_rejection(error.reason) from error
                if attempt == self._timeouts.attempts:
                    raise
        return None

    def _unresolved_part(self) -> PartRecord | None:
        """Return a part that nobody is sending and nobody knows to have been made or not."""
        for part in self._ledger.journal.unresolved_parts():
            try:
                with self._alone(part.submission_id):
                    return part
            except AlreadyRunning:
                continue
        return None

    @property
    def _rest_folder(self) -> Path | None:
        """Where requests go that were left over, beside other request files of our own."""
        return self._ledger.path.parent / "requests" if self._ledger.path is not None else None

    async def _load(self, submission_id: str) -> SubmissionRecord:
        record = await asyncio.to_thread(self._ledger.journal.submission, submission_id)
        if record is None:
            raise SubmissionError(f"There is no submission {submission_id}.")
        return record

    @contextmanager
    def _alone(self, submission_id: str) -> Iterator[None]:
        """Hold the submission's lock.

        Raises:
            AlreadyRunning: Another holds it.
            StorageError: The lock's file or its folder cannot be made.
        """
        if self._ledger.path is None:
            yield
            return
        folder = self._ledger.path.parent / "locks"
        lock = FileLock(folder / f"submission-{submission_id}.lock")
        if not lock.acquire():
            raise AlreadyRunning(
                "Another batchtui is sending this submission right now.",
                hint="Wait until it is done, or close it and try again.",
            )
        try:
            yield
        finally:
            lock.remove()
