"""What the user writes down or takes along of a batch; nothing of it changes the server."""

from collections.abc import Callable, Coroutine
from functools import partial

from batchtui.api.models import MessageBatch
from batchtui.formatting import format_size, plural
from batchtui.tui.lines import line
from batchtui.tui.messages import CopyWanted
from batchtui.tui.screens.batches.host import ListHost
from batchtui.tui.screens.batches.questions import forget_question
from batchtui.tui.screens.batches.rows import short_id
from batchtui.tui.screens.batches.services import BatchServices
from batchtui.tui.screens.batches.updates import ListUpdates
from batchtui.tui.screens.command_screen import DIALOG
from batchtui.tui.screens.dialogs.confirm import ConfirmDialog
from batchtui.tui.screens.dialogs.prompt import PromptDialog
from batchtui.untrusted import visible

_ID_WIDTH = 60
_TAKE_AWAY = "empty takes it away"


class OwnRecords:
    """Carries out the commands on labels, notes, ids and copies of results.

    Args:
        services: What asks this disk.
        updates: The list.
        host: Asks and notifies.
    """

    def __init__(self, services: BatchServices, updates: ListUpdates, host: ListHost) -> None:
        self._services = services
        self._updates = updates
        self._host = host

    def label_batch(self) -> None:
        """Ask for the name of the batch."""
        self._start(self._label)

    async def _label(self, batch: MessageBatch) -> None:
        label = self._updates.listing.labels.get(batch.id, "")
        text = await self._prompt("Label", label, self._short_id(batch))
        if text is not None:
            await self._services.set_label(batch.id, text)
            await self._updates.look_up()

    def edit_note(self) -> None:
        """Ask for the note on the batch."""
        self._start(self._note)

    async def _note(self, batch: MessageBatch) -> None:
        name = visible(self._updates.listing.labels.get(batch.id, ""))
        note = await self._services.note_of(batch.id)
        text = await self._prompt("Note", note, name or self._short_id(batch))
        if text is not None:
            await self._services.set_note(batch.id, text)
            await self._updates.describe()
            await self._updates.look_up()

    def _short_id(self, batch: MessageBatch) -> str:
        return short_id(batch.id, _ID_WIDTH, self._host.view_context.glyphs)

    async def _prompt(self, title: str, value: str, about: str) -> str | None:
        body = (line((about, "muted")),)
        dialog = PromptDialog(title, body, value=value, placeholder=_TAKE_AWAY)
        text = await self._host.ask(dialog)
        return None if text is None else text.strip()

    def forget_results(self) -> None:
        """Ask whether to remove the copy of the results."""
        self._start(self._forget)

    async def _forget(self, batch: MessageBatch) -> None:
        size = await self._services.size_of_results(batch.id)
        question = forget_question(batch, size, self._host.view_context)
        dialog = ConfirmDialog(
            question.title, question.body, question.yes, is_grave=question.is_grave
        )
        if not await self._host.ask(dialog):
            return
        freed = await self._services.forget_results(batch.id)
        name = self._updates.listing.labels.get(batch.id, "") or batch.id
        self._host.notify(f"Copy of the results of {name} removed: {format_size(freed)} freed")
        await self._updates.look_up()

    def _start(self, function: Callable[[MessageBatch], Coroutine[None, None, None]]) -> None:
        """Do something with the batch that is under the cursor now, not when its turn comes."""
        batch = self._updates.listing.selected_batch
        if batch is not None:
            self._host.start(partial(function, batch), DIALOG)

    def copy_id(self) -> None:
        """Copy the ids of the marked batches, or the one under the cursor."""
        batches = self._updates.state.targets
        if batches:
            what = "the id" if len(batches) == 1 else plural(len(batches), "id")
            self._host.post_message(CopyWanted("\n".join(one.id for one in batches), what))
