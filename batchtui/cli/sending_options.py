"""How a file is sent: what the command line says of it."""

import argparse
from collections.abc import Sequence

from msgspec import Struct

from batchtui.cli.amounts import amount_of_money
from batchtui.submission.cost import CostEstimate


class SendOptions(Struct, frozen=True):
    """How to send."""

    label: str = ""
    """The name to start with; the file's, if empty."""
    may_split: bool = False
    """Whether more than one batch may be made."""
    adopt: str = ""
    """The batch that an unresolved part has become, or empty."""
    anyway: bool = False
    """Whether to send what may have been sent before."""
    again: bool = False
    """Whether to send what was sent before."""
    go_on: bool = False
    """Whether to continue what was begun with another key."""
    parents: tuple[str, ...] = ()
    """The batches whose rows are sent again."""
    max_cost: float | None = None
    """US dollars that it may cost at most, 0 for any; ``None`` for what the settings say."""
    said_yes: bool = False
    """Whether ``--yes`` was given."""
    question: str = ""
    """What a person is asked whatever was said, where there is one; the usual if empty."""
    cost: CostEstimate | None = None
    """What it costs, where a canary says so; estimated if not given."""


def add_sending_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say how to send."""
    parser.add_argument("--label", metavar="L", default="", help="the name of the new batch")
    parser.add_argument(
        "--split", action="store_true", help="make several batches of what is too large for one"
    )
    parser.add_argument(
        "--yes", action="store_true", help="send without asking, even if requests will fail"
    )
    parser.add_argument(
        "--max-cost",
        type=amount_of_money,
        metavar="AMOUNT",
        help="send it only if it costs at most so many US dollars, as estimated",
    )
    doubt = parser.add_argument_group("where an earlier try left it open whether a batch was made")
    doubt.add_argument("--adopt", metavar="ID", default="", help="it has become this batch")
    doubt.add_argument("--anyway", action="store_true", help="send; it may then exist twice")
    doubt.add_argument(
        "--continue", dest="go_on", action="store_true", help="go on though the key is another"
    )


def send_options(
    options: argparse.Namespace,
    *,
    again: bool = False,
    parents: Sequence[str] = (),
) -> SendOptions:
    """Read those options.

    Args:
        options: The words of the command line.
        again: Whether to send what was sent before.
        parents: The batches whose rows are sent again.
    """
    return SendOptions(
        label=options.label,
        may_split=options.split,
        adopt=options.adopt,
        anyway=options.anyway,
        again=again,
        go_on=options.go_on,
        parents=tuple(parents),
        max_cost=options.max_cost,
        said_yes=options.yes,
    )
