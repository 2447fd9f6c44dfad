"""``batchtui watch``: waits until batches end."""

import argparse
import asyncio
import contextlib
from collections.abc import Sequence

from batchtui.batches.watch import Watch, WatchEvent, WatchEventKind, WatchTally
from batchtui.cli.announcer import Announcer, make_ring
from batchtui.cli.batch_ids import IDS_HELP, find_batches
from batchtui.cli.common import OfflineAccount, account_of, add_json_option
from batchtui.cli.exits import complain, note
from batchtui.cli.fields import FIELDS_HELP, LocalFacts, look_up
from batchtui.cli.output import Output
from batchtui.cli.watch_display import Display, display_for, report_start
from batchtui.clock import wait_for
from batchtui.errors import BatchtuiError
from batchtui.library.ledger_values import SeenBatch
from batchtui.library.store import StoredResults
from batchtui.session import Session, open_session

EPILOG = f"""\
Without IDs, everything that is live now. Exit code 0: all ended, all ok; 1: some requests
failed, expired or were canceled; 2: it cannot go on (the key is refused, a batch is not there).
{IDS_HELP}
A batch's end is announced once (bell, desktop, on_done command), however often it is watched.

JSON: a line for every change, with event (changed, ended or gone) and at, and beside them:
{FIELDS_HELP}"""

_REPAINT = 30.0
"""Seconds after which ages are shown again."""
_GATHER = 0.05
"""Seconds within which what happens is shown in one go."""
_REFUSED = 401


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the verb."""
    parser.add_argument("ids", metavar="ID", nargs="*", help="which; all that are live if none")
    add_json_option(parser)
    parser.epilog = EPILOG


def run(options: argparse.Namespace) -> int:
    """Watch batches."""
    account = account_of(options)
    out = Output(as_json=options.json, glyphs=account.loaded.settings.glyphs)
    ids = find_batches(account, options.ids)
    report_start(len(ids))
    return account.run(lambda session: _watch(account, session, ids, display_for(out)))


async def _watch(
    account: OfflineAccount, session: Session, ids: Sequence[str], display: Display
) -> int:
    tracker = Tracker(ids)
    ring = make_ring(session.settings, account.launch.environ)
    async with (
        contextlib.AsyncExitStack() as stack,
        Announcer(session.ledger, session.settings, session.environ, ring=ring) as announcer,
    ):
        while True:
            await _watch_once(session, tracker, display, announcer)
            fresh = await _with_new_key(account, session, tracker)
            if fresh is None:
                break
            stack.push_async_callback(fresh.aclose)
            session = fresh
    _tell_end(tracker)
    return tracker.exit_code


async def _watch_once(
    session: Session, tracker: "Tracker", display: Display, announcer: Announcer
) -> None:
    """Watch until all is over or calls fail for good."""
    watch = Watch(
        session.client,
        tuple(tracker.open),
        clock=session.clock,
        meter=session.meter,
        interval=session.settings.poll_interval,
        server_offset=lambda: session.server_offset,
    )
    painting = asyncio.create_task(_paint(session, tracker, display))
    try:
        async for event in watch.run():
            tracker.take(event)
            if event.batch is not None:
                session.ledger.seen.remember([SeenBatch.of(event.batch)], scope=session.scope)
            display.take(event, tracker.known(session, event.batch_id))
            if event.kind is WatchEventKind.ENDED and event.batch is not None:
                announcer.announce(event.batch)
    finally:
        painting.cancel()
    display.refresh(tracker.known(session))


async def _paint(session: Session, tracker: "Tracker", display: Display) -> None:
    """Show what happened, all that happens at once in one go, and ages now and then."""
    while True:
        await wait_for(tracker.changed, _REPAINT, session.clock)
        await session.clock.sleep(_GATHER)
        tracker.changed.clear()
        display.refresh(tracker.known(session))


async def _with_new_key(
    account: OfflineAccount, session: Session, tracker: "Tracker"
) -> Session | None:
    """Open the account again after a refused key, if its source gives another one by now."""
    calls = session.calls.calls
    if tracker.stopped is None or not calls or calls[-1].status != _REFUSED:
        return None
    try:
        fresh = await asyncio.to_thread(open_session, account.loaded, account.launch.options)
    except BatchtuiError:
        return None
    if fresh.scope == session.scope:
        await fresh.aclose()
        return None
    note("The key was refused (401), and its source gives another one by now: going on.")
    return fresh


def _tell_end(tracker: "Tracker") -> None:
    if tracker.stopped is not None and tracker.stopped.problem is not None:
        problem = tracker.stopped.problem
        complain(f"The watch has stopped: {problem.message}", problem.hint)
    elif not tracker.has_seen:
        note("Nothing is live.")


class Tracker(WatchTally):
    """What has become of the batches that are watched, and what this disk knows of them.

    Attributes:
        changed: Set when something has happened.
    """

    def __init__(self, batch_ids: Sequence[str]) -> None:
        super().__init__(batch_ids)
        self.changed = asyncio.Event()
        self._labels: dict[str, str] = {}
        self._stored: dict[str, StoredResults] = {}

    def take(self, event: WatchEvent) -> None:
        """Note what happened."""
        super().take(event)
        self.changed.set()

    def known(self, session: Session, batch_id: str = "") -> LocalFacts:
        """Return what this disk knows of the batches watched, looked up again for one of them."""
        now = session.server_now
        if batch_id:
            found = look_up(session.ledger, session.store, [batch_id], now)
            self._labels.update(found.labels)
            self._stored.update(found.stored)
        return LocalFacts(now, self._labels, self._stored)
