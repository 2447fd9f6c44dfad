"""``batchtui list``."""

import argparse
from collections.abc import AsyncIterator
from datetime import timedelta

from batchtui.api.models import MessageBatch
from batchtui.api.paging import iterate_pages
from batchtui.batches.deadlines import age_of
from batchtui.batches.expiring import describe_expiring, find_expiring
from batchtui.batches.rules import NOT_KEPT, StateKind, state_of
from batchtui.cli.amounts import whole_number
from batchtui.cli.common import account_of, add_json_option
from batchtui.cli.exits import DONE, note
from batchtui.cli.fields import FIELDS_HELP, batch_fields, known_of
from batchtui.cli.output import Output
from batchtui.cli.rows import batch_table
from batchtui.formatting import format_age, plural
from batchtui.library.ledger_values import SeenBatch
from batchtui.session import Session

_STATUSES = ("in_progress", "canceling", "ended")
_OUTCOMES = tuple(kind.for_scripts for kind in StateKind)
_CHOICES = tuple(dict.fromkeys((*_STATUSES, "live", *_OUTCOMES)))
_LONGEST_LIFE = timedelta(days=2)
"""No batch is live for longer: it has 24 hours, and a day for whatever may go wrong."""
_PAGE = 1000


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the verb."""
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--limit",
        metavar="N",
        type=whole_number(1),
        default=20,
        help="how many at most (default 20)",
    )
    which.add_argument("--all", action="store_true", help="all there are")
    parser.add_argument(
        "--status",
        metavar="S",
        choices=_CHOICES,
        help="only those that are: " + ", ".join(_CHOICES),
    )
    add_json_option(parser)
    parser.epilog = FIELDS_HELP


def run(options: argparse.Namespace) -> int:
    """List batches."""
    account = account_of(options)
    out = Output(as_json=options.json, glyphs=account.loaded.settings.glyphs)

    async def work(session: Session) -> int:
        limit = None if options.all else options.limit
        shown: list[MessageBatch] = []
        is_of_all = options.status is None
        async for batches, unreadable in select(session, limit, options.status):
            if unreadable:
                is_of_all = False
                entries = plural(unreadable, "entry", "entries")
                note(f"{entries} of the list could not be read: left out.")
            if out.is_table:
                shown += batches
                continue
            known = known_of(session, batches)
            for batch in batches:
                out.record(batch_fields(batch, known))
        if out.is_table:
            _show(session, shown, out, is_of_all=is_of_all)
        return DONE

    return account.run(work)


def _show(session: Session, batches: list[MessageBatch], out: Output, *, is_of_all: bool) -> None:
    """Write the table, and what a person should know besides."""
    if batches:
        out.table(*batch_table(batches, known_of(session, batches), out))
    else:
        note(_no_batches_yet(session) if is_of_all else "There are no such batches.")
    _warn_of_loss(session)


async def select(
    session: Session, limit: int | None, status: str | None
) -> AsyncIterator[tuple[list[MessageBatch], int]]:
    """Read the list from the newest on, page by page, with what is seen remembered.

    Yields the batches of a page that are asked for, and how many of its entries are unreadable.

    Args:
        session: The account.
        limit: How many batches at most; None for all.
        status: Which, by `matches`; None for any.

    Raises:
        ApiError: A page cannot be had.
        LedgerError: What was seen cannot be written down.
    """
    size = _PAGE if limit is None or status is not None else min(limit, _PAGE)
    left = limit
    async for page in iterate_pages(session.client, limit=size):
        session.ledger.seen.remember(map(SeenBatch.of, page.data), scope=session.scope)
        found = [batch for batch in page.data if status is None or matches(batch, status)]
        if left is not None:
            found = found[:left]
            left -= len(found)
        yield found, page.unreadable
        if left == 0 or (status in (*_STATUSES[:2], "live") and is_past_live(session, page.data)):
            return


def matches(batch: MessageBatch, status: str) -> bool:
    """Return whether a batch has a status of the API, is ``live``, or has an outcome."""
    if status == "live":
        return batch.is_live
    return status in (batch.processing_status, state_of(batch).kind.for_scripts)


def is_past_live(session: Session, batches: tuple[MessageBatch, ...]) -> bool:
    """Return whether the list has come to batches that are too old to be live."""
    age = age_of(batches[-1], session.server_now) if batches else None
    return age is not None and age > _LONGEST_LIFE


def _warn_of_loss(session: Session) -> None:
    """Say on stderr whose results are about to be lost, of all that were ever listed here."""
    now = session.server_now
    expiring = find_expiring(session.ledger, session.store, scope=session.scope, now=now)
    if expiring:
        by = "batchtui sync downloads them" if session.settings.keep_results else NOT_KEPT.reason
        note(
            f"{describe_expiring(len(expiring), where='not saved here')}, the first in"
            f" {format_age(expiring[0].left)}: {by}."
        )


def _no_batches_yet(session: Session) -> str:
    """Return what is said of an empty workspace, by its id if the server said it."""
    workspace = session.account.workspace_id
    which = f"This workspace ({workspace})" if workspace else "This workspace"
    return f"{which} has no batches yet."
