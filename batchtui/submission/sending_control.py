"""Sending one file as a person or a script directs it: start, stop, continue, settle, refuse.

The app's screen and the command line drive the same object; what happens is one immutable state,
and every change of it is reported.
"""

import asyncio
from collections.abc import Callable, Collection

from msgspec.structs import replace

from batchtui.clock import Clock, SystemClock
from batchtui.errors import BatchtuiError
from batchtui.library.ledger import Ledger
from batchtui.library.ledger_values import (
    SubmissionPlan,
    SubmissionRecord,
)
from batchtui.submission.errors import SubmissionError, Unresolved
from batchtui.submission.events import Event, SendTimeouts
from batchtui.submission.runner import SubmissionRunner
from batchtui.submission.sending_state import SendPhase, SendState, after_event, initial_state
from batchtui.submission.service import Service


def ignore_state(_state: SendState) -> None:
    """Take no notice of changes."""


class SendingControl:
    """Sends one submission and carries out what a person decides about it.

    Args:
        service: The API.
        ledger: Whose journal is kept.
        submission: The plan to write down first, or what was begun before.
        known: The submissions of the same contents that the user knows of; None for any.
        timeouts: How patiently.
        clock: For waits.
        on_change: Called with the state after every change, in the event loop.

    Attributes:
        state: Where it stands.
        blocker: The id of the submission that is in the way, or an empty string.
    """

    def __init__(
        self,
        service: Service,
        ledger: Ledger,
        submission: SubmissionPlan | SubmissionRecord,
        *,
        known: Collection[str] | None = None,
        timeouts: SendTimeouts | None = None,
        clock: Clock | None = None,
        on_change: Callable[[SendState], None] = ignore_state,
    ) -> None:
        is_new = isinstance(submission, SubmissionPlan)
        self._plan = submission if isinstance(submission, SubmissionPlan) else submission.plan
        self._is_written = not is_new
        self._journal = ledger.journal
        self._known = known
        self._clock = clock or SystemClock()
        self._on_change = on_change
        self._runner = SubmissionRunner(
            service, ledger, timeouts=timeouts, clock=self._clock, on_event=self._take
        )
        self._task: asyncio.Task[SubmissionRecord] | None = None
        self._is_knowing = False
        self.state = initial_state(submission)
        self.blocker = ""

    @property
    def submission_id(self) -> str:
        """Of the submission."""
        return self._plan.submission_id

    async def send(self) -> SendState:
        """Send what is left, from the beginning or where it was interrupted.

        Canceling the task stops it in order, as `stop` does; it can be sent on later.

        Returns:
            The state it ended in: an error of ours is in it, not raised.
        """
        self._set(replace(self.state, phase=SendPhase.SENDING, error=None, candidates=(), number=0))
        self._task = asyncio.ensure_future(self._submit())
        try:
            record = await self._task
        except asyncio.CancelledError:
            if self.state.phase is not SendPhase.STOPPING:
                raise
            await self._take_stock()
        except Unresolved as error:
            self._open(error)
        except BatchtuiError as error:
            await self._fail(error)
        else:
            self._finish(record)
        finally:
            self._task = None
        return self.state

    async def stop(self) -> None:
        """Stop what is being sent; `send` returns what became of it."""
        task = self._task
        if task is None:
            return
        self._set(replace(self.state, phase=SendPhase.STOPPING))
        task.cancel()
        await asyncio.wait({task})

    async def adopt(self, batch_id: str, number: int = 0) -> None:
        """Take a batch for a part whose answer was lost, on the user's word.

        Args:
            batch_id: The batch.
            number: Of the part; the one that is open if 0.

        Raises:
            SubmissionError: No part is open, or another process is at it.
            LedgerError: The batch stands for another part, or the journal cannot be written.
        """
        number = number or self.state.number
        if not number:
            raise SubmissionError("There is no part that this batch could be.")
        await self._runner.adopt(self.submission_id, number, batch_id)
        others = [one for one in self.state.batches if one.id != batch_id]
        batches = [one for one in self.state.candidates if one.id == batch_id]
        self._set(
            replace(
                self.state,
                made={**self.state.made, number: batch_id},
                batches=(*others, *batches),
                adopted=self.state.adopted | {number},
                probable=self.state.probable - {number},
                candidates=(),
                number=0,
            )
        )

    async def send_knowingly(self, number: int = 0) -> None:
        """Let the open part be sent although a batch of it may exist, or this one past another.

        Raises:
            SubmissionError: Another process is at it.
            LedgerError: The journal cannot be written.
        """
        number = number or self.state.number
        if number:
            await self._runner.send_again(self.submission_id, number)
            made = {key: one for key, one in self.state.made.items() if key != number}
            self._set(
                replace(self.state, made=made, probable=self.state.probable - {number}, number=0)
            )
        else:
            self._is_knowing = True

    async def blocking_record(self) -> SubmissionRecord:
        """Return the submission that is in the way.

        Raises:
            SubmissionError: It is not known any more.
        """
        record = await asyncio.to_thread(self._journal.submission, self.blocker)
        if record is None:
            raise SubmissionError("The other submission is not known any more.")
        return record

    async def record(self) -> SubmissionRecord | None:
        """Return the submission as the journal has it; ``None`` before it is written down."""
        return await asyncio.to_thread(self._journal.submission, self.submission_id)

    async def mark_reported(self) -> None:
        """Note that the user has seen all that it made.

        Raises:
            LedgerError: The journal cannot be written.
        """
        await asyncio.to_thread(self._journal.mark_reported, self.submission_id)

    async def keep_or_put_away(self) -> bool:
        """Give up what made nothing for certain.

        Returns:
            Whether there is something to finish later.

        Raises:
            LedgerError: The journal cannot be read or written.
        """
        record = await self.record()
        if record is None or not record.is_open:
            return False
        if any(part.batch_id or part.state.is_unresolved for part in record.parts):
            return True
        await asyncio.to_thread(self._journal.give_up, self.submission_id)
        return False

    async def _submit(self) -> SubmissionRecord:
        """Write the plan down, unless it is, and send what is left of it."""
        if not self._is_written and await self.record() is None:
            return await self._runner.start(
                self._plan, known=self._known, knowingly=self._is_knowing
            )
        return await self._runner.run(self.submission_id)

    def _finish(self, record: SubmissionRecord) -> None:
        if not record.probable:
            self._set(replace(self.state, phase=SendPhase.DONE))
            return
        first = record.probable[0]
        found = tuple(one for one in self.state.batches if one.id == first.batch_id)
        self._set(
            replace(
                self.state, phase=SendPhase.PROBABLE, candidates=found, number=first.plan.number
            )
        )

    def _open(self, error: Unresolved) -> None:
        is_own = error.submission_id == self.submission_id
        self.blocker = "" if is_own else error.submission_id
        self._set(
            replace(
                self.state,
                phase=SendPhase.UNRESOLVED if is_own else SendPhase.BLOCKED,
                error=error,
                candidates=error.candidates,
                number=error.number if is_own else 0,
            )
        )

    async def _fail(self, error: BatchtuiError) -> None:
        record = await self.record()
        is_refused = record is not None and record.is_refused
        self._set(
            replace(
                self.state,
                phase=SendPhase.REFUSED if is_refused else SendPhase.FAILED,
                error=error,
                number=_open_part(record),
            )
        )

    async def _take_stock(self) -> None:
        """Find out, after a stop, whether it is known what became of every part."""
        number = _open_part(await self.record())
        phase = SendPhase.UNRESOLVED if number else SendPhase.STOPPED
        self._set(replace(self.state, phase=phase, number=number))

    def _take(self, event: Event) -> None:
        self._set(after_event(self.state, event, self._clock.monotonic()))

    def _set(self, state: SendState) -> None:
        self.state = state
        self._on_change(state)


def _open_part(record: SubmissionRecord | None) -> int:
    """Return the number of the first part of which nobody knows whether it was made; 0 for none."""
    parts = record.parts if record is not None else ()
    return next((part.plan.number for part in parts if part.state.is_unresolved), 0)
