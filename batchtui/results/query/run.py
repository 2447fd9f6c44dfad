"""Runs a query over an index: in slices, stoppable, and on further rows as they arrive."""

import time
from array import array
from collections.abc import Iterator, Sequence

from msgspec import Struct

from batchtui.results.errors import QueryError
from batchtui.results.index import ResultsIndex
from batchtui.results.query.answer_conditions import FieldsKnown
from batchtui.results.query.binding import bind_misfit, bind_term, negate
from batchtui.results.query.conditions import (
    Condition,
    Everything,
    all_of,
    any_of,
    split_by_effort,
)
from batchtui.results.query.reference import OF_REQUEST, kind_of
from batchtui.results.query.syntax import And, Node, Not, Or, Term
from batchtui.results.records.paths import FieldPath
from batchtui.results.row_block import LineSource, RowBlock, end_of_block, pack, unpack

SLICE_SECONDS = 0.005
"""How long one slice of a run lasts, at most about: a key press waits no longer."""

_BLOCK_ROWS = 16_384
_BLOCK_BYTES = 512 * 1024
"""Read and searched in one go: below a millisecond."""


class QueryProgress(Struct, frozen=True):
    """How far a run has come."""

    matched: int
    """Matching rows so far."""
    rows_done: int
    """Rows looked at so far, those before the run's first row included."""


class QueryRun:
    """One search through an index. Iterate over it, or call `advance` now and then.

    It holds no lock and starts no thread: whoever drives it decides where it runs. When it has
    caught up with a growing index it is over for now; `advance` goes on once there are more rows.
    """

    def __init__(
        self,
        condition: Node | None,
        index: ResultsIndex,
        source: LineSource,
        fields: Sequence[FieldPath] = (),
    ) -> None:
        """Start before the first row.

        Args:
            condition: What rows must satisfy.
            index: The rows; it may still grow.
            source: Where their bytes are.
            fields: Fields of the answers that are to be columns at the end.
        """
        self.matches = array("I")
        """Matching rows so far, ascending; it grows. Read it by index or as a copy."""
        bound = bind(condition, index)
        if fields:
            bound = all_of([FieldsKnown(fields, index), bound])
        self._columns, self._rest = split_by_effort(bound)
        self._pattern = next((term for term in find_terms(condition) if term.operator == "~"), None)
        self._index = index
        self._source = source
        self._next = 0
        self._pending = 0
        self._pending_stop = 0
        self._pending_start = 0
        self._is_canceled = False

    @property
    def is_done(self) -> bool:
        """Whether all rows known by now were looked at, or the run was canceled."""
        return self._is_canceled or self._next >= len(self._index)

    @property
    def progress(self) -> QueryProgress:
        """How far it has come."""
        return QueryProgress(len(self.matches), self._next)

    def cancel(self) -> None:
        """Stop at the end of the slice being worked on; callable from another thread."""
        self._is_canceled = True

    def advance(self, seconds: float = SLICE_SECONDS) -> bool:
        """Look through one slice of rows.

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
            except TimeoutError:
                raise self._slow() from None
            if time.perf_counter() >= deadline:
                break
        return not self.is_done

    def __iter__(self) -> Iterator[QueryProgress]:
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
            term.span if term is not None else (0, 0),
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
        """Find the rows of the next block that the columns let through."""
        stop = min(start + _BLOCK_ROWS, len(self._index))
        block = RowBlock(self._index, self._source, start, stop)
        self._pending = self._columns.select(block, block.everything)
        self._pending_start, self._pending_stop = start, stop

    def _step_text(self, rest: Condition) -> None:
        """Look at the lines of the next few of those rows."""
        marks = unpack(self._pending, self._pending_stop - self._pending_start)
        first = marks.find(1, self._next - self._pending_start)
        if first < 0:
            self._next = self._pending_stop
            return
        start = self._pending_start + first
        stop = end_of_block(self._index, start, self._pending_stop, _BLOCK_BYTES)
        block = RowBlock(self._index, self._source, start, stop)
        among = pack(marks[first : first + stop - start])
        self._take(rest.select(block, among), start, stop)
        self._next = stop

    def _take(self, found: int, start: int, stop: int) -> None:
        if found:
            block = RowBlock(self._index, self._source, start, stop)
            self.matches.extend(block.rows(found))


def bind(node: Node | None, index: ResultsIndex | None = None) -> Condition:
    """Make fresh conditions: they remember what they learn of one index.

    Args:
        node: What rows must satisfy.
        index: The rows, where they are known.

    Raises:
        QueryError: A value does not fit its field.
    """
    schema = schema_named(node) or OF_REQUEST

    def bind_part(part: Node, *, is_negated: bool) -> Condition:
        match part:
            case Not(child):
                return bind_part(child, is_negated=not is_negated)
            case Term():
                is_misfit = kind_of(part.field) == "misfit"
                bound = bind_misfit(part, index, schema) if is_misfit else bind_term(part, index)
                return negate(bound) if is_negated else bound
            case And(children) | Or(children):
                bound_children = [bind_part(child, is_negated=is_negated) for child in children]
                combine = all_of if isinstance(part, And) != is_negated else any_of
                return combine(bound_children)

    return Everything() if node is None else bind_part(node, is_negated=False)


def schema_named(node: Node | None) -> str:
    """Return the schema that a query names first; "" if it names none."""
    named = (term.value for term in find_terms(node) if kind_of(term.field) == "fits")
    return next(named, "")


def find_terms(node: Node | None) -> Iterator[Term]:
    """Yield all terms, negated ones too."""
    match node:
        case Term():
            yield node
        case Not(child):
            yield from find_terms(child)
        case And(children) | Or(children):
            for child in children:
                yield from find_terms(child)
        case None:
            return
