"""A new batch from a file of requests: asked for, checked, shown, sent, and found in the list."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from batchtui.formatting import format_size, plural
from batchtui.library.ledger_values import SubmissionPlan, SubmissionRecord
from batchtui.tui.commands.batches import FinishSending
from batchtui.tui.lines import BLANK, Line, line
from batchtui.tui.screens.dialogs.choice import Choice, ChoiceDialog
from batchtui.tui.screens.submission.context import FlowContext
from batchtui.tui.screens.submission.path_prompt import PathPrompt
from batchtui.tui.screens.submission.paths import resolve
from batchtui.tui.screens.submission.preview import Preview
from batchtui.tui.screens.submission.words import home_short
from batchtui.tui.screens.submission.work_dialog import Meter, bytes_line, work
from batchtui.untrusted import visible

if TYPE_CHECKING:
    from batchtui.submission.cost import CostEstimate
    from batchtui.submission.earlier import Earlier
    from batchtui.submission.sending_control import SendState
    from batchtui.submission.validate import Validation
    from batchtui.tui.screens.submission.preview_screen import ToSend


async def create(context: FlowContext) -> None:
    """Ask for the file, check it, show it, send it."""
    body = (
        line("A file of requests: JSON Lines, one body with all of them, or gzip of either."),
        line(("It is checked and shown before anything is sent.", "muted")),
        line((f"In {home_short(context.folder)}", "muted")),
    )
    prompt = PathPrompt("New batch", body, context.folder, context.glyphs, confirm="Check it")
    text = await context.navigation.ask(prompt)
    if text is not None:
        await preview_and_send(context, FileToSend(resolve(text, context.folder)))


async def check_file(context: FlowContext, path: Path) -> "Validation | None":
    """Validate a request file.

    Returns:
        What it is and holds, or ``None`` if the user stopped it.

    Raises:
        SourceError: The file cannot be opened or read.
    """
    from batchtui.submission.source import RequestSource
    from batchtui.submission.validate import validate

    source = await asyncio.to_thread(RequestSource, path)
    # of a compressed file nobody knows how much will come out of it
    meter = Meter(0 if source.packing else source.stamp().size)
    betas = context.session.profile.betas
    job = asyncio.to_thread(validate, source, betas=betas, on_progress=meter.note)
    title = f"Checking {visible(path.name)}"
    if source.packing:
        return await work(
            context.navigation,
            title,
            job,
            meter,
            lambda one: line(f"{format_size(one.done)} unpacked"),
        )
    return await work(
        context.navigation, title, job, meter, lambda one: bytes_line(one, context.glyphs)
    )


class FileToSend(Struct, frozen=True):
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


async def preview_and_send(context: FlowContext, file: FileToSend) -> bool:
    """Check a file, show what will go, and send it if the user agrees.

    Returns:
        Whether it was sent, or begun and kept to be finished later.

    Raises:
        BatchtuiError: The file cannot be read, or the ledger not.
    """
    from batchtui.submission.prepare import label_of
    from batchtui.tui.screens.submission.preview_screen import Checked, PreviewScreen

    validation = await check_file(context, file.path)
    if validation is None:
        return False
    earlier = await _earlier(context, validation)
    if earlier.begun is not None:
        is_settled = await continue_interrupted(
            context, earlier.begun, "This file was being sent before"
        )
        if is_settled is not None:
            return is_settled
        earlier = await _earlier(context, validation)
    preview = Preview(
        validation,
        file.label or label_of(file.path),
        retry_of=await asyncio.to_thread(_names_of, context, file.parents),
        remarks=file.remarks,
        sent_before=_sent_before(context, earlier, file),
        cost=await _cost(context, validation),
        max_cost=context.session.settings.max_cost,
    )

    async def send(what: "ToSend") -> bool:
        nonlocal earlier
        is_settled = await _send_new(context, what, file.parents, earlier)
        earlier = await _earlier(context, what.validation)
        return is_settled

    async def check() -> Checked | None:
        nonlocal earlier
        again = await check_file(context, file.path)
        if again is None:
            return None
        earlier = await _earlier(context, again)
        cost = await _cost(context, again)
        return Checked(again, _sent_before(context, earlier, file), cost)

    where = destination(context)
    is_billed = not context.session.is_demo
    screen = PreviewScreen(
        preview,
        context.glyphs,
        where,
        check,
        send,
        key=context.key,
        environ=context.session.environ,
        is_billed=is_billed,
    )
    return await context.navigation.ask(screen) is True


async def _earlier(context: FlowContext, validation: "Validation") -> "Earlier":
    from batchtui.submission.earlier import look_up_earlier

    session = context.session
    return await asyncio.to_thread(
        look_up_earlier, session.ledger, validation.source, session.scope
    )


async def _cost(context: FlowContext, validation: "Validation") -> "CostEstimate | None":
    """Estimate what a file costs."""
    from batchtui.prices import load_prices
    from batchtui.submission.cost import estimate_cost
    from batchtui.token_history import token_history

    session = context.session
    prices = await asyncio.to_thread(load_prices, session.loaded.paths.prices_file)
    history = await token_history(session.ledger, session.store, session.clock, session.scope)
    return estimate_cost(validation.stats, prices, history)


def _sent_before(context: FlowContext, earlier: "Earlier", file: FileToSend) -> str:
    """Say that a file of these contents was, or may have been, sent before; else nothing."""
    if file.parents:
        return ""  # that rows were sent again before is shown where they are chosen
    if earlier.sent is not None:
        return f"{earlier.sent.told(file.path.name, context.session.clock.now())}."
    return f"{earlier.forgotten.told(file.path.name)}." if earlier.forgotten is not None else ""


def destination(context: FlowContext) -> str:
    """Where batches go to, in words; safe to show."""
    if context.session.is_demo:
        return "the demo: nothing leaves this machine"
    profile = context.session.profile
    return f"{visible(profile.name)}, {visible(profile.host)}"


def _names_of(context: FlowContext, batch_ids: Sequence[str]) -> tuple[str, ...]:
    return tuple(context.name_of(one) for one in batch_ids)


async def _send_new(
    context: FlowContext, what: "ToSend", parents: tuple[str, ...], earlier: "Earlier"
) -> bool:
    from batchtui.submission.prepare import prepare

    plan = await asyncio.to_thread(
        prepare,
        what.validation,
        split=what.is_split,
        label=what.label,
        parents=parents,
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
    from batchtui.submission.sending_control import Phase
    from batchtui.tui.screens.submission.sending_screen import SendingScreen

    async def settle(other: SubmissionRecord) -> None:
        await finish(context, other)

    screen = SendingScreen(context, submission, earlier, settle)
    ended = await context.navigation.ask(screen) or screen.control.state
    if ended.batches:
        context.on_made(ended.batches)
    if ended.phase is Phase.DONE:
        await screen.control.mark_reported()
        _tell_done(context, ended)
        return True
    if ended.phase is Phase.REFUSED:
        if ended.made:
            context.notify(ended.hint, severity="warning", timeout=20)
        # what was made of it must not be made again from the same preview
        return bool(ended.made)
    is_kept = await screen.control.keep_or_put_away()
    if is_kept:
        how = f"{context.key(FinishSending)} ({FinishSending.label}) brings it back"
        context.notify(f"{ended.label} is not finished: {how}.", severity="warning")
    return is_kept


def _tell_done(context: FlowContext, state: "SendState") -> None:
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
    chosen: str | None = await context.navigation.ask(dialog)
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
