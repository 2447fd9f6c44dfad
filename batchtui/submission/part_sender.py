"""Sends one part: written down before the first byte goes out, and again before the last."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from functools import partial

from batchtui.api.errors import (
    AmbiguousCreate,
    ApiError,
    ConnectionFailed,
    RateLimited,
)
from batchtui.api.models import MessageBatch
from batchtui.clock import Clock
from batchtui.library.ledger_journal import Journal
from batchtui.library.ledger_values import PartRecord, PlannedPart
from batchtui.submission.body import body_blocks
from batchtui.submission.errors import AlreadyRunning, SourceChanged
from batchtui.submission.events import Event, Made, SendTimeouts, Uploading, Waiting
from batchtui.submission.refusals import is_final_refusal
from batchtui.submission.requested import requests_of_part
from batchtui.submission.service import Service
from batchtui.submission.source import RequestSource


class PartUpload:
    """Yields the exact bytes of one part's create, once.

    The last block is held back until the file is known to have been what was planned, and until
    ``before_last`` has written down that from here on a batch may exist.

    Attributes:
        has_announced_last: Whether the last block was released: before that no server can have had
            the whole body.
    """

    def __init__(
        self,
        source: RequestSource,
        part: PlannedPart,
        *,
        before_last: Callable[[], object],
        on_progress: Callable[[int], None],
    ) -> None:
        """Prepare the upload; nothing is read yet.

        Args:
            source: The file.
            part: Which requests of it.
            before_last: Called in a thread before the last block is released.
            on_progress: Called with the bytes handed over so far.
        """
        self.has_announced_last = False
        self._source = source
        self._part = part
        self._before_last = before_last
        self._on_progress = on_progress

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield the blocks.

        Raises:
            SourceError: The file cannot be read.
            SourceChanged: The file is not what it was when the part was planned.
        """
        blocks = await asyncio.to_thread(self._open)
        sent = read = 0
        held = b""
        while (block := await asyncio.to_thread(next, blocks, b"")) != b"":
            read += len(block)
            if held:
                yield held
                sent += len(held)
                self._on_progress(sent)
            held = block
        if read != self._part.body_bytes:
            raise SourceChanged(
                f"{self._source.path} has changed: part {self._part.number} has {read:,} bytes"
                f" instead of {self._part.body_bytes:,}. It was not sent.",
                hint="Restore the file as it was, or start a new submission from the new file.",
            )
        await asyncio.to_thread(self._source.require_untouched)
        await asyncio.to_thread(self._before_last)
        self.has_announced_last = True
        yield held
        self._on_progress(sent + len(held))

    def _open(self) -> Iterator[bytes]:
        return body_blocks(requests_of_part(self._source, self._part))


class PartSender:
    """Sends parts of one file.

    Args:
        service: The API.
        journal: Where each step is written down before it is taken.
        source: The file.
        betas: Beta headers to send along.
        seen_before: Batches that were in the list before anything was sent.
        timeouts: How often to try.
        clock: For waits.
        on_event: Called with what happens.
    """

    def __init__(
        self,
        service: Service,
        journal: Journal,
        source: RequestSource,
        betas: tuple[str, ...],
        seen_before: Sequence[MessageBatch],
        timeouts: SendTimeouts,
        clock: Clock,
        on_event: Callable[[Event], None],
    ) -> None:
        self._service = service
        self._journal = journal
        self._source = source
        self._betas = betas
        self._seen_before = seen_before
        self._timeouts = timeouts
        self._clock = clock
        self._report = on_event

    async def send(self, part: PartRecord) -> None:
        """Make a batch of a part that is planned or failed.

        What did not get through (no connection, one lost before the last byte was out) is tried
        again, and so is what the server itself asks to be sent later (a rate limit with a time):
        they made nothing. Any other refusal is the user's to answer.

        Raises:
            AmbiguousCreate: A batch may have been made; the journal says so, and whether the API
                itself answered.
            AlreadyRunning: The part is not to be sent now.
            SourceError: The file cannot be read, or is another by now.
            ApiError: The API refused for good, or too often.
            LedgerError: The journal cannot be written; nothing (more) was sent.
        """
        for attempt in range(1, self._timeouts.attempts + 1):
            try:
                await self._send_once(part)
            except ApiError as error:
                wait = self._wait_after(error, attempt)
                if wait is None:
                    raise
                self._report(Waiting(part.plan.number, wait, error.message))
                await self._clock.sleep(wait)
            else:
                return

    async def _send_once(self, part: PartRecord) -> None:
        where = (part.submission_id, part.plan.number)
        begin = partial(
            self._journal.begin_sending,
            *where,
            server_offset=self._service.server_offset,
            seen_before=[
                batch.id
                for batch in self._seen_before
                if batch.request_counts.total == part.plan.requests
            ],
        )
        if not await asyncio.to_thread(begin):
            raise AlreadyRunning(f"Part {part.plan.number} is being sent, or has been.")
        upload = PartUpload(
            self._source,
            part.plan,
            before_last=partial(self._journal.mark_sent, *where),
            on_progress=partial(self._report_progress, part),
        )
        batch = await self._create(part, upload)
        await asyncio.to_thread(self._journal.complete, *where, batch.id)
        self._report(Made(part.plan.number, batch, is_adopted=False))

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
            if error.reason.is_from_api:
                self._journal.mark_rejected(*where, error.reason.message)
            else:
                self._journal.mark_ambiguous(*where, error.reason.message)
            raise
        except ApiError as error:
            is_final = is_final_refusal(error)
            mark = self._journal.mark_refused if is_final else self._journal.mark_failed
            mark(*where, error.message)
            raise
        except BaseException as error:
            # Canceled, or the file could not be read on. Written down without a thread: a task
            # that is being canceled should not wait.
            if upload.has_announced_last:
                self._journal.mark_ambiguous(*where, "Interrupted before the answer came.")
            else:
                self._journal.mark_failed(*where, str(error) or "Interrupted.")
            raise

    def _wait_after(self, error: ApiError, attempt: int) -> float | None:
        """Return how long to wait before the next try, or None if there should be none."""
        is_asked_for = isinstance(error, RateLimited) and error.retry_after is not None
        passes = is_asked_for or isinstance(error, ConnectionFailed)
        if not passes or error.is_permanent or attempt >= self._timeouts.attempts:
            return None
        wait = error.retry_after or self._timeouts.first_wait * 2 ** (attempt - 1)
        return min(wait, self._timeouts.longest_wait)

    def _report_progress(self, part: PartRecord, sent: int) -> None:
        self._report(Uploading(part.plan.number, sent, part.plan.body_bytes))
