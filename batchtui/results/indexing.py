"""Make the index from the bytes of a results file, in slices short enough for an event loop.

Everything here runs where the index lives and yields after each slice of a millisecond or so; the
caller decides whether to let others work. A thread would gain nothing: decoding holds the
interpreter's lock, and the slices keep key presses quicker than the lock's hand-over would.
"""

import asyncio
import time
from array import array
from bisect import bisect_right
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator

from batchtui.results.blocks import Blocks
from batchtui.results.column_builder import ColumnBuilder
from batchtui.results.decoding import DecodedLines, decode_slice, line_ends
from batchtui.results.duplicates import DuplicateFinder
from batchtui.results.index import DUPLICATE_ID, ODD_LINE, ResultsIndex
from batchtui.results.json_text import NOT_JSON
from batchtui.results.lines import LineRun, LineSplitter
from batchtui.results.result_line import ResultLine, decode

_SLICE_BYTES = 512 * 1024
"""Decoded in one go: 0.5 ms; less costs more calls, more falls out of the processor's cache."""
_SLICE_ROWS = 512
"""Rows in one go where lines are short: 1 ms."""
_MAX_LENGTH = 0xFFFF_FFFF
_READ_AHEAD = 2 * 1024 * 1024
"""Bytes read in a thread while those before are indexed."""
_TURN = 0.003
"""Seconds of work after which others get a turn: a key press passes through several turns of the
loop, and all of them together should stay below what a person notices."""


class Indexer:
    """Feeds a `ResultsIndex` from chunks of bytes."""

    def __init__(self, index: ResultsIndex | None = None) -> None:
        """Start at the beginning of a file.

        Args:
            index: The empty index to fill; a new one if not given.
        """
        self.index = ResultsIndex() if index is None else index
        self._splitter = LineSplitter()
        self._builder = ColumnBuilder(self.index)
        self._duplicates = DuplicateFinder()

    @property
    def line_start(self) -> int:
        """Offset behind the last whole line: where an unfinished line starts."""
        return self._splitter.line_start

    def feed(self, chunk: bytes) -> Iterator[None]:
        """Take the next bytes of the file; yields after each slice, and must be used up."""
        for run in self._splitter.feed(chunk):
            yield from self._index_run(run)

    @property
    def unfinished(self) -> int:
        """Bytes behind the last whole line, not indexed yet."""
        return self._splitter.held

    def is_tail_whole(self) -> bool:
        """Return whether what is behind the last line end is a whole object, or only spaces.

        It is then safe to `finish` a file that may still grow: only a line end can follow. Whether
        the object is a result is another question.
        """
        tail = self._splitter.peek()
        if not tail or tail.isspace():
            return len(tail) == self._splitter.held
        try:
            decode(tail)
        except NOT_JSON:
            return False
        return True

    def finish(self) -> Iterator[None]:
        """Take the last line of a file that is over, and mark custom ids that came more than once.

        A file that grows afterwards can be fed further, if it was over at the end of a row.
        """
        for run in self._splitter.finish():
            yield from self._index_run(run)
        found: list[int] = []
        yield from self._duplicates.find(found)
        flags = self.index.flags
        for row in found:
            flags[row] |= DUPLICATE_ID
        self.index.duplicate_rows = len(found) - self._duplicates.distinct(found)

    def _index_run(self, run: LineRun) -> Iterator[None]:
        if run.oversize:
            self._add_oversize(run)
            yield
            return
        start = run.start
        if run.offset == 0 and run.data.startswith(BOM_UTF8, start):
            start += len(BOM_UTF8)
        base = run.offset - run.start  # offset in the file of the first byte of `data`
        ends = line_ends(run.data, start, run.stop)
        first = 0
        while first < len(ends):
            last = min(first + _SLICE_ROWS, bisect_right(ends, start + _SLICE_BYTES, first))
            last = max(last, first + 1)
            part = ends[first:last]
            self._append(decode_slice(run.data, start, part, base))
            first, start = last, part[-1] + 1
            self.index.bytes_indexed = base + min(start, run.stop)
            yield

    def _add_oversize(self, run: LineRun) -> None:
        self._append(
            DecodedLines(
                rows=[ResultLine()],
                offsets=array("Q", [run.offset]),
                lengths=array("I", [min(run.oversize, _MAX_LENGTH)]),
                flags=bytearray([ODD_LINE]),
                reasons={0: f"a line of {run.oversize} bytes, too long for a result"},
            )
        )
        self.index.bytes_indexed = run.offset + run.oversize

    def _append(self, lines: DecodedLines) -> None:
        if lines.rows:
            rows = self._builder.make(lines)
            self._duplicates.add(rows.ids)
            self.index.append(rows)


class Pacer:
    """Counts the time since others had a turn."""

    def __init__(self) -> None:
        self._since = time.perf_counter()

    async def breathe(self) -> None:
        """Let others work, if this work has had its turn."""
        if time.perf_counter() - self._since >= _TURN:
            await asyncio.sleep(0)
            self._since = time.perf_counter()


async def scan(
    blocks: Blocks, indexer: Indexer, *, on_slice: Callable[[], None] | None = None
) -> None:
    """Feed an indexer with all there is for now; its `finish` is left to the caller.

    Args:
        blocks: The file.
        indexer: What to feed.
        on_slice: Called after each slice of rows.

    Raises:
        ResultsFileError: The file cannot be read.
    """
    pacer = Pacer()
    block = await asyncio.to_thread(blocks.read, _READ_AHEAD)
    while block:
        ahead = asyncio.ensure_future(asyncio.to_thread(blocks.read, _READ_AHEAD))
        try:
            for _ in indexer.feed(block):
                if on_slice is not None:
                    on_slice()
                await pacer.breathe()
        finally:
            # Also when this is canceled: nobody may close the file under a read.
            block = await asyncio.shield(ahead)


async def finish(indexer: Indexer) -> None:
    """End an indexer's work in turns."""
    pacer = Pacer()
    for _ in indexer.finish():
        await pacer.breathe()
