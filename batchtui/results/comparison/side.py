"""One run of a comparison: its rows, what became of each, the run in numbers."""

from typing import Final

from msgspec import Struct

from batchtui.results.answer import read_answer, read_error
from batchtui.results.errors import QueryError
from batchtui.results.index import RESULT_TYPES, SUCCEEDED, UNKNOWN_TOKENS, ResultsIndex
from batchtui.results.records.columns import FieldColumn
from batchtui.results.records.table import records_of
from batchtui.results.row_block import LineSource

_CUT: Final = "max_tokens"
_REFUSED: Final = "refusal"


class Side(Struct, frozen=True):
    """One run."""

    name: str
    """Its label, id or file; untrusted text."""
    index: ResultsIndex
    """Its rows, all of them."""
    source: LineSource
    """Where their bytes are."""

    def line(self, row: int) -> bytes:
        """Return a row's line.

        Raises:
            ResultsFileError: It cannot be read.
        """
        return self.source.span(self.index.offsets[row], self.index.lengths[row])

    def kinds(self) -> list[str]:
        """Return of each row its type, or for an answer that is not whole why."""
        index = self.index
        stops = [name if name in (_CUT, _REFUSED) else "" for name in index.stop_names]
        names = [
            [(kind == SUCCEEDED and stop) or name for stop in stops]
            for kind, name in enumerate(RESULT_TYPES)
        ]
        pairs = zip(index.types, index.stop_reasons, strict=True)
        return [names[kind][stop] for kind, stop in pairs]

    def text(self, row: int) -> str:
        """Return the answer of a row, or its error's message; untrusted text.

        Raises:
            ResultsFileError: It cannot be read.
        """
        line = self.line(row)
        is_answer = self.index.types[row] == SUCCEEDED
        return read_answer(line).searched if is_answer else read_error(line)[1]


class RunTotals(Struct, frozen=True):
    """One run in numbers."""

    rows: int
    succeeded: int
    input_tokens: int
    output_tokens: int
    mean_output: float | None
    """Output tokens of an answer, on average; None without answers."""


def run_totals(side: Side) -> RunTotals:
    """Add up a run."""
    index = side.index
    totals = index.totals
    known = len(index) - index.output_tokens.count(UNKNOWN_TOKENS)
    return RunTotals(
        rows=len(index),
        succeeded=index.count_of(SUCCEEDED),
        input_tokens=totals.input + totals.cache_read + totals.cache_write,
        output_tokens=totals.output,
        mean_output=totals.output / known if known else None,
    )


def filled(side: Side, path: str) -> FieldColumn:
    """Return the column of a field with the values of all rows of a run.

    Raises:
        QueryError: The text is not a path.
        ResultsFileError: The file cannot be read.
    """
    records = records_of(side.index)
    try:
        column = records.column(path)
    except ValueError:
        raise QueryError(f"{path} is not a field", position=0, length=len(path)) from None
    records.fill(side.source, len(side.index), [column])
    return column
