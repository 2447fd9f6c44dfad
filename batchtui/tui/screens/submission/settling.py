"""What a person decides while a submission is sent, or where nobody knows what became of it."""

import asyncio
import contextlib
from typing import TYPE_CHECKING

from msgspec.structs import replace
from textual.worker import WorkerCancelled

from batchtui.formatting import plural
from batchtui.submission.errors import SubmissionError
from batchtui.submission.pace import Looking
from batchtui.tui.lines import line
from batchtui.tui.screens.dialogs.confirm import ConfirmDialog
from batchtui.tui.screens.submission.progress import Phase, state_of_record

if TYPE_CHECKING:
    from batchtui.tui.screens.submission.sending_screen import SendingScreen


async def adopt(screen: "SendingScreen") -> None:
    """Take the batch under the cursor for the part whose answer was lost, and send the rest."""
    state = screen.moment
    batch = state.candidates[screen.candidates.cursor]
    await screen.runner.adopt(screen.submission_id, state.number, batch.id)
    screen.state = replace(
        state,
        made={**state.made, state.number: batch.id},
        batches=(*state.batches, batch),
        adopted=state.adopted | {state.number},
    )
    screen.send()


async def send_knowingly(screen: "SendingScreen") -> None:
    """Send although a batch may exist already; asked first."""
    state = screen.moment
    requests = state.parts[state.number - 1].requests if state.number else state.requests
    billed = "" if screen.desk.session.is_demo else ", and both are billed"
    body = (
        line(f"{plural(requests, 'request')} would be sent although a batch of them may exist."),
        line(f"If it does, both run{billed}."),
    )
    dialog = ConfirmDialog("Send again knowingly?", body, "Send again")
    if await screen.app.push_screen_wait(dialog) is not True:
        return
    if state.phase is Phase.BLOCKED:
        screen.is_knowing = True
    else:
        await screen.runner.send_again(screen.submission_id, state.number)
    screen.send()


async def finish_other(screen: "SendingScreen") -> None:
    """Settle the submission that is in the way, then go on with this one.

    Raises:
        SubmissionError: It is not known any more.
    """
    session = screen.desk.session
    record = await asyncio.to_thread(session.ledger.journal.submission, screen.other)
    if record is None:
        raise SubmissionError("The other submission is not known any more.")
    other = type(screen)(screen.desk, screen.other, state_of_record(record))
    await screen.app.push_screen_wait(other)
    screen.send()


async def leave(screen: "SendingScreen") -> None:
    """Close where nothing is under way; else stop it first, which is asked."""
    state = screen.moment
    if state.phase is not Phase.SENDING:
        screen.dismiss(state)
        return
    if not isinstance(state.event, Looking) and not await _agrees_to_stop(screen):
        return
    screen.state = replace(screen.moment, phase=Phase.STOPPING)
    screen.show()
    if screen.sending is not None:
        screen.sending.cancel()
        with contextlib.suppress(WorkerCancelled):
            await screen.sending.wait()
    await _take_stock(screen)


async def _agrees_to_stop(screen: "SendingScreen") -> bool:
    body = (
        line("A part that is on its way is given up; no batch is made of half a part."),
        line("What was made stays made, and the rest can be sent later."),
    )
    dialog = ConfirmDialog("Stop sending?", body, "Stop", "Go on")
    answer: bool | None = await screen.app.push_screen_wait(dialog)
    return answer is True and screen.moment.phase is Phase.SENDING


async def _take_stock(screen: "SendingScreen") -> None:
    """After a stop: is it known what became of every part?"""
    number = await screen.open_part()
    if not number:
        screen.dismiss(screen.moment)
        return
    screen.state = replace(screen.moment, phase=Phase.UNRESOLVED, number=number)
    screen.show()
