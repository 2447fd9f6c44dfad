"""Rows from a file on this disk: any results file, packed or not, also one that still grows."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from batchtui.clock import Clock, SystemClock
from batchtui.errors import BatchtuiError
from batchtui.results.index import ResultsIndex
from batchtui.results.opening import LoadProgress, ResultsFile, open_results
from batchtui.results.outcome import list_remarks
from batchtui.results.reader import RowReader
from batchtui.tui.screens.results.source import Phase, SourceStatus

if TYPE_CHECKING:
    from batchtui.submission.merge import MergedResults


class FileRows:
    """The rows of one file with their reader: what both kinds of source read from.

    Args:
        file: The file; closed with these.
    """

    def __init__(self, file: ResultsFile) -> None:
        self.file = file
        self._reader = file.reader()

    @property
    def index(self) -> ResultsIndex:
        """The rows so far."""
        return self.file.index

    @property
    def reader(self) -> RowReader:
        """Reads the rows of `index`."""
        if self._reader.index is not self.file.index:
            self._reader.close()
            self._reader = self.file.reader()
        return self._reader

    def close(self) -> None:
        """Close the file."""
        self._reader.close()
        self.file.close()


class FileRowsSource:
    """A results file on this disk.

    Args:
        path: The file.
        clock: What time it is.
        opened: Gives the file where it is being opened already; blocks.
    """

    batch = None
    label = None

    def __init__(
        self,
        path: Path,
        clock: Clock | None = None,
        opened: Callable[[], ResultsFile] | None = None,
    ) -> None:
        self.title = path.name
        self.name = str(path) if str(path) != path.name else ""
        self.status = SourceStatus()
        self._path = path
        self._clock = SystemClock() if clock is None else clock
        self._opened = opened
        self._rows: FileRows | None = None
        self._empty = ResultsIndex()
        self._on_change: Callable[[], None] = lambda: None

    @property
    def index(self) -> ResultsIndex:
        """The rows so far."""
        return self._rows.index if self._rows else self._empty

    @property
    def reader(self) -> RowReader | None:
        """Reads the rows."""
        return self._rows.reader if self._rows else None

    @property
    def path(self) -> Path | None:
        """The file."""
        return self._path

    def batch_of(self, custom_id: str) -> str | None:
        """Return None: no account knows the file."""
        del custom_id
        return None

    def open(self) -> None:
        """Index the first rows."""
        opened, self._opened = self._opened, None
        try:
            file = opened() if opened else open_results(self._path, clock=self._clock)
            self._rows = FileRows(file)
        except BatchtuiError as error:
            self.status = broken(self.status, error)
            return
        self._take(file.progress)

    async def run(self, on_change: Callable[[], None]) -> None:
        """Index the rest, and what is written to the file from then on."""
        self._on_change = on_change
        if self._rows is None:
            await asyncio.to_thread(self.open)
        if self._rows is None:
            on_change()
            return
        try:
            await self._rows.file.load(self._note)
            await self._rows.file.follow(self._note)
        except BatchtuiError as error:
            self.status = broken(self.status, error)
            on_change()

    async def close(self) -> None:
        """Close the file."""
        if self._rows is not None:
            self._rows.close()
            self._rows = None

    def _note(self, progress: LoadProgress) -> None:
        self._take(progress)
        self._on_change()

    def _take(self, progress: LoadProgress) -> None:
        vendor = self._rows.file.vendor if self._rows else ""
        self.status = replace(loaded(progress, self.index), vendor=vendor)


class MergedRowsSource(FileRowsSource):
    """Merged results.

    Args:
        merged: What they are, and where.
        clock: What time it is.
    """

    def __init__(self, merged: "MergedResults", clock: Clock) -> None:
        super().__init__(merged.path, clock)
        self.title = f"{merged.title} merged"
        self.name = merged.tries
        self._merged = merged

    def batch_of(self, custom_id: str) -> str | None:
        """Return the batch whose row was taken."""
        return self._merged.batches.get(custom_id)

    async def close(self) -> None:
        """Close the file, and delete it: it is written again from the results of the tries."""
        await super().close()
        await asyncio.to_thread(self._merged.path.unlink, missing_ok=True)


def loaded(progress: LoadProgress, index: ResultsIndex) -> SourceStatus:
    """Say how much of a file is indexed."""
    remarks = list_remarks(index) if progress.is_loaded else ()
    if progress.unfinished:
        remarks = (*remarks, "the last line is unfinished: the file may still be written")
    return SourceStatus(
        phase=Phase.READY if progress.is_loaded else Phase.LOADING,
        size=progress.bytes_read,
        expected_size=progress.bytes_total,
        problem=progress.problem,
        remarks=remarks,
    )


def broken(status: SourceStatus, error: BatchtuiError) -> SourceStatus:
    """Say that an error ended it."""
    return replace(
        status, phase=Phase.BROKEN, problem=error.message, hint=error.hint, can_go_on=True
    )
