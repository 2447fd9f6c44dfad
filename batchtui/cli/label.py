"""``batchtui label``: a name of one's own for a batch, kept on this disk."""

import argparse

from batchtui.cli.batch_ids import IDS_HELP, find_one
from batchtui.cli.common import account_of, add_json_option
from batchtui.cli.exits import DONE, note
from batchtui.cli.output import Output
from batchtui.untrusted import visible


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the verb."""
    parser.add_argument("id", metavar="ID", help="the batch")
    parser.add_argument("text", metavar="TEXT", nargs="+", help='its name; "" takes the name away')
    add_json_option(parser)
    parser.epilog = (
        f"{IDS_HELP}\nNo key is needed and nothing is sent.\nJSON fields: id, label (or null)."
    )


def run(options: argparse.Namespace) -> int:
    """Label a batch."""
    account = account_of(options)
    out = Output(as_json=options.json)
    batch_id = find_one(account, options.id, asks_server=False)
    with account.ledger() as ledger:
        is_known = bool(ledger.seen.known_ids([batch_id]))
        label = ledger.set_label(batch_id, " ".join(options.text))
    if not is_known and not options.demo:
        note("This batch was not seen here before; the label is kept for it anyway.")
    if out.is_table:
        out.line(f"{visible(batch_id)}: {visible(label) or 'no label'}")
    else:
        out.record({"id": batch_id, "label": label or None})
    return DONE
