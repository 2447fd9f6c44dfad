"""Rows of a batch: from this disk where they are here, else downloaded and read as they arrive."""

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path

from batchtui.api.models import MessageBatch
from batchtui.errors import BatchtuiError
from batchtui.library.store import PartialResults, StoredResults
from batchtui.results.download import Download
from batchtui.results.index import ResultsIndex
from batchtui.results.opening import open_results
from batchtui.results.outcome import Incomplete, Verified, list_remarks
from batchtui.results.progress import DownloadProgress
from batchtui.results.reader import RowReader
from batchtui.session import Session
from batchtui.tui.screens.results.file_rows import FileRows, broken
from batchtui.tui.screens.results.source import Phase, SourceStatus


class BatchRowsSource:
    """The results of one batch.

    Args:
        session: The account.
        batch: Which; it has ended.
        title: What the user calls it; its id if not given.
    """

    def __init__(self, session: Session, batch: MessageBatch, title: str = "") -> None:
        self.batch = batch
        self.label = title
        self.title = title or batch.id
        self.name = batch.id if title else ""
        self.status = SourceStatus(expected_rows=batch.request_counts.total)
        self._session = session
        self._download: Download | None = None
        self._download_reader: RowReader | None = None
        self._file: FileRows | None = None
        self._borrowed = contextlib.ExitStack()
        self._empty = ResultsIndex()
        self._on_change: Callable[[], None] = lambda: None

    @property
    def index(self) -> ResultsIndex:
        """The rows so far: of the download once it has some, else of the file on this disk."""
        if self._download is not None and self._download_reader is not None:
            return self._download_reader.index
        return self._file.index if self._file else self._empty

    @property
    def reader(self) -> RowReader | None:
        """Reads the rows."""
        if self._download_reader is not None:
            return self._download_reader
        return self._file.reader if self._file else None

    @property
    def path(self) -> Path | None:
        """The file with the rows."""
        found = self._session.store.final_path(self.batch.id)
        if found.exists():
            return found
        return self._file.file.path if self._file else None

    def batch_of(self, custom_id: str) -> str | None:
        """Return the one batch that there is."""
        del custom_id
        return self.batch.id

    def open(self) -> None:
        """Show the first rows at once where the results are on this disk."""
        stored = self._session.store.stored(self.batch.id)
        if stored is not None:
            with contextlib.suppress(BatchtuiError):  # `run` says why they cannot be read
                self._file = FileRows(open_results(stored.path, clock=self._session.clock))

    async def run(self, on_change: Callable[[], None]) -> None:
        """Get the rows; returns when they are all here, or when something is in the way."""
        self._on_change = on_change
        try:
            stored = await asyncio.to_thread(self._borrow)
            if stored is not None:
                await self._read_stored(stored)
            else:
                await self._fetch()
        except BatchtuiError as error:
            self._set(broken(self.status, error))

    async def close(self) -> None:
        """Close the files; where results are not to be kept, delete what came meanwhile."""
        self._close_download()
        self._close_file()
        with contextlib.suppress(BatchtuiError):
            await asyncio.to_thread(self._borrowed.close)

    def _borrow(self) -> StoredResults | None:
        """Return the results if they are on this disk; what comes from now on is new."""
        self._borrowed.enter_context(self._session.borrowed(self.batch.id))
        return self._session.store.stored(self.batch.id)

    async def _read_stored(self, stored: StoredResults) -> None:
        """Index results that are whole."""
        if self._file is None or self._file.file.path != stored.path:
            await self._open_file(stored.path)
        if self._file is not None:
            await self._file.file.load(lambda _progress: self._note_loading(stored))
            self._set(_verified(stored, self.index))

    def _note_loading(self, stored: StoredResults) -> None:
        progress = self._file.file.progress if self._file else None
        self._set(
            SourceStatus(
                phase=Phase.LOADING,
                is_verified=True,
                expected_rows=stored.rows,
                size=progress.bytes_read if progress else 0,
                expected_size=stored.size,
            )
        )

    async def _fetch(self) -> None:
        """Download, or read along while another batchtui does."""
        outcome = await self._session.obtain(
            self.batch,
            on_progress=self._note_progress,
            on_download=self._begin_download,
            on_waiting=self._read_along,
        )
        if isinstance(outcome, Verified):
            await self._settle(outcome)
        elif isinstance(outcome, Incomplete):
            await self._break_off(outcome)

    def _begin_download(self, download: Download) -> None:
        self._download = download
        if self._file is None and self._download_reader is None:
            total = self.batch.request_counts.total
            self._set(SourceStatus(phase=Phase.DOWNLOADING, expected_rows=total))

    async def _settle(self, outcome: Verified) -> None:
        if self._download_reader is None or len(self.index) != outcome.results.rows:
            # another batchtui has brought them meanwhile
            self._close_download()
            await self._read_stored(outcome.results)
            return
        self._close_file()
        self._set(_verified(outcome.results, self.index))

    async def _break_off(self, outcome: Incomplete) -> None:
        """Keep what is here readable, and say what happened."""
        kept = outcome.partial
        if kept is not None and kept.size > self.index.bytes_indexed:
            await self._open_file(kept.path)
            self._close_download()
            if self._file is not None:
                await self._file.file.load()
        self._set(
            SourceStatus(
                phase=Phase.BROKEN,
                expected_rows=self.batch.request_counts.total,
                size=kept.size if kept else 0,
                problem=outcome.reason,
                hint=outcome.hint,
                can_go_on=outcome.kind != "unavailable",
                remarks=outcome.remarks,
            )
        )

    async def _read_along(self, partial: PartialResults | None) -> None:
        """Show what another batchtui has so far."""
        if partial is not None:
            if self._file is None or self._file.file.path != partial.path:
                await self._open_file(partial.path)
            if self._file is not None:
                await self._file.file.load()
        self._set(
            SourceStatus(
                phase=Phase.WAITING,
                expected_rows=self.batch.request_counts.total,
                size=partial.size if partial else 0,
            )
        )

    def _note_progress(self, progress: DownloadProgress) -> None:
        """Take in how far the download is; rows can be read as soon as there is one."""
        download = self._download
        if download is None:
            return
        if self._download_reader is None or self._download_reader.index is not download.index:
            self._open_download(download)
        self._set(
            SourceStatus(
                phase=Phase.DOWNLOADING,
                expected_rows=progress.expected_rows,
                size=progress.bytes,
                expected_size=progress.expected_bytes,
                speed=progress.bytes_per_second,
                seconds_left=progress.seconds_left,
                remarks=(progress.notice,) if progress.notice else (),
            )
        )

    def _open_download(self, download: Download) -> None:
        """Read from the download, unless what came before it has more rows still."""
        if len(download.index) < len(self.index):
            return
        if len(download.index):
            self._close_download()
            self._download_reader = RowReader(download.path, download.index)

    async def _open_file(self, path: Path) -> None:
        file = await asyncio.to_thread(open_results, path, clock=self._session.clock)
        rows = FileRows(file)
        # not sooner: what is shown is still read from the file of before
        self._close_file()
        self._file = rows

    def _close_file(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _close_download(self) -> None:
        if self._download_reader is not None:
            self._download_reader.close()
            self._download_reader = None

    def _set(self, status: SourceStatus) -> None:
        self.status = status
        self._on_change()


def _verified(stored: StoredResults, index: ResultsIndex) -> SourceStatus:
    return SourceStatus(
        phase=Phase.READY,
        is_verified=True,
        expected_rows=stored.rows,
        size=stored.size,
        remarks=list_remarks(index),
    )
