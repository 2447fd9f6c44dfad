"""A query at work over rows that may still be arriving, in turns with everything else."""

import asyncio
import time
from array import array
from collections.abc import Callable

from msgspec import Struct
from msgspec.structs import replace

from batchtui.results.index import ResultsIndex
from batchtui.results.query.engine import Query
from batchtui.results.query.run import QueryRun
from batchtui.results.records.absent import describe_absent, find_absent
from batchtui.results.records.registry import records_of
from batchtui.results.row_block import LineSource

_TURN = 0.004
"""Seconds of work after which others have a turn."""
_REST = 0.001
"""Seconds of that turn. A key press passes through dozens of steps of the event loop before it is
on the screen; a turn of one step each would make it wait for dozens of ours."""
_REPORT_EVERY = 0.2
"""Seconds between two messages of how far it is; the first comes sooner."""
_FIRST_REPORT = 0.06
_IN_VAIN = 0.6
"""Seconds after which nothing found is worth a message too: the rows of before would seem to be
what was found."""


class Found(Struct, frozen=True):
    """What a search has found so far."""

    matches: "array[int]"
    """The rows that match, in the order of the file."""
    rows_done: int
    """How many rows were looked at."""
    seconds: float = 0.0
    """How long the first pass took, until then how long it has taken so far."""
    absent: tuple[str, ...] = ()
    """Where nothing matches: which fields of the query no answer has, and which may be meant;
    untrusted text."""


class Search:
    """Looks for the rows of one query. `run` it once, and again when there are more rows.

    Args:
        query: What to look for.
        index: The rows.
        source: Where their bytes are.
    """

    def __init__(self, query: Query, index: ResultsIndex, source: LineSource) -> None:
        self.query = query
        self._index = index
        self._run: QueryRun = query.run(index, source)
        self._seconds: float | None = None
        """How long the first pass took."""

    async def run(self, on_step: Callable[[Found], None]) -> None:
        """Look at all rows known by now.

        Args:
            on_step: Gets what is found a few times a second, nothing only after a while; and at the
                end.

        Raises:
            QueryError: A pattern takes too long.
            ResultsFileError: The file cannot be read.
        """
        began = time.perf_counter()
        next_report = began + _FIRST_REPORT
        while self._run.advance(_TURN):
            now = time.perf_counter()
            if now >= next_report and (self._run.matches or now - began >= _IN_VAIN):
                on_step(self._found(now - began))
                next_report = now + _REPORT_EVERY
            await asyncio.sleep(_REST)
        found = self._found(time.perf_counter() - began)
        self._seconds = found.seconds
        on_step(found if found.matches else replace(found, absent=self._say_absent()))

    def _found(self, seconds: float) -> Found:
        run, seconds = self._run, seconds if self._seconds is None else self._seconds
        return Found(run.matches[:], run.progress.rows_done, seconds)

    def _say_absent(self) -> tuple[str, ...]:
        absent = find_absent(self._index, self.query.answer_fields)
        fields = records_of(self._index).fields if absent else ()
        return tuple(describe_absent(path, fields) for path in absent)
