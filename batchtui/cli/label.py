"""``batchtui label``: a name of one's own for a batch, kept on this disk."""

import argparse

from batchtui.cli.common import account_of, add_json_option
from batchtui.cli.exits import DONE, note
from batchtui.cli.output import Output
from batchtui.untrusted import visible


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the verb."""
    parser.add_argument("id", metavar="ID", help="the batch")
    parser.add_argument("text", metavar="TEXT", nargs="+", help='its name; "" takes the name away')
    add_json_option(parser)
    parser.epilog = "No key is needed and nothing is sent.\nJSON fields: id, label (or null)."


def run(options: argparse.Namespace) -> int:
    """Label a batch."""
    account = account_of(options)
    out = Output(as_json=options.json)
    with account.ledger() as ledger:
        is_known = bool(ledger.known_ids([options.id]))
        label = ledger.set_label(options.id, " ".join(options.text))
    if not is_known and not options.demo:
        note("This batch was not seen here before; the label is kept for it all the same.")
    if out.is_table:
        out.line(f"{visible(options.id)}: {visible(label) or 'no label'}")
    else:
        out.record({"id": options.id, "label": label or None})
    return DONE
