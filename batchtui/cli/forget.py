"""``batchtui forget``: removes copies of results from this disk."""

import argparse
from collections.abc import Sequence

from batchtui.cli.batch_ids import IDS_HELP, find_batches
from batchtui.cli.common import account_of, add_json_option
from batchtui.cli.confirmation import is_agreed
from batchtui.cli.exits import DONE, FAILED, USAGE, complain, note
from batchtui.cli.output import Output
from batchtui.formatting import format_size, plural
from batchtui.library.store import ResultsStore
from batchtui.untrusted import visible


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the verb."""
    parser.add_argument("ids", metavar="ID", nargs="*", help="whose results")
    parser.add_argument("--all", action="store_true", help="those of all batches")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    add_json_option(parser)
    parser.epilog = (
        f"{IDS_HELP}\n"
        "The server's copies are not touched; it keeps them 29 days from creation.\n"
        "No key is needed and nothing is sent.\n"
        "JSON, one object a line: id, bytes (how many were freed; 0: there was no copy)."
    )


def run(options: argparse.Namespace) -> int:
    """Remove copies."""
    account = account_of(options)
    store = account.store()
    ids = find_batches(account, options.ids, asks_server=False)
    if options.all:
        ids = tuple(sorted(one.batch_id for one in store.all()))
    if not ids and not options.all:
        complain("No batch is named.", "Give ids, or --all.")
        return USAGE
    if not ids:
        note("There is nothing to remove.")
        return DONE
    size = sum(_size(store, one) for one in ids)
    whose = plural(len(ids), "batch", "batches")
    question = f"Remove the results of {whose} ({format_size(size)}) from this disk?"
    if size and not is_agreed(question, said_yes=options.yes):
        note("Nothing was removed.")
        return FAILED
    return _forget(store, ids, Output(as_json=options.json, must_finish=True))


def _size(store: ResultsStore, batch_id: str) -> int:
    stored, partial = store.stored(batch_id), store.partial(batch_id)
    return (stored.size if stored else 0) + (partial.size if partial else 0)


def _forget(store: ResultsStore, ids: Sequence[str], out: Output) -> int:
    is_any_missing = False
    for batch_id in ids:
        freed = store.forget(batch_id) if _size(store, batch_id) else 0
        is_any_missing = is_any_missing or not freed
        if out.is_table:
            said = f"{format_size(freed)} freed" if freed else "there was no copy"
            out.line(f"{visible(batch_id)}: {said}")
        else:
            out.record({"id": batch_id, "bytes": freed})
    return FAILED if is_any_missing else DONE
