"""The screen while a submission is sent, and where a person has to say what became of it."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from batchtui.batches.deadlines import age_of
from batchtui.batches.rules import ALLOWED, Availability
from batchtui.formatting import plural
from batchtui.library.ledger_values import SubmissionPlan, SubmissionRecord
from batchtui.submission.earlier import Earlier
from batchtui.submission.events import Looking
from batchtui.submission.sending_state import SendPhase, SendState
from batchtui.tui.commands.command import Need
from batchtui.tui.commands.submission import SENDING_COMMANDS, SendingNeed, StopSending
from batchtui.tui.lines import BLANK, Line, line
from batchtui.tui.screens.command_screen import DIALOG, CommandScreen
from batchtui.tui.screens.dialogs.confirm import ConfirmDialog
from batchtui.tui.screens.submission.context import FlowContext
from batchtui.tui.screens.submission.sending_view import (
    candidate_line,
    sending_lines,
    unresolved_lines,
)
from batchtui.tui.stylesheets import SUBMISSION
from batchtui.tui.widgets.action_bar import ActionItem
from batchtui.tui.widgets.line_bar import LineBar
from batchtui.tui.widgets.line_list import ValueList
from batchtui.tui.widgets.line_view import LineView
from batchtui.untrusted import visible

_REFRESH = 0.1


class CandidateBatches(ValueList[Line]):
    """Batches that may be the one that was lost."""

    def watch_values(self, old: tuple[Line, ...], new: tuple[Line, ...]) -> None:
        """Show other batches."""
        super().watch_values(old, new)
        self.display = bool(new)

    def value_line(self, batch: Line, width: int, /) -> Line:
        """Return one batch."""
        del width
        return batch


class SendingScreen(CommandScreen[SendState]):
    """Sends a submission; closes with the state it ended in.

    Args:
        context: Whose account.
        submission: The plan, or what was begun before.
        earlier: What the user knows of the contents' earlier submissions; None for any.
        settle: Settles another submission that is in the way, on a screen of its own.

    Attributes:
        control: What sends it, and has its state.
    """

    CSS_PATH = SUBMISSION
    OFFERED = SENDING_COMMANDS
    BINDINGS: ClassVar[list[BindingType]] = [
        # to quit in the middle of it, it has to be stopped first, which is asked
        Binding("q,ctrl+q", f"command('{StopSending.id()}')", show=False),
    ]

    def __init__(
        self,
        context: FlowContext,
        submission: SubmissionPlan | SubmissionRecord,
        earlier: Earlier | None,
        settle: Callable[[SubmissionRecord], Awaitable[None]],
    ) -> None:
        super().__init__()
        self._flow = context
        self._settle = settle
        self._shown: SendState | None = None
        self.control = context.control(submission, self._changed, earlier)
        self.header = LineBar(id="sending-header", classes="chrome")
        self.text = LineView(id="sending-text")
        self.candidates = CandidateBatches(id="sending-candidates")

    def compose(self) -> ComposeResult:
        """Header, what happens, the batches to choose from, action bar."""
        yield self.header
        yield self.text
        yield self.candidates
        yield self.actions

    def on_mount(self) -> None:
        """Begin."""
        self.candidates.display = False
        self.text.focus()
        self.set_interval(_REFRESH, self.show)
        self.start(self._send, "sending")

    @property
    def why_stay(self) -> str:
        """What is on its way would be torn off, which nobody was asked."""
        match self.control.state.phase:
            case SendPhase.SENDING:
                return f"It is being sent: stop it first ({self.key_of(StopSending)})"
            case SendPhase.STOPPING:
                return "Sending is being stopped: wait for what becomes of it"
            case _:
                return ""

    # What a person decides

    def adopt_batch(self) -> None:
        """Take the batch under the cursor for the part whose answer was lost; send the rest."""
        self.start(self._adopt, DIALOG)

    def send_knowingly(self) -> None:
        """Send although a batch may exist already; asked first."""
        self.start(self._ask_and_send_knowingly, DIALOG)

    def try_once(self) -> None:
        """Look at the list again, or go on sending."""
        self.start(self._send, "sending")

    def finish_other(self) -> None:
        """Settle the submission that is in the way, then go on with this one."""
        self.start(self._finish_other, DIALOG)

    def stop_sending(self) -> None:
        """Close where nothing is under way; else stop it first, which is asked."""
        self.start(self._leave, DIALOG)

    async def _send(self) -> None:
        state = await self.control.send()
        (self.candidates if state.candidates else self.text).focus()
        self._close_when_over()

    async def _adopt(self) -> None:
        state = self.control.state
        if self.candidates.cursor >= len(state.candidates):
            return  # typed ahead: it is being looked for again
        await self.control.adopt(state.candidates[self.candidates.cursor].id)
        self.try_once()

    async def _ask_and_send_knowingly(self) -> None:
        state = self.control.state
        requests = state.parts[state.number - 1].requests if state.number else state.requests
        billed = "" if self._flow.session.is_demo else ", and both are billed"
        what = plural(requests, "request")
        body = (
            line(f"{what} would be sent although a batch of them may exist."),
            line(f"If it does, both run{billed}."),
        )
        dialog = ConfirmDialog("Send it anyway?", body, "Send again")
        if await self.ask(dialog) and self.control.state is state:
            await self.control.send_knowingly()
            self.try_once()

    async def _finish_other(self) -> None:
        await self._settle(await self.control.blocking_record())
        self.try_once()

    async def _leave(self) -> None:
        state = self.control.state
        if state.phase is not SendPhase.SENDING:
            self.dismiss(state)
        elif isinstance(state.event, Looking) or await self._agrees_to_stop():
            await self.control.stop()

    async def _agrees_to_stop(self) -> bool:
        body = (
            line("A part that is on its way is given up; no batch is made of half a part."),
            line("What was made stays made, and the rest can be sent later."),
        )
        dialog = ConfirmDialog("Stop sending?", body, "Stop", "Go on", is_grave=False)
        is_sure = await self.ask(dialog) is True
        return is_sure and self.control.state.phase is SendPhase.SENDING

    def on_screen_resume(self) -> None:
        """Another screen was over this one, perhaps while the last part was made."""
        self._close_when_over()

    def _close_when_over(self) -> None:
        state = self.control.state
        if state.phase in {SendPhase.DONE, SendPhase.STOPPED} and self.is_current:
            self.dismiss(state)

    # How it is shown

    def _changed(self, state: SendState) -> None:
        """Show a change of phase at once; the rest is shown a few times a second."""
        shown = self._shown
        if self.is_mounted and shown is not None and shown.phase is not state.phase:
            self.show()

    def fit(self) -> None:
        """Lay the lines out for the new widths."""
        self._shown = None
        self.show()

    def show(self) -> None:
        """Hand every widget its value, where there is a new one."""
        state = self.control.state
        if state is self._shown:
            return
        self._shown = state
        certain = len(state.made) - len(state.probable)
        made = f"{certain} of {plural(len(state.parts), 'batch', 'batches')} made"
        head = line((_TITLES[state.phase], "heading"), f"  {visible(state.label)}")
        self.header.lines = (Line(head.left, line((made, "muted")).left),)
        lines = self._lines(state)
        # the batches to choose from follow the text at once
        self.text.styles.height = len(lines) + 2 if state.candidates else None
        self.text.lines = lines
        self.candidates.values = self._candidate_lines(state)
        self.needs = sending_needs(state)
        self.show_actions()

    def _lines(self, state: SendState) -> tuple[Line, ...]:
        width, key = self.text.line_width, self.key_of
        if state.phase is SendPhase.BLOCKED:
            return tuple(unresolved_lines(state, key, width))
        lines = tuple(sending_lines(state, self.effective.glyphs, key, width))
        if state.phase in {SendPhase.UNRESOLVED, SendPhase.PROBABLE}:
            others = lines if len(state.parts) > 1 else ()
            return (*unresolved_lines(state, key, width), BLANK, *others)
        return lines

    def _candidate_lines(self, state: SendState) -> tuple[Line, ...]:
        session = self._flow.session
        now = session.server_now
        return tuple(
            candidate_line(batch, age_of(batch, now), self.effective.glyphs)
            for batch in state.candidates
        )

    def action_items(self) -> Iterator[ActionItem]:
        """Only what is possible now: the rest would have no meaning here."""
        return (item for item in super().action_items() if item.is_possible)


_TITLES = {
    SendPhase.SENDING: "Sending",
    SendPhase.STOPPING: "Stopping",
    SendPhase.STOPPED: "Stopped",
    SendPhase.UNRESOLVED: "Not known",
    SendPhase.PROBABLE: "Probably sent",
    SendPhase.BLOCKED: "Not sent yet",
    SendPhase.FAILED: "Not sent",
    SendPhase.REFUSED: "Refused",
    SendPhase.DONE: "Sent",
}
_NOT_NOW = "Not while it is being sent: stop it first"


def sending_needs(state: SendState) -> Mapping[Need, Availability]:
    """Return what is possible in a state."""
    given = {
        SendingNeed.CANDIDATE: bool(state.candidates),
        SendingNeed.DOUBT: state.phase
        in {SendPhase.UNRESOLVED, SendPhase.PROBABLE, SendPhase.BLOCKED},
        SendingNeed.PAUSE: state.phase
        in {SendPhase.UNRESOLVED, SendPhase.PROBABLE, SendPhase.FAILED},
        SendingNeed.OTHER: state.phase is SendPhase.BLOCKED,
    }
    refused = Availability(_NOT_NOW)
    return {need: ALLOWED if is_given else refused for need, is_given in given.items()}
