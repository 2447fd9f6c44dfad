"""Tells that batches have ended: by the terminal and by the user's command, once for each."""

import asyncio
import contextlib
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Self

from batchtui.api.models import MessageBatch
from batchtui.batches.notices import (
    Notice,
    claim_ended,
    notices_of,
    run_on_done_for,
)
from batchtui.cli.exits import note
from batchtui.cli.output import is_terminal
from batchtui.config.settings import Settings
from batchtui.library.ledger import Ledger
from batchtui.tui.terminal.capabilities import detect
from batchtui.tui.terminal.channel import Channel
from batchtui.tui.terminal.notifications import TerminalNotifier


class Announcer:
    """Announces ends in the background, so that a slow command holds up nothing.

    Use as an asynchronous context manager: leaving it in order waits for what is still to be told.
    """

    def __init__(
        self,
        ledger: Ledger,
        settings: Settings,
        environ: Mapping[str, str],
        *,
        ring: Callable[[Sequence[Notice]], None],
    ) -> None:
        """Prepare.

        Args:
            ledger: Keeps who was announced already.
            settings: What is to be done.
            environ: For the command.
            ring: Tells the terminal.
        """
        self._ledger = ledger
        self._settings = settings
        self._environ = environ
        self._ring = ring
        self._ended: asyncio.Queue[MessageBatch] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    def announce(self, batch: MessageBatch) -> None:
        """Tell, soon, that a batch has ended, unless that was done before."""
        self._ended.put_nowait(batch)

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._work())
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._task is None:
            return
        if kind is None:
            joining = asyncio.ensure_future(self._ended.join())
            await asyncio.wait({joining, self._task}, return_when=asyncio.FIRST_COMPLETED)
            joining.cancel()
        if not self._task.done():
            self._task.cancel()
        await asyncio.wait({self._task})
        if not self._task.cancelled() and kind is None:
            self._task.result()

    async def _work(self) -> None:
        while True:
            ended = [await self._ended.get()]
            while not self._ended.empty():
                ended.append(self._ended.get_nowait())
            # claimed before it is told: killed in between, an end is told never rather than twice
            new = claim_ended(ended, self._ledger.claim_notification)
            labels = self._ledger.labels([batch.id for batch in new])
            if new:
                self._ring(notices_of(new, labels))
            await run_on_done_for(
                new,
                labels,
                self._settings.on_done,
                environ=self._environ,
                on_failure=lambda error: note(error.message),
            )
            for _ in ended:
                self._ended.task_done()


def make_ring(settings: Settings, environ: Mapping[str, str]) -> Callable[[Sequence[Notice]], None]:
    """Say how the terminal is told of ends: not at all where nobody sees stderr.

    Args:
        settings: What the user wants: the bell, a notification on the desktop.
        environ: Tells which terminal it is.
    """
    channel = Channel()
    if is_terminal(sys.stderr):
        channel.connect(_write_to_stderr)
    terminal = TerminalNotifier(detect(environ), channel)

    def ring(notices: Sequence[Notice]) -> None:
        if settings.notify_bell:
            terminal.bell()
        for notice in notices if settings.notify_osc else ():
            terminal.notify(notice.title, notice.body)

    return ring


def _write_to_stderr(sequence: str) -> None:
    with contextlib.suppress(OSError):
        sys.stderr.write(sequence)
        sys.stderr.flush()
