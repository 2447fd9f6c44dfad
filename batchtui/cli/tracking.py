"""What has become of the batches that are watched, over one or several watches."""

import asyncio
from collections.abc import Sequence

from batchtui.api.models import MessageBatch
from batchtui.batches.deadlines import server_now
from batchtui.batches.rules import is_all_ok
from batchtui.batches.watch import WatchEvent, WatchEventKind
from batchtui.cli.exits import DONE, FAILED, USAGE
from batchtui.cli.fields import Known, look_up
from batchtui.library.store import StoredResults
from batchtui.session import Session


class Tracker:
    """Takes in what happens.

    Attributes:
        open: The batches that have not ended yet, as they were last seen.
        stopped: The event that stopped the watch for good, or ``None``.
        has_seen: Whether there was any batch to watch.
        changed: Set when something has happened.
    """

    def __init__(self, ids: Sequence[str]) -> None:
        """Begin.

        Args:
            ids: What is watched; none: what is live at the first look.
        """
        self.open: dict[str, MessageBatch | None] = dict.fromkeys(ids)
        self.stopped: WatchEvent | None = None
        self.has_seen = bool(ids)
        self.changed = asyncio.Event()
        self._labels: dict[str, str] = {}
        self._stored: dict[str, StoredResults] = {}
        self._code = DONE

    @property
    def exit_code(self) -> int:
        """0: all ended, all ok. 1: some did not end well. 2: it cannot go on."""
        return USAGE if self.stopped is not None else self._code

    def take(self, event: WatchEvent) -> None:
        """Note what happened."""
        self.stopped = event if event.kind is WatchEventKind.STOPPED else None
        self.has_seen = self.has_seen or bool(event.batch_id)
        self.changed.set()
        if event.kind in (WatchEventKind.SEEN, WatchEventKind.CHANGED):
            self.open[event.batch_id] = event.batch
        elif event.kind is WatchEventKind.ENDED:
            self.open.pop(event.batch_id, None)
            is_fine = event.batch is not None and is_all_ok(event.batch)
            self._code = max(self._code, DONE if is_fine else FAILED)
        elif event.kind is WatchEventKind.GONE:
            self.open.pop(event.batch_id, None)
            self._code = max(self._code, USAGE if event.previous is None else FAILED)

    def known(self, session: Session, batch_id: str = "") -> Known:
        """What this disk knows of the batches watched, looked up anew for one of them."""
        now = server_now(session.clock.now(), session.server_offset)
        if batch_id:
            found = look_up(session.ledger, session.store, [batch_id], now)
            self._labels.update(found.labels)
            self._stored.update(found.stored)
        return Known(now, self._labels, self._stored)
