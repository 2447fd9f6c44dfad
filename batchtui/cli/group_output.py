"""Groups of rows: a table with bars for a person, one JSON object a line, or a CSV file."""

import argparse
import csv
import io
from array import array
from collections.abc import Iterable
from pathlib import Path

from msgspec import Raw

from batchtui.cli.exits import note
from batchtui.cli.output import Output, stdout_stream
from batchtui.cli.results_files import note_altered, title_of
from batchtui.cli.table import TextColumn
from batchtui.formatting import format_count, format_share, plural
from batchtui.results.cell_guard import CellGuard
from batchtui.results.grouping import Grouping, RowGroup, Spread
from batchtui.results.groups import INDEX_FIELDS, MISFITS, group_rows
from batchtui.results.index import ResultsIndex
from batchtui.results.json_text import write_as_parsed
from batchtui.results.query.engine import Query
from batchtui.results.query.reference import OF_REQUEST
from batchtui.results.records.columns import write_scalar
from batchtui.results.records.paths import PATH_STARTS, path_hint
from batchtui.results.row_block import LineSource
from batchtui.results.row_fields import UnknownFieldError
from batchtui.results.target import resolve_target, suggest_name, write_target
from batchtui.untrusted import visible

_BAR = 24
"""Signs of the longest bar."""


def group_by(
    index: ResultsIndex, source: LineSource, rows: "array[int]", field: str, query: Query
) -> Grouping:
    """Group the rows of a query by a field as typed.

    Raises:
        UnknownFieldError: Rows cannot be grouped by it.
        SchemaError: It is ``fits`` and there is no such schema.
        BatchtuiError: The file cannot be read, or not the requests.
    """
    if field == "fits":
        field = f"{MISFITS}{query.named_schema or OF_REQUEST}"
    try:
        return group_rows(index, source, rows, field)
    except ValueError:
        raise UnknownFieldError(
            f"rows cannot be grouped by {field}",
            hint=path_hint(field)
            if field.startswith(PATH_STARTS)
            else "By a field of the answers such as .vendor, by fits, or by "
            + ", ".join(INDEX_FIELDS),
        ) from None


def write_groups(
    grouping: Grouping, options: argparse.Namespace, sources: Iterable[Path], *, is_whole: bool
) -> None:
    """Write groups where and how they are wanted, the largest first.

    Args:
        grouping: The groups.
        options: Where, and how.
        sources: The files that they are made from, none of which is written over.
        is_whole: Whether they are made of all rows there are.

    Raises:
        BatchtuiError: The file cannot be written.
    """
    is_csv = options.format == "csv"
    out = Output(as_json=options.json)
    if options.output is None and out.is_table and not is_csv:
        _print_groups(grouping, out)
        return
    guard = CellGuard()
    text = _write_csv(grouping, guard) if is_csv else _write_lines(grouping)
    data = text.encode(errors="backslashreplace")
    note_altered(guard)
    if options.output is None:
        stream = stdout_stream()
        stream.write(data)
        stream.flush()
        return
    name = suggest_name(title_of(options), options.format, is_partial=not is_whole)
    target = write_target(
        resolve_target(options.output, name),
        lambda stream: stream.write(data),
        sources=sources,
        is_partial=not is_whole,
        overwrite=options.force,
    )
    note(f"{plural(len(grouping.groups), 'group')} written to {target}.")


def _print_groups(grouping: Grouping, out: Output) -> None:
    """Print groups for a person."""
    if grouping.spread is not None:
        out.line(describe_spread(grouping.spread))
        _write_table(
            "FROM",
            [(f"{bucket.low:g}", bucket.rows) for bucket in grouping.spread.buckets],
            grouping.rows,
            out,
        )
        out.line("")
    named = [
        ("(none)" if group.is_missing else visible(group.value), group.rows)
        for group in grouping.groups
    ]
    _write_table(visible(grouping.by), named, grouping.rows, out)


def _write_table(title: str, rows: list[tuple[str, int]], total: int, out: Output) -> None:
    largest = max((count for _, count in rows), default=1) or 1
    columns = [
        TextColumn(title, can_shrink=True),
        TextColumn("ROWS", is_number=True),
        TextColumn("SHARE", is_number=True),
        TextColumn(""),
    ]
    bars = (
        [name, format_count(count), format_share(count, total), "#" * round(_BAR * count / largest)]
        for name, count in rows
    )
    out.table(columns, bars)


def _write_csv(grouping: Grouping, guard: CellGuard) -> str:
    """Write groups as a table for a spreadsheet; the cell of no value, or of null, is empty."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(("value", "rows", "share"))
    for group in grouping.groups:
        value = "" if group.kind == "null" else guard.write(group.value)
        writer.writerow((value, group.rows, _round_share(group)))
    return buffer.getvalue()


def _write_lines(grouping: Grouping) -> str:
    return "".join(map(_write_json, grouping.groups))


def _round_share(group: RowGroup) -> float:
    return round(group.share, 6)


def _write_json(group: RowGroup) -> str:
    fields = {"value": group_value(group), "rows": group.rows, "share": _round_share(group)}
    if group.is_missing:
        fields["absent"] = True  # which tells it from the rows whose value is null
    return write_as_parsed(fields).decode() + "\n"


def group_value(group: RowGroup) -> object:
    """Return a group's value as JSON has it: a number as it is, null where there is none."""
    if group.is_missing:
        return None
    if group.kind in {"number", "boolean", "null"}:
        return Raw(group.value.encode())
    return group.value


def describe_spread(spread: Spread) -> str:
    """Say where numbers lie, in a line."""
    parts = (
        ("min", write_scalar(spread.least)),
        ("median", write_scalar(spread.median)),
        ("mean", f"{spread.mean:.6g}"),
        ("max", write_scalar(spread.greatest)),
    )
    words = "  ".join(f"{name} {value}" for name, value in parts)
    return f"{plural(spread.count, 'number', 'numbers')}  {words}"
