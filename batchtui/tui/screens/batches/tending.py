"""The commands that change something on the server: cancel and delete, one or many."""

from collections.abc import AsyncIterator, Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from batchtui.api.models import MessageBatch
from batchtui.batches.actions import Action, Actions, ItemOutcome, OutcomeKind
from batchtui.batches.bulk import BulkRun
from batchtui.batches.lister import Fetched
from batchtui.batches.rules import can_delete
from batchtui.tui.commands import batches as commands
from batchtui.tui.commands.command import Command
from batchtui.tui.lines import Line, line
from batchtui.tui.screens.batches.questions import (
    Question,
    cancel_first_question,
    cancel_question,
    delete_question,
)
from batchtui.tui.screens.batches.rows import short_id
from batchtui.tui.screens.dialogs.confirm import ConfirmDialog
from batchtui.tui.screens.dialogs.progress import ProgressDialog
from batchtui.untrusted import visible

if TYPE_CHECKING:
    from batchtui.tui.screens.batches.screen import BatchesScreen

_STYLES = {
    OutcomeKind.DONE: "ok",
    OutcomeKind.ALREADY_ENDED: "warning",
    OutcomeKind.GONE: "warning",
    OutcomeKind.REFUSED: "warning",
    OutcomeKind.FAILED: "failed",
    OutcomeKind.NOT_SENT: "muted",
}


def cancel(screen: "BatchesScreen") -> None:
    """Cancel the marked batches, or the one under the cursor."""
    screen.start(partial(_cancel, screen), "dialog")


async def _cancel(screen: "BatchesScreen") -> None:
    question = cancel_question(screen.targets, screen.context)
    if not screen.session.settings.confirm_cancel or await _agrees(screen, question):
        _act(screen, Action.CANCEL, question.batches)


def delete(screen: "BatchesScreen") -> None:
    """Delete the marked batches, or the one under the cursor."""
    screen.start(partial(_delete, screen), "dialog")


async def _delete(screen: "BatchesScreen") -> None:
    targets = screen.targets
    if len(targets) == 1 and not can_delete(targets[0]):
        question = cancel_first_question(targets[0], screen.context)
        if await _agrees(screen, question):
            _act(screen, Action.CANCEL, question.batches)
        return
    question = delete_question(targets, screen.context)
    if not screen.session.settings.confirm_delete or await _agrees(screen, question):
        _act(screen, Action.DELETE, question.batches)


async def _agrees(screen: "BatchesScreen", question: Question) -> bool:
    dialog = ConfirmDialog(question.title, question.body, question.yes)
    answer: bool | None = await screen.app.push_screen_wait(dialog)
    return answer is True


def _act(screen: "BatchesScreen", action: Action, batches: tuple[MessageBatch, ...]) -> None:
    """Act on the batches as they are now, and tell what became of each.

    No key may break that off: the next question ends only what is asked.
    """
    is_one = len(batches) == 1
    act = partial(_act_on_one, screen, action, batches[0])
    work = act if is_one else partial(_act_on, screen, action, batches)
    screen.start(work, "act", is_exclusive=False)


async def _act_on(
    screen: "BatchesScreen", action: Action, batches: tuple[MessageBatch, ...]
) -> None:
    session = screen.session
    run = BulkRun(
        session.client,
        action,
        [batch.id for batch in batches],
        known={batch.id: batch for batch in batches},
        clock=session.clock,
        meter=screen.services.meter,
    )
    title = f"{'Canceling' if action is Action.CANCEL else 'Deleting'} {len(batches)} batches"
    await screen.app.push_screen_wait(
        ProgressDialog(title, run.total, _outcomes(screen, run), run.stop)
    )
    screen.notify(run.summary())
    screen.listing = screen.listing.clear_marks()


async def _act_on_one(screen: "BatchesScreen", action: Action, batch: MessageBatch) -> None:
    session = screen.session
    actions = Actions(session.client, clock=session.clock, meter=screen.services.meter)
    # what is known may be minutes old: the newest state decides
    known = screen.listing.cache.batches.get(batch.id)
    outcome = await actions.act(action, batch.id, known=known)
    take_outcome(screen, outcome)
    is_fine = outcome.kind is OutcomeKind.DONE
    screen.notify(outcome.words, severity="information" if is_fine else "warning")
    screen.listing = screen.listing.clear_marks()


async def _outcomes(screen: "BatchesScreen", run: BulkRun) -> AsyncIterator[Line]:
    async for outcome in run.run():
        take_outcome(screen, outcome)
        label = screen.listing.labels.get(outcome.batch_id, "")
        name = visible(label) if label else short_id(outcome.batch_id, 28, screen.context.glyphs)
        yield line(
            (f"{outcome.kind.value:<14}", _STYLES[outcome.kind]),
            f"{name}  ",
            (outcome.words, "muted"),
        )


def take_outcome(screen: "BatchesScreen", outcome: ItemOutcome) -> None:
    """Make the list what the outcome says."""
    poller = screen.services.poller
    if outcome.is_off_the_list:
        poller.report_gone(outcome.batch_id)
        screen.apply(Fetched(gone=(outcome.batch_id,)))
        screen.start(
            partial(screen.services.mark_gone, outcome.batch_id), "remember", is_exclusive=False
        )
    elif outcome.batch is not None:
        # the poller brings it into the list, and notices if it is an end
        poller.report(outcome.batch)


COMMANDS: Mapping[type[Command], "Callable[[BatchesScreen], None]"] = {
    commands.CancelBatch: cancel,
    commands.DeleteBatch: delete,
}
