"""What happens to the list by itself: it is watched, and what came leads to more."""

import asyncio
from functools import partial

from batchtui.api.models import MessageBatch
from batchtui.tui import messages
from batchtui.tui.screens.batches.updates import ListUpdates
from batchtui.tui.screens.host import Host


class ListWatch:
    """Has the list watched, its page filled, and what ended announced.

    Args:
        updates: The list.
        host: Runs this beside the screen.
        jump_to: A batch to put the cursor on at first, or ``None``.
    """

    def __init__(self, updates: ListUpdates, host: Host, jump_to: str | None) -> None:
        self._updates = updates
        self._host = host
        self._jump_to = jump_to

    def begin(self) -> None:
        """Go online, for as long as the screen is there."""
        self._host.start(self._watch, "watch")

    async def _watch(self) -> None:
        await asyncio.to_thread(_load_the_rest)
        has_asked = False
        async for ended in self._updates.watch():
            if not has_asked and self._updates.listing.is_begun:
                has_asked = True
                self._host.start(self._updates.find_expiring, "expiring")
            if self._jump_to is not None and self._updates.listing.is_begun:
                jump_to, self._jump_to = self._jump_to, None
                self._host.start(partial(self._updates.find, jump_to), "jump")
            else:
                self.fill_page()
            if ended:
                self._host.start(partial(self._announce, ended), "ended", is_exclusive=False)

    def fill_page(self) -> None:
        """Fetch what the page shown lacks."""
        if self._updates.lacks_rows:
            # beside a turn of the page: what nobody asked for ends nothing that somebody did
            self._host.start(self._updates.fill_page, "fill")

    async def _announce(self, ended: tuple[MessageBatch, ...]) -> None:
        await self._updates.announce(
            ended,
            on_notice=lambda notice: self._host.post_message(messages.EndNoticed(notice)),
            on_failure=lambda error: self._host.post_message(messages.Failed(error)),
        )


def _load_the_rest() -> None:
    """Load what the first picture did not need, so that no first key waits for it."""
    from batchtui.tui.screens import timeline
    from batchtui.tui.screens.batches import batch_actions, downloads, own_records, questions

    _ = batch_actions, downloads, own_records, questions, timeline
