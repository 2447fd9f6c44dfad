"""``batchtui results``: the rows of a batch, from this disk or downloaded to it first."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, get_args

from batchtui.cli.batch_ids import find_one
from batchtui.cli.common import OfflineAccount, account_of, add_json_option, output_name
from batchtui.cli.exits import DONE, FAILED, USAGE, complain, note
from batchtui.cli.output import is_terminal, stdout_stream
from batchtui.cli.results_files import (
    borrowed,
    find_results,
    is_file,
    read_query,
    readable,
    title_of,
)
from batchtui.filenames import file_name
from batchtui.folders import large_temporary_folder
from batchtui.formatting import plural
from batchtui.results.errors import ResultsFileError
from batchtui.results.foreign import has_plain_lines
from batchtui.results.index import RESULT_TYPES
from batchtui.results.records.own_pattern import find_pattern_fault
from batchtui.results.target import ExportFormat, copy_results, format_by_ending

if TYPE_CHECKING:
    from batchtui.results.query.engine import Query

EPILOG = """\
Without options the lines are written as received, byte for byte. Examples of queries:
  type:errored error:overloaded     stop:max_tokens out>1000
  "I cannot" -model:haiku           .total>100 sort:-.total sample:50
Fields: custom_id type stop_reason model input_tokens output_tokens error_type error_message text
  tool_calls question record review label row size, and those of the answers' JSON as they are
  typed in a query: .vendor  .lines[0].sku  .lines[].qty
Formats: jsonl   lines as received, or with --fields objects of these fields
         csv     numbers as written, lists as JSON, an absent or null field is an empty cell
         parquet a typed table (pip install 'batchtui[parquet]'); a field of several types, or
                 with whole numbers above 64 bits, is text with its numbers as written
         messages  {"messages": [question..., answer]} for fine-tuning
         text    answers to read; with --fields their values, separated by tabs
--group prints how many rows have each value; with --json, or into a pipe or file, one object a
  line: value, rows, share (0 to 1), largest first; absent: true where there is no value, not even
  null. With --format csv a table of these three, whose cell is empty for null as well. Other
  formats and --fields go without it.
  By .vendor, type, stop, model, error, review, or fits: what does not fit the JSON Schema that the
  query names, or else that of each row's attached request; also fits:FILE and fits:request.
--join writes DATA (the table that batchtui make was given) with the answers' fields behind each
  row, in its order; its own cells stay as they are, and so does its format, unless --format csv
  or jsonl asks for the other. Which column the ids were made of is found out. All batches of the
  job are joined: canary and rest, the parts of a file, what was sent again; the newest success
  counts, as with batchtui merge.
Results that are not complete are never written as if they were: exit code 1 says so, what has
arrived is kept, and the next try goes on from there."""


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
        "--output",
        metavar="FILE",
        type=output_name,
        help="write to a file, which appears when it is whole; - is standard output",
    )
    parser.add_argument(
        "--format",
        choices=get_args(ExportFormat),
        help="how to write them (default: by the ending of --output; else jsonl, or with --join as "
        "the table is)",
    )
    parser.add_argument(
        "--as-asked", action="store_true", help="in the order of the attached requests"
    )
    parser.add_argument(
        "--record-pattern",
        metavar="REGEX",
        help="find the answers' fields by its named groups; '' as usual (default: as in the app)",
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
    said = f"--format {options.format}" if options.format else f"--output {options.output}"
    options.join_format = options.format or _format_by_ending(options)
    options.format = options.join_format or "jsonl"
    refused = _why_refused(options, said)
    if refused:
        complain(refused)
        return USAGE
    is_all = _asks_for_all(options)
    query = None if is_all else read_query(_whole_query(options), options.types)
    if query is None and not is_all:
        return USAGE
    account = account_of(options)
    if is_file(options.id):
        with readable(Path(options.id)) as file:
            is_whole = _write(account, file, query, options, [], is_whole=True)
        return DONE if is_whole else FAILED
    options.id = find_one(account, options.id)
    if options.join is not None:
        from batchtui.cli.tries import tries_of

        tries = tries_of(account, options.id)
        if len(tries) > 1:
            return _join_tries(account, tries, query, options)
    with borrowed(account, [options.id]):
        path, is_whole = find_results(account, options.id), True
        if path is None and options.partial:
            partial = account.store().partial(options.id)
            path, is_whole = (None if partial is None else partial.path), False
        if path is None:
            return FAILED
        is_whole = _write(account, path, query, options, [options.id], is_whole=is_whole)
    return DONE if is_whole else FAILED


def _format_by_ending(options: argparse.Namespace) -> ExportFormat | None:
    """Return the format of a file by its ending, where nothing else was said of it."""
    if options.output is None or options.json or Path(options.output).is_dir():
        return None
    form = format_by_ending(Path(options.output))
    # what is no table of rows may have any ending
    is_table = form in {"jsonl", "csv", "parquet"} or not (options.group or options.join)
    return form if is_table else None


def _join_tries(
    account: OfflineAccount,
    ids: Sequence[str],
    query: "Query | None",
    options: argparse.Namespace,
) -> int:
    """Join a table with the answers of all batches that its rows went in: they are one job."""
    from batchtui.cli.tries import have_results, merged_tries
    from batchtui.submission.merge import export_merged

    with borrowed(account, ids):
        stored = have_results(account, ids, done="joined", is_part_enough=options.partial)
        if not stored:
            return FAILED
        with TemporaryDirectory(prefix="batchtui-", dir=large_temporary_folder()) as folder:
            path = Path(folder) / f"{file_name(options.id)}.jsonl"
            with merged_tries(stored) as merged:
                export_merged(merged, path)
            is_whole = _write(account, path, query, options, ids, is_whole=len(stored) == len(ids))
    note(f"The answers are those of {plural(len(stored), 'batch', 'batches')} of this job.")
    return DONE if is_whole else FAILED


def _why_refused(options: argparse.Namespace, format_said: str) -> str:
    """Say why what is asked for cannot be written; "" if it can.

    Args:
        options: What is asked for.
        format_said: The words that the format was asked for with.
    """
    for name, field in (("--group", options.group), ("--fields", options.fields)):
        if field is not None and not field.strip(" ,"):
            return f"{name} needs a field, such as .vendor."
    if options.record_pattern and (fault := find_pattern_fault(options.record_pattern)):
        return fault
    if options.group:
        others = {
            "--fields": options.fields,
            "--join": options.join,
            format_said: options.format not in {"jsonl", "csv"},
            "--format csv --json": options.format == "csv" and options.json,
        }
        wrong = next((name for name, is_given in others.items() if is_given), "")
        return f"--group cannot be used with {wrong}." if wrong else ""
    if options.join is not None and options.format not in {"jsonl", "csv"}:
        return f"--join writes csv or jsonl: it cannot be used with {format_said}."
    is_shown = options.output is None and options.join is None and is_terminal(sys.stdout)
    if options.format == "parquet" and is_shown:
        return "A Parquet file cannot be shown on a terminal. Use --output FILE."
    return ""


def _asks_for_all(options: argparse.Namespace) -> bool:
    """Return whether the lines are wanted as they are, all of them."""
    picks = (options.types, options.fields, options.group, options.join, options.as_asked)
    return not any(picks) and not options.query.strip() and options.format == "jsonl"


def _whole_query(options: argparse.Namespace) -> str:
    return f"{options.query} sort:asked" if options.as_asked else options.query


def _write(
    account: OfflineAccount,
    path: Path,
    query: "Query | None",
    options: argparse.Namespace,
    ids: Sequence[str],
    *,
    is_whole: bool,
) -> bool:
    """Write what was asked for, without a query all; return whether the file is all of it."""
    if query is None and is_whole and _is_plain_file(path):
        _write_all(path, options)
        return True
    from batchtui.cli.results_rows import write_rows

    return write_rows(account, path, query, options, ids, is_whole=is_whole)


def _write_all(path: Path, options: argparse.Namespace) -> None:
    if options.output is None:
        _copy(path)
        return
    target = copy_results(path, options.output, title=title_of(options), overwrite=options.force)
    note(f"Written to {target}.")


def _is_plain_file(path: Path) -> bool:
    """Return whether the bytes of a file are its lines, so that they can be copied."""
    try:
        return path.is_file() and has_plain_lines(path)
    except OSError:
        return False


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
