"""Open a results file that is on this disk: packed or not, however printed, even while it grows.

The first rows are there when `open_results` returns; the rest follows in the background.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from batchtui.clock import Clock, SystemClock
from batchtui.errors import BatchtuiError
from batchtui.results.blocks import Blocks, PlainBlocks
from batchtui.results.foreign import open_results_blocks
from batchtui.results.index import ResultsIndex
from batchtui.results.indexing import Indexer, finish, scan
from batchtui.results.kept_index import keep_index, load_index
from batchtui.results.reader import RowReader
from batchtui.results.records.catalog import FieldCatalog
from batchtui.results.records.registry import records_of
from batchtui.results.relined import RelinedBlocks

_FIRST = 512 * 1024
"""Bytes indexed before the file is shown: a few screens of rows in 2 ms."""
_REPORT_EVERY = 0.1
_LOOK_EVERY = 1.0
"""Seconds between two looks at a file that may grow."""
_QUIET = 5.0
"""Seconds after the last change of a file before its unfinished last line counts as a row."""


class LoadProgress(Struct, frozen=True):
    """How much of a file is indexed."""

    rows: int = 0
    bytes_read: int = 0
    """Of the file on disk; of a gzip file packed bytes."""
    bytes_total: int = 0
    is_loaded: bool = False
    """Whether all there is for now has been indexed."""
    unfinished: int = 0
    """Bytes behind the last whole line that are no row yet: the file is being written, or torn."""
    problem: str = ""
    """Why the file ends before it should, or ""."""


class ResultsFile:
    """A results file on disk and its rows.

    Attributes:
        path: As it was opened; untrusted text.
        index: Its rows; another object after the file was overwritten (`follow`).
        progress: How much of it is indexed.
    """

    def __init__(self, path: Path, blocks: Blocks, *, clock: Clock) -> None:
        """Use `open_results`."""
        self.path = path
        self.progress = LoadProgress(bytes_total=blocks.total())
        self._blocks = blocks
        self._clock = clock
        self._indexer = Indexer()
        self._reported = float("-inf")
        self._is_ended_in_torn_row = False
        self._is_kept = False
        self._kept_catalog: FieldCatalog | None = None

    @property
    def index(self) -> ResultsIndex:
        """The rows so far."""
        return self._indexer.index

    @property
    def vendor(self) -> str:
        """Whose answers they are, as far as is known, in words; "" for this API's own."""
        vendor = self._blocks.vendor if isinstance(self._blocks, RelinedBlocks) else None
        return "" if vendor is None else vendor.value

    def reader(self) -> RowReader:
        """Return a reader of the rows of `index` as it is now; the caller closes it."""
        index = self.index
        return RowReader(
            self.path,
            index,
            descriptor=self._blocks.descriptor,
            stamp=self._blocks.stamp(),
            is_rewritten=lambda: index is not self.index or self._blocks.is_overwritten(),
        )

    def load_first(self) -> None:
        """Index the first rows at once, or all of them if their index was kept.

        `open_results` does it.

        Raises:
            ResultsFileError: The file cannot be read.
        """
        if isinstance(self._blocks, PlainBlocks):
            kept = load_index(self.path, self._blocks.descriptor)
            if kept is not None:
                self._indexer = Indexer(kept)
                self._blocks.skip_all()
                self._is_kept = True
                self._kept_catalog = self._catalog_to_keep()
                self._note(is_loaded=True)
                return
        for _ in self._indexer.feed(self._blocks.read(_FIRST)):
            pass
        self._note(is_loaded=False)

    async def load(
        self,
        on_progress: Callable[[LoadProgress], None] | None = None,
        *,
        is_final: bool = False,
    ) -> None:
        """Index all there is for now; call it again when `has_changed`.

        Args:
            on_progress: Called on the event loop, ten times a second at most, and at the end.
            is_final: Whether nobody looks again: half a line at the end counts as a row at once.

        Raises:
            ResultsFileError: The file cannot be read.
        """
        if self._must_restart():
            self._restart()
        if self._is_kept:
            if on_progress is not None:
                on_progress(self.progress)
            return
        await scan(self._blocks, self._indexer, on_slice=lambda: self._report(on_progress))
        is_whole = self._indexer.is_tail_whole()
        if is_whole or is_final or self._is_quiet():
            self._is_ended_in_torn_row = not is_whole
            await finish(self._indexer)
        self._note(is_loaded=True)
        if isinstance(self._blocks, PlainBlocks) and not self.progress.unfinished:
            await asyncio.to_thread(self.keep)
        if on_progress is not None:
            on_progress(self.progress)

    def keep(self) -> None:
        """Keep the index of a verified file beside it, records too once all of them are known.

        They are kept once more where their fields were learnt anew since.
        """
        catalog = self._catalog_to_keep()
        if self._is_kept and catalog in (None, self._kept_catalog):
            return
        if self._blocks.is_rewritten():  # the rows are of bytes that stand there no longer
            return
        if keep_index(self.path, self.index, self._blocks.descriptor):
            self._is_kept, self._kept_catalog = True, catalog

    def has_changed(self) -> bool:
        """Return whether there is something to `load`: new bytes, or a torn end that is old."""
        if self._blocks.total() != self._blocks.position() or self._blocks.is_rewritten():
            return True
        return self._indexer.unfinished > 0 and self._is_quiet()

    async def follow(self, on_progress: Callable[[LoadProgress], None]) -> None:
        """Load whatever is written to the file from now on; runs until it is canceled.

        Args:
            on_progress: As for `load`.

        Raises:
            ResultsFileError: The file cannot be read.
        """
        while True:
            await self._clock.sleep(_LOOK_EVERY)
            if self.has_changed():
                await self.load(on_progress)

    def close(self) -> None:
        """Close the file; an unpacked copy is gone then. Readers already made go on."""
        if self.progress.is_loaded and isinstance(self._blocks, PlainBlocks):
            self.keep()
        self._blocks.close()

    def _must_restart(self) -> bool:
        """Return whether the file was overwritten, or its torn last row turned out to go on."""
        total, position = self._blocks.total(), self._blocks.position()
        is_longer = (self._is_ended_in_torn_row or self._is_kept) and total > position
        return total < position or is_longer or self._blocks.is_rewritten()

    def _restart(self) -> None:
        self._blocks.rewind()
        self._indexer = Indexer()
        self._is_ended_in_torn_row = False
        self._is_kept, self._kept_catalog = False, None

    def _catalog_to_keep(self) -> FieldCatalog | None:
        """Return the fields of the records if these can be kept."""
        records = records_of(self.index)
        return records.sample.catalog if records.can_be_kept else None

    def _is_quiet(self) -> bool:
        """Return whether nobody has written to the file for a while."""
        # a date that is to come tells of another clock
        return abs(self._clock.now().timestamp() - self._blocks.changed_at()) >= _QUIET

    def _report(self, on_progress: Callable[[LoadProgress], None] | None) -> None:
        now = self._clock.monotonic()
        if on_progress is not None and now - self._reported >= _REPORT_EVERY:
            self._reported = now
            self._note(is_loaded=False)
            on_progress(self.progress)

    def _note(self, *, is_loaded: bool) -> None:
        self.progress = LoadProgress(
            rows=len(self.index),
            bytes_read=self._blocks.position(),
            bytes_total=self._blocks.total(),
            is_loaded=is_loaded,
            unfinished=self._indexer.unfinished if is_loaded else 0,
            problem=self._blocks.end() if is_loaded else "",
        )


def open_results(path: Path, *, clock: Clock | None = None) -> ResultsFile:
    """Open a results file and index its first rows; blocks for some milliseconds.

    Args:
        path: The file; packed, a list or printed over several lines too.
        clock: Tells whether the file is still being written.

    Raises:
        NotResultsError: It is something else.
        ResultsFileError: It cannot be read.
    """
    blocks = open_results_blocks(path)
    file = ResultsFile(path, blocks, clock=SystemClock() if clock is None else clock)
    try:
        file.load_first()
    except BatchtuiError:
        file.close()
        raise
    return file


async def index_whole(path: Path, *, clock: Clock | None = None) -> ResultsIndex:
    """Return all rows of a results file, which is open only for as long as they are indexed.

    Args:
        path: The file, as `open_results` takes it.
        clock: Tells whether the file is still being written.

    Raises:
        NotResultsError: It is something else.
        ResultsFileError: It cannot be read.
    """
    file = await asyncio.to_thread(open_results, path, clock=clock)
    try:
        await file.load(is_final=True)
        return file.index
    finally:
        file.close()
