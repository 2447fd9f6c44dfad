"""Rows as bytes to be written: as received, as a table, or as text to read."""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from msgspec import Raw

from batchtui.results.cell_guard import CellGuard
from batchtui.results.index import ResultsIndex
from batchtui.results.json_text import write_as_parsed
from batchtui.results.row_block import LineSource, read_answer_of
from batchtui.results.row_fields import FieldValue, RowFields, write_calls

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
"""The columns of a table if no fields are asked for."""

_PIECE = 1024 * 1024
"""Bytes read in one go."""
_ROWS = 200

ExportPiece: TypeAlias = tuple[bytes, int]
"""Some bytes to write, and how many rows end in them."""


def jsonl_pieces(
    index: ResultsIndex, source: LineSource, rows: Iterable[int]
) -> Iterator[ExportPiece]:
    """Yield rows as received, each ended by one newline; neighbors are read together.

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


def _copy(source: LineSource, start: int, stop: int, rows: int) -> Iterator[ExportPiece]:
    """Yield some bytes of the file and a newline; long lines piece by piece."""
    while stop - start > _PIECE:
        yield source.span(start, _PIECE), 0
        start += _PIECE
    yield source.span(start, stop - start) + b"\n", rows


def csv_pieces(fields: RowFields, rows: Iterable[int], guard: CellGuard) -> Iterator[ExportPiece]:
    """Yield fields as a table with a head, safe to open in a spreadsheet.

    Args:
        fields: What to write of each row.
        rows: The rows.
        guard: Makes the cells safe, and counts those that it alters.

    Raises:
        ResultsFileError: The file cannot be read.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow([guard.write(name) for name in fields.names])
    count = 0
    for row in rows:
        writer.writerow([write_cell(value, guard) for value in fields.values(row)])
        count += 1
        if count >= _ROWS or buffer.tell() > _PIECE:
            yield _take(buffer), count
            count = 0
    yield _take(buffer), count


def record_pieces(fields: RowFields, rows: Iterable[int]) -> Iterator[ExportPiece]:
    """Yield fields as lines of JSON, one object a row; what a row has not is null.

    Raises:
        ResultsFileError: The file cannot be read.
    """
    for row in rows:
        values = zip(fields.names, fields.values(row), strict=True)
        yield write_as_parsed(dict(values)) + b"\n", 1


def text_pieces(fields: RowFields, rows: Iterable[int]) -> Iterator[ExportPiece]:
    """Yield fields as plain text: one of them as it is, several separated by tabs.

    Raises:
        ResultsFileError: The file cannot be read.
    """
    is_single = len(fields.names) == 1
    for row in rows:
        cells = [write_plain(value) for value in fields.values(row)]
        line = cells[0] if is_single else "\t".join(" ".join(cell.split()) for cell in cells)
        yield line.encode(errors="backslashreplace") + b"\n", 1


def answer_pieces(
    index: ResultsIndex, source: LineSource, rows: Iterable[int]
) -> Iterator[ExportPiece]:
    """Yield answers to read, each below its custom_id.

    Raises:
        ResultsFileError: The file cannot be read.
    """
    for row in rows:
        answer = read_answer_of(index, source, row)
        name = answer.custom_id or index.custom_id(row)
        text = "\n\n".join(filter(None, (answer.text, write_calls(answer.calls))))
        yield f"# {name}\n\n{text}\n\n".encode(errors="backslashreplace"), 1


def write_cell(value: FieldValue, guard: CellGuard) -> str:
    """Write a value as a cell: numbers as they are, lists as JSON, no text that runs."""
    return guard.write(value) if isinstance(value, str) else write_plain(value)


def write_plain(value: FieldValue) -> str:
    """Write a value as it is: texts bare, numbers as they were written, nothing as ""."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case Raw():
            return bytes(value).decode(errors="replace")
        case _:
            return str(value)


def _take(buffer: io.StringIO) -> bytes:
    data = buffer.getvalue().encode("utf-8", errors="backslashreplace")
    buffer.seek(0)
    buffer.truncate()
    return data
