"""Which rows satisfy a condition on their answers: its record, a field of it, a schema."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from batchtui.results.index import ResultsIndex
from batchtui.results.query.conditions import Effort
from batchtui.results.records.columns import FieldColumn
from batchtui.results.records.paths import Cell, FieldPath, PartialValue, Scalar
from batchtui.results.records.registry import records_of
from batchtui.results.row_block import RowBlock, pack

if TYPE_CHECKING:
    from batchtui.results.row_schemas import SchemaOf

_HAS_RECORD = bytes(int(form != 0) for form in range(256))


class FieldTest(Struct, frozen=True):
    """What the values of a field are compared with."""

    test: Callable[[Scalar], bool]
    """Whether one value satisfies it."""
    limits: tuple[float, float] | None = None
    """The least and the greatest number that satisfy it, where no other number does, nor a word."""
    takes_texts: bool = False
    """Whether texts may satisfy it as well as the numbers within the limits."""
    wants_empty_list: bool = False
    """Whether a list without elements satisfies it, of which no value can."""


class _Memo(dict[Cell, bool]):
    """Remembers what was tested: most fields have few values."""

    def __init__(self, wanted: FieldTest) -> None:
        super().__init__({None: False, (): wanted.wants_empty_list})
        self.test = wanted.test

    def __missing__(self, cell: Cell) -> bool:
        if isinstance(cell, tuple):
            result = any(map(self.test, cell))
        else:
            result = not isinstance(cell, PartialValue) and cell is not None and self.test(cell)
        if len(self) < 100_000:
            self[cell] = result
        return result


class _OfRecords:
    """What looks at records: it reads them, unless all it needs of them was read before."""

    def __init__(self, *, is_ready: bool) -> None:
        self._is_ready = is_ready

    @property
    def effort(self) -> Effort:
        """What it takes: nothing once the records were read."""
        return Effort.COLUMN if self._is_ready else Effort.TEXT


class FieldCondition(_OfRecords):
    """Rows in whose record a field has a value that is wanted; any of several is enough.

    Args:
        path: The field.
        wanted: What is wanted of it; None for any value at all.
        index: The rows, where they are known beforehand: it tells what the condition costs.
    """

    def __init__(
        self, path: FieldPath, wanted: FieldTest | None, index: ResultsIndex | None = None
    ) -> None:
        is_ready = index is not None and len(records_of(index).column(path)) >= len(index)
        super().__init__(is_ready=is_ready)
        self.path = path
        self._wanted = wanted
        self._memo = _Memo(wanted or FieldTest(lambda _: True))

    def select(self, block: RowBlock, among: int) -> int:
        """Return those rows of ``among`` whose record has such a value."""
        records = records_of(block.index)
        column = records.column(self.path)
        records.fill(block.source, block.stop, [column])
        if self._wanted is None:
            cells = column.cells[block.start : block.stop]
            return pack(bytes([cell is not None for cell in cells])) & among
        found = self._test_all(column, block) & among
        special = column.special_rows(block.start, block.stop)
        unsure = block.set_of(special) & among & ~found if special else 0
        if not unsure:
            return found
        return found | block.set_of(
            row for row in block.rows(unsure) if self._test_row(column, block, row)
        )

    def _test_all(self, column: FieldColumn, block: RowBlock) -> int:
        wanted = self._wanted
        of_texts = wanted is not None and wanted.takes_texts and column.has_texts
        if wanted is not None and wanted.limits is not None and not of_texts:
            low, high = wanted.limits
            numbers = column.numbers(block.stop)[block.start : block.stop]
            return pack(bytes([low <= number <= high for number in numbers]))
        cells = column.cells[block.start : block.stop]
        return pack(bytes(map(self._memo.__getitem__, cells)))

    def _test_row(self, column: FieldColumn, block: RowBlock, row: int) -> bool:
        cell = column.cells[row]
        if not isinstance(cell, PartialValue):
            return self._memo[cell]
        values = records_of(block.index).scalars(block.source, row, self.path)
        return any(map(self._memo.test, values))


class RecordCondition(_OfRecords):
    """Rows whose answer holds a record.

    Args:
        index: The rows, where they are known beforehand.
    """

    def __init__(self, index: ResultsIndex | None = None) -> None:
        is_ready = index is not None and records_of(index).looked >= len(index)
        super().__init__(is_ready=is_ready)

    def select(self, block: RowBlock, among: int) -> int:
        """Return those rows of ``among`` that have a record."""
        records = records_of(block.index)
        records.fill(block.source, block.stop)
        forms = records.forms[block.start : block.stop].tobytes()
        return pack(forms.translate(_HAS_RECORD)) & among


class FitsCondition:
    """Rows whose record fits their schema, or those whose does not.

    Args:
        schema_of: Returns the schema for a row; a row that has none is neither.
        is_negated: Whether rows are wanted that do not fit, such as those without a record.
    """

    effort = Effort.TEXT
    """Reads the records."""

    def __init__(self, schema_of: "SchemaOf", *, is_negated: bool = False) -> None:
        self._schema_of = schema_of
        self._is_negated = is_negated

    def opposite(self) -> "FitsCondition":
        """Return the condition for the other rows that have a schema."""
        return FitsCondition(self._schema_of, is_negated=not self._is_negated)

    def select(self, block: RowBlock, among: int) -> int:
        """Return those rows of ``among`` whose record fits, or does not."""
        found: list[int] = []
        for row, text in _texts_of(block, among):
            schema = self._schema_of(row)
            if schema is not None and self._is_negated != (text is not None and schema.fits(text)):
                found.append(row)
        return block.set_of(found)


class MisfitCondition:
    """Rows whose record does not fit their schema for a reason that is wanted.

    Args:
        schema_of: Returns the schema for a row.
        wanted: Whether a field and the reason, as `Misfit` writes both, are wanted.
    """

    effort = Effort.TEXT
    """Reads the records."""

    def __init__(self, schema_of: "SchemaOf", wanted: Callable[[str], bool]) -> None:
        self._schema_of = schema_of
        self._wanted = wanted

    def select(self, block: RowBlock, among: int) -> int:
        """Return those rows of ``among`` with such a misfit."""
        found: list[int] = []
        for row, text in _texts_of(block, among):
            schema = None if text is None else self._schema_of(row)
            if text is None or schema is None:
                continue
            if any(self._wanted(str(misfit)) for misfit in schema.misfits(text)):
                found.append(row)
        return block.set_of(found)


def _texts_of(block: RowBlock, among: int) -> Iterator[tuple[int, str | None]]:
    """Yield rows of a block with their records, where they have one."""
    records = records_of(block.index)
    records.fill(block.source, block.stop)
    return ((row, records.text(block.source, row)) for row in block.rows(among))


class FieldsKnown(_OfRecords):
    """All rows; on the way, fields get their columns, so that rows can be ordered by them.

    Args:
        paths: The fields.
        index: The rows, where they are known beforehand.
    """

    def __init__(self, paths: Sequence[FieldPath], index: ResultsIndex) -> None:
        records = records_of(index)
        columns = [records.column(path) for path in paths]
        super().__init__(is_ready=records.is_filled(columns, len(index)))
        self._paths = paths

    def select(self, block: RowBlock, among: int) -> int:
        """Return all rows."""
        records = records_of(block.index)
        columns = [records.column(path) for path in self._paths]
        records.fill(block.source, block.stop, columns)
        return among
