"""What leads from the list to another screen, which the app shows."""

from collections.abc import Callable, Sequence
from functools import partial

from textual.message import Message

from batchtui.api.models import MessageBatch
from batchtui.formatting import plural
from batchtui.tui import messages
from batchtui.tui.lines import line
from batchtui.tui.screens.batches.host import ListHost
from batchtui.tui.screens.batches.updates import ListUpdates
from batchtui.tui.screens.command_screen import DIALOG
from batchtui.untrusted import visible


class BatchScreens:
    """Carries out the commands that another screen answers.

    Args:
        updates: The list.
        host: Asks, and posts to the app.
    """

    def __init__(self, updates: ListUpdates, host: ListHost) -> None:
        self._updates = updates
        self._host = host

    def open_results(self) -> None:
        """Read the results."""
        self._ask_for(messages.ResultsWanted)

    def retry_failed(self) -> None:
        """Send the failed rows again."""
        self._ask_for(messages.RetryWanted)

    def merge_tries(self) -> None:
        """Merge all tries."""
        self._ask_for(messages.MergeWanted)

    def attach_source(self) -> None:
        """Say which file it was made from."""
        self._ask_for(messages.SourceWanted)

    def _ask_for(self, message: Callable[[MessageBatch], Message]) -> None:
        batch = self._updates.listing.selected_batch
        if batch is not None:
            self._host.post_message(message(batch))

    def go_to_id(self) -> None:
        """Ask for an id or what stands for one, and jump to the batch."""
        self._host.start(self._go_to_id, DIALOG)

    async def _go_to_id(self) -> None:
        from batchtui.api.errors import NotFound
        from batchtui.tui.screens.dialogs.prompt import PromptDialog

        help_lines = (line(("an id or the start of it, a label, or last: the newest", "muted")),)
        dialog = PromptDialog(
            "Go to a batch", help_lines, placeholder="msgbatch_… or a label", confirm="Go"
        )
        text = (await self._host.ask(dialog) or "").strip()
        if not text:
            return
        ids = await self._updates.ids_named(text)
        batch_id = ids[0] if len(ids) == 1 else await self._choose_batch(ids)
        if batch_id is None:
            return
        try:
            await self._updates.find(batch_id)
        except NotFound:
            said = "there is no batch of that id or label"
            if batch_id != text:
                said = f"the server no longer has {batch_id}"
            self._host.notify(visible(f"{text}: {said}"), severity="error")

    async def _choose_batch(self, ids: Sequence[str]) -> str | None:
        """Ask which of several batches is meant."""
        from batchtui.tui.screens.dialogs.choice import Choice, ChoiceDialog

        labels = self._host.view_context.labels
        choices = [
            Choice(line(visible(one), (f"  {visible(labels.get(one, ''))}", "muted")), one)
            for one in ids
        ]
        return await self._host.ask(ChoiceDialog("Which batch?", choices, confirm="Go"))

    def show_timeline(self) -> None:
        """Show the loaded batches along time."""
        self._host.start(self._show_timeline, DIALOG)

    async def _show_timeline(self) -> None:
        from batchtui.tui.screens.timeline import TimelineList, TimelineScreen

        cache, context = self._updates.listing.cache, self._host.view_context
        batches = tuple(cache.batches[one] for one in cache.order)
        timeline = TimelineList(batches, context.labels, context.now, context.zone, context.glyphs)
        batch_id = await self._host.ask(TimelineScreen(timeline, len(batches)))
        if batch_id is not None and self._updates.listing.knows(batch_id):
            self._updates.browse(self._updates.listing.jump(batch_id))

    def compare_batches(self) -> None:
        """Compare those that have ended; of more than two the user chooses a pair."""
        marked = self._updates.listing.to_compare
        ended = [batch for batch in marked if batch.has_ended]
        if left_out := len(marked) - len(ended):
            self._host.notify(f"{plural(left_out, 'batch', 'batches')} left out: not ended yet")
        self._host.start(partial(self._compare, ended), DIALOG)

    async def _compare(self, batches: Sequence[MessageBatch]) -> None:
        from batchtui.tui.screens.batches.questions import choose_pair

        pair = await choose_pair(batches, self._host.view_context, self._host.ask)
        if pair is not None:
            self._host.post_message(messages.CompareWanted(*pair))

    def new_batch(self) -> None:
        """Create a batch."""
        self._host.post_message(messages.CreateWanted())

    def finish_sending(self) -> None:
        """List what was interrupted while being sent."""
        self._host.post_message(messages.UnfinishedWanted())
