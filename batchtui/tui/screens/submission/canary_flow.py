"""A canary: a few requests of a file sent first, how they went, and the others after them."""

import asyncio
import contextlib
from typing import TYPE_CHECKING

from batchtui.formatting import plural
from batchtui.library.ledger_values import SubmissionRecord
from batchtui.tui.lines import BLANK, line
from batchtui.tui.screens.dialogs.choice import Choice, ChoiceDialog
from batchtui.tui.screens.submission.context import FlowContext
from batchtui.tui.screens.submission.request_file import FileToSend, check_file, cost_of, earlier_of
from batchtui.tui.screens.submission.results_here import results_of
from batchtui.tui.screens.submission.sending_flow import continue_interrupted, send_new
from batchtui.untrusted import visible

if TYPE_CHECKING:
    from batchtui.submission.cost import CostEstimate
    from batchtui.submission.validate import Validation
    from batchtui.tui.screens.submission.preview import Preview, ToSend


async def take_canary(context: FlowContext, what: "ToSend", count: int) -> "Preview | None":
    """Write some requests of a file into one of their own; ``None`` if the user stopped it."""
    from batchtui.submission.canary import write_canary
    from batchtui.tui.screens.submission.preview import Preview

    path = await asyncio.to_thread(write_canary, what.validation, count, context.request_folder)
    canary = await check_file(context, path)
    if canary is None:
        return None
    cost, max_cost = await cost_of(context, canary), context.session.settings.max_cost
    return Preview(canary, f"{what.label} canary", cost=cost, max_cost=max_cost)


async def send_canary(context: FlowContext, whole: "Validation", canary: "Preview") -> bool:
    """Send what was taken of a file; gives whether there is nothing more to do here."""
    from batchtui.tui.screens.submission.preview import ToSend

    sent, journal = canary.validation, context.session.ledger.journal
    # before anything of it is sent: from here on the whole file asks before it goes
    await asyncio.to_thread(
        journal.note_canary, whole.source.sha256, sent.requests, sent.source.sha256
    )
    chosen = ToSend(sent, canary.label, is_split=False)
    return await send_new(context, chosen, (), await earlier_of(context, sent))


async def rest_of_canary(
    context: FlowContext, validation: "Validation", canary: SubmissionRecord, count: int
) -> "FileToSend | bool | None":
    """Say how the canary of a file went, and offer to send the requests that it left.

    Args:
        context: Whose account.
        validation: The whole file.
        canary: What was sent of it.
        count: How many requests.

    Returns:
        The file with the other requests, if they are to be sent; ``None`` if the whole file is
        meant; else whether there is nothing more to do here.
    """
    from batchtui.submission.canary import why_no_rest, write_canary_rest
    from batchtui.submission.prepare import label_of

    if canary.is_open:
        title = "Its canary was being sent before"
        return await continue_interrupted(context, canary, title)
    rest = validation.requests - count
    choices = [Choice(line("Send all of it", ("  the canary's run twice", "muted")), "all")]
    obstacle = await asyncio.to_thread(why_no_rest, context.session.ledger, validation)
    report: tuple[str, ...] = (obstacle,)
    cost: CostEstimate | None = None
    if not obstacle:
        report, cost = await canary_sentences(context, canary.batch_ids[0], validation, rest)
        others = f"Send the other {plural(rest, 'request')}"
        choices.insert(0, Choice(line(others, ("  as the same job", "muted")), "rest"))
    body = (*(line(visible(sentence)) for sentence in report), BLANK)
    title = f"{plural(count, 'request')} went as a canary"
    chosen: str | None = await context.ask(ChoiceDialog(title, choices, body=body))
    if chosen != "rest":
        return False if chosen is None else None
    sent = canary.plan.source.sha256
    path = await asyncio.to_thread(
        write_canary_rest, validation, count, context.request_folder, sent
    )
    return FileToSend(
        path,
        label=label_of(validation.source.path),
        parents=canary.batch_ids,
        remarks=report,
        cost=cost,
        is_rest=True,
    )


async def canary_sentences(
    context: FlowContext, batch_id: str, validation: "Validation", rest: int
) -> "tuple[tuple[str, ...], CostEstimate | None]":
    """Say how a canary went, as far as that is known, and what the rest costs by that."""
    from batchtui.canary_look import look_at_canary

    session = context.session
    batch = await session.client.retrieve(batch_id)
    if batch.is_live:
        return ("It is still running: nothing is known of it yet.",), None
    file = await results_of(context, batch, "How the canary went is in its results.")
    if file is None:
        return ("Its results are not here: nothing is known of it.",), None
    prices = await context.prices()
    with contextlib.closing(file), file.reader() as reader:
        look = await asyncio.to_thread(look_at_canary, file.index, reader, validation, rest, prices)
    return look.sentences, look.cost
