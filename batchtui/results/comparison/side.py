"""One run of a comparison: its rows, what became of each, the run in numbers."""

from msgspec import Struct

from batchtui.formatting import plural
from batchtui.prices import Cost, PriceTable
from batchtui.results.answer import read_answer, read_error
from batchtui.results.errors import QueryError
from batchtui.results.index import RESULT_TYPES, SUCCEEDED, UNKNOWN_TOKENS, ResultsIndex
from batchtui.results.records.columns import FieldColumn
from batchtui.results.records.finder import Record
from batchtui.results.records.paths import path_hint
from batchtui.results.records.registry import records_of
from batchtui.results.review_flags import NOT_WHOLE
from batchtui.results.row_block import LineSource, read_line
from batchtui.results.summary import summarize


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
        return read_line(self.index, self.source, row)

    def kinds(self) -> list[str]:
        """Return of each row its type, or for an answer that is not whole why."""
        index = self.index
        stops = [name if name in NOT_WHOLE else "" for name in index.stop_names]
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

    def record_text(self, row: int) -> str | None:
        """Return the record of a row as it was written; None without one.

        Raises:
            ResultsFileError: It cannot be read.
        """
        return records_of(self.index).text(self.source, row)

    def record(self, row: int) -> object:
        """Return the record of a row; None without one.

        Raises:
            ResultsFileError: It cannot be read.
        """
        found = records_of(self.index).record(self.source, row)
        return found.value if isinstance(found, Record) else None


class RunTotals(Struct, frozen=True):
    """One run in numbers."""

    rows: int
    succeeded: int
    input_tokens: int
    output_tokens: int
    mean_output: float | None
    """Output tokens of an answer, on average; None without answers."""
    cost: Cost | None = None
    """Of the models whose price is known; None if there is none."""
    rows_without_cost: int = 0
    """Answers that are missing in it: the price of their model, or their tokens, are not known."""

    @property
    def cost_words(self) -> str:
        """The estimated cost, as briefly as it can be said without being wrong."""
        if self.cost is None:
            return "price not known"
        missing = (
            f" for all but {plural(self.rows_without_cost, 'row')}"
            if self.rows_without_cost
            else ""
        )
        return self.cost.brief + missing


def run_totals(side: Side, prices: PriceTable) -> RunTotals:
    """Add up a run.

    Args:
        side: The run.
        prices: To estimate its cost with.
    """
    index = side.index
    summary = summarize(index, prices)
    totals = index.totals
    known = len(index) - index.output_tokens.count(UNKNOWN_TOKENS)
    return RunTotals(
        rows=len(index),
        succeeded=index.count_of(SUCCEEDED),
        input_tokens=totals.input + totals.cache_read + totals.cache_write,
        output_tokens=totals.output,
        mean_output=totals.output / known if known else None,
        cost=summary.cost,
        rows_without_cost=summary.rows_without_price + summary.rows_without_usage,
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
        raise QueryError(f"{path} is not a field", (0, len(path)), hint=path_hint(path)) from None
    records.fill(side.source, len(side.index), [column])
    return column
