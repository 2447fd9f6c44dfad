"""Cancel and delete, one batch or many: asked first, then told what became of each."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from batchtui.api.models import MessageBatch
from batchtui.batches.actions import Action, Actions, ItemOutcome, OutcomeKind
from batchtui.batches.bulk import BulkRun
from batchtui.batches.rules import can_delete
from batchtui.session import Session
from batchtui.tui.lines import Line, line
from batchtui.tui.screens.batches.questions import (
    Question,
    cancel_first_question,
    cancel_question,
    delete_question,
)
from batchtui.tui.screens.batches.rows import short_id
from batchtui.tui.screens.batches.state import ViewContext
from batchtui.tui.screens.batches.updates import ListUpdates
from batchtui.untrusted import visible

_STYLES = {
    OutcomeKind.DONE: "ok",
    OutcomeKind.ALREADY_ENDED: "warning",
    OutcomeKind.GONE: "warning",
    OutcomeKind.REFUSED: "warning",
    OutcomeKind.FAILED: "failed",
    OutcomeKind.NOT_SENT: "muted",
}
Confirm = Callable[[Question], Awaitable[bool]]
"""Asks the user; True is the deliberate yes."""
Progress = Callable[[str, BulkRun, AsyncIterator[Line]], Awaitable[None]]
"""Shows what becomes of each of many batches, under a title, until the user has seen it."""


class BatchActions:
    """Changes batches on the server, with the user's consent.

    Args:
        session: The account.
        updates: The list, which is made what the server says of it.
        confirm: Asks.
        progress: Shows the outcomes of many.
    """

    def __init__(
        self, session: Session, updates: ListUpdates, *, confirm: Confirm, progress: Progress
    ) -> None:
        self._session = session
        self._updates = updates
        self._confirm = confirm
        self._progress = progress

    async def ask_to_cancel(
        self, batches: Sequence[MessageBatch], context: ViewContext
    ) -> Question | None:
        """Ask whether to cancel; gives what was agreed to, or ``None``."""
        question = cancel_question(batches, context)
        is_asked = self._session.settings.confirm_cancel
        return question if not is_asked or await self._confirm(question) else None

    async def ask_to_delete(
        self, batches: Sequence[MessageBatch], context: ViewContext
    ) -> Question | None:
        """Ask whether to delete, or to cancel what still runs; gives what was agreed to."""
        if len(batches) == 1 and not can_delete(batches[0]):
            question = cancel_first_question(batches[0], context)
            return question if await self._confirm(question) else None
        question = delete_question(batches, context)
        is_asked = self._session.settings.confirm_delete
        return question if not is_asked or await self._confirm(question) else None

    async def act(self, question: Question, context: ViewContext) -> tuple[str, bool]:
        """Do what was agreed to, with the batches as they are now.

        Returns:
            What became of it, and whether all of it was done.
        """
        action, batches = question.action, question.batches
        if len(batches) == 1:
            said, is_done = await self._act_on_one(action, batches[0])
        else:
            said, is_done = await self._act_on_many(action, batches, context)
        self._updates.browse(self._updates.listing.clear_marks())
        return said, is_done

    async def _act_on_one(self, action: Action, batch: MessageBatch) -> tuple[str, bool]:
        actions = Actions(
            self._session.client, clock=self._session.clock, meter=self._updates.meter
        )
        # what is known may be minutes old: the newest state decides
        known = self._updates.listing.cache.batches.get(batch.id)
        outcome = await actions.act(action, batch.id, known=known)
        await self._take(outcome)
        return outcome.words, outcome.kind is OutcomeKind.DONE

    async def _act_on_many(
        self, action: Action, batches: Sequence[MessageBatch], context: ViewContext
    ) -> tuple[str, bool]:
        run = BulkRun(
            self._session.client,
            action,
            [batch.id for batch in batches],
            known={batch.id: batch for batch in batches},
            clock=self._session.clock,
            meter=self._updates.meter,
        )
        title = f"{'Canceling' if action is Action.CANCEL else 'Deleting'} {len(batches)} batches"
        await self._progress(title, run, self._outcomes(run, context))
        return run.summary(), True

    async def _outcomes(self, run: BulkRun, context: ViewContext) -> AsyncIterator[Line]:
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
