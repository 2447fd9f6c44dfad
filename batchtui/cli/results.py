"""``batchtui results``: the rows of a batch, from this disk or downloaded to it first."""

import argparse
import re
import sys
from array import array
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import get_args

from batchtui.cli.batch_ids import find_one
from batchtui.cli.beside import Beside, look_up, look_up_file
from batchtui.cli.common import account_of, add_json_option
from batchtui.cli.exits import DONE, FAILED, USAGE, complain, note
from batchtui.cli.group_output import group_by, write_groups
from batchtui.cli.join import write_joined
from batchtui.cli.output import Output, is_terminal, stdout_stream
from batchtui.cli.progress import ProgressLine
from batchtui.cli.results_files import (
    borrowed,
    choose_rows,
    find_results,
    is_file,
    load,
    read_query,
    readable,
)
from batchtui.formatting import format_count, format_size, plural
from batchtui.results.errors import ResultsFileError
from batchtui.results.export import Export, ExportProgress, FileExists, copy_results
from batchtui.results.export_formats import ExportFormat
from batchtui.results.foreign import NotResultsError, has_plain_lines
from batchtui.results.index import RESULT_TYPES, UNREADABLE
from batchtui.results.opening import ResultsFile
from batchtui.results.query.engine import Query
from batchtui.results.reader import RowReader
from batchtui.results.records.table import records_of
from batchtui.results.schema import SchemaError, schema_of_request

EPILOG = """\
Without options the lines are written as received, byte for byte. Examples of queries:
  type:errored error:overloaded     stop:max_tokens out>1000
  "I cannot" -model:haiku           .total>100 sort:-.total sample:50
Fields: custom_id type stop_reason model input_tokens output_tokens error_type error_message text
  tool_calls question record review label row size, and those of the answers' JSON as they are
  typed in a query: .vendor  .lines[0].sku  .lines[].qty
Formats: jsonl   lines as received, or with --fields objects of these fields
         csv     numbers as written, lists as JSON, an absent or null field is an empty cell
         parquet a typed table (pip install 'batchtui[parquet]')
         messages  {"messages": [question..., answer]} for fine-tuning
         text    answers to read; with --fields their values, separated by tabs
--group prints how many rows have each value; with --json, or into a pipe, one object a line:
  value, rows, share (0 to 1), largest first.
--join writes DATA (the table that batchtui make was given) with the answers' fields behind each
  row, in its order; its own cells stay as they are, and so does its format. Which column the ids
  were made of is found out.
Results that are not complete are never written as if they were: exit code 1 says so, what has
arrived is kept, and the next try goes on from there."""

_FIELD_NAME = re.compile(r'(?:"(?:[^"\\]|\\.)*"|[^",])+')


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the verb."""
    parser.add_argument("id", metavar="ID|FILE|-", help="the batch, or a results file or a pipe")
    parser.add_argument("--query", metavar="Q", default="", help="only rows that match")
    parser.add_argument(
        "--type",
        dest="types",
        action="append",
        default=[],
        metavar="T",
        choices=RESULT_TYPES,
        help="only rows of a type, repeatable: " + ", ".join(RESULT_TYPES),
    )
    parser.add_argument("--fields", metavar="F,F", help="write these fields of each row")
    parser.add_argument("--group", metavar="F", help="count the rows by a field instead")
    parser.add_argument(
        "--output", metavar="FILE", help="write to a file, which appears when it is whole"
    )
    parser.add_argument(
        "--format", choices=get_args(ExportFormat), default="jsonl", help="how to write them"
    )
    parser.add_argument(
        "--as-asked", action="store_true", help="in the order of the attached requests"
    )
    parser.add_argument(
        "--join", metavar="DATA", type=Path, help="put the answers beside the rows of this table"
    )
    parser.add_argument("--join-id", metavar="COLUMN", help="the column its ids were made of")
    parser.add_argument("--force", action="store_true", help="replace the file if there is one")
    parser.add_argument(
        "--partial", action="store_true", help="write what is here if not all is; exit code 1"
    )
    add_json_option(parser)
    parser.epilog = EPILOG


def run(options: argparse.Namespace) -> int:
    """Write a batch's results, or those of a file."""
    query = read_query(_whole_query(options))
    if query is None:
        return USAGE
    account = account_of(options)
    if is_file(options.id):
        with readable(Path(options.id)) as file:
            beside = look_up_file(account, Path(options.id))
            is_whole = _write(file, query, options, beside, is_whole=True)
        return DONE if is_whole else FAILED
    options.id = find_one(account, options.id)
    with borrowed(account, [options.id]):
        path, is_whole = find_results(account, options.id), True
        if path is None and options.partial:
            partial = account.store().partial(options.id)
            path, is_whole = (None if partial is None else partial.path), False
        if path is None:
            return FAILED
        beside = look_up(account, options.id)
        is_whole = _write(path, query, options, beside, is_whole=is_whole)
    return DONE if is_whole else FAILED


def _whole_query(options: argparse.Namespace) -> str:
    return f"{options.query} sort:asked" if options.as_asked else options.query


def _write(
    path: Path, query: Query, options: argparse.Namespace, beside: Beside, *, is_whole: bool
) -> bool:
    """Write what was asked for; return whether the file is all of it."""
    is_plain = not (options.types or options.fields or options.group or options.join)
    is_all = is_plain and query.is_everything and not query.reorders and options.format == "jsonl"
    if is_all and is_whole and _is_plain_file(path):
        _write_all(path, options)
        return True
    with ProgressLine() as progress, closing(load(path, progress)) as file, file.reader() as reader:
        problem = file.progress.problem
        _refuse_other_than_results(file)
        file.index.reviews = beside.reviews
        if "fits:request" in f"{query.text} {options.group}":
            _use_request_schema(file, beside)
        asked = beside.order if query.is_as_asked else None
        rows = choose_rows(file, reader, query, options.types, progress, asked)
        if options.join is not None:
            progress.clear()
            names = split_fields(options.fields)
            write_joined(file.index, reader, rows, names, beside.texts, options)
        elif options.group:
            progress.show("Grouping the rows")
            grouping = group_by(file.index, reader, array("I", rows), options.group)
            progress.clear()
            write_groups(grouping, Output(as_json=options.json))
        else:
            _export(
                file, reader, rows, options, beside, progress, is_whole=is_whole and not problem
            )
    if problem:
        complain(f"{path.name}: {problem}.", "What could be read of it was written.")
    return is_whole and not problem


def _refuse_other_than_results(file: ResultsFile) -> None:
    """Refuse a file none of whose lines is a result.

    Raises:
        NotResultsError: It is one.
    """
    rows = len(file.index)
    if rows and file.index.count_of(UNREADABLE) == rows:
        raise NotResultsError(
            f"{file.path.name} holds no results in {plural(rows, 'line', 'lines')}",
            hint="batchtui make turns a table into requests.",
        )


def _use_request_schema(file: ResultsFile, beside: Beside) -> None:
    """Hold the answers against the schema that the first request known asks for.

    Raises:
        SchemaError: There is none.
    """
    ids = file.index.custom_ids(0, len(file.index))
    requests = (beside.request(one) for one in ids) if beside.request is not None else iter(())
    request = next((found for found in requests if found is not None), None)
    schema = None if request is None else schema_of_request(request)
    if schema is None:
        raise SchemaError(
            "no request with a schema is known",
            hint="Attach the request file: batchtui attach ID FILE; or give a schema: fits:FILE.",
        )
    records_of(file.index).request_fits = schema.fits


def _write_all(path: Path, options: argparse.Namespace) -> None:
    if options.output is None:
        _copy(path)
        return
    with _explained():
        target = copy_results(path, options.output, title=_title(options), overwrite=options.force)
    note(f"Written to {target}.")


def _export(
    file: ResultsFile,
    reader: RowReader,
    rows: Sequence[int],
    options: argparse.Namespace,
    beside: Beside,
    progress: ProgressLine,
    *,
    is_whole: bool,
) -> None:
    """Write rows; say what was altered in them."""
    guarded: list[None] = []
    export = Export(
        file.index,
        reader,
        rows,
        options.format,
        lambda done: _tell_export(progress, done),
        fields=split_fields(options.fields),
        beside=beside.texts,
        question=beside.request,
        on_guarded=lambda: guarded.append(None),
    )
    if options.output is None:
        export.write_to(stdout_stream())
    else:
        with _explained():
            target = export.write_file(
                options.output,
                title=_title(options),
                is_partial=not is_whole,
                overwrite=options.force,
            )
        note(f"{format_count(len(rows))} rows written to {target}.")
    if guarded:
        note(
            f"{plural(len(guarded), 'text', 'texts')} that a spreadsheet would run as a formula "
            "begin with an apostrophe."
        )


def _title(options: argparse.Namespace) -> str:
    return Path(options.id).stem if is_file(options.id) else str(options.id)


@contextmanager
def _explained() -> Iterator[None]:
    """Say how a file that is in the way can be replaced."""
    try:
        yield
    except FileExists as error:
        error.hint = "Choose another name, or replace it with --force."
        raise


def split_fields(text: str | None) -> tuple[str, ...]:
    """Cut a list of fields at the commas that are not in quotes or brackets."""
    return tuple(_FIELD_NAME.findall(text)) if text else ()


def _is_plain_file(path: Path) -> bool:
    """Whether the bytes of a file are its lines, so that they can be copied."""
    try:
        return path.is_file() and has_plain_lines(path)
    except OSError:
        return False


def _tell_export(progress: ProgressLine, done: ExportProgress) -> None:
    if not is_terminal(sys.stdout):
        total = "" if done.total is None else f" of {format_count(done.total)}"
        progress.show(f"Writing: {format_count(done.rows)}{total} rows, {format_size(done.bytes)}")


def _copy(path: Path) -> None:
    """Write a whole file to stdout, byte for byte, its last line ended."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise ResultsFileError.from_os(error, path, "read") from error
    with file:
        stream = stdout_stream()
        last = b"\n"
        while data := file.read(1024 * 1024):
            stream.write(data)
            last = data[-1:]
        if last != b"\n":  # what is written next must not go on in the last row
            stream.write(b"\n")
        stream.flush()
