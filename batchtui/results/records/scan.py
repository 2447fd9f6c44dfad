"""Finds the records of a block of rows: by their bytes where that is safe, else by reading."""

from batchtui.results.answer import read_answer
from batchtui.results.index import SUCCEEDED, ResultsIndex
from batchtui.results.lines import MAX_LINE
from batchtui.results.records.field_reader import RecordBlock
from batchtui.results.records.finder import NoRecord, Record, find_record
from batchtui.results.records.locate import (
    FOUND_RAW,
    FOUND_SLOWLY,
    NO_RECORD,
    Places,
    locate,
)
from batchtui.results.records.own_pattern import RecordPattern

_ANSWERED = bytes(FOUND_SLOWLY if kind == SUCCEEDED else NO_RECORD for kind in range(256))


def mark_answered(index: ResultsIndex, block: RecordBlock) -> None:
    """Have the records of new rows be anywhere in the answers."""
    forms = bytearray(_answered(index, block))
    block.places = Places(forms, [*block.starts], [*block.starts])


def locate_records(index: ResultsIndex, block: RecordBlock) -> None:
    """Find where the records of new rows may be."""
    answered = _answered(index, block)
    if any(answered):
        lengths = index.text_lengths[block.start : block.stop]
        block.places = locate(block.data, block.starts, block.sizes, lengths, answered)


def _answered(index: ResultsIndex, block: RecordBlock) -> bytes:
    return index.types[block.start : block.stop].tobytes().translate(_ANSWERED)


def read_slowly(
    block: RecordBlock, row: int, pattern: RecordPattern | None = None
) -> Record | None:
    """Find a record by reading the answer, and note in the block where it is."""
    line, start = block.line(row), block.starts[row]
    found = NoRecord("") if len(line) > MAX_LINE else find_record(read_answer(line), pattern)
    if isinstance(found, NoRecord):
        block.places.put(row, NO_RECORD, start, start)
        return None
    data = found.text.encode(errors="replace")
    inside = line.find(data) if found.form == "tool" else -1
    if inside < 0:
        block.places.put(row, FOUND_SLOWLY, start, start)
    else:
        block.places.put(row, FOUND_RAW, start + inside, start + inside + len(data))
    return found
