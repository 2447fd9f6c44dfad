"""What was begun and never finished: announced at the start, listed, continued or given up."""

import asyncio

from batchtui.formatting import format_age, plural
from batchtui.library.ledger_values import SubmissionRecord
from batchtui.tui.commands.batches import FinishSending
from batchtui.tui.lines import BLANK, Line, line, spans
from batchtui.tui.screens.dialogs.choice import Choice, ChoiceDialog
from batchtui.tui.screens.dialogs.confirm import ConfirmDialog
from batchtui.tui.screens.submission.context import FlowContext
from batchtui.tui.screens.submission.sending_flow import finish, record_lines
from batchtui.untrusted import visible


def unfinished(context: FlowContext) -> tuple[SubmissionRecord, ...]:
    """Return the submissions of this profile with something left to do, whatever the key was.

    Reads the ledger.
    """
    return context.session.ledger.journal.submissions(open_only=True)


def announcement(records: tuple[SubmissionRecord, ...], key: str) -> str:
    """Say that something was interrupted; an empty string if nothing was.

    Args:
        records: What is not finished.
        key: Of the command that lists it.
    """
    if not records:
        return ""
    names = ", ".join(record.plan.label for record in records[:3])
    lost = sum(part.state.is_unresolved for record in records for part in record.parts)
    if lost:
        what = plural(lost, "batch", "batches")
        return f"{names}: {what} may have been made, and nobody knows yet. {key} says more."
    probable = [part.batch_id or "" for record in records for part in record.probable]
    if probable:
        return f"{names}: the answer was lost, {probable[0]} is probably it. {key} says more."
    return f"Interrupted while being sent: {names}. {key} goes on with it."


async def announce_unfinished(context: FlowContext) -> None:
    """Tell at the start what was interrupted."""
    records = await asyncio.to_thread(unfinished, context)
    text = announcement(records, context.key_of(FinishSending))
    if text:
        context.notify(text, severity="warning", timeout=20)


async def list_unfinished(context: FlowContext) -> None:
    """List what was interrupted, and go on with one or give it up."""
    records = await asyncio.to_thread(unfinished, context)
    if not records:
        context.notify("Nothing unfinished.")
        return
    record: SubmissionRecord | None = records[0]
    if len(records) > 1:
        choices = [Choice(_choice_line(context, one), one) for one in records]
        record = await context.ask(ChoiceDialog("Not finished", choices))
    if record is not None:
        await _go_on(context, record)


def _choice_line(context: FlowContext, record: SubmissionRecord) -> Line:
    age = context.session.clock.now() - record.made_at
    made = f"  {len(record.batch_ids)} of {len(record.parts)} made"
    ago = spans((f"{format_age(age)} ago", "muted"))
    return Line(spans(visible(record.plan.label), (made, "muted")), ago)


async def _go_on(context: FlowContext, record: SubmissionRecord) -> None:
    choices = [
        Choice(line("Go on with it", ("  what was made is not sent twice", "muted")), "finish"),
        Choice(line("Give it up", ("  what was made stays", "muted")), "give up"),
    ]
    dialog = ChoiceDialog(
        "It was interrupted", choices, body=record_lines(record, context.session.scope)
    )
    chosen: str | None = await context.ask(dialog)
    if chosen == "finish":
        await finish(context, record)
    elif chosen == "give up" and await _agrees(context, record):
        journal = context.session.ledger.journal
        await asyncio.to_thread(journal.give_up, record.plan.submission_id)
        context.notify(f"Given up: {record.plan.label}")


async def _agrees(context: FlowContext, record: SubmissionRecord) -> bool:
    """Ask before a batch that nobody knows of is forgotten."""
    if not record.probable and not any(part.state.is_unresolved for part in record.parts):
        return True
    runs = "runs" if context.session.is_demo else "runs and is billed"
    body = (
        *record_lines(record, context.session.scope),
        line(f"If a batch was made, it {runs}, without its label and source."),
        BLANK,
    )
    dialog = ConfirmDialog("Give it up anyway?", body, "Give it up")
    answer: bool | None = await context.ask(dialog)
    return answer is True
