"""``batchtui status``: what runs, what failed lately, what is about to be lost."""

import argparse
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from batchtui.api.models import MessageBatch
from batchtui.api.paging import iterate_pages
from batchtui.batches.batch_names import label_and_id
from batchtui.batches.deadlines import elapsed_of
from batchtui.batches.expiring import (
    ExpiringResult,
    describe_expiring,
    find_expiring,
    read_old_batches,
)
from batchtui.batches.rules import GLYPHS, StateKind
from batchtui.cli.common import account_of, add_json_option
from batchtui.cli.exits import DONE, FAILED
from batchtui.cli.listing import is_past_live
from batchtui.cli.output import Json, Output, timestamp
from batchtui.formatting import format_count, format_duration, format_size, plural
from batchtui.library.ledger_values import SeenBatch
from batchtui.session import Session
from batchtui.tui.glyphs import Glyphs

EPILOG = """\
Exit code 0: nothing needs you; 1: something does (a batch of the last 24 hours has failed requests,
results expire within 48 h and are not saved here, a submission is unfinished); 2: the server cannot
be asked.

JSON, one object: at, live, running, canceling, ended, failed (numbers of batches; ended and failed
of the last 24 hours), unfinished (submissions), and expiring: a list of {id, label, requests,
results_until, hours_left, about_bytes}."""

_LATELY: Final = timedelta(hours=24)
_PAGE: Final = 100
_SIGNS: Final = (StateKind.RUNNING, StateKind.FAILED)
_NAMED: Final = 5
"""Batches that are named of those whose results expire; all are counted."""


class Status(Struct, frozen=True):
    """How an account stands."""

    at: datetime
    """The server's present moment."""
    live: tuple[MessageBatch, ...]
    """Newest first."""
    ended: tuple[MessageBatch, ...]
    """Of the last 24 hours, newest first."""
    expiring: tuple[ExpiringResult, ...]
    """Nearest loss first."""
    unfinished: int
    """Submissions that were begun and neither finished nor given up."""

    @property
    def canceling(self) -> int:
        """How many of the live ones are being canceled."""
        return sum(batch.is_canceling for batch in self.live)

    @property
    def failed(self) -> int:
        """How many of those that ended lately have failed requests."""
        return sum(batch.request_counts.failed > 0 for batch in self.ended)

    @property
    def needs_a_person(self) -> bool:
        """Whether there is something to look at."""
        return bool(self.failed or self.expiring or self.unfinished)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the verb."""
    parser.add_argument(
        "--line", action="store_true", help="one line, as for the status bar of tmux"
    )
    add_json_option(parser)
    parser.epilog = EPILOG


def run(options: argparse.Namespace) -> int:
    """Say how the account stands."""
    account = account_of(options)
    out = Output(as_json=options.json, glyphs=account.loaded.settings.glyphs)

    async def work(session: Session) -> int:
        status = await _look(session)
        if options.line:
            out.line(_in_a_line(status, out.glyphs))
        elif out.is_table:
            for line in _lines(status):
                out.line(line)
        else:
            out.record(_fields(status))
        return FAILED if status.needs_a_person else DONE

    return account.run(work)


async def _look(session: Session) -> Status:
    ledger, scope = session.ledger, session.scope
    batches: list[MessageBatch] = []
    async for page in iterate_pages(session.client, limit=_PAGE):
        ledger.seen.remember(map(SeenBatch.of, page.data), scope=scope)
        batches += page.data
        if is_past_live(session, page.data):
            break
    now = session.server_now
    await read_old_batches(session.client, ledger, scope=scope, now=now)
    open_submissions = ledger.journal.submissions(open_only=True)
    return Status(
        at=now,
        live=tuple(batch for batch in batches if batch.is_live),
        ended=tuple(
            batch
            for batch in batches
            if batch.ended_at is not None and now - batch.ended_at <= _LATELY
        ),
        expiring=find_expiring(ledger, session.store, scope=scope, now=now),
        unfinished=sum(one.plan.scope == scope for one in open_submissions),
    )


def _lines(status: Status) -> Iterator[str]:
    """Yield what a person reads."""
    ages = [elapsed_of(batch, status.at) for batch in status.live]
    known = [age for age in ages if age is not None]
    longest = f", the oldest for {format_duration(max(known))}" if known else ""
    yield f"{plural(len(status.live), 'batch', 'batches')} live{longest}"
    failed = f", {format_count(status.failed)} with failed requests" if status.failed else ""
    yield f"{format_count(len(status.ended))} ended in the last 24 h{failed}"
    if status.unfinished:
        yield f"{plural(status.unfinished, 'submission')} unfinished"
    if not status.expiring:
        return
    yield f"{describe_expiring(len(status.expiring), where='not saved here')}:"
    for one in status.expiring[:_NAMED]:
        name = label_and_id(one.batch.id, one.label)
        size = f", about {format_size(one.about_bytes)}" if one.about_bytes else ""
        rows = plural(one.batch.request_counts.total, "row")
        yield f"  in {format_duration(one.left):<9} {name}: {rows}{size}"
    if len(status.expiring) > _NAMED:
        yield f"  and {format_count(len(status.expiring) - _NAMED)} more"


def _in_a_line(status: Status, glyphs: Glyphs) -> str:
    """Return the same for a status bar: only what is not zero."""
    signs = [GLYPHS[kind].unicode if glyphs.is_unicode else GLYPHS[kind].ascii for kind in _SIGNS]
    counts = (
        (len(status.live), f"{signs[0]} {format_count(len(status.live))} live"),
        (status.failed, f"{signs[1]} {format_count(status.failed)} failed"),
        (len(status.expiring), f"{format_count(len(status.expiring))} expire in 48 h"),
        (status.unfinished, f"{format_count(status.unfinished)} unfinished"),
    )
    return "  ".join(text for count, text in counts if count) or "no batches live"


def _fields(status: Status) -> dict[str, Json]:
    return {
        "at": timestamp(status.at),
        "live": len(status.live),
        "running": len(status.live) - status.canceling,
        "canceling": status.canceling,
        "ended": len(status.ended),
        "failed": status.failed,
        "unfinished": status.unfinished,
        "expiring": [
            {
                "id": one.batch.id,
                "label": one.label or None,
                "requests": one.batch.request_counts.total,
                "results_until": timestamp(one.until),
                "hours_left": one.hours_left,
                "about_bytes": one.about_bytes,
            }
            for one in status.expiring
        ],
    }
