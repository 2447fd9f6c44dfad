"""The records of a results file, row by row, and columns of their fields as they are asked for."""

import operator
import time
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import msgspec
from msgspec import UNSET, Struct

from batchtui.results.answer import read_answer
from batchtui.results.index import JSON_ANSWER, ODD_LINE, SEVERAL_BLOCKS, SUCCEEDED, ResultsIndex
from batchtui.results.records.catalog import FieldCatalog, FieldInfo
from batchtui.results.records.columns import FieldColumn
from batchtui.results.records.finder import NoRecord, Record, find_record
from batchtui.results.records.json_scan import BrokenJsonError, read_number, scan_json
from batchtui.results.records.locate import NONE, UNSURE, Place, locate
from batchtui.results.records.paths import Cell, FieldPath, cell_of, read_path
from batchtui.results.row_block import LineSource, pack, unpack

if TYPE_CHECKING:
    import regex

_BLOCK_BYTES = 512 * 1024
_BLOCK_ROWS = 4_096
_ALL_KNOWN = 200
"""Records of which all fields are learnt; of further ones a sample is enough."""
_SAMPLE = 2
"""Records of a block that are looked at then."""
_MOST_KNOWN = 600
_MAX_LINE = 64 * 1024 * 1024

_NOT_JSON = bytes([0xFF & ~JSON_ANSWER])
_MARKS = bytes(JSON_ANSWER if form else 0 for form in range(256))
_PLAIN_KINDS: frozenset[type] = frozenset((str, float, int))

FOUND, FOUND_RAW, FOUND_SLOWLY = 1, 2, 3
"""What `Records.forms` holds: escaped in a string of the line, as it is in the line, or only to be
had by reading the answer again; 0 is no record."""


_ANSWERED = bytes(FOUND_SLOWLY if kind == SUCCEEDED else 0 for kind in range(256))
_ODD = bytes(int(bool(flag & (ODD_LINE | SEVERAL_BLOCKS))) for flag in range(256))
_LOCATED = bytes(int(form in {FOUND, FOUND_RAW}) for form in range(256))


class _Value(Struct, frozen=True):
    """A record that was not decoded by the fast way."""

    value: object


_NO_VALUE = _Value(None)
_FAILED = _Value(None)
_decode_string: Callable[[bytes], str] = msgspec.json.Decoder(str).decode
_decode_strings: Callable[[bytes], list[str]] = msgspec.json.Decoder(list[str]).decode


class Records:
    """The records of one file's answers; grows with its index.

    Attributes:
        forms: Of each row looked at so far, whether and how it has a record.
        found: How many of these rows have one.
        columns: The fields asked for, by path as typed.
        request_fits: Whether a record fits the schema of the attached request; None if no request
            is known, or it asks for nothing.
    """

    def __init__(self, index: ResultsIndex, pattern: "regex.Pattern[str] | None" = None) -> None:
        """Look at nothing yet.

        Args:
            index: The rows; it may still grow.
            pattern: The user's own way to find records, with named groups.
        """
        self.forms = array("B")
        self.found = 0
        self.columns: dict[str, FieldColumn] = {}
        self.request_fits: Callable[[str], bool] | None = None
        self._catalog = FieldCatalog()
        self._known_fields: tuple[tuple[int, int], tuple[FieldInfo, ...]] = ((0, 0), ())
        self._index = index
        self._pattern = pattern
        self._reader: _FieldReader | None = None
        self._starts = array("I")
        self._lengths = array("I")

    @property
    def looked(self) -> int:
        """How many rows were looked at, from the first on."""
        return len(self.forms)

    @property
    def fields(self) -> tuple[FieldInfo, ...]:
        """The fields found so far, in the order in which records have them."""
        state = (self._catalog.records, self.found)
        if self._known_fields[0] != state:
            self._known_fields = (state, self._catalog.fields(self.found))
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
            read = read_path(path)
            if read is None or read[1] != len(path):
                raise ValueError(path)
            path = read[0]
        return self.columns.setdefault(path.text, FieldColumn(path))

    def is_filled(self, columns: Iterable[FieldColumn], stop: int) -> bool:
        """Whether columns have the values of all rows up to ``stop``."""
        return all(len(column) >= stop for column in columns)

    def dump(self) -> dict[str, bytes]:
        """Return where the records are, to be kept; nothing where a pattern has found them."""
        if self._pattern is not None:
            return {}
        columns = {"forms": self.forms, "starts": self._starts, "lengths": self._lengths}
        return {name: column.tobytes() for name, column in columns.items()}

    @staticmethod
    def restore(index: ResultsIndex, columns: Mapping[str, bytes]) -> None:
        """Give an index the records that were kept.

        Raises:
            ValueError: They are not of this index.
        """
        records = Records(index)
        records.forms.frombytes(columns.get("forms", b""))
        records._starts.frombytes(columns.get("starts", b""))
        records._lengths.frombytes(columns.get("lengths", b""))
        if {len(records.forms), len(records._starts), len(records._lengths)} != {len(index)}:
            raise ValueError("the records are not of this index")
        records.found = len(records.forms) - records.forms.count(0)
        _BY_INDEX[index] = records

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

    def record(self, source: LineSource, row: int) -> Record | NoRecord:
        """Find the record of one row, or why there is none.

        Raises:
            ResultsFileError: The file cannot be read.
        """
        index = self._index
        if index.lengths[row] > _MAX_LINE:
            return NoRecord("the line is too long")
        if index.types[row] != SUCCEEDED:
            return NoRecord("there is no answer")
        line = source.span(index.offsets[row], index.lengths[row])
        return find_record(read_answer(line), self._pattern)

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
        return _decode_string(b'"%b"' % data) if form == FOUND else data.decode(errors="replace")

    def _step(self, source: LineSource, columns: Sequence[FieldColumn], limit: int) -> None:
        """Look at the next block of rows that is missing somewhere."""
        start = min([self.looked, *(len(column) for column in columns)])
        wanted = [column for column in columns if len(column) == start]
        is_new = self.looked == start
        ends = [len(column) for column in columns if len(column) > start]
        stop = self._block_stop(start, min([limit, *ends, *([] if is_new else [self.looked])]))
        block = _Block(self._index, source, start, stop)
        forms = self._look(block) if is_new else self.forms[start:stop].tobytes()
        if not is_new:
            block.use(self._starts[start:stop], self._lengths[start:stop])
        reader = self._reader_of(wanted)
        values = reader.read(block, forms)
        slow = {
            row: self._read_slowly(block, row)
            for row in [row for row, value in enumerate(values) if value is _FAILED]
        }
        for row, found in slow.items():
            values[row] = found.value
        if is_new:
            self._note(block, forms, slow)
            self._learn(block)
        reader.hand_out(values)

    def _reader_of(self, columns: Sequence[FieldColumn]) -> "_FieldReader":
        """Return what decodes records for some columns; it is worth keeping from block to block."""
        if self._reader is None or self._reader.columns != columns:
            self._reader = _FieldReader(columns)
        return self._reader

    def _look(self, block: "_Block") -> bytes:
        """Find where the records of new rows may be; return the forms they may have."""
        index, rows = self._index, slice(block.start, block.stop)
        answered = index.types[rows].tobytes().translate(_ANSWERED)
        odd = index.flags[rows].tobytes().translate(_ODD)
        if self._pattern is not None:
            odd = b"\1" * len(odd)
        forms = bytearray(answered)
        plain: Sequence[int] = range(len(block))
        if any(odd) or not all(answered):
            plain = [row for row in plain if answered[row] and not odd[row]]
        starts = [block.starts[row] for row in plain]
        stops = [block.stops[row] for row in plain]
        found = locate(block.data, starts, stops) if plain else []
        for row, place in zip(plain, found, strict=True):
            if place is NONE:
                forms[row] = 0
            elif place is not UNSURE:
                forms[row] = FOUND
                block.places[row] = place
        return bytes(forms)

    def _read_slowly(self, block: "_Block", row: int) -> "_Slowly":
        """Find a record by reading the answer."""
        start = block.starts[row]
        line = block.data[start : block.stops[row]]
        found = (
            NoRecord("") if len(line) > _MAX_LINE else find_record(read_answer(line), self._pattern)
        )
        if isinstance(found, NoRecord):
            return _Slowly(0, _NO_VALUE)
        data = found.text.encode(errors="replace")
        inside = line.find(data) if found.form == "tool" else -1
        if inside < 0:
            return _Slowly(FOUND_SLOWLY, _Value(found.value))
        block.places[row] = (start + inside, start + inside + len(data))
        return _Slowly(FOUND_RAW, _Value(found.value))

    def _note(self, block: "_Block", forms: bytes, slow: "Mapping[int, _Slowly]") -> None:
        if slow:
            changed = bytearray(forms)
            for row, answer in slow.items():
                changed[row] = answer.form
            forms = bytes(changed)
        self.forms.frombytes(forms)
        places = block.places
        is_located = forms.translate(_LOCATED)
        self._starts.extend(
            [
                places[row][0] - block.starts[row] if located else 0
                for row, located in enumerate(is_located)
            ]
        )
        self._lengths.extend(
            [
                places[row][1] - places[row][0] if located else 0
                for row, located in enumerate(is_located)
            ]
        )
        self.found += len(forms) - forms.count(0)
        marked = pack(forms.translate(_MARKS))
        flags = self._index.flags
        kept = pack(flags[block.start : block.stop].tobytes()) & pack(_NOT_JSON * len(forms))
        flags[block.start : block.stop] = array("B", unpack(kept | marked, len(forms)))

    def _learn(self, block: "_Block") -> None:
        """Add the fields of some of the block's records to those that are known."""
        rows = [row for row in range(block.start, block.stop) if self.forms[row]]
        if self._catalog.records >= _ALL_KNOWN:
            rows = rows[:: max(1, len(rows) // _SAMPLE)]
        for row in rows:
            if self._catalog.records >= _MOST_KNOWN:
                break
            place = row - block.start
            line = block.data[block.starts[place] : block.stops[place]]
            found = find_record(read_answer(line), self._pattern)
            if isinstance(found, Record):
                self._catalog.add(found.value)

    def _block_stop(self, start: int, limit: int) -> int:
        index = self._index
        end = index.offsets[start] + _BLOCK_BYTES
        stop = start + 1
        limit = min(limit, start + _BLOCK_ROWS)
        while stop < limit and index.offsets[stop] + index.lengths[stop] <= end:
            stop += 1
        return stop


_BY_INDEX: WeakKeyDictionary[ResultsIndex, Records] = WeakKeyDictionary()


def records_of(index: ResultsIndex) -> Records:
    """Return the records of an index: the same ones for everybody, so that each is found once."""
    records = _BY_INDEX.get(index)
    return use_pattern(index, None) if records is None else records


def use_pattern(index: ResultsIndex, pattern: "regex.Pattern[str] | None") -> Records:
    """Find the records of an index again, by a pattern of the user's or without one."""
    records = _BY_INDEX[index] = Records(index, pattern)
    return records


class _Block:
    """Some neighbouring rows and their bytes; places are counted from the first byte."""

    def __init__(self, index: ResultsIndex, source: LineSource, start: int, stop: int) -> None:
        self.start, self.stop = start, stop
        base = index.offsets[start]
        self.starts = [offset - base for offset in index.offsets[start:stop]]
        self.stops = list(map(operator.add, self.starts, index.lengths[start:stop]))
        self.places: dict[int, Place] = {}
        self._source, self._base = source, base

    def __len__(self) -> int:
        return len(self.starts)

    @cached_property
    def data(self) -> bytes:
        """The bytes, read when they are needed."""
        return self._source.span(self._base, self.stops[-1])

    def use(self, starts: Sequence[int], lengths: Sequence[int]) -> None:
        """Take the places of records found earlier, counted from the start of their lines."""
        spans = zip(self.starts, starts, lengths, strict=True)
        self.places = {
            row: (line + start, line + start + length)
            for row, (line, start, length) in enumerate(spans)
            if length
        }


class _Slowly(Struct, frozen=True):
    """What reading an answer again has found."""

    form: int
    value: _Value


class _FieldReader:
    """Decodes records for some columns, and only what these need of each."""

    def __init__(self, columns: Sequence[FieldColumn]) -> None:
        self.columns = columns
        roots = sorted({column.path.root for column in columns} - {""})
        self._names = {root: f"f{place}" for place, root in enumerate(roots)}
        struct = msgspec.defstruct(
            "Fields",
            [(name, Any, UNSET) for name in self._names.values()],
            rename={name: root for root, name in self._names.items()},
            gc=False,
        )
        self._struct = struct
        decoder = msgspec.json.Decoder(struct, float_hook=_read_float)
        self._decode: Callable[[str | bytes], object] = decoder.decode
        self._decode_lines: Callable[[str], Sequence[object]] = decoder.decode_lines

    def read(self, block: _Block, forms: bytes) -> list[object]:
        """Decode the records of a block of rows.

        Returns:
            For each row what `hand_out` takes: `_NO_VALUE` where there is no record, `_FAILED`
            where it cannot be read this way.
        """
        values: list[object] = [_NO_VALUE] * len(forms)
        if not any(forms):
            return values
        data = block.data
        rows = [row for row, form in enumerate(forms) if form == FOUND]
        spans = [block.places[row] for row in rows]
        for row, value in zip(
            rows, self._read_escaped([data[start:stop] for start, stop in spans]), strict=True
        ):
            values[row] = value
        if len(rows) + forms.count(0) < len(forms):
            for row, form in enumerate(forms):
                if form == FOUND_RAW:
                    start, stop = block.places[row]
                    values[row] = self._read_one(data[start:stop])
                elif form == FOUND_SLOWLY:
                    values[row] = _FAILED
        return values

    def hand_out(self, values: Sequence[object]) -> None:
        """Give each column its part of the records of the next rows."""
        found = [row for row, value in enumerate(values) if value.__class__ is self._struct]
        records = [values[row] for row in found]
        is_usual = bool(records) and len(found) + values.count(_NO_VALUE) == len(values)
        for column in self.columns:
            name = self._names.get(column.path.root, "")
            parts = self._take_plain(column.path, name, records) if is_usual else []
            if not parts:
                cells = self._take(column.path, name, values)
            elif len(parts) == len(values):
                cells = parts
            else:
                cells = [None] * len(values)
                for row, part in zip(found, parts, strict=True):
                    cells[row] = part
            column.extend(cells)

    def _take_plain(self, path: FieldPath, name: str, records: Sequence[object]) -> list[Cell]:
        """Return the cells of a field that is a text or a number in each of some records."""
        if not name or len(path.steps) > 1:
            return []
        cells: list[Cell] = list(map(operator.attrgetter(name), records))
        return cells if set(map(type, cells)) <= _PLAIN_KINDS else []

    def _take(self, path: FieldPath, name: str, values: Sequence[object]) -> list[Cell]:
        steps, cells = path.steps, list[Cell]()
        is_plain = len(steps) == 1
        for value in values:
            if value is _NO_VALUE:
                cells.append(None)
            elif isinstance(value, _Value):
                cells.append(cell_of(value.value, steps))
            elif not name or (part := getattr(value, name)) is UNSET:
                cells.append(None)
            elif is_plain and isinstance(part, float):
                cells.append(part)
            else:
                cells.append(cell_of(part, steps[1:]))
        return cells

    def _read_escaped(self, pieces: Sequence[bytes]) -> Sequence[object]:
        """Decode records that are escaped in JSON strings: all at once where all are sound.

        A piece that is not exactly one string, or one object, changes how many there are in all:
        between the end of one object and the start of the next, no value can go on.
        """
        if not pieces:
            return ()
        try:
            texts = _decode_strings(b'["%b"]' % b'","'.join(pieces))
            if len(texts) == len(pieces) and all(map(_is_object, texts)):
                values = self._decode_lines("\n".join(texts))
                if len(values) == len(texts):
                    return values
        except (msgspec.DecodeError, RecursionError, ValueError):
            pass
        return [self._read_string(piece) for piece in pieces]

    def _read_string(self, piece: bytes) -> object:
        try:
            return self._read_one(_decode_string(b'"%b"' % piece))
        except (msgspec.DecodeError, ValueError):
            return _FAILED

    def _read_one(self, data: str | bytes) -> object:
        try:
            return self._decode(data)
        except msgspec.ValidationError:  # a list, or deeper than the fast way goes
            return self._read_list(data)
        except (msgspec.DecodeError, RecursionError, ValueError):
            return _FAILED

    def _read_list(self, data: str | bytes) -> object:
        text = data if isinstance(data, str) else data.decode(errors="replace")
        try:
            value, end = scan_json(text, len(text) - len(text.lstrip()))
        except BrokenJsonError:
            return _FAILED
        return _FAILED if text[end:].strip() else _Value(value)


def _is_object(text: str) -> bool:
    return text[:1] == "{" and text[-1] == "}"


def _read_float(text: str) -> object:
    return float(text) if len(text) <= 15 else read_number(text)
