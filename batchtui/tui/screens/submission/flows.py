"""Which flow answers what other screens request."""

import asyncio
from contextlib import suppress

from batchtui.tui.messages import (
    CreateWanted,
    FlowWanted,
    MergeWanted,
    ResendWanted,
    RetryWanted,
    SourceWanted,
    UnfinishedWanted,
)
from batchtui.tui.screens.submission.context import FlowContext


async def answer(context: FlowContext, request: FlowWanted) -> None:
    """Do what was requested.

    Raises:
        BatchtuiError: What went wrong.
    """
    from batchtui.tui.screens.submission.work_dialog import Stopped

    with suppress(Stopped), context.borrowed:  # who stopped it sees that
        await _answer(context, request)


async def announce(context: FlowContext) -> None:
    """Say at the start what was interrupted, if anything was."""
    journal = context.session.ledger.journal
    if await asyncio.to_thread(journal.submissions, open_only=True):
        from batchtui.tui.screens.submission.unfinished import announce_unfinished

        await announce_unfinished(context)


async def _answer(context: FlowContext, request: FlowWanted) -> None:
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
