"""Where the wishes of other screens lead: which flow answers which message."""

import asyncio

from batchtui.errors import BatchtuiError
from batchtui.tui.messages import (
    CreateWanted,
    MergeWanted,
    ResendWanted,
    RetryWanted,
    SourceWanted,
    UnfinishedWanted,
    Wish,
)
from batchtui.tui.screens.submission.desk import Desk


async def answer(desk: Desk, wish: Wish) -> None:
    """Do what was wished for; what goes wrong is told."""
    try:
        await _answer(desk, wish)
    except BatchtuiError as error:
        desk.tell_error(error)


async def announce(desk: Desk) -> None:
    """Tell at the start what was interrupted, if anything was."""
    journal = desk.session.ledger.journal
    if await asyncio.to_thread(journal.submissions, open_only=True):
        from batchtui.tui.screens.submission.unfinished import announce_unfinished

        await announce_unfinished(desk)


async def _answer(desk: Desk, wish: Wish) -> None:
    match wish:
        case CreateWanted():
            from batchtui.tui.screens.submission.creating import create

            await create(desk)
        case RetryWanted(batch=batch):
            from batchtui.tui.screens.submission.retrying import retry

            await retry(desk, batch)
        case ResendWanted(batch=batch, custom_ids=custom_ids, what=what):
            from batchtui.tui.screens.submission.retrying import resend

            await resend(desk, batch, custom_ids, what)
        case MergeWanted(batch=batch):
            from batchtui.tui.screens.submission.merging import merge_tries

            await merge_tries(desk, batch)
        case SourceWanted(batch=batch):
            from batchtui.tui.screens.submission.attaching import attach

            await attach(desk, batch)
        case UnfinishedWanted():
            from batchtui.tui.screens.submission.unfinished import list_unfinished

            await list_unfinished(desk)
