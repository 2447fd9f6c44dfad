"""Finds the records of a block of rows: by their bytes where that is safe, else by reading."""

from collections.abc import Sequence

from msgspec import Struct

from batchtui.results.answer import read_answer
from batchtui.results.index import ODD_LINE, SEVERAL_BLOCKS, SUCCEEDED, ResultsIndex
from batchtui.results.lines import MAX_LINE
from batchtui.results.records.field_reader import (
    FOUND,
    FOUND_RAW,
    FOUND_SLOWLY,
    NO_VALUE,
    FoundValue,
    RecordBlock,
)
from batchtui.results.records.finder import NoRecord, find_record
from batchtui.results.records.locate import NONE, UNSURE, locate
from batchtui.results.records.own_pattern import RecordPattern

_ANSWERED = bytes(FOUND_SLOWLY if kind == SUCCEEDED else 0 for kind in range(256))
_ODD = bytes(int(bool(flag & (ODD_LINE | SEVERAL_BLOCKS))) for flag in range(256))


class SlowRecord(Struct, frozen=True):
    """What reading an answer has found."""

    form: int
    """Whether and how there is a record, as `Records.forms` has it."""
    value: FoundValue
    """The record."""


def answered_rows(index: ResultsIndex, block: RecordBlock) -> bytes:
    """Return the forms of records that may be anywhere in the answers."""
    return index.types[block.start : block.stop].tobytes().translate(_ANSWERED)


def locate_records(index: ResultsIndex, block: RecordBlock) -> bytes:
    """Find where the records of new rows may be; return the forms they may have."""
    rows = slice(block.start, block.stop)
    answered = answered_rows(index, block)
    odd = index.flags[rows].tobytes().translate(_ODD)
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


def read_slowly(block: RecordBlock, row: int, pattern: RecordPattern | None = None) -> SlowRecord:
    """Find a record by reading the answer."""
    line = block.line(row)
    found = NoRecord("") if len(line) > MAX_LINE else find_record(read_answer(line), pattern)
    if isinstance(found, NoRecord):
        return SlowRecord(0, NO_VALUE)
    data = found.text.encode(errors="replace")
    inside = line.find(data) if found.form == "tool" else -1
    if inside < 0:
        return SlowRecord(FOUND_SLOWLY, FoundValue(found.value))
    start = block.starts[row]
    block.places[row] = (start + inside, start + inside + len(data))
    return SlowRecord(FOUND_RAW, FoundValue(found.value))
