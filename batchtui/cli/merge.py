"""``batchtui merge``: the newest answer to each request, over a whole line of tries."""

import argparse
from pathlib import Path

from batchtui.cli.batch_ids import find_one
from batchtui.cli.common import account_of, output_name
from batchtui.cli.exits import DONE, FAILED, note
from batchtui.cli.output import stdout_stream
from batchtui.cli.results_files import borrowed
from batchtui.cli.tries import have_results, merged_tries, tries_of
from batchtui.formatting import format_count, plural
from batchtui.submission.merge import Merged, export_merged

EPILOG = """\
The line of tries is the batch, what it sent again, what was sent again of it, and the other parts
of the same file. Of every custom_id the newest success is taken, else the newest row, as received.
Exit code 0: every try is in it; 1: the results of one are not to be had (nothing is written, but
with --partial)."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the verb."""
    parser.add_argument("id", metavar="ID", help="any batch of the line")
    parser.add_argument(
        "--output",
        metavar="FILE",
        type=output_name,
        help="a new file; - is standard output, as without it",
    )
    parser.add_argument("--succeeded", action="store_true", help="leave out what has no answer")
    parser.add_argument(
        "--partial", action="store_true", help="write it without the tries that are not to be had"
    )
    parser.epilog = EPILOG


def run(options: argparse.Namespace) -> int:
    """Merge a line of tries."""
    account = account_of(options)
    options.id = find_one(account, options.id)
    ids = tries_of(account, options.id)
    with borrowed(account, ids):
        stored = have_results(account, ids, done="merged", is_part_enough=options.partial)
        if not stored:
            return FAILED
        with merged_tries(stored) as merged:
            _write(merged, options)
            _report(merged, options)
    return DONE if len(stored) == len(ids) else FAILED


def _write(merged: Merged, options: argparse.Namespace) -> None:
    if options.output is not None:
        export_merged(merged, Path(options.output), only_successes=options.succeeded)
        return
    stream = stdout_stream()
    for line in merged.lines(only_successes=options.succeeded):
        stream.write(line)
    stream.flush()


def _report(merged: Merged, options: argparse.Namespace) -> None:
    answered, total = format_count(merged.successes), format_count(len(merged.rows))
    tries = plural(len(merged.line), "try", "tries")
    where = f", written to {options.output}" if options.output is not None else ""
    note(f"{answered} of {total} requests have their answer, over {tries}{where}.")
