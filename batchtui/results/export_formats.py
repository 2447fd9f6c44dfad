"""Rows as bytes to be written: as received, or as a table for a spreadsheet."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from batchtui.results.answer import ToolCall, read_answer, read_error
from batchtui.results.index import RESULT_TYPES, UNKNOWN_TOKENS, ResultsIndex
from batchtui.results.query.searching import MAX_LINE
from batchtui.results.row_block import LineSource

COLUMNS = (
    "row",
    "custom_id",
    "type",
    "stop_reason",
    "error_type",
    "error_message",
    "model",
    "input_tokens",
    "output_tokens",
    "cache_read_tokens",
    "cache_write_tokens",
    "text",
    "tool_calls",
)
"""The columns of a CSV export."""

_PIECE = 1024 * 1024
"""Bytes read in one go."""
_CSV_ROWS = 200
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""Signs at a cell's start that make a spreadsheet run it, or hide one that does."""

Piece = tuple[bytes, int]
"""Some bytes to write, and how many rows end in them."""


def jsonl_pieces(index: ResultsIndex, source: LineSource, rows: Iterable[int]) -> Iterator[Piece]:
    """Yield rows as received, each ended by one newline; neighbours are read together.

    Raises:
        ResultsFileError: The file cannot be read.
    """
    offsets, lengths = index.offsets, index.lengths
    start = stop = count = 0
    for row in rows:
        offset = offsets[row]
        end = offset + lengths[row]
        if count and offset == stop + 1 and end - start <= _PIECE:
            stop, count = end, count + 1
            continue
        if count:
            yield from _copy(source, start, stop, count)
        start, stop, count = offset, end, 1
    if count:
        yield from _copy(source, start, stop, count)


def _copy(source: LineSource, start: int, stop: int, rows: int) -> Iterator[Piece]:
    """Yield some bytes of the file and a newline; long lines piece by piece."""
    while stop - start > _PIECE:
        yield source.span(start, _PIECE), 0
        start += _PIECE
    yield source.span(start, stop - start) + b"\n", rows


def csv_pieces(index: ResultsIndex, source: LineSource, rows: Iterable[int]) -> Iterator[Piece]:
    """Yield rows as a table with a head, safe to open in a spreadsheet.

    Raises:
        ResultsFileError: The file cannot be read.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(COLUMNS)
    count = 0
    for row in rows:
        writer.writerow(_cells(index, source, row))
        count += 1
        if count >= _CSV_ROWS or buffer.tell() > _PIECE:
            yield _take(buffer), count
            count = 0
    yield _take(buffer), count


def _take(buffer: io.StringIO) -> bytes:
    data = buffer.getvalue().encode("utf-8", errors="backslashreplace")
    buffer.seek(0)
    buffer.truncate()
    return data


def _cells(index: ResultsIndex, source: LineSource, row: int) -> list[str | int]:
    is_readable = index.lengths[row] <= MAX_LINE
    line = source.span(index.offsets[row], index.lengths[row]) if is_readable else b""
    answer = read_answer(line)
    error_type, error_message = read_error(line) if index.causes[row] else ("", "")
    return [
        row + 1,
        guard_cell(answer.custom_id or index.custom_id(row)),
        RESULT_TYPES[index.types[row]],
        guard_cell(index.stop_names[index.stop_reasons[row]]),
        guard_cell(error_type or index.cause_list[index.causes[row]].type),
        guard_cell(error_message or index.cause_list[index.causes[row]].example),
        guard_cell(index.model_names[index.models[row]]),
        _number(index.input_tokens[row]),
        _number(index.output_tokens[row]),
        _number(index.cache_read[row]),
        _number(index.cache_write[row]),
        guard_cell(answer.text),
        guard_cell(_write_calls(answer.calls)),
    ]


def guard_cell(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet would run as a formula."""
    return "'" + text if text.startswith(_FORMULA) else text.replace("\0", "")


def _number(value: int) -> str | int:
    return "" if value == UNKNOWN_TOKENS else value


def _write_calls(calls: Sequence[ToolCall]) -> str:
    if not calls:
        return ""
    values = [{"name": call.name, "input": msgspec.Raw(call.input or b"null")} for call in calls]
    return msgspec.json.encode(values).decode()
