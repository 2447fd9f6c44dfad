"""Runs a query over an index: in slices, stoppable, and on further rows as they arrive."""

import time
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from batchtui.results.index import ResultsIndex
from batchtui.results.query.binding import bind_term, text_matcher
from batchtui.results.query.conditions import (
    Condition,
    Everything,
    Without,
    all_of,
    any_of,
    split_by_cost,
)
from batchtui.results.query.errors import QueryError
from batchtui.results.query.guard import SlowPatternError, time_limit
from batchtui.results.query.matchers import Matcher, Span
from batchtui.results.query.parser import parse
from batchtui.results.query.slab import LineSource, Slab, pack, unpack
from batchtui.results.query.sorting import sort_rows
from batchtui.results.query.syntax import And, Node, Not, Or, SortKey, Syntax, Term

SLICE_SECONDS = 0.005
"""How long one slice of a run lasts, at most about: a key press waits no longer."""

_SLAB_ROWS = 16_384
_SLAB_BYTES = 512 * 1024
"""Read and searched in one go: below a millisecond."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run has come."""

    matched: int
    """Matching rows so far."""
    rows_done: int
    """Rows looked at so far, those before the run's first row included."""
    rows_known: int
    """Rows in the index by now."""


class Query:
    """A query that was understood. Make one with `compile_query`; it can be run many times."""

    def __init__(self, text: str, syntax: Syntax) -> None:
        self.text = text
        self._syntax = syntax
        self._matchers = {
            name: _positive_matchers(syntax.condition, name) for name in ("text", "id", "error")
        }

    @property
    def is_everything(self) -> bool:
        """Whether every row matches."""
        return self._syntax.condition is None

    @property
    def depends_on_all_rows(self) -> bool:
        """Whether rows found early may turn out wrong once the file is whole: run it again then.

        Which custom ids are duplicates, and whether most answers are JSON, shows at the end only.
        """
        return any(term.field == "is" for term in _terms(self._syntax.condition, ":")) or any(
            term.field == "is" for term in _terms(self._syntax.condition, "=")
        )

    @property
    def sort(self) -> tuple[SortKey, ...]:
        """The order asked for; empty for the order of the file."""
        return self._syntax.sort

    def run(self, index: ResultsIndex, source: LineSource, *, start_row: int = 0) -> "QueryRun":
        """Start looking for matching rows.

        Args:
            index: The rows; it may still grow.
            source: Where their bytes are, such as a `RowReader`.
            start_row: The first row to look at.
        """
        return QueryRun(self._syntax.condition, index, source, start_row)

    def match_rows(
        self,
        index: ResultsIndex,
        source: LineSource,
        *,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> "array[int]":
        """Return all matching rows in the order asked for; takes as long as it takes.

        Args:
            index: The rows.
            source: Where their bytes are.
            on_progress: Told after each slice.

        Raises:
            QueryError: A pattern takes too long.
            ResultsFileError: The file cannot be read.
        """
        run = self.run(index, source)
        for progress in run:
            if on_progress is not None:
                on_progress(progress)
        return self.order(index, run.matches)

    def order(self, index: ResultsIndex, rows: "array[int]") -> "array[int]":
        """Return rows in the order asked for.

        Args:
            index: The columns to sort by.
            rows: Row numbers, ascending.
        """
        return sort_rows(index, rows, self._syntax.sort)

    def spans(self, text: str, field: str = "text") -> list[Span]:
        """Return where a shown text matches, left to right and without overlaps, to highlight it.

        Args:
            text: A piece of an answer, an id or an error message, as shown.
            field: Which terms to look for: those on ``text``, ``id`` or ``error``. Negated terms
                never count.
        """
        found: list[Span] = []
        for matcher in self._matchers.get(field, []):
            with suppress(SlowPatternError), time_limit(matcher):
                found += matcher.spans(text)
        return _merge(found)


class QueryRun:
    """One search through an index. Iterate over it, or call `advance` now and then.

    It holds no lock and starts no thread: whoever drives it decides where it runs. When it has
    caught up with a growing index it is over for now; `advance` goes on once there are more rows.
    """

    def __init__(
        self, condition: Node | None, index: ResultsIndex, source: LineSource, start_row: int
    ) -> None:
        self.matches = array("I")
        """Matching rows so far, ascending; it grows. Read it by index or as a copy."""
        self._columns, self._rest = split_by_cost(_bind(condition))
        self._pattern = next(_terms(condition, "~"), None)
        self._index = index
        self._source = source
        self._next = start_row
        self._pending = 0
        self._pending_stop = start_row
        self._pending_start = start_row
        self._is_cancelled = False

    @property
    def is_done(self) -> bool:
        """Whether all rows known by now were looked at, or the run was cancelled."""
        return self._is_cancelled or self._next >= len(self._index)

    @property
    def is_cancelled(self) -> bool:
        """Whether `cancel` was called."""
        return self._is_cancelled

    @property
    def progress(self) -> Progress:
        """How far it has come."""
        return Progress(len(self.matches), self._next, len(self._index))

    def cancel(self) -> None:
        """Stop at the end of the slice being worked on; callable from another thread."""
        self._is_cancelled = True

    def advance(self, seconds: float = SLICE_SECONDS) -> bool:
        """Work for a while.

        Args:
            seconds: How long, about; at least one step is made.

        Returns:
            Whether there is more to do.

        Raises:
            QueryError: A pattern takes too long.
            ResultsFileError: The file cannot be read.
        """
        deadline = time.perf_counter() + seconds
        while not self.is_done:
            try:
                self._step()
            except SlowPatternError:
                raise self._slow() from None
            if time.perf_counter() >= deadline:
                break
        return not self.is_done

    def __iter__(self) -> Iterator[Progress]:
        """Work slice by slice until done, telling the progress after each."""
        more = True
        while more:
            more = self.advance()
            yield self.progress

    def _slow(self) -> QueryError:
        """Say which pattern takes too long, as far as that is known."""
        term = self._pattern
        return QueryError(
            f"This pattern takes too long, near row {self._next + 1:,}",
            position=term.start if term is not None else 0,
            length=term.end - term.start if term is not None else 0,
            hint="Start it with plain letters, or use fewer * and +.",
        )

    def _step(self) -> None:
        if self._rest is None:
            self._step_columns(self._next)
            self._next = self._pending_stop
            self._take(self._pending, self._pending_start, self._pending_stop)
            return
        if self._next >= self._pending_stop:
            self._step_columns(self._next)
        self._step_text(self._rest)

    def _step_columns(self, start: int) -> None:
        """Find the rows of the next slab that the columns let through."""
        stop = min(start + _SLAB_ROWS, len(self._index))
        slab = Slab(self._index, self._source, start, stop)
        self._pending = self._columns.select(slab, slab.everything)
        self._pending_start, self._pending_stop = start, stop

    def _step_text(self, rest: Condition) -> None:
        """Look at the lines of the next few of those rows."""
        marks = unpack(self._pending, self._pending_stop - self._pending_start)
        first = marks.find(1, self._next - self._pending_start)
        if first < 0:
            self._next = self._pending_stop
            return
        start = self._pending_start + first
        stop = self._slab_stop(start)
        slab = Slab(self._index, self._source, start, stop)
        among = pack(marks[first : first + stop - start])
        self._take(rest.select(slab, among), start, stop)
        self._next = stop

    def _slab_stop(self, start: int) -> int:
        """Return the end of a slab of rows that together are not too many bytes to read."""
        offsets = self._index.offsets
        limit = offsets[start] + _SLAB_BYTES
        stop = start + 1
        while stop < self._pending_stop and offsets[stop] + self._index.lengths[stop] <= limit:
            stop += 1
        return stop

    def _take(self, found: int, start: int, stop: int) -> None:
        if found:
            slab = Slab(self._index, self._source, start, stop)
            self.matches.extend(slab.rows(found))


def compile_query(text: str) -> Query:
    """Understand a query.

    Args:
        text: As typed; an empty text matches every row.

    Raises:
        QueryError: It is not a query; the error says where and what to do.
    """
    syntax = parse(text)
    _bind(syntax.condition)
    return Query(text, syntax)


def _bind(node: Node | None) -> Condition:
    """Make fresh conditions: they remember what they learn of one index."""
    match node:
        case None:
            return Everything()
        case Term():
            return bind_term(node)
        case Not(child):
            return Without(_bind(child))
        case And(children):
            return all_of([_bind(child) for child in children])
        case Or(children):
            return any_of([_bind(child) for child in children])


def _positive_matchers(node: Node | None, field: str) -> list[Matcher]:
    """Return how the terms on a field match, but for negated ones."""
    match node:
        case Term() if node.field == field:
            return [text_matcher(node)]
        case And(children) | Or(children):
            return [found for child in children for found in _positive_matchers(child, field)]
        case _:
            return []


def _terms(node: Node | None, operator: str) -> Iterator[Term]:
    """Yield the terms with an operator, negated ones too."""
    match node:
        case Term() if node.operator == operator:
            yield node
        case Not(child):
            yield from _terms(child, operator)
        case And(children) | Or(children):
            for child in children:
                yield from _terms(child, operator)
        case _:
            return


def _merge(spans: Sequence[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
