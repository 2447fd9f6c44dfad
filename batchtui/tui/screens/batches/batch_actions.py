"""Cancel and delete, one batch or many: asked first; then what became of each is shown."""

from collections.abc import AsyncIterator, Sequence
from functools import partial

from textual.notifications import SeverityLevel

from batchtui.api.models import MessageBatch
from batchtui.batches.actions import Action, Actions, ItemOutcome, OutcomeKind
from batchtui.batches.bulk import BulkRun
from batchtui.batches.rules import can_delete
from batchtui.session import Session
from batchtui.tui.lines import Line, line
from batchtui.tui.screens.batches.host import ListHost
from batchtui.tui.screens.batches.questions import (
    ActionQuestion,
    cancel_first_question,
    cancel_question,
    delete_question,
)
from batchtui.tui.screens.batches.rows import short_id
from batchtui.tui.screens.batches.updates import ListUpdates
from batchtui.tui.screens.command_screen import DIALOG
from batchtui.tui.screens.dialogs.confirm import ConfirmDialog
from batchtui.tui.screens.dialogs.progress import ProgressDialog
from batchtui.untrusted import visible

_STYLES = {
    OutcomeKind.DONE: "ok",
    OutcomeKind.ALREADY_ENDED: "warning",
    OutcomeKind.GONE: "warning",
    OutcomeKind.REFUSED: "warning",
    OutcomeKind.FAILED: "failed",
    OutcomeKind.NOT_SENT: "muted",
}


def _severity_of(kinds: set[OutcomeKind]) -> SeverityLevel:
    """Return how grave the worst of these outcomes is."""
    if OutcomeKind.FAILED in kinds:
        return "error"
    return "information" if kinds <= {OutcomeKind.DONE} else "warning"


class BatchActions:
    """Changes batches on the server, with the user's consent.

    Args:
        session: The account.
        updates: The list, which is made what the server says of it.
        host: Asks and notifies.
    """

    def __init__(self, session: Session, updates: ListUpdates, host: ListHost) -> None:
        self._session = session
        self._updates = updates
        self._host = host

    def cancel_batch(self) -> None:
        """Cancel the marked batches, or the one under the cursor."""
        # bound now: the list may change before the worker has its turn
        self._host.start(partial(self._cancel, self._updates.state.targets), DIALOG)

    async def _cancel(self, batches: Sequence[MessageBatch]) -> None:
        question = cancel_question(batches, self._host.view_context)
        if not self._session.settings.confirm_cancel or await self._agrees(question):
            self._begin(question, batches)

    def delete_batch(self) -> None:
        """Delete the marked batches, or the one under the cursor."""
        self._host.start(partial(self._delete, self._updates.state.targets), DIALOG)

    async def _delete(self, batches: Sequence[MessageBatch]) -> None:
        # what would be lost is said by what is here now, not by what was here a while ago
        await self._updates.look_up()
        context = self._host.view_context
        if len(batches) == 1 and not can_delete(batches[0]):
            # what still runs can be canceled, to be deleted then
            question = cancel_first_question(batches[0], context)
            is_asked = True
        else:
            question = delete_question(batches, context)
            is_asked = self._session.settings.confirm_delete
        if not is_asked or await self._agrees(question):
            self._begin(question, batches)

    async def _agrees(self, question: ActionQuestion) -> bool:
        dialog = ConfirmDialog(question.title, question.body, question.yes)
        return await self._host.ask(dialog) is True

    def _begin(self, agreed: ActionQuestion, targets: Sequence[MessageBatch]) -> None:
        """Do what was agreed to; no key may break that off, for the next question is another."""
        self._host.start(partial(self._act, agreed, targets), "act", is_exclusive=False)

    async def _act(self, agreed: ActionQuestion, targets: Sequence[MessageBatch]) -> None:
        """Act on the batches as they are now, and show what became of each.

        Args:
            agreed: What is done, and to which of the targets.
            targets: Those that the command was given for, whose marks have done their work.
        """
        if len(agreed.batches) == 1:
            said, kinds = await self._act_on_one(agreed.action, agreed.batches[0])
        else:
            said, kinds = await self._act_on_many(agreed.action, agreed.batches)
        self._host.notify(said, severity=_severity_of(kinds))
        self._updates.unmark(targets)

    async def _act_on_one(
        self, action: Action, batch: MessageBatch
    ) -> tuple[str, set[OutcomeKind]]:
        actions = Actions(self._session.client)
        # what is known may be minutes old: the newest state decides
        known = self._updates.listing.cache.batches.get(batch.id)
        outcome = await actions.act(action, batch.id, known=known)
        await self._take(outcome)
        return outcome.words, {outcome.kind}

    async def _act_on_many(
        self, action: Action, batches: Sequence[MessageBatch]
    ) -> tuple[str, set[OutcomeKind]]:
        run = BulkRun(
            self._session.client,
            action,
            [batch.id for batch in batches],
            known=self._updates.listing.cache.batches,
            clock=self._session.clock,
            meter=self._session.meter,
        )
        title = f"{'Canceling' if action is Action.CANCEL else 'Deleting'} {len(batches)} batches"
        await self._host.ask(ProgressDialog(title, run.total, self._outcomes(run), run.stop))
        return run.summary(), {outcome.kind for outcome in run.outcomes}

    async def _outcomes(self, run: BulkRun) -> AsyncIterator[Line]:
        context = self._host.view_context
        async for outcome in run.run():
            await self._take(outcome)
            label = context.labels.get(outcome.batch_id, "")
            name = visible(label) if label else short_id(outcome.batch_id, 28, context.glyphs)
            yield line(
                (f"{outcome.kind.value:<14}", _STYLES[outcome.kind]),
                f"{name}  ",
                (outcome.words, "muted"),
            )

    async def _take(self, outcome: ItemOutcome) -> None:
        """Make the list what the outcome says."""
        if outcome.is_off_the_list:
            await self._updates.remove(outcome.batch_id)
        elif outcome.batch is not None:
            self._updates.report(outcome.batch)
