"""Decodes the records of neighboring rows: what some columns need of each, and no more."""

import operator
import re
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import msgspec
from msgspec import UNSET, Struct

from batchtui.results.index import ResultsIndex
from batchtui.results.records.columns import FieldColumn
from batchtui.results.records.json_scan import BrokenJsonError, read_number, scan_json
from batchtui.results.records.locate import Place, unescape
from batchtui.results.records.paths import Cell, FieldPath, cell_of
from batchtui.results.row_block import LineSource

FOUND, FOUND_RAW, FOUND_SLOWLY = 1, 2, 3
"""What `Records.forms` holds: escaped in a string of the line, as it is in the line, or only to be
had by reading the answer again; 0 is no record."""

_FAST_NAME = re.compile(r'[^"\\\x00-\x1f\ud800-\udfff]+')
"""What msgspec takes for the name of a field."""
_PLAIN_KINDS: frozenset[type] = frozenset((str, float, int))


class FoundValue(Struct, frozen=True):
    """A record that was not decoded by the fast way."""

    value: object


NO_VALUE = FoundValue(None)
FAILED = FoundValue(None)
_decode_strings: Callable[[bytes], list[str]] = msgspec.json.Decoder(list[str]).decode


class RecordBlock:
    """Some neighboring rows and their bytes; places are counted from the first byte."""

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

    def line(self, row: int) -> bytes:
        """The bytes of one of the rows, counted from the first."""
        return self.data[self.starts[row] : self.stops[row]]

    def use(self, starts: Sequence[int], lengths: Sequence[int]) -> None:
        """Take the places of records found earlier, counted from the start of their lines."""
        spans = zip(self.starts, starts, lengths, strict=True)
        self.places = {
            row: (line + start, line + start + length)
            for row, (line, start, length) in enumerate(spans)
            if length
        }


class FieldReader:
    """Decodes records for some columns, and only what these need of each."""

    def __init__(self, columns: Sequence[FieldColumn]) -> None:
        self.columns = columns
        roots = sorted({root for one in columns if (root := one.path.root) is not None})
        self._is_fast = all(map(_FAST_NAME.fullmatch, roots))
        self._names = {
            root: f"f{place}" for place, root in enumerate(roots if self._is_fast else ())
        }
        struct = msgspec.defstruct(
            "Fields",
            [(name, Any, UNSET) for name in self._names.values()],
            rename={name: root for root, name in self._names.items()},
            gc=False,
        )
        self._struct = struct
        decoder = msgspec.json.Decoder(struct, float_hook=read_number)
        self._decode: Callable[[str | bytes], object] = decoder.decode
        self._decode_lines: Callable[[str], Sequence[object]] = decoder.decode_lines

    def read(self, block: RecordBlock, forms: bytes) -> list[object]:
        """Decode the records of a block of rows.

        Returns:
            For each row what `hand_out` takes: `NO_VALUE` where there is no record, `FAILED`
            where it cannot be read this way.
        """
        values: list[object] = [NO_VALUE] * len(forms)
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
                    values[row] = FAILED
        return values

    def hand_out(self, values: Sequence[object]) -> None:
        """Give each column its part of the records of the next rows."""
        found = [row for row, value in enumerate(values) if value.__class__ is self._struct]
        records = [values[row] for row in found]
        is_usual = bool(records) and len(found) + values.count(NO_VALUE) == len(values)
        for column in self.columns:
            name = self._names.get(column.path.root or "", "")
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
            if value is NO_VALUE:
                cells.append(None)
            elif isinstance(value, FoundValue):
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
        if not self._is_fast:
            return [self._read_string(piece) for piece in pieces]
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
            return self._read_one(unescape(piece))
        except (msgspec.DecodeError, ValueError):
            return FAILED

    def _read_one(self, data: str | bytes) -> object:
        if not self._is_fast:
            return self._read_list(data)
        try:
            return self._decode(data)
        except msgspec.ValidationError:  # a list, or deeper than the fast way goes
            return self._read_list(data)
        except (msgspec.DecodeError, RecursionError, ValueError):
            return FAILED

    def _read_list(self, data: str | bytes) -> object:
        text = data if isinstance(data, str) else data.decode(errors="replace")
        try:
            value, end = scan_json(text, len(text) - len(text.lstrip()))
        except BrokenJsonError:
            return FAILED
        return FAILED if text[end:].strip() else FoundValue(value)


def _is_object(text: str) -> bool:
    return text[:1] == "{" and text[-1] == "}"
