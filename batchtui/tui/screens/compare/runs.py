"""Where the two runs come from: files of this disk, or batches whose results are fetched."""

import asyncio
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Protocol

from batchtui.api.models import MessageBatch
from batchtui.errors import BatchtuiError
from batchtui.library.reviews import file_subject
from batchtui.library.store import PartialResults, StoredResults
from batchtui.results.comparison.side import Side
from batchtui.results.obtain import describe_incomplete
from batchtui.results.opening import ResultsFile, open_results
from batchtui.results.outcome import Busy, Incomplete
from batchtui.results.progress import describe_progress
from batchtui.results.reader import RowReader
from batchtui.session import Session
from batchtui.tui.screens.results.requests import Requests


class RunUnavailable(BatchtuiError):
    """The results of a run cannot be had."""


class ComparedRun(Protocol):
    """One run."""

    name: str
    """What the user calls it; untrusted text."""
    subject: str
    """What reviews of it are kept under."""
    requests: Requests
    """Finds the questions, where they are known."""

    async def load(self, on_progress: Callable[[str], None]) -> Side:
        """Return all its rows.

        Args:
            on_progress: Called with how far it is, in words.

        Raises:
            BatchtuiError: They cannot be had.
        """

    def close(self) -> None:
        """Close its file."""


class FileRun:
    """A results file of this disk."""

    def __init__(self, path: Path, name: str = "") -> None:
        self.name = name or path.name
        self.subject = file_subject(path)
        self.requests = Requests()
        self._path = path
        self._file: ResultsFile | None = None
        self._reader: RowReader | None = None

    async def load(self, on_progress: Callable[[str], None]) -> Side:
        """Return all its rows.

        Raises:
            ResultsFileError: It cannot be read.
        """
        self._file = file = await asyncio.to_thread(open_results, self._path)
        await file.load(lambda done: on_progress(f"{self.name}: {done.rows:,} rows"))
        self._reader = file.reader()
        return Side(self.name, file.index, self._reader)

    def close(self) -> None:
        """Close the file."""
        if self._reader is not None:
            self._reader.close()
        if self._file is not None:
            self._file.close()


class BatchRun:
    """The results of a batch, downloaded first where they are not on this disk."""

    def __init__(self, session: Session, batch: MessageBatch, label: str = "") -> None:
        self.name = label or batch.id
        self.subject = batch.id
        self.requests = Requests(session.ledger.source_of, lambda _custom_id: batch.id)
        self._session = session
        self._batch = batch
        self._file: FileRun | None = None
        self._borrowed = ExitStack()

    async def load(self, on_progress: Callable[[str], None]) -> Side:
        """Return all its rows.

        Raises:
            RunUnavailable: They are not whole.
            BatchtuiError: They cannot be had.
        """
        self._borrowed.enter_context(self._session.borrowed(self._batch.id))
        stored = await asyncio.to_thread(self._session.store.stored, self._batch.id)
        if stored is None:
            stored = await self._download(on_progress)
        self._file = FileRun(stored.path, self.name)
        return await self._file.load(on_progress)

    async def _download(self, on_progress: Callable[[str], None]) -> StoredResults:
        async def say_so(_partial: PartialResults | None) -> None:
            on_progress(f"{self.name}: waiting for another batchtui that downloads it")

        outcome = await self._session.obtain(
            self._batch,
            on_progress=lambda done: on_progress(f"{self.name}: {describe_progress(done)}"),
            on_waiting=say_so,
        )
        if isinstance(outcome, Incomplete):
            why = describe_incomplete(outcome, is_kept=self._session.settings.keep_results)
            raise RunUnavailable(f"{self.name}: {why}", hint=outcome.hint)
        if isinstance(outcome, Busy):  # never, as it is waited for
            raise RunUnavailable(f"{self.name} is being downloaded by another batchtui.")
        return outcome.results

    def close(self) -> None:
        """Close its file; where results are not to be kept, delete what came meanwhile."""
        if self._file is not None:
            self._file.close()
        with suppress(BatchtuiError):
            self._borrowed.close()
