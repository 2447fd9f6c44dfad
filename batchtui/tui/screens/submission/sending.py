"""From a request file to a batch in the list: check, show, send, and land on it."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from batchtui.api.models import MessageBatch
from batchtui.formatting import plural
from batchtui.library.ledger_values import SubmissionPlan, SubmissionRecord
from batchtui.tui.lines import BLANK, Line, line
from batchtui.tui.screens.batches.screen import BatchesScreen
from batchtui.tui.screens.dialogs.choice import Choice, ChoiceDialog
from batchtui.tui.screens.submission.checking import check_file
from batchtui.tui.screens.submission.desk import Desk
from batchtui.tui.screens.submission.preview import Preview
from batchtui.tui.screens.submission.progress import (
    Phase,
    SendState,
    state_of_plan,
    state_of_record,
)
from batchtui.untrusted import visible

if TYPE_CHECKING:
    from batchtui.submission.validate import Validation
    from batchtui.tui.screens.submission.preview_screen import ToSend


class Errand(Struct, frozen=True):
    """A request file on its way to be sent.

    Attributes:
        path: The file.
        label: The name to start with; the file's, if empty. Untrusted text.
        parents: The batches whose rows it sends again.
        remarks: What else is to be known; untrusted text.
    """

    path: Path
    label: str = ""
    parents: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


async def preview_and_send(desk: Desk, errand: Errand) -> bool:
    """Check a file, show what will go, and send it if the user agrees.

    Returns:
        Whether it was sent, or begun and kept to be finished later.

    Raises:
        BatchtuiError: The file cannot be read, or the ledger not.
    """
    from batchtui.submission.prepare import label_of
    from batchtui.tui.screens.submission.preview_screen import Checked, PreviewScreen

    validation = await check_file(desk, errand.path)
    if validation is None:
        return False
    is_settled = await _continue_interrupted(desk, validation)
    if is_settled is not None:
        return is_settled
    preview = Preview(
        validation,
        errand.label or label_of(errand.path),
        retry_of=await asyncio.to_thread(_names_of, desk, errand.parents),
        remarks=errand.remarks,
        sent_before=await _sent_before(desk, validation, errand),
    )

    async def send(what: "ToSend") -> bool:
        return await _send_new(desk, what, errand.parents)

    async def check() -> Checked | None:
        again = await check_file(desk, errand.path)
        if again is None:
            return None
        return Checked(again, await _sent_before(desk, again, errand))

    where = destination(desk)
    is_billed = not desk.session.is_demo
    screen = PreviewScreen(preview, desk.glyphs, where, check, send, is_billed=is_billed)
    return await desk.app.push_screen_wait(screen) is True


async def _sent_before(desk: Desk, validation: "Validation", errand: Errand) -> str:
    """Say that a file of these contents was sent before; an empty string if it was not."""
    from batchtui.submission.repeats import sent_before

    if errand.parents:
        return ""  # that rows were sent again before is told where they are chosen
    ledger = desk.session.ledger
    before = await asyncio.to_thread(sent_before, ledger, validation.source.sha256)
    if before is None:
        return ""
    return f"{before.told(errand.path.name, desk.session.clock.now())}."


def destination(desk: Desk) -> str:
    """Where batches go to, in words; safe to show."""
    if desk.session.is_demo:
        return "the demo: nothing leaves this machine"
    profile = desk.session.profile
    return f"{visible(profile.name)}, {visible(profile.host)}"


def _names_of(desk: Desk, batch_ids: Sequence[str]) -> tuple[str, ...]:
    return tuple(desk.name_of(one) for one in batch_ids)


async def _send_new(desk: Desk, what: "ToSend", parents: tuple[str, ...]) -> bool:
    from batchtui.submission.prepare import prepare

    plan = await asyncio.to_thread(
        prepare,
        what.validation,
        split=what.is_split,
        label=what.label,
        parents=parents,
        scope=desk.session.scope,
    )
    return await _watch(desk, plan.submission_id, state_of_plan(plan), plan)


async def finish(desk: Desk, record: SubmissionRecord) -> bool:
    """Send what is left of a submission; gives whether there is nothing more to do here."""
    return await _watch(desk, record.plan.submission_id, state_of_record(record))


async def _watch(
    desk: Desk, submission_id: str, state: SendState, plan: SubmissionPlan | None = None
) -> bool:
    from batchtui.tui.screens.submission.sending_screen import SendingScreen

    screen = SendingScreen(desk, submission_id, state, plan)
    ended = await desk.app.push_screen_wait(screen)
    land(desk, ended.batches)
    if ended.phase is Phase.DONE:
        _tell_done(desk, ended)
        return True
    if ended.phase is Phase.REFUSED:
        if ended.made:
            desk.tell(ended.hint, severity="warning", timeout=20)
        # what was made of it must not be made again from the same preview
        return bool(ended.made)
    is_kept = await asyncio.to_thread(_keep_or_put_away, desk, submission_id)
    if is_kept:
        desk.tell(f"{ended.label} is not finished: S brings it back.", severity="warning")
    return is_kept


def _tell_done(desk: Desk, state: SendState) -> None:
    batches = plural(len(state.parts), "batch", "batches")
    what = plural(state.requests, "request")
    if state.adopted:
        found = ", ".join(state.made[number] for number in sorted(state.adopted))
        desk.tell(
            f"The answer was lost, but the batch was made: {found}. Nothing was sent twice.",
            severity="warning",
            timeout=15,
        )
    elif len(state.parts) > 1:
        desk.tell(f"{what} sent as {batches}, one group: {state.label}")
    else:
        desk.tell(f"{what} sent: {state.label}")


def _keep_or_put_away(desk: Desk, submission_id: str) -> bool:
    """Whether there is something to finish; what made nothing for certain is put away."""
    journal = desk.session.ledger.journal
    record = journal.submission(submission_id)
    if record is None or not record.is_open:
        return False
    if record.batch_ids or any(part.state.is_unresolved for part in record.parts):
        return True
    journal.give_up(submission_id)
    return False


def land(desk: Desk, batches: Sequence[MessageBatch]) -> None:
    """Put new batches into the list, and the cursor on the newest."""
    if not batches:
        return
    for screen in desk.app.screen_stack:
        if isinstance(screen, BatchesScreen):
            screen.add_created(batches)


async def _continue_interrupted(desk: Desk, validation: "Validation") -> bool | None:
    """Offer to go on with a submission of the same file that was interrupted.

    Returns:
        ``None`` if there is none, or the user wants a new one; else whether it was finished.
    """
    session = desk.session
    record = await asyncio.to_thread(
        # a key that was replaced must not hide what was begun with it
        session.ledger.journal.open_submission_of,
        validation.source.sha256,
        scope=None,
    )
    if record is None:
        return None
    choices = [
        Choice(line("Go on with it", ("  what was made is not sent twice", "muted")), "finish"),
        Choice(line("Give it up and send the file anew", ("  may run twice", "muted")), "anew"),
    ]
    dialog = ChoiceDialog(
        "This file was being sent before", choices, body=record_lines(record, session.scope)
    )
    chosen: str | None = await desk.app.push_screen_wait(dialog)
    if chosen == "finish":
        return await finish(desk, record)
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
    if record.plan.scope != scope:
        words = "begun with another key: go on only if both are of one workspace"
        lines.append(line((words, "warning")))
    return (*lines, BLANK)
