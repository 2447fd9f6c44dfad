"""What was begun and never finished: told at the start, listed, continued or given up."""

import asyncio

from batchtui.formatting import format_age, plural
from batchtui.library.ledger_values import SubmissionRecord
from batchtui.tui.lines import BLANK, Line, line, spans
from batchtui.tui.screens.dialogs.choice import Choice, ChoiceDialog
from batchtui.tui.screens.dialogs.confirm import ConfirmDialog
from batchtui.tui.screens.submission.desk import Desk
from batchtui.tui.screens.submission.sending import finish, record_lines
from batchtui.untrusted import visible


def unfinished(desk: Desk) -> tuple[SubmissionRecord, ...]:
    """The submissions of this profile with something left to do, whatever the key was.

    Reads the ledger.
    """
    return desk.session.ledger.journal.submissions(open_only=True)


def announcement(records: tuple[SubmissionRecord, ...]) -> str:
    """Say that something was interrupted; an empty string if nothing was."""
    if not records:
        return ""
    lost = sum(part.state.is_unresolved for record in records for part in record.parts)
    names = ", ".join(visible(record.plan.label) for record in records[:3])
    if lost:
        what = plural(lost, "batch", "batches")
        return f"{names}: {what} may have been made, and nobody knows yet. S says more."
    return f"Interrupted while being sent: {names}. S goes on with it."


async def announce_unfinished(desk: Desk) -> None:
    """Tell at the start what was interrupted."""
    text = announcement(await asyncio.to_thread(unfinished, desk))
    if text:
        desk.tell(text, severity="warning", timeout=20)


async def list_unfinished(desk: Desk) -> None:
    """List what was interrupted, and go on with one or give it up."""
    records = await asyncio.to_thread(unfinished, desk)
    if not records:
        desk.tell("Everything that was begun has been sent.")
        return
    record: SubmissionRecord | None = records[0]
    if len(records) > 1:
        choices = [Choice(_choice_line(desk, one), one) for one in records]
        record = await desk.app.push_screen_wait(ChoiceDialog("Not finished", choices))
    if record is not None:
        await _go_on(desk, record)


def _choice_line(desk: Desk, record: SubmissionRecord) -> Line:
    age = desk.session.clock.now() - record.made_at
    made = f"  {len(record.batch_ids)} of {len(record.parts)} made"
    ago = spans((f"{format_age(age)} ago", "muted"))
    return Line(spans(visible(record.plan.label), (made, "muted")), ago)


async def _go_on(desk: Desk, record: SubmissionRecord) -> None:
    choices = [
        Choice(line("Go on with it", ("  what was made is not sent twice", "muted")), "finish"),
        Choice(line("Give it up", ("  what was made stays", "muted")), "give up"),
    ]
    dialog = ChoiceDialog(
        "It was interrupted", choices, body=record_lines(record, desk.session.scope)
    )
    chosen: str | None = await desk.app.push_screen_wait(dialog)
    if chosen == "finish":
        await finish(desk, record)
    elif chosen == "give up" and await _agrees(desk, record):
        journal = desk.session.ledger.journal
        await asyncio.to_thread(journal.give_up, record.plan.submission_id)
        desk.tell(f"Given up: {record.plan.label}")


async def _agrees(desk: Desk, record: SubmissionRecord) -> bool:
    """Ask before a batch that nobody knows of is forgotten."""
    if not any(part.state.is_unresolved for part in record.parts):
        return True
    runs = "runs" if desk.session.is_demo else "runs and is billed"
    body = (
        *record_lines(record, desk.session.scope),
        line(f"If a batch was made, it {runs}, without its label and source."),
        BLANK,
    )
    dialog = ConfirmDialog("Give it up all the same?", body, "Give it up")
    answer: bool | None = await desk.app.push_screen_wait(dialog)
    return answer is True
