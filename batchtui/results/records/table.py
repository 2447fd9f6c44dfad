"""The records of a results file, row by row, and columns of their fields as they are asked for."""

import operator
import threading
import time
from array import array
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Self
from weakref import WeakKeyDictionary

from batchtui.results.answer import read_answer
from batchtui.results.index import JSON_ANSWER, SUCCEEDED, KeptColumns, ResultsIndex
from batchtui.results.lines import MAX_LINE
from batchtui.results.records.catalog import FieldCatalog, FieldInfo
from batchtui.results.records.columns import FieldColumn
from batchtui.results.records.field_reader import DecodedRecords, FieldReader, RecordBlock
from batchtui.results.records.finder import NoRecord, Record, find_record
from batchtui.results.records.locate import FOUND_RAW, FOUND_SLOWLY, unescape
from batchtui.results.records.own_pattern import RecordPattern
from batchtui.results.records.paths import (
    MISSING,
    FieldPath,
    Scalar,
    path_of,
    read_path,
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
_ALL_KNOWN = 200
"""Records of which all fields are learnt; of further ones a sample is enough."""
_SAMPLE = 2
"""Records of a block that are looked at then."""
_MOST_KNOWN = 600

_FORMS, _STARTS, _LENGTHS = "record forms", "record starts", "record lengths"

_ALL_ELSE = bytes([0xFF & ~JSON_ANSWER])
_MARKS = bytes(JSON_ANSWER if form else 0 for form in range(256))


class Records:
    """The records of one file's answers; grows with its index, whichever thread asks for them.

    Attributes:
        forms: Of each row looked at so far, whether and how it has a record.
        found: How many of these rows have one.
        columns: The fields asked for, by path as typed.
        catalog: What is known of all fields.
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
        self.catalog = FieldCatalog()
        self._known_fields: tuple[tuple[int, ...], tuple[FieldInfo, ...]] = ((), ())
        self._index = index
        self._reader: FieldReader | None = None
        self._kept: KeptColumns | None = None
        self._is_surveyed = False
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
        state = (self.catalog.records, self.found, self._is_surveyed)
        if self._known_fields[0] != state:
            self._known_fields = (state, self.catalog.fields(self.found))
        return self._known_fields[1]

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
        names = {_outermost(info.path) for info in self.fields}
        is_all = bool(names) and self.looked == len(self._index)
        return is_all and _outermost(path) not in names

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
        records.catalog = catalog
        records._kept = kept
        records._is_surveyed = True
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
        if self._is_surveyed or self.looked < len(self._index) or self.found <= _MOST_KNOWN:
            return
        self._is_surveyed = True
        rows = [row for row, form in enumerate(self.forms) if form]
        catalog = FieldCatalog()
        for step in range(_MOST_KNOWN):
            record = self.record(source, rows[step * len(rows) // _MOST_KNOWN])
            if isinstance(record, Record):
                catalog.add(record.value)
        self.catalog = catalog

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
            self._learn(block, found)
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

    def _learn(self, block: RecordBlock, found: DecodedRecords) -> None:
        """Add the fields of some of the block's records to those that are known."""
        known = self.catalog.records
        if known >= _MOST_KNOWN:
            return
        rows = sorted([*found.rows, *found.others])
        if known >= _ALL_KNOWN:
            rows = rows[:: max(1, len(rows) // _SAMPLE)]
        for row in rows[: _MOST_KNOWN - known]:
            if row in found.others:
                self.catalog.add(found.others[row])
            else:
                self.catalog.add_escaped(block.piece(row))


_BY_INDEX: WeakKeyDictionary[ResultsIndex, Records] = WeakKeyDictionary()


def _outermost(path: str) -> str:
    """Return the name of the outermost field on the way to another; "" if none has a name."""
    read = read_path(path)
    names = [step for step in read[0].steps if isinstance(step, str)] if read else []
    return names[0] if names else ""


def records_of(index: ResultsIndex) -> Records:
    """Return the records of an index: the same ones for everybody, so that each is found once."""
    records = _BY_INDEX.get(index)
    if records is None:
        records = Records(index)
        use_records(index, records)
    return records


def use_records(index: ResultsIndex, records: Records) -> None:
    """Have everybody use records that are known already."""
    _BY_INDEX[index] = records


def find_by_pattern(index: ResultsIndex, pattern: str) -> None:
    """Have the records of an index found by a pattern of the user's.

    Args:
        index: The rows.
        pattern: As typed; "" for all the ways that are known.

    Raises:
        PatternFaulty: It is no pattern with named groups.
    """
    if records_of(index).pattern is None and not pattern:
        return
    use_records(index, Records(index, RecordPattern(pattern) if pattern else None))
