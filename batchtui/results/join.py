"""Answers beside the rows of the table they were asked from, in the table's order.

Which row an answer belongs to follows from its custom_id alone: ids are made of a column, or of the
rows' numbers, the same way each time. What a row of the table holds is written back untouched.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from batchtui.custom_ids import CustomIds
from batchtui.results.cell_guard import CellGuard
from batchtui.results.errors import ResultsError
from batchtui.results.export_formats import write_cell
from batchtui.results.json_text import write_as_parsed
from batchtui.results.row_fields import FieldValue, RowFields
from batchtui.tables import Table, TableFormat


class NotJoined(ResultsError):
    """The answers do not belong to the rows of the table."""


class RowIds(Struct, frozen=True):
    """The custom_id of each row of a table."""

    column: str | None
    """The column they are made of; None where they are the numbers of the rows."""
    ids: tuple[str, ...]
    """By row."""
    unknown: int
    """How many custom_ids of the results belong to no row."""


def find_row_ids(table: Table, custom_ids: frozenset[str], column: str | None = None) -> RowIds:
    """Find out which row of a table each custom_id belongs to.

    Args:
        table: The table.
        custom_ids: Those of the results.
        column: The column that ids were made of, where it is known.

    Raises:
        NotJoined: No id belongs to a row.
        TableError: The table cannot be read, or lacks the column.
    """
    if column is not None:
        table.require_column(column)
    candidates: Sequence[str | None] = [column] if column is not None else [None, *table.columns]
    found = _made_ids(table, candidates)
    best = max(candidates, key=lambda one: len(custom_ids.intersection(found[one])))
    ids = found[best]
    unknown = len(custom_ids.difference(ids))
    if unknown == len(custom_ids):
        where = f"column {column}" if column is not None else "any of its columns"
        raise NotJoined(
            f"No custom_id of the results belongs to a row of {table.path.name}, by {where}.",
            hint="Give the table that the requests were made from, unchanged.",
        )
    return RowIds(best, tuple(ids), unknown)


def _made_ids(table: Table, candidates: Iterable[str | None]) -> Mapping[str | None, list[str]]:
    makers = {one: CustomIds() for one in candidates}
    ids: dict[str | None, list[str]] = {one: [] for one in makers}
    for row in table.rows():
        for one, maker in makers.items():
            value = (row.text(one) or "") if one is not None else ""
            ids[one].append(maker.next_id(row.number, value))
    return ids


def joined_rows(
    table: Table,
    row_ids: RowIds,
    fields: RowFields,
    rows: Mapping[str, int],
    guard: CellGuard,
    *,
    as_csv: bool,
) -> Iterator[bytes]:
    """Yield the table with the fields of its answers behind each row, as it is written.

    Args:
        table: The table.
        row_ids: Of its rows.
        fields: What to write of each answer.
        rows: The row of the results for each custom_id; a row of the table without one has
            empty fields.
        guard: Makes the cells of a CSV safe, and counts those that it alters.
        as_csv: Whether to write a CSV, rather than JSON lines. What stands in the file is written
            as it is, wherever that is its format.

    Raises:
        TableError: The table cannot be read.
        ResultsFileError: The results cannot be read.
    """
    names = _free_names(fields.names, table.columns)
    was_csv = table.format is TableFormat.CSV
    if as_csv:
        head = table.head if was_csv else _as_csv(table.columns, guard)
        yield table.mark.encode() + _csv_line(table, head, names)
    nothing: list[FieldValue] = [None] * len(names)
    for row, custom_id in zip(table.rows(), row_ids.ids, strict=True):
        place = rows.get(custom_id)
        values = nothing if place is None else fields.values(place)
        if as_csv:
            own = [row.cells.get(column, "") for column in table.columns]
            raw = row.raw if was_csv else _as_csv(own, guard)
            yield _csv_line(table, raw, [write_cell(value, guard) for value in values])
        else:
            yield _json_line(_as_json(row.cells) if was_csv else row.raw, names, values)


def _free_names(names: Sequence[str], taken: Sequence[str]) -> list[str]:
    """Name the fields so that no column of the table has the same name."""
    return [f"answer.{name.lstrip('.')}" if name in taken else name for name in names]


def _csv_line(table: Table, raw: str, cells: Sequence[str]) -> bytes:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=table.delimiter, lineterminator=table.line_end).writerow(cells)
    return f"{raw}{table.delimiter}{buffer.getvalue()}".encode(errors="backslashreplace")


def _as_csv(cells: Iterable[str], guard: CellGuard) -> str:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="").writerow(map(guard.write, cells))
    return buffer.getvalue()


def _json_line(raw: str, names: Sequence[str], values: Sequence[FieldValue]) -> bytes:
    added = write_as_parsed(dict(zip(names, values, strict=True)))
    body = raw.rstrip().removesuffix("}").rstrip()
    comma = "" if body.endswith("{") else ","
    return f"{body}{comma}".encode() + added[1:] + b"\n"


def _as_json(cells: Mapping[str, str]) -> str:
    return write_as_parsed(cells).decode()
