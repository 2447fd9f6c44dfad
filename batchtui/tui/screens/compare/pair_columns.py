"""Fields of the answers as columns of a comparison: which are shown, and both sides' values."""

from collections.abc import Mapping, Sequence

from rich.cells import cell_len
from textual.cache import LRUCache

from batchtui.library.answer_choices import AnswerChoices
from batchtui.results.comparison.answers import are_equal
from batchtui.results.comparison.pairs import NO_ROW, ResultsComparison
from batchtui.results.comparison.side import Side
from batchtui.results.errors import ResultsFileError
from batchtui.results.records.catalog import FieldCatalog, FieldInfo
from batchtui.results.records.finder import Record
from batchtui.results.records.paths import cell_of, path_of, values_at
from batchtui.results.records.registry import records_of
from batchtui.tui.lines import Span
from batchtui.tui.screens.results.field_columns import BUILT_IN, write_cell
from batchtui.tui.widgets.columns import Column
from batchtui.untrusted import visible

_SAMPLE_SECONDS = 0.1
"""Seconds in which the first records of a run tell which fields there are."""
_WIDEST = 34
"""Cells of a column at most: two values and what is between them."""
_BETWEEN = " > "
_KEPT = 300
_MISSING = "–"
_ABSENT = object()


class PairColumns:
    """The columns chosen for two runs.

    Attributes:
        chosen: Paths of the fields that are columns, in their order.
        fields: The fields that records of either run have, as far as is known, with the values of
            both.
        found: In how many rows there were records.
        looked: How many rows were looked at.
        built_in: Nothing else can be a column.
    """

    def __init__(self, comparison: ResultsComparison, subject: str, choices: AnswerChoices) -> None:
        """Choose as last time, or as for the last answers with the same fields; blocks.

        Args:
            comparison: The runs.
            subject: What the choice is kept under.
            choices: Remembers it.

        Raises:
            ResultsFileError: A file cannot be read.
        """
        self.built_in: Sequence[str] = ()
        self._comparison = comparison
        self._subject = subject
        self._choices = choices
        self._values: LRUCache[int, tuple[object, object]] = LRUCache(_KEPT)
        records = []
        for side in (comparison.a, comparison.b):
            records.append(records_of(side.index))
            records[-1].step(side.source, _SAMPLE_SECONDS)
        catalog = FieldCatalog()
        for one in records:
            catalog.merge(one.sample.catalog)
        self.found = sum(one.found for one in records)
        self.fields: Sequence[FieldInfo] = catalog.fields(self.found)
        self.looked = sum(one.looked for one in records)
        self._widths = _widths([info for one in records for info in one.fields])
        paths = (info.path for info in self.fields)
        remembered = choices.columns_of(subject, [*BUILT_IN, *paths]) or ()
        self.chosen = tuple(path for path in remembered if path not in BUILT_IN)

    @property
    def numbers(self) -> tuple[str, ...]:
        """Those of the chosen fields that mostly hold numbers."""
        kinds = {info.path: info.kinds[0][0] for info in self.fields if info.kinds}
        return tuple(path for path in self.chosen if kinds.get(path) == "number")

    def choose(self, columns: Sequence[str]) -> None:
        """Make these the columns, and remember it; blocks."""
        self.chosen = tuple(columns)
        self._choices.remember_columns(self._subject, self.chosen)

    def columns(self) -> tuple[Column, ...]:
        """Return the chosen columns, each as wide as it would like to be."""
        return tuple(_column(path, self._widths.get(path, 0)) for path in self.chosen)

    def cell(self, pair: int, path: str) -> tuple[Span, ...]:
        """Return the value of a field, or both where they differ; safe to show."""
        field = path_of(path)
        if field is None:
            return ()
        steps, values = field.steps, self._values_of(pair)
        a, b = (
            "" if value is _ABSENT else write_cell(cell_of(value, steps)) or _MISSING
            for value in values
        )
        # of long values a cell has the beginning only
        if not (a and b) or are_equal(*(values_at(value, steps) for value in values)):
            return (Span(a or b),) if {a, b} - {"", _MISSING} else ()
        return Span(a, "only-a"), Span(_BETWEEN, "muted"), Span(b, "only-b")

    def _values_of(self, pair: int) -> tuple[object, object]:
        """Return the records of a pair; a side without the row has none."""
        if pair not in self._values:
            comparison = self._comparison
            sides = (comparison.a, comparison.rows_a[pair]), (comparison.b, comparison.rows_b[pair])
            a, b = (_record(side, row) for side, row in sides)
            self._values[pair] = a, b
        return self._values[pair]


def _record(side: Side, row: int) -> object:
    if row == NO_ROW:
        return _ABSENT
    try:
        found = records_of(side.index).record(side.source, row)
    except ResultsFileError:
        return None
    return found.value if isinstance(found, Record) else None


def _widths(fields: Sequence[FieldInfo]) -> Mapping[str, int]:
    """Return the cells of the longest of a field's most frequent values."""
    widths: dict[str, int] = {}
    for field in fields:
        values = (cell_len(visible(value)) for value, _ in field.values)
        widths[field.path] = max([widths.get(field.path, 0), *values])
    return widths


def _column(path: str, width: int) -> Column:
    title = visible(path)
    wanted = max(cell_len(title), 2 * width + len(_BETWEEN))
    return Column(path, title, min(wanted, _WIDEST))
