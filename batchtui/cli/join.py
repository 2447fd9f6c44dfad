"""``batchtui results --join``: answers beside the rows of the table they were asked from."""

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from batchtui.cli.exits import note
from batchtui.cli.output import stdout_stream
from batchtui.cli.results_files import note_altered
from batchtui.formatting import plural
from batchtui.results.cell_guard import CellGuard
from batchtui.results.index import SUCCEEDED, ResultsIndex
from batchtui.results.join import find_row_ids, joined_rows
from batchtui.results.reader import RowReader
from batchtui.results.records.registry import records_of
from batchtui.results.row_fields import RowFields
from batchtui.results.target import resolve_target, write_target
from batchtui.tables import Table, TableFormat, unpacked_name

_MOST_FIELDS = 20
"""Fields of the answers that are written where none are asked for."""


def write_joined(
    index: ResultsIndex,
    reader: RowReader,
    rows: Sequence[int],
    names: Sequence[str],
    beside: Mapping[str, Callable[[str], str]],
    options: argparse.Namespace,
) -> None:
    """Write the table with the fields of its answers, and say what does not fit.

    Raises:
        BatchtuiError: The table or the results cannot be read, or do not belong together.
    """
    table, form = Table(options.join), options.join_format
    row_ids = find_row_ids(table, frozenset(index.custom_ids(0, len(index))), options.join_id)
    fields = RowFields(index, reader, names or _usual_fields(index, reader), beside)
    places = {index.custom_id(row): row for row in reversed(rows)}
    guard = CellGuard()
    as_csv = table.format is TableFormat.CSV if form is None else form == "csv"
    lines = joined_rows(table, row_ids, fields, places, guard, as_csv=as_csv)

    def write(stream: BinaryIO) -> None:
        stream.writelines(lines)
        stream.flush()

    if options.output is None:
        write(stdout_stream())
    else:
        path = resolve_target(options.output, _suggest_name(table, as_csv=as_csv))
        target = write_target(
            path, write, sources=(reader.path, options.join), overwrite=options.force
        )
        note(f"Written to {target}.")
    made_of = f"column {row_ids.column}" if row_ids.column is not None else "the rows' numbers"
    found = (places.get(one) for one in row_ids.ids)
    answered = sum(row is not None and index.types[row] == SUCCEEDED for row in found)
    note(
        f"Joined by {made_of}: {plural(answered, 'row')} with an answer,"
        f" {plural(len(row_ids.ids) - answered, 'row')} without."
    )
    note_altered(guard)
    if row_ids.unknown:
        answers = plural(row_ids.unknown, "answer belongs", "answers belong")
        note(f"{answers} to no row of the table.")


def _suggest_name(table: Table, *, as_csv: bool) -> str:
    """Return the table's own name with a word more, and with the ending of what is written."""
    name = Path(unpacked_name(table.path))
    is_own = table.format is (TableFormat.CSV if as_csv else TableFormat.JSON_LINES)
    own, usual = name.suffix if is_own else "", ".csv" if as_csv else ".jsonl"
    return f"{name.stem}-answers{own or usual}"


def _usual_fields(index: ResultsIndex, reader: RowReader) -> list[str]:
    """Return the fields to write where none is asked for: the outermost ones, or the text."""
    records = records_of(index)
    records.fill(reader, len(index))
    is_data = 2 * records.found > index.count_of(SUCCEEDED)
    outermost = [
        one.path for one in records.fields if "[" not in one.path and "." not in one.path[1:]
    ]
    return ["type", *(outermost[:_MOST_FIELDS] if is_data and outermost else ["text"])]
