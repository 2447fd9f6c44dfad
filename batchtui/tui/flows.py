"""The way in to batches: which flow answers what screens request, one at a time."""

import asyncio
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from textual.worker import Worker

from batchtui.tui.accounts import Accounts
from batchtui.tui.messages import (
    CreateWanted,
    FlowWanted,
    MergeWanted,
    ResendWanted,
    RetryWanted,
    SourceWanted,
    UnfinishedWanted,
)
from batchtui.tui.navigation import Navigation
from batchtui.tui.setup import AppSetup

if TYPE_CHECKING:
    from batchtui.session import Session
    from batchtui.tui.screens.submission.context import FlowContext


class Flows:
    """Leads through the way in for the account that is open, one request at a time.

    Args:
        setup: What the app started with.
        navigation: Shows the screens.
        accounts: The account that is open, and its list.
    """

    def __init__(self, setup: AppSetup, navigation: Navigation, accounts: Accounts) -> None:
        self._setup = setup
        self._navigation = navigation
        self._accounts = accounts
        self._answering: Worker[None] | None = None
        self._announcing: Worker[None] | None = None

    def answer(self, request: FlowWanted) -> None:
        """Do what was requested, unless another request is being answered."""
        session = self._accounts.session
        if self._answering is not None and not self._answering.is_finished:
            self._navigation.notify(
                "Not now: what was begun before is not finished", severity="warning"
            )
        elif session is not None:
            self._answering = self._navigation.start(
                partial(_answer, self._context(session), request), "flow"
            )

    def announce(self) -> None:
        """Say what was interrupted in the account that is open, if anything was."""
        session = self._accounts.session
        if session is not None:
            self._announcing = self._navigation.start(
                partial(_announce, self._context(session)), "announce"
            )

    def stop(self) -> list[Worker[None]]:
        """Stop, and return what is still to end: it would wait for ever for a screen that goes."""
        working = [one for one in (self._answering, self._announcing) if one is not None]
        for one in working:
            one.cancel()
        return working

    def _context(self, session: "Session") -> "FlowContext":
        from batchtui.config.paths import current_folder
        from batchtui.submission.events import SendTimeouts
        from batchtui.submission.limits import Limits
        from batchtui.tui.screens.submission.context import FlowContext

        return FlowContext(
            self._navigation,
            session,
            current_folder(),
            self._setup.timeouts or SendTimeouts(),
            self._setup.limits or Limits(),
            on_made=self._accounts.show_created,
            on_disk_changed=self._accounts.look_again,
        )


async def _answer(context: "FlowContext", request: FlowWanted) -> None:
    from batchtui.tui.screens.submission.work_dialog import Stopped

    try:
        with suppress(Stopped), context.borrowed:  # who stopped it sees that
            await _lead_through(context, request)
    finally:
        context.on_disk_changed()  # what was borrowed may be gone


async def _lead_through(context: "FlowContext", request: FlowWanted) -> None:
    match request:
        case CreateWanted():
            from batchtui.tui.screens.submission.new_batch import create

            await create(context)
        case RetryWanted(batch=batch):
            from batchtui.tui.screens.submission.retry_flow import retry

            await retry(context, batch)
        case ResendWanted():
            from batchtui.tui.screens.submission.retry_flow import resend

            await resend(context, request)
        case MergeWanted(batch=batch):
            from batchtui.tui.screens.submission.merge_screen import merge_tries

            await merge_tries(context, batch)
        case SourceWanted(batch=batch):
            from batchtui.tui.screens.submission.attach_flow import attach

            await attach(context, batch)
        case UnfinishedWanted():
            from batchtui.tui.screens.submission.unfinished import list_unfinished

            await list_unfinished(context)


async def _announce(context: "FlowContext") -> None:
    journal = context.session.ledger.journal
    if await asyncio.to_thread(journal.submissions, open_only=True):
        from batchtui.tui.screens.submission.unfinished import announce_unfinished

        await announce_unfinished(context)
