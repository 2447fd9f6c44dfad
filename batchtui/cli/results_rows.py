"""Rows that ``batchtui results`` is asked for: lines, fields, groups, or beside a table."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from batchtui.cli.common import OfflineAccount
from batchtui.cli.exits import complain, note
from batchtui.cli.group_output import group_by, write_groups
from batchtui.cli.join import write_joined
from batchtui.cli.output import is_terminal, stdout_stream
from batchtui.cli.progress import ProgressLine
from batchtui.cli.results_files import (
    choose_rows,
    note_altered,
    note_vendor,
    split_fields,
    title_of,
)
from batchtui.cli.row_context import RowContext, context_of, context_of_batches
from batchtui.formatting import format_count, format_size, plural
from batchtui.results.export import Export, ExportProgress
from batchtui.results.opening import ResultsFile
from batchtui.results.pipes import STDIN
from batchtui.results.query.engine import Query, compile_query
from batchtui.results.query.sorting import NO_ORDER
from batchtui.results.reader import RowReader
from batchtui.results.records.absent import describe_absent
from batchtui.results.records.registry import records_of

_LOOKING = 0.05
"""Seconds in which fields are looked for that a table has and no query asked for."""
_MAKING_SURE = 1.0
"""Seconds in which fields are looked for that seem to be in no answer."""


def write_rows(
    account: OfflineAccount,
    path: Path,
    query: Query | None,
    options: argparse.Namespace,
    ids: Sequence[str],
    *,
    is_whole: bool,
) -> bool:
    """Write the rows that are asked for; return whether the file is all of it.

    Args:
        account: Whose results.
        path: Their file.
        query: Which rows; all of them without one.
        options: What else was asked for.
        ids: The batches whose results they are, oldest first; none for a file.
        is_whole: Whether the file is all of it, as far as is known.

    Raises:
        BatchtuiError: They cannot be read, or not be written.
    """
    query = compile_query("") if query is None else query
    context = context_of_batches(account, ids) if ids else context_of(account, options.id)
    with (
        ProgressLine() as progress,
        closing(context.load(path, progress, options.record_pattern)) as file,
        file.reader() as reader,
    ):
        problem = file.progress.problem
        note_vendor(file, options.id)
        asked = _order_asked(context, options, progress) if query.is_as_asked else None
        rows = choose_rows(file, reader, query, progress, asked)
        is_whole = is_whole and not problem
        if options.join is not None:
            progress.clear()
            names = split_fields(options.fields)
            write_joined(file.index, reader, rows, names, context.texts, options)
        elif options.group:
            progress.show("Grouping the rows")
            grouping = group_by(file.index, reader, rows, options.group, query)
            progress.clear()
            sources = (reader.path, *_also_read(options, context))
            write_groups(grouping, options, sources, is_whole=is_whole)
        else:
            _export(file, reader, rows, options, context, progress, is_whole=is_whole)
        _note_absent_fields(file, reader, query, options)
    if problem:
        complain(f"{path.name}: {problem}.", "What could be read of it was written.")
    return is_whole


def _order_asked(
    context: RowContext, options: argparse.Namespace, progress: ProgressLine
) -> Mapping[str, int]:
    """Return the place of each row among the requests; say so where it is not known."""
    if not context.order:
        progress.clear()
        hint = f" batchtui attach {options.id} FILE says which they are."
        note(NO_ORDER + ("" if options.id == STDIN else hint))
    return context.order


def _note_absent_fields(
    file: ResultsFile, reader: RowReader, query: Query, options: argparse.Namespace
) -> None:
    """Say which fields no answer has, and which were meant."""
    records = records_of(file.index)
    others = [*split_fields(options.fields), options.group or ""]
    paths = (one for one in others if one.startswith("."))
    asked = dict.fromkeys([*query.answer_fields, *paths])
    if not len(file.index):
        return
    if asked:
        records.step(reader, _LOOKING)
    # a sample does not tell what no answer has
    columns = [records.column(path) for path in asked if records.lacks(path)]
    if columns:
        records.step(reader, _MAKING_SURE)
    for column in columns:
        path, is_whole = column.path.text, len(column) == len(file.index)
        if records.lacks(path):
            who = "No answer" if is_whole else f"None of the first {plural(len(column), 'row')}"
            note(describe_absent(path, records.fields, who))


def _export(
    file: ResultsFile,
    reader: RowReader,
    rows: Sequence[int],
    options: argparse.Namespace,
    context: RowContext,
    progress: ProgressLine,
    *,
    is_whole: bool,
) -> None:
    """Write rows; say what was left out, and altered in them."""
    written = 0

    def show(done: ExportProgress) -> None:
        nonlocal written
        written = done.rows
        _show_export(progress, done)

    export = Export(
        file.index,
        reader,
        rows,
        options.format,
        show,
        fields=split_fields(options.fields),
        beside=context.texts,
        question=context.request,
        also_read=_also_read(options, context),
    )
    if options.output is None:
        export.write_to(stdout_stream())
    else:
        target = export.write_file(
            options.output,
            title=title_of(options),
            is_partial=not is_whole,
            overwrite=options.force,
        )
        note(f"{plural(written, 'row')} written to {target}.")
    if written < len(rows):
        left_out = plural(len(rows) - written, "row")
        note(f"{left_out} without an answer, or without a request here: left out.")
    note_altered(export.guard)


def _also_read(options: argparse.Namespace, context: RowContext) -> tuple[Path, ...]:
    """Return the files that are read beside that of the rows."""
    return (*context.files, *([Path("/dev/stdin")] if options.id == STDIN else []))


def _show_export(progress: ProgressLine, done: ExportProgress) -> None:
    if not is_terminal(sys.stdout):
        total = "" if done.total is None else f" of {format_count(done.total)}"
        progress.show(f"Writing: {format_count(done.rows)}{total} rows, {format_size(done.bytes)}")
