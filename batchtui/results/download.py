"""Bring a batch's results to this disk, readable from the first row, complete when proven so.

The stream is written in one thread and indexed on the event loop, one block behind: a row is in
the index only when its bytes are in the file. Whatever happens, even a kill, the part on disk is
never taken for complete; the next try resumes it where the server proves that the file is the same,
and otherwise makes a fresh copy beside it.
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from batchtui.api.errors import ApiError, ConnectionFailed, ResultsUnavailable, with_request_id
from batchtui.api.models import MessageBatch
from batchtui.clock import Clock, SystemClock
from batchtui.errors import BatchtuiError
from batchtui.library.errors import LibraryError
from batchtui.library.store import PartialResults, ResultsStore, StoredResults
from batchtui.results.errors import ResultsFileError, UnaskedRowsError
from batchtui.results.index import ResultsIndex
from batchtui.results.indexing import finish
from batchtui.results.outcome import (
    Busy,
    Incomplete,
    IncompleteKind,
    Outcome,
    Verified,
    count_by_type,
    find_gap,
    list_remarks,
)
from batchtui.results.progress import DownloadProgress
from batchtui.results.transfer import (
    ResultsChangedError,
    Resume,
    Source,
    Transfer,
    prepare_resume,
)


class Download:
    """One batch's results on their way to this disk.

    Run it in a task; canceling the task closes the connection at once and keeps the part.
    """

    def __init__(
        self,
        source: Source,
        batch: MessageBatch,
        store: ResultsStore,
        *,
        clock: Clock | None = None,
        on_progress: Callable[[DownloadProgress], None] | None = None,
        count_unasked: Callable[[Iterable[str]], int] | None = None,
    ) -> None:
        """Prepare; nothing is sent or written yet.

        Args:
            source: The client.
            batch: As the server told it after its end: its counts say what is complete.
            store: Where the results go.
            clock: For speed and times.
            on_progress: Called on the event loop, ten times a second at most, and at the end.
            count_unasked: Returns how many of the rows, given by their ids, answer no request of
                the batch; called in a thread.
        """
        self._count_unasked = count_unasked
        self._source = source
        self._batch = batch
        self._store = store
        self._clock = SystemClock() if clock is None else clock
        self._on_progress = on_progress
        self._transfer: Transfer | None = None
        self._empty = ResultsIndex()
        self._found: Path | None = None

    @property
    def index(self) -> ResultsIndex:
        """The rows so far; another object once `run` knows whether it continues an earlier try.

        Empty where `run` found complete results on the disk: open them as a file.
        """
        return self._transfer.indexer.index if self._transfer else self._empty

    @property
    def path(self) -> Path:
        """The file that `index` speaks of, for a `RowReader`; it may be renamed while it is open.

        Before the first byte has come there may be no such file, and there is none after a fresh
        copy broke off earlier than the part before it: `Incomplete.partial` names what is kept.
        """
        if self._found is not None:
            return self._found
        return self._transfer.file.path if self._transfer else self._store.part_path(self._batch.id)

    @property
    def progress(self) -> DownloadProgress:
        """How far it is."""
        if self._transfer:
            return self._transfer.progress
        return DownloadProgress(expected_rows=self._batch.request_counts.total)

    async def run(self) -> Outcome:
        """Bring the results here, or find them here.

        Returns:
            `Verified`, `Incomplete` with the reason, or `Busy`. What the API or the disk refused is
            an outcome too, never an exception.
        """
        found = await asyncio.to_thread(self._store.stored, self._batch.id)
        if found is not None:
            return self._verified(found)
        try:
            lock = self._store.lock(self._batch.id)
            if not lock.acquire():
                return Busy(self._store.partial(self._batch.id))
        except LibraryError as error:
            return Incomplete("disk", error.message, error.hint, error=error)
        try:
            return await self._run_locked()
        finally:
            if self._transfer is not None:
                await self._transfer.file.close()
            lock.release()

    async def _run_locked(self) -> Outcome:
        try:
            found = await asyncio.to_thread(self._store.recover, self._batch.id)
            if found is not None:
                return self._verified(found)
            try:
                transfer = await self._receive(await prepare_resume(self._store, self._batch.id))
            except ResultsChangedError:  # the server's proof did not hold: have all of it again
                await self._leave_part()
                transfer = await self._receive(None)
            return await self._judge(transfer)
        except asyncio.CancelledError:
            await self._settle("stopped", "stopped before the end")
            raise
        except (ApiError, LibraryError, ResultsFileError) as error:
            return await self._settle(_kind_of(error), error.message, error)

    async def _receive(self, resume: Resume | None) -> Transfer:
        point = resume.point if resume else None
        async with self._source.results(self._batch, resume=point) as stream:
            self._transfer = Transfer(
                stream,
                self._about(),
                self._store,
                resume=resume,
                clock=self._clock,
                on_progress=self._on_progress,
            )
            await self._transfer.run()
            return self._transfer

    async def _judge(self, transfer: Transfer) -> Outcome:
        """Find out whether what came is all of it, once the stream has ended well."""
        index = transfer.indexer.index
        has_tail = transfer.indexer.line_start < transfer.file.size
        is_torn = has_tail and not transfer.indexer.is_tail_whole()
        await finish(transfer.indexer)
        transfer.report(is_due=True)
        total = self._batch.request_counts.total
        gap = find_gap(index, total, is_torn=is_torn)
        error = None if gap else await asyncio.to_thread(self._find_unasked, index)
        if gap or error:
            # Whatever the server proves next time, it does not prove these bytes.
            transfer.about = msgspec.structs.replace(transfer.about, validator=None)
            reason = with_request_id(error.message if error else gap, transfer.about.request_id)
            return await self._settle("count", reason, error)
        await transfer.file.sync()
        found = await asyncio.to_thread(
            self._store.finish,
            StoredResults(
                batch_id=self._batch.id,
                size=transfer.file.size,
                sha256=transfer.file.digest.hexdigest(),
                rows=len(index),
                counts=count_by_type(index),
                duplicate_rows=index.duplicate_rows,
                request_id=transfer.about.request_id,
                downloaded_at=self._clock.now(),
            ),
            transfer.file.path,
        )
        return self._verified(found, list_remarks(index))

    def _find_unasked(self, index: ResultsIndex) -> UnaskedRowsError | None:
        if self._count_unasked is None:
            return None
        rows = self._count_unasked(index.custom_ids(0, len(index)))
        return UnaskedRowsError(rows) if rows else None

    async def _leave_part(self) -> None:
        """Leave the part as it is, to be kept only until there is something better."""
        transfer, self._transfer = self._transfer, None
        if transfer is not None:
            await transfer.file.close()
            about = msgspec.structs.replace(transfer.about, validator=None)
            self._store.note_part(msgspec.structs.replace(about, reason=str(ResultsChangedError())))

    def _verified(self, found: StoredResults, remarks: tuple[str, ...] = ()) -> Verified:
        self._found = found.path
        return Verified(found, remarks)

    async def _settle(
        self, kind: IncompleteKind, reason: str, error: BatchtuiError | None = None
    ) -> Incomplete:
        """Leave what is here in order, and say why it is not all."""
        transfer = self._transfer
        remarks: tuple[str, ...] = ()
        if transfer is not None:
            await transfer.file.close()
            transfer.report(is_due=True)
            remarks = list_remarks(transfer.indexer.index)
            # A full disk may refuse even this; the reason to tell is the first one.
            with contextlib.suppress(LibraryError):
                self._note(transfer, reason)
        return Incomplete(
            kind=kind,
            reason=reason,
            hint=error.hint if error else "",
            partial=self._store.partial(self._batch.id),
            error=error,
            remarks=remarks,
        )

    def _note(self, transfer: Transfer, reason: str) -> None:
        if transfer.is_fresh:
            if not self._store.keep_longer(self._batch.id):
                return
            self._found = self._store.part_path(self._batch.id)
        elif not transfer.file.size:
            self._store.drop_empty_part(self._batch.id)
            return
        rows = len(transfer.indexer.index)
        self._store.note_part(msgspec.structs.replace(transfer.about, reason=reason, rows=rows))

    def _about(self) -> PartialResults:
        return PartialResults(
            batch_id=self._batch.id,
            expected_rows=self._batch.request_counts.total,
            started_at=self._clock.now(),
        )


def _kind_of(error: BatchtuiError) -> IncompleteKind:
    if isinstance(error, ConnectionFailed):
        return "stalled" if error.cause == "stalled" else "network"
    if isinstance(error, ResultsUnavailable):
        return "unavailable"
    return "refused" if isinstance(error, ApiError) else "disk"
