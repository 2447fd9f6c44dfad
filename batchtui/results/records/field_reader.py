"""Decodes the records of neighboring rows: what some columns need of each, and no more."""

import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import compress
from typing import Any

import msgspec
from msgspec import UNSET

from batchtui.results.index import ResultsIndex
from batchtui.results.json_text import NOT_JSON
from batchtui.results.records.columns import FieldColumn
from batchtui.results.records.json_scan import BrokenJsonError, read_fraction, scan_json
from batchtui.results.records.locate import (
    FOUND_OBJECT,
    FOUND_RAW,
    FOUND_SLOWLY,
    NO_RECORD,
    Places,
    unescape,
)
from batchtui.results.records.paths import MISSING, Cell, FieldPath, cell_of
from batchtui.results.row_block import LineSource

_FAST_NAME = re.compile(r'[^"\\\x00-\x1f\ud800-\udfff]+')
"""What msgspec takes for the name of a field."""
_PLAIN_KINDS: frozenset[type] = frozenset((str, float, int))
_LINE_END = b"\\n"
_OBJECTS = bytes(form == FOUND_OBJECT for form in range(256))


@dataclass(slots=True)
class DecodedRecords:
    """Records of a block of rows; rows are counted from the block's first."""

    rows: list[int] = field(default_factory=list)
    """Those with a record that was decoded for the columns asked for."""
    records: list[object] = field(default_factory=list)
    """Of each of these what the columns need: a value of `FieldReader`'s own."""
    others: dict[int, object] = field(default_factory=dict)
    """By row, whole records that were read in another way."""
    failed: list[int] = field(default_factory=list)
    """Rows whose answer has to be read again to tell what its record is."""

    def put_in_order(self) -> None:
        """Have `rows` ascend."""
        order = sorted(range(len(self.rows)), key=self.rows.__getitem__)
        self.rows = [self.rows[place] for place in order]
        self.records = [self.records[place] for place in order]


class RecordBlock:
    """Some neighboring rows and their bytes; places are counted from the first byte.

    Attributes:
        start: The first row.
        stop: The row behind the last one.
        starts: Where each line starts.
        sizes: How many bytes each line has.
        places: Where the records are, once that is known.
    """

    def __init__(self, index: ResultsIndex, source: LineSource, start: int, stop: int) -> None:
        self.start, self.stop = start, stop
        base = index.offsets[start]
        self.starts = [offset - base for offset in index.offsets[start:stop]]
        self.sizes = index.lengths[start:stop]
        self.places = Places(bytearray(len(self.starts)), self.starts, self.starts)
        self._source, self._base = source, base

    def __len__(self) -> int:
        return len(self.starts)

    @cached_property
    def data(self) -> bytes:
        """The bytes, read when they are needed."""
        return self._source.span(self._base, self.starts[-1] + self.sizes[-1])

    def line(self, row: int) -> bytes:
        """Return the bytes of one of the rows, counted from the first."""
        start = self.starts[row]
        return self.data[start : start + self.sizes[row]]

    def piece(self, row: int) -> bytes:
        """Return the bytes of a record that has a place."""
        return self.data[self.places.starts[row] : self.places.stops[row]]

    def use(self, forms: bytearray, starts: Sequence[int], lengths: Sequence[int]) -> None:
        """Take the places of records found earlier, counted from the start of their lines."""
        begins = list(map(operator.add, self.starts, starts))
        self.places = Places(forms, begins, list(map(operator.add, begins, lengths)))


class FieldReader:
    """Decodes records for some columns, and only what these need of each."""

    def __init__(self, columns: Sequence[FieldColumn]) -> None:
        self.columns = columns
        roots = sorted({root for one in columns if (root := one.path.root) is not None})
        self._is_fast = all(map(_FAST_NAME.fullmatch, roots))
        names = {f"f{place}": root for place, root in enumerate(roots if self._is_fast else ())}
        self._names: dict[str | None, str] = {root: name for name, root in names.items()}
        struct = msgspec.defstruct(
            "Fields",
            [(name, Any, UNSET) for name in names],
            rename=names,
            gc=False,
        )
        decoder = msgspec.json.Decoder(struct, float_hook=read_fraction)
        self._decode: Callable[[str | bytes], object] = decoder.decode
        self._decode_lines: Callable[[str], list[Any]] = decoder.decode_lines

    def read(self, block: RecordBlock) -> DecodedRecords:
        """Decode the records of a block of rows."""
        forms, starts, stops = block.places.forms, block.places.starts, block.places.stops
        if not any(forms):
            return DecodedRecords()
        data = block.data
        chosen = forms.translate(_OBJECTS)
        rows = list(compress(range(len(forms)), chosen))
        places = zip(compress(starts, chosen), compress(stops, chosen), strict=True)
        records = self._read_objects([data[start:stop] for start, stop in places])
        found = DecodedRecords() if records is None else DecodedRecords(rows, records)
        if len(found.rows) + forms.count(NO_RECORD) < len(forms):
            done = (NO_RECORD,) if records is None else (NO_RECORD, FOUND_OBJECT)
            for row, form in enumerate(forms):
                if form not in done:
                    self._read_one(found, row, form, data[starts[row] : stops[row]])
            found.put_in_order()
        return found

    def hand_out(self, found: DecodedRecords, count: int) -> None:
        """Give each column its part of the records of the next rows.

        Args:
            found: The records; none is still to be read.
            count: How many rows these are.
        """
        gaps = sorted(set(range(count)).difference(found.rows))
        for column in self.columns:
            cells, kinds = self._take(column.path, found.records)
            if gaps:
                cells = _spread(cells, gaps)
            for row, value in found.others.items():
                cells[row] = cell_of(value, column.path.steps)
                kinds.add(type(cells[row]))
            column.extend(cells, kinds)

    def _take(self, path: FieldPath, records: Sequence[object]) -> tuple[list[Cell], set[type]]:
        """Return the cells of a field of decoded records, with their types."""
        name = self._names.get(path.root)
        if name is None:
            return [MISSING] * len(records), set()
        parts: list[Any] = list(map(operator.attrgetter(name), records))
        kinds = set(map(type, parts))
        if len(path.steps) > 1 or not kinds <= _PLAIN_KINDS:
            inner = path.steps[1:]
            parts = [MISSING if part is UNSET else cell_of(part, inner) for part in parts]
            kinds = set(map(type, parts))
        return parts, kinds

    def _read_objects(self, pieces: Sequence[bytes]) -> list[object] | None:
        """Decode objects that are escaped in JSON strings; None where one of them is not sound.

        All at once: a piece that is not exactly one object changes how many there are, since
        between the end of one object and the start of the next, no value can go on.
        """
        if not self._is_fast:
            return None
        try:
            records = self._decode_lines(unescape(_LINE_END.join(pieces)))
        except NOT_JSON:
            return None
        return records if len(records) == len(pieces) else None

    def _read_one(self, found: DecodedRecords, row: int, form: int, piece: bytes) -> None:
        """Decode what may be an object, or a list, or neither."""
        if form == FOUND_SLOWLY:
            found.failed.append(row)
            return
        try:
            data = piece if form == FOUND_RAW else unescape(piece)
            if not self._is_fast:
                self._read_list(found, row, data)
                return
            found.records.append(self._decode(data))
            found.rows.append(row)
        except msgspec.ValidationError:  # a list, or deeper than the fast way goes
            self._read_list(found, row, data)
        except NOT_JSON:
            found.failed.append(row)

    def _read_list(self, found: DecodedRecords, row: int, data: str | bytes) -> None:
        text = data if isinstance(data, str) else data.decode(errors="replace")
        try:
            value, end = scan_json(text, len(text) - len(text.lstrip()))
        except BrokenJsonError:
            found.failed.append(row)
            return
        if text[end:].strip():
            found.failed.append(row)
        else:
            found.others[row] = value


def _spread(cells: Sequence[Cell], gaps: Sequence[int]) -> list[Cell]:
    """Return cells with nothing in between, so that it stands at each of some places."""
    spread = list[Cell]()
    start = 0
    for before, gap in enumerate(gaps):
        spread += cells[start : gap - before]
        spread.append(MISSING)
        start = gap - before
    spread += cells[start:]
    return spread
