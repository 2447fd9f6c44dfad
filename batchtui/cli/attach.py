"""``batchtui attach``: says which request file a batch, or a results file, was made from."""

import argparse
from pathlib import Path

from batchtui.cli.batch_ids import find_one
from batchtui.cli.common import account_of, add_json_option
from batchtui.cli.exits import DONE, note
from batchtui.cli.output import Json, Output
from batchtui.cli.progress import ProgressLine
from batchtui.cli.results_files import is_file, load
from batchtui.formatting import format_size, plural
from batchtui.library.reviews import file_subject
from batchtui.submission.compare import Comparison, check_requests, compare
from batchtui.submission.read import read_requests
from batchtui.submission.source import RequestSource
from batchtui.untrusted import visible

EPILOG = """\
Answers are then shown beside their requests, and failed rows can be sent again. Where the results
are on this disk, they are held against the file.
No key is needed and nothing is sent. A results file is known by its path.

JSON: id (or the file's path), label, source {path, sha256, size}, and, where the results are here,
requests, answers, missing, extra, twice (numbers of ids), else null."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the verb."""
    parser.add_argument("id", metavar="ID|FILE", help="the batch, or a results file")
    parser.add_argument("file", metavar="FILE", type=Path, help="its requests")
    add_json_option(parser)
    parser.epilog = EPILOG


def run(options: argparse.Namespace) -> int:
    """Attach a file."""
    account = account_of(options)
    results: Path | None = None
    if is_file(options.id):
        results = Path(options.id)
    else:
        options.id = find_one(account, options.id, asks_server=False)
        stored = account.store().stored(options.id)
        results = None if stored is None else stored.path
    out = Output(as_json=options.json)
    source = RequestSource(options.file)
    check_requests(source)
    comparison = None if results is None else _compare(source, results)
    fingerprint = source.fingerprint
    with account.ledger() as ledger:
        if is_file(options.id):
            ledger.attach_to_file(file_subject(Path(options.id)), fingerprint)
        else:
            ledger.attach_source(options.id, fingerprint)
        label = ledger.labels([options.id]).get(options.id)
    if comparison is not None and not comparison.is_exact:
        _warn(comparison)
    if out.is_table:
        size = format_size(fingerprint.size)
        out.line(f"{visible(label or options.id)}: {visible(str(fingerprint.path))}, {size}")
        return DONE
    fields: dict[str, Json] = {
        "path": str(fingerprint.path),
        "sha256": fingerprint.sha256,
        "size": fingerprint.size,
    }
    out.record({"id": options.id, "label": label, "source": fields, **_fields(comparison)})
    return DONE


def _compare(source: RequestSource, results: Path) -> Comparison:
    with ProgressLine() as progress:
        file = load(results, progress)
        try:
            index = file.index
            progress.show("Holding the results against the file", is_due=True)
            return compare(read_requests(source.blocks()), index.custom_ids(0, len(index)))
        finally:
            file.close()


def _warn(comparison: Comparison) -> None:
    if comparison.is_of_another:
        note(
            "This does not look like its file: none of the batch's results answers a request in it."
        )
        return
    parts = (
        (comparison.missing_count, "request has no answer", "requests have no answer"),
        (comparison.extra_count, "answer has no request", "answers have no request"),
        (comparison.twice_count, "id is answered twice", "ids are answered twice"),
    )
    note(", ".join(plural(count, one, many) for count, one, many in parts if count) + ".")


def _fields(comparison: Comparison | None) -> dict[str, Json]:
    if comparison is None:
        return dict.fromkeys(("requests", "answers", "missing", "extra", "twice"))
    return {
        "requests": comparison.requests,
        "answers": comparison.answers,
        "missing": comparison.missing_count,
        "extra": comparison.extra_count,
        "twice": comparison.twice_count,
    }
