"""The records of a results file, row by row, and columns of their fields as they are asked for."""

import operator
import threading
import time
from array import array
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Self

from batchtui.results.answer import read_answer
from batchtui.results.index import JSON_ANSWER, SUCCEEDED, KeptColumns, ResultsIndex
from batchtui.results.lines import MAX_LINE
from batchtui.results.records.catalog import FieldCatalog, FieldInfo
from batchtui.results.records.columns import FieldColumn
from batchtui.results.records.field_reader import FieldReader, RecordBlock
from batchtui.results.records.field_sample import FieldSample
from batchtui.results.records.finder import NoRecord, Record, find_record
from batchtui.results.records.locate import FOUND_RAW, FOUND_SLOWLY, unescape
from batchtui.results.records.own_pattern import RecordPattern
from batchtui.results.records.paths import (
    MISSING,
    FieldPath,
    Scalar,
    path_of,
    scalars_of,
    values_at,
)
from batchtui.results.records.scan import (
    locate_records,
    mark_answered,
    read_slowly,
)
from batchtui.results.row_block import LineSource, end_of_block, pack, read_line, unpack

_BLOCK_BYTES = 1024 * 1024
_BLOCK_ROWS = 4_096

_FORMS, _STARTS, _LENGTHS = "record forms", "record starts", "record lengths"

_ALL_ELSE = bytes([0xFF & ~JSON_ANSWER])
_MARKS = bytes(JSON_ANSWER if form else 0 for form in range(256))


class Records:
    """The records of one file's answers; grows with its index, whichever thread asks for them.

    Attributes:
        forms: Of each row looked at so far, whether and how it has a record.
        found: How many of these rows have one.
        columns: The fields asked for, by path as typed.
        sample: What is known of all fields.
        pattern: The user's own way to find the records; None for all the ways that are known.
    """

    def __init__(self, index: ResultsIndex, pattern: RecordPattern | None = None) -> None:
        """Begin without any record.

        Args:
            index: The rows; it may still grow.
            pattern: The user's own way to find records.
        """
        self.pattern = pattern
        self.forms = array("B")
        self.found = 0
        self.columns: dict[str, FieldColumn] = {}
        self.sample = FieldSample()
        self._index = index
        self._reader: FieldReader | None = None
        self._kept: KeptColumns | None = None
        self._lock = threading.Lock()

    @cached_property
    def _starts(self) -> "array[int]":
        """Where in its line each record starts; of kept ones read when it is first asked for."""
        return self._kept.read(_STARTS) if self._kept else array("I")

    @cached_property
    def _lengths(self) -> "array[int]":
        """The bytes of each record in its line."""
        return self._kept.read(_LENGTHS) if self._kept else array("I")

    @property
    def looked(self) -> int:
        """How many rows were looked at, from the first on."""
        return len(self.forms)

    @property
    def fields(self) -> tuple[FieldInfo, ...]:
        """The fields found so far, in the order in which records have them."""
        return self.sample.fields(self.found)

    @property
    def is_done(self) -> bool:
        """Whether all rows known by now were looked at, and all columns have them."""
        rows = len(self._index)
        return self.looked >= rows and self.is_filled(self.columns.values(), rows)

    def column(self, path: FieldPath | str) -> FieldColumn:
        """Return the column of a field; `step` or `fill` gives it its values.

        Args:
            path: Where the field is, as typed or as read.

        Raises:
            ValueError: The text is not a path.
        """
        if isinstance(path, str):
            found = path_of(path)
            if found is None:
                raise ValueError(path)
            path = found
        return self.columns.setdefault(path.text, FieldColumn(path))

    def lacks(self, path: str) -> bool:
        """Return whether no record has a field, as far as its column tells, or a sample."""
        column = self.columns.get(path)
        if column is not None:
            return all(cell is MISSING for cell in column.cells)
        is_all = self.looked == len(self._index) and bool(self.fields)
        return is_all and not self.sample.has(path, self.found)

    def has_none(self, row: int) -> bool:
        """Return whether it is known that a row has no record."""
        return row < self.looked and not self.forms[row]

    def is_filled(self, columns: Iterable[FieldColumn], stop: int) -> bool:
        """Return whether columns have the values of all rows up to ``stop``."""
        return all(len(column) >= stop for column in columns)

    @property
    def can_be_kept(self) -> bool:
        """Whether those of all rows are known, and not by a pattern of the user's."""
        return self.pattern is None and self.looked == len(self._index)

    def dump(self) -> "dict[str, array[int]]":
        """Return where the records are, to be kept; nothing while they cannot be."""
        if not self.can_be_kept:
            return {}
        return {_FORMS: self.forms, _STARTS: self._starts, _LENGTHS: self._lengths}

    @classmethod
    def restore(cls, index: ResultsIndex, kept: KeptColumns, catalog: FieldCatalog) -> Self:
        """Return the records of an index that were kept, with what is known of their fields.

        Args:
            index: The rows.
            kept: What `dump` returned, among others.
            catalog: The fields.

        Raises:
            ValueError: They are not of this index.
            KeyError: They were not kept.
            ResultsFileError: They cannot be read.
        """
        shapes = {_FORMS: "B", _STARTS: "I", _LENGTHS: "I"}
        if any(kept.shape(name) != (code, len(index)) for name, code in shapes.items()):
            raise ValueError("the records are not of this index")
        records = cls(index)
        records.sample = FieldSample(catalog)
        records._kept = kept
        records.forms = kept.read(_FORMS)
        records.found = len(records.forms) - records.forms.count(0)
        return records

    def step(self, source: LineSource, seconds: float = 0.005) -> bool:
        """Work for a while on what is not done yet.

        Args:
            source: Where the rows' bytes are.
            seconds: How long, about; at least one step is made.

        Returns:
            Whether there is more to do.

        Raises:
            ResultsFileError: The file cannot be read.
        """
        deadline = time.perf_counter() + seconds
        while not self.is_done:
            self._step(source, list(self.columns.values()), len(self._index))
            if time.perf_counter() >= deadline:
                break
        return not self.is_done

    def fill(self, source: LineSource, stop: int, columns: Sequence[FieldColumn] = ()) -> None:
        """Look at all rows up to ``stop``, and give columns their values.

        Raises:
            ResultsFileError: The file cannot be read.
        """
        while self.looked < stop or not self.is_filled(columns, stop):
            self._step(source, columns, stop)

    def survey(self, source: LineSource) -> None:
        """Learn the fields from records all over the file, once all of them are found.

        While they are found, most are learnt from the first ones: others may be unlike these.

        Raises:
            ResultsFileError: The file cannot be read.
        """
        if self.looked >= len(self._index):
            self.sample.spread(self.forms, self.found, lambda row: self.record(source, row))

    def record(self, source: LineSource, row: int) -> Record | NoRecord:
        """Find the record of one row, or why there is none.

        Raises:
            ResultsFileError: The file cannot be read.
        """
        index = self._index
        if index.lengths[row] > MAX_LINE:
            return NoRecord("the line is too long")
        if index.types[row] != SUCCEEDED:
            return NoRecord("there is no answer")
        return find_record(read_answer(read_line(index, source, row)), self.pattern)

    def scalars(self, source: LineSource, row: int, path: FieldPath) -> list[Scalar]:
        """Return all values of a field in one row, of which a column keeps only a part.

        Raises:
            ResultsFileError: The file cannot be read.
        """
        record = self.record(source, row)
        values = values_at(record.value, path.steps) if isinstance(record, Record) else []
        return scalars_of(values)

    def text(self, source: LineSource, row: int) -> str | None:
        """Return the JSON of a row's record as it was written; None without one.

        Raises:
            ResultsFileError: The file cannot be read.
        """
        form = self.forms[row] if row < self.looked else FOUND_SLOWLY
        if form == FOUND_SLOWLY:
            found = self.record(source, row)
            return found.text if isinstance(found, Record) else None
        if not form:
            return None
        place = self._index.offsets[row] + self._starts[row]
        data = source.span(place, self._lengths[row])
        return data.decode(errors="replace") if form == FOUND_RAW else unescape(data)

    def _step(self, source: LineSource, columns: Sequence[FieldColumn], limit: int) -> None:
        """Look at the next block of rows that is missing somewhere."""
        with self._lock:
            start = min([self.looked, *(len(column) for column in columns)])
            if start < limit:  # else another thread has just looked at it
                self._look_at(source, columns, start, limit)

    def _look_at(
        self, source: LineSource, columns: Sequence[FieldColumn], start: int, limit: int
    ) -> None:
        wanted = [column for column in columns if len(column) == start]
        is_new = self.looked == start
        ends = [len(column) for column in columns if len(column) > start]
        limit = min([limit, *ends, start + _BLOCK_ROWS, *([] if is_new else [self.looked])])
        stop = end_of_block(self._index, start, limit, _BLOCK_BYTES)
        block = RecordBlock(self._index, source, start, stop)
        if not is_new:
            forms = bytearray(self.forms[start:stop].tobytes())
            block.use(forms, self._starts[start:stop], self._lengths[start:stop])
        elif self.pattern is None:
            locate_records(self._index, block)
        else:
            mark_answered(self._index, block)
        reader = self._reader_of(wanted)
        found = reader.read(block)
        for row in found.failed:
            record = read_slowly(block, row, self.pattern)
            if record is not None:
                found.others[row] = record.value
        if is_new:
            self._note(block)
            self.sample.learn(block, found)
        reader.hand_out(found, len(block))

    def _reader_of(self, columns: Sequence[FieldColumn]) -> FieldReader:
        """Return what decodes records for some columns; it is worth keeping from block to block."""
        if self._reader is None or self._reader.columns != columns:
            self._reader = FieldReader(columns)
        return self._reader

    def _note(self, block: RecordBlock) -> None:
        places = block.places
        forms = bytes(places.forms)
        self._starts.extend(map(operator.sub, places.starts, block.starts))
        self._lengths.extend(map(operator.sub, places.stops, places.starts))
        self.found += len(forms) - forms.count(0)
        self.forms.frombytes(forms)  # last: so many were looked at
        marked = pack(forms.translate(_MARKS))
        flags = self._index.flags
        kept = pack(flags[block.start : block.stop].tobytes()) & pack(_ALL_ELSE * len(forms))
        flags[block.start : block.stop] = array("B", unpack(kept | marked, len(forms)))
