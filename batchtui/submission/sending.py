"""Sends one part: written down before the first byte, and again before the last."""

import asyncio
from collections.abc import Callable
from functools import partial

from batchtui.api.errors import AmbiguousCreate, ApiError, ConnectionFailed, RateLimited
from batchtui.api.models import MessageBatch
from batchtui.clock import Clock
from batchtui.library.ledger_journal import Journal
from batchtui.library.ledger_values import PartRecord
from batchtui.submission.errors import AlreadyRunning
from batchtui.submission.pace import Event, Made, Pace, Uploading, Waiting
from batchtui.submission.refusals import is_final_refusal
from batchtui.submission.service import Service
from batchtui.submission.source import RequestSource
from batchtui.submission.upload import PartUpload


class PartSender:
    """Sends parts of one file.

    Args:
        service: The API.
        journal: Where each step is written down before it is taken.
        source: The file.
        betas: Beta headers to send along.
        pace: How often to try.
        clock: For waits.
        on_event: Told what happens.
    """

    def __init__(
        self,
        service: Service,
        journal: Journal,
        source: RequestSource,
        betas: tuple[str, ...],
        pace: Pace,
        clock: Clock,
        on_event: Callable[[Event], None],
    ) -> None:
        self._service = service
        self._journal = journal
        self._source = source
        self._betas = betas
        self._pace = pace
        self._clock = clock
        self._tell = on_event

    async def send(self, part: PartRecord) -> None:
        """Make a batch of a part that is planned or failed.

        A refusal that passes (rate limit, no connection, a connection lost before the last byte was
        out) is waited for and tried again: it made nothing.

        Raises:
            AmbiguousCreate: A batch may have been made; the journal says so.
            AlreadyRunning: The part is not to be sent now.
            SourceError: The file cannot be read, or is another by now.
            ApiError: The API refused for good, or too often.
            LedgerError: The journal cannot be written; nothing (more) was sent.
        """
        for attempt in range(1, self._pace.attempts + 1):
            try:
                await self._send_once(part)
            except ApiError as error:
                wait = self._wait_after(error, attempt)
                if wait is None:
                    raise
                self._tell(Waiting(part.plan.number, wait, error.message))
                await self._clock.sleep(wait)
            else:
                return

    async def _send_once(self, part: PartRecord) -> None:
        where = (part.submission_id, part.plan.number)
        if not await asyncio.to_thread(self._journal.begin_sending, *where):
            raise AlreadyRunning(f"Part {part.plan.number} is being sent, or has been.")
        upload = PartUpload(
            self._source,
            part.plan,
            before_last=partial(self._journal.mark_sent, *where),
            on_progress=partial(self._tell_progress, part),
        )
        batch = await self._create(part, upload)
        await asyncio.to_thread(self._journal.complete, *where, batch.id)
        self._tell(Made(part.plan.number, batch, is_adopted=False))

    async def _create(self, part: PartRecord, upload: PartUpload) -> MessageBatch:
        where = (part.submission_id, part.plan.number)
        try:
            return await self._service.create(
                upload, content_length=part.plan.body_bytes, betas=self._betas
            )
        except AmbiguousCreate as error:
            if not upload.has_announced_last:
                self._journal.mark_failed(*where, error.reason.message)
                raise error.reason from error
            self._journal.mark_ambiguous(*where, error.reason.message)
            raise
        except ApiError as error:
            is_final = is_final_refusal(error)
            mark = self._journal.mark_refused if is_final else self._journal.mark_failed
            mark(*where, error.message)
            raise
        except BaseException as error:
            # Cancelled, or the file could not be read on. Written down without a thread: a task
            # that is being cancelled should not wait.
            if upload.has_announced_last:
                self._journal.mark_ambiguous(*where, "Interrupted before the answer came.")
            else:
                self._journal.mark_failed(*where, str(error) or "Interrupted.")
            raise

    def _wait_after(self, error: ApiError, attempt: int) -> float | None:
        """Return how long to wait before the next try, or None if there should be none."""
        passes = isinstance(error, RateLimited | ConnectionFailed)
        if not passes or error.is_permanent or attempt >= self._pace.attempts:
            return None
        wait = error.retry_after or self._pace.first_wait * 2 ** (attempt - 1)
        return min(wait, self._pace.longest_wait)

    def _tell_progress(self, part: PartRecord, sent: int) -> None:
        self._tell(Uploading(part.plan.number, sent, part.plan.body_bytes))
