"""Sending a submission on its screen, from its plan or where it was interrupted."""

import asyncio
from typing import TYPE_CHECKING

from batchtui.formatting import plural
from batchtui.library.ledger_values import SubmissionPlan, SubmissionRecord
from batchtui.tui.commands.batches import FinishSending
from batchtui.tui.lines import BLANK, Line, line
from batchtui.tui.screens.dialogs.choice import Choice, ChoiceDialog
from batchtui.tui.screens.submission.context import FlowContext
from batchtui.untrusted import visible

if TYPE_CHECKING:
    from batchtui.submission.earlier import Earlier
    from batchtui.submission.sending_state import SendState
    from batchtui.tui.screens.submission.preview import ToSend


async def send_new(
    context: FlowContext, what: "ToSend", parents: tuple[str, ...], earlier: "Earlier"
) -> bool:
    """Send a checked file; gives whether there is nothing more to do here."""
    from batchtui.submission.prepare import prepare

    plan = await asyncio.to_thread(
        prepare,
        what.validation,
        split=what.is_split,
        label=what.label,
        parents=parents,
        betas=context.session.profile.betas,
        scope=context.session.scope,
    )
    return await finish(context, plan, earlier)


async def finish(
    context: FlowContext,
    submission: SubmissionPlan | SubmissionRecord,
    earlier: "Earlier | None" = None,
) -> bool:
    """Send a submission, or what is left of it.

    Args:
        context: Whose account.
        submission: The plan, or what was begun before.
        earlier: What the user knows of the contents' earlier submissions; None for any.

    Returns:
        Whether there is nothing more to do here.
    """
    from batchtui.submission.sending_state import SendPhase
    from batchtui.tui.screens.submission.sending_screen import SendingScreen

    async def settle(other: SubmissionRecord) -> None:
        await finish(context, other)

    screen = SendingScreen(context, submission, earlier, settle)
    ended = await context.ask(screen) or screen.control.state
    if ended.batches:
        context.on_made(ended.batches)
    if ended.phase is SendPhase.DONE:
        await screen.control.mark_reported()
        _report_done(context, ended)
        return True
    if ended.phase is SendPhase.REFUSED:
        if ended.made:
            context.notify(ended.hint, severity="warning", timeout=20)
        # what was made of it must not be made again from the same preview
        return bool(ended.made)
    is_kept = await screen.control.keep_or_put_away()
    if is_kept:
        how = f"{context.key_of(FinishSending)} ({FinishSending.label}) brings it back"
        context.notify(f"{ended.label} is not finished: {how}.", severity="warning")
    return is_kept


def _report_done(context: FlowContext, state: "SendState") -> None:
    batches = plural(len(state.parts), "batch", "batches")
    what = plural(state.requests, "request")
    if state.adopted:
        found = ", ".join(state.made[number] for number in sorted(state.adopted))
        context.notify(
            f"The answer was lost, but the batch was made: {found}. Nothing was sent twice.",
            severity="warning",
            timeout=15,
        )
    elif len(state.parts) > 1:
        context.notify(f"{what} sent as {batches}, one group: {state.label}")
    else:
        context.notify(f"{what} sent: {state.label}")


async def continue_interrupted(
    context: FlowContext, record: SubmissionRecord, title: str
) -> bool | None:
    """Offer to go on with a submission that was interrupted.

    Args:
        context: Whose account.
        record: The submission.
        title: What it has to do with what was asked for.

    Returns:
        ``None`` if the user wants a new one; else whether it was finished.
    """
    session = context.session
    choices = [
        Choice(line("Go on with it", ("  what was made is not sent twice", "muted")), "finish"),
        Choice(line("Give it up and send again", ("  may run twice", "muted")), "again"),
    ]
    dialog = ChoiceDialog(title, choices, body=record_lines(record, session.scope))
    chosen: str | None = await context.ask(dialog)
    if chosen == "finish":
        return await finish(context, record)
    if chosen is None:
        return False
    await asyncio.to_thread(session.ledger.journal.give_up, record.plan.submission_id)
    return None


def record_lines(record: SubmissionRecord, scope: str) -> tuple[Line, ...]:
    """Say how far a submission is.

    Args:
        record: The submission.
        scope: Whose key is used now.
    """
    made = len(record.batch_ids)
    unresolved = sum(part.state.is_unresolved for part in record.parts)
    requests = sum(part.plan.requests for part in record.parts)
    lines = [
        line((visible(record.plan.label), "strong"), f"  {plural(requests, 'request')}"),
        line(f"{made} of {plural(len(record.parts), 'batch', 'batches')} made"),
    ]
    if unresolved:
        words = f"{plural(unresolved, 'batch', 'batches')} may have been made: nobody knows yet"
        lines.append(line((words, "warning")))
    for part in record.probable:
        words = f"{visible(part.batch_id or '')} is probably its: the ids in its results decide"
        lines.append(line((words, "warning")))
    if record.plan.scope != scope:
        words = "begun with another key: go on only if both are of one workspace"
        lines.append(line((words, "warning")))
    return (*lines, BLANK)
