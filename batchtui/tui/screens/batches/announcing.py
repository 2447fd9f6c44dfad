"""What is told when batches end: once for each, also across restarts and two running programs."""

import asyncio
from typing import TYPE_CHECKING

from batchtui.api.models import MessageBatch
from batchtui.batches.notices import claim_ended, notices_of, run_on_done_for
from batchtui.tui.messages import EndNoticed

if TYPE_CHECKING:
    from batchtui.tui.screens.batches.screen import BatchesScreen


async def announce(screen: "BatchesScreen", ended: tuple[MessageBatch, ...]) -> None:
    """Tell of batches that have ended, unless somebody has, and run the user's command."""
    session = screen.session
    claimed = await asyncio.to_thread(claim_ended, ended, session.ledger.claim_notification)
    labels = dict(await asyncio.to_thread(session.ledger.labels))
    for notice in notices_of(claimed, labels):
        screen.post_message(EndNoticed(notice))
    if screen.session.is_demo:
        return
    await run_on_done_for(
        claimed,
        labels,
        session.settings.on_done,
        environ=session.environ,
        on_failure=screen.notify_error,
    )
