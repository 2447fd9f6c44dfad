"""The fields of answers as columns of the table: which are shown, and what stands in them."""

import time
from collections.abc import Collection, Sequence

from rich.cells import cell_len

from batchtui.library.answer_choices import AnswerChoices
from batchtui.results.errors import ResultsFileError
from batchtui.results.index import SUCCEEDED, ResultsIndex
from batchtui.results.records.catalog import FieldCatalog, FieldInfo
from batchtui.results.records.columns import write_scalar
from batchtui.results.records.finder import Record
from batchtui.results.records.paths import Cell as FieldCell
from batchtui.results.records.paths import PartialValue, cell_of
from batchtui.results.records.registry import records_of
from batchtui.results.records.table import Records
from batchtui.results.row_block import LineSource
from batchtui.tui.widgets.columns import Column
from batchtui.untrusted import visible

_SAMPLE_SECONDS = 0.012
"""Seconds in which rows are looked at for records to choose columns by."""
_ENOUGH = 20
"""Records that columns are chosen by, the first of the file: so the same file has the same columns,
however fast its rows come."""
_AT_ONCE = 200
"""Rows that are looked at for them in one go."""
_LONG = 64 * 1024
"""Bytes of a row above which it has no say in that: a key must not wait."""
_IN_VAIN = 2_000
"""Rows that are looked at for them at most."""
_DEFAULT = 3
_COMMON = 0.5
"""The share of records that must have a field for it to be a column unasked."""
_WHOLE, _CUT = 32, 24
"""Cells up to which values are shown whole, and those of a column whose values are longer."""
_NUMBERS = {"number"}
_SIMPLE = {"string", "number", "boolean", "null"}
_KEPT = 500
_REVIEWED = {"review", "note"}
"""What a person said of a row."""


class FieldColumns:
    """The columns chosen for the answers of a file.

    Args:
        index: The rows.
        subject: What they are the results of: the id of a batch, or the path of a file.
        choices: Remembers what was chosen.
        label: The batch's label, or "".
    """

    def __init__(
        self, index: ResultsIndex, subject: str, choices: AnswerChoices, label: str = ""
    ) -> None:
        self.chosen: tuple[str, ...] = ()
        self._index = index
        self._subject = subject
        self._label = label
        self._choices = choices
        self._is_decided = False
        self._sample = FieldCatalog()
        self._sampled = 0
        """Rows that were looked at for the sample."""
        self._measured: dict[str, Column] = {}
        """Columns with their widths, which stay as they are while rows come in."""
        self._kept: dict[int, Record | None] = {}

    @property
    def records(self) -> Records:
        """The records of all rows."""
        return records_of(self._index)

    @property
    def fields(self) -> tuple[FieldInfo, ...]:
        """The fields of the answers found so far."""
        return self.records.fields

    @property
    def found(self) -> int:
        """How many records were found."""
        return self.records.found

    @property
    def looked(self) -> int:
        """How many rows were looked at for them."""
        return self.records.looked

    def decide(self, source: LineSource, *, is_whole: bool) -> bool:
        """Choose columns, once enough is known: as last time, or the first fields there are.

        Args:
            source: Where the rows' bytes are.
            is_whole: Whether no more rows come.

        Returns:
            Whether that is done, or can only be done when more rows have come.

        Raises:
            ResultsFileError: The file cannot be read.
        """
        if self._is_decided or not len(self._index):
            return True
        self._look_at_first(source)
        is_all = is_whole and self._sampled == len(self._index)
        is_enough = is_all or self._sampled >= _IN_VAIN
        if not self._sample.records or (self._sample.records < _ENOUGH and not is_enough):
            return self._sampled >= min(len(self._index), _IN_VAIN)
        self._is_decided = True
        fields = self._sample.fields(self._sample.records)
        remembered = self._choices.columns_of(
            self._subject, [*BUILT_IN, *(one.path for one in fields)]
        )
        self.chosen = default_fields(fields) if remembered is None else remembered
        self._measure(fields)
        return True

    def _look_at_first(self, source: LineSource) -> None:
        """Look at further rows for the sample, until it has enough records."""
        index, records, until = self._index, self.records, time.perf_counter() + _SAMPLE_SECONDS
        stop = min(len(index), self._sampled + _AT_ONCE, _IN_VAIN)
        # a step tells of hundreds of rows that they have no record, in the time to read a few
        while records.looked < stop and time.perf_counter() < until:
            records.step(source, 0.0)
        while self._sampled < min(stop, records.looked) and self._sample.records < _ENOUGH:
            row = self._sampled
            is_short_answer = index.types[row] == SUCCEEDED and index.lengths[row] <= _LONG
            if is_short_answer and not records.has_none(row):
                found = records.record(source, row)
                if isinstance(found, Record):
                    self._sample.add(found.value)
            self._sampled += 1

    def _measure(self, fields: Sequence[FieldInfo]) -> None:
        known = {field.path: field for field in fields}
        self._measured = {path: column_of(path, known.get(path)) for path in self.chosen}

    def measure_all(self) -> None:
        """Make columns as wide as the records of all rows want them, now that these are found."""
        self._measure(self.records.fields)

    def choose(self, columns: Sequence[str]) -> None:
        """Make these the columns, and remember it."""
        self._is_decided = True
        self.chosen = tuple(columns)
        self.measure_all()
        self._choices.remember_columns(self._subject, self.chosen)

    def exported(self, fields: Collection[str]) -> tuple[str, ...]:
        """Return the fields, of those there are, that were written the last time; or none."""
        return self._choices.exported_of(self._subject, fields) or ()

    def remember_exported(self, fields: tuple[str, ...]) -> None:
        """Keep which fields were written."""
        self._choices.remember_exported(self._subject, fields)

    def find_more(self, source: LineSource, seconds: float) -> bool:
        """Find records for a while, and return whether there is more to do.

        Raises:
            ResultsFileError: The file cannot be read.
        """
        records = self.records
        if records.looked >= _IN_VAIN and not records.found:
            return False
        for path in self.chosen:
            if path not in BUILT_IN:
                records.column(path)
        return records.step(source, seconds)

    def survey(self, source: LineSource) -> None:
        """Learn the fields from records all over the file, once all are found; blocks.

        Raises:
            ResultsFileError: The file cannot be read.
        """
        self.records.survey(source)

    @property
    def built_in(self) -> tuple[str, ...]:
        """What can be a column beside the fields; reviews and a label only where there are any."""
        is_there = {"label": bool(self._label)} | dict.fromkeys(
            _REVIEWED, bool(self._index.reviews)
        )
        return tuple(key for key in BUILT_IN if is_there.get(key, True))

    def columns(self) -> tuple[Column, ...]:
        """Return the chosen columns."""
        return tuple(BUILT_IN.get(path) or self._measured[path] for path in self.chosen)

    def text(self, source: LineSource | None, row: int, path: str) -> str:
        """Return what stands in a column; safe to show."""
        if path == "label":
            return visible(self._label)
        if path in _REVIEWED:
            review = (self._index.reviews or {}).get(self._index.custom_id(row))
            return visible(review.verdict if path == "review" else review.note) if review else ""
        column = self.records.columns.get(path)
        if column is not None and row < len(column):
            return write_cell(column.cells[row])
        if column is None:
            column = self.records.column(path)
        record = self.record(source, row)
        return "" if record is None else write_cell(cell_of(record.value, column.path.steps))

    def record(self, source: LineSource | None, row: int) -> Record | None:
        """Return the record of a row, if it has one and can be read."""
        if row not in self._kept and source is not None:
            if len(self._kept) > _KEPT:
                self._kept.clear()
            try:
                found = self.records.record(source, row)
            except ResultsFileError:
                return None
            self._kept[row] = found if isinstance(found, Record) else None
        return self._kept.get(row)


BUILT_IN = {
    "answer": Column("answer", "ANSWER", 28),
    "out": Column("out", "OUT", 7, "right"),
    "in": Column("in", "IN", 7, "right"),
    "model": Column("model", "MODEL", 18, cuts_middle=True),
    "label": Column("label", "LABEL", 14),
    "review": Column("review", "REVIEW", 10),
    "note": Column("note", "NOTE", 24),
}
"""Columns that can be chosen beside the fields, by key."""


def default_fields(fields: Sequence[FieldInfo]) -> tuple[str, ...]:
    """Return the fields that are columns unless the user says otherwise.

    In their order, but texts that no two records share, such as ids and summaries, come last.
    """
    common = [
        field
        for field in fields
        if field.share >= _COMMON and "[" not in _inner(field) and _main_kind(field) in _SIMPLE
    ]
    top = [field for field in common if _inner(field).count(".") == 1] or common
    return tuple(field.path for field in sorted(top, key=_is_of_one_record)[:_DEFAULT])


def _inner(field: FieldInfo) -> str:
    """Return the path within one object, also where records are lists of objects."""
    return field.path.removeprefix(".[]")


def _is_of_one_record(field: FieldInfo) -> bool:
    most = max((count for _, count in field.values), default=0)
    return _main_kind(field) == "string" and most <= 1


def _main_kind(field: FieldInfo) -> str:
    return field.kinds[0][0] if field.kinds else ""


def column_of(path: str, field: FieldInfo | None) -> Column:
    """Return the column of a field, as wide as its usual values."""
    title = visible(path)
    values = [cell_len(visible(value)) for value, _ in field.values] if field else []
    width = max([cell_len(title) + 1, *values])
    is_number = field is not None and _main_kind(field) in _NUMBERS
    width = width if width <= _WHOLE else _CUT
    return Column(path, title, width, "right" if is_number else "left")


def write_cell(cell: FieldCell) -> str:
    """Write a value of a field as one safe line; empty where the field is missing."""
    if cell is None:
        return ""
    if isinstance(cell, PartialValue):
        text = f"{cell.shown}…" if cell.kind == "string" else f"({cell.kind} of {cell.shown})"
    elif isinstance(cell, tuple):
        text = ", ".join(map(write_scalar, cell))
    else:
        text = write_scalar(cell)
    return visible(" ".join(text.split()))
