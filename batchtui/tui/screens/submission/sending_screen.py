"""The screen while a submission is sent, and where a person has to say what became of it."""

import asyncio
from collections.abc import Iterator
from functools import partial
from typing import ClassVar

from msgspec.structs import replace
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.reactive import reactive
from textual.types import CSSPathType
from textual.worker import Worker

from batchtui.api.models import MessageBatch
from batchtui.batches.deadlines import age_of, server_now
from batchtui.batches.rules import ALLOWED, Availability
from batchtui.errors import BatchtuiError
from batchtui.formatting import plural
from batchtui.library.ledger_values import SubmissionPlan, SubmissionRecord
from batchtui.submission.errors import Unresolved
from batchtui.submission.pace import Event
from batchtui.tui.commands.bindings import dispatched
from batchtui.tui.commands.command import Command
from batchtui.tui.commands.submission import (
    SENDING_COMMANDS,
    AdoptBatch,
    FinishOther,
    SendKnowingly,
    StopSending,
    TryOnce,
)
from batchtui.tui.lines import BLANK, Line, line
from batchtui.tui.screens.command_screen import CommandScreen, Handlers
from batchtui.tui.screens.submission import settling
from batchtui.tui.screens.submission.desk import Desk
from batchtui.tui.screens.submission.progress import (
    Phase,
    SendState,
    sending_lines,
    take,
)
from batchtui.tui.screens.submission.unresolved import candidate_line, unresolved_lines
from batchtui.tui.stylesheets import SUBMISSION
from batchtui.tui.widgets.action_bar import ActionBar, ActionItem
from batchtui.tui.widgets.line_bar import LineBar
from batchtui.tui.widgets.line_list import LineList
from batchtui.tui.widgets.line_view import LineView
from batchtui.untrusted import visible

_REFRESH = 0.1
_NOT_NOW = Availability(allowed=False, reason="Not while it is being sent: Esc stops it")
_OPEN_PHASES = frozenset({Phase.UNRESOLVED, Phase.BLOCKED})


class CandidateBatches(LineList):
    """Batches that may be the one that was lost."""

    lines: reactive[tuple[Line, ...]] = reactive(())

    def watch_lines(self, lines: tuple[Line, ...]) -> None:
        """Show other batches."""
        self.row_count = len(lines)
        self.display = bool(lines)

    def line_of(self, row: int, width: int) -> Line:
        """One batch."""
        del width
        return self.lines[row]


class SendingScreen(CommandScreen[SendState]):
    """Sends a submission; closes with the state it ended in.

    Args:
        desk: Whose account.
        submission_id: Which submission.
        state: How it begins.
        plan: What to write down first, if the journal does not have it yet.

    Attributes:
        runner: What sends it.
        sending: The worker that does, while it does.
        other: The id of the submission that is in the way, or an empty string.
        is_knowing: Whether the user wants to send although another is in the way.
    """

    CSS_PATH: ClassVar[CSSPathType | None] = SUBMISSION
    OFFERED = SENDING_COMMANDS
    BINDINGS: ClassVar[list[BindingType]] = [
        *dispatched(SENDING_COMMANDS),
        # to quit in the middle of it, it has to be stopped first, which is asked
        Binding("q,ctrl+q", f"command('{StopSending.id()}')", show=False),
    ]

    state: reactive[SendState | None] = reactive(None, repaint=False)

    def __init__(
        self, desk: Desk, submission_id: str, state: SendState, plan: SubmissionPlan | None = None
    ) -> None:
        super().__init__()
        self.desk = desk
        self.submission_id = submission_id
        self._plan = plan
        self.runner = desk.runner(self._take)
        self._shown: SendState | None = None
        self.sending: Worker[None] | None = None
        self.is_knowing = False
        self.other = ""
        self.header = LineBar(id="sending-header", classes="chrome")
        self.text = LineView(id="sending-text")
        self.candidates = CandidateBatches(id="sending-candidates")
        self.actions = ActionBar(id="sending-actions", classes="chrome")
        self.set_reactive(SendingScreen.state, state)

    def handlers(self) -> Handlers:
        """What carries the commands out."""
        return {
            AdoptBatch: lambda: self.start(partial(settling.adopt, self), "dialog"),
            SendKnowingly: lambda: self.start(partial(settling.send_knowingly, self), "dialog"),
            TryOnce: self.send,
            FinishOther: lambda: self.start(partial(settling.finish_other, self), "dialog"),
            StopSending: lambda: self.start(partial(settling.leave, self), "dialog"),
        }

    def compose(self) -> ComposeResult:
        """Header, what happens, the batches to choose from, action bar."""
        yield self.header
        yield self.text
        yield self.candidates
        yield self.actions

    def on_mount(self) -> None:
        """Begin."""
        self.candidates.cursor_glyph = self.desk.glyphs.cursor
        self.candidates.display = False
        self.text.focus()
        self.set_interval(_REFRESH, self.show)
        self.send()

    @property
    def moment(self) -> SendState:
        """Where the submission stands."""
        if self.state is None:
            raise AssertionError("a screen of sending always has a state")
        return self.state

    # Sending

    def send(self) -> None:
        """Send what is left, from the beginning or where it was interrupted."""
        self.state = replace(self.moment, phase=Phase.SENDING, message="", candidates=(), number=0)
        self.sending = self.start(self._run, "sending")

    async def _run(self) -> None:
        try:
            await self._submit()
        except Unresolved as error:
            is_own = error.submission_id == self.submission_id
            self.other = "" if is_own else error.submission_id
            self._open(
                error,
                Phase.UNRESOLVED if is_own else Phase.BLOCKED,
                candidates=error.candidates,
                number=error.number if is_own else 0,
            )
        except BatchtuiError as error:
            record = await self.record()
            is_refused = record is not None and record.is_refused
            phase = Phase.REFUSED if is_refused else Phase.FAILED
            self._open(error, phase, number=await self.open_part())
        else:
            self.state = replace(self.moment, phase=Phase.DONE)
            self.show()
            self._close_when_done()

    async def _submit(self) -> SubmissionRecord:
        """Write the plan down, unless it is, and send what is left of it."""
        if self._plan is not None and await self.record() is None:
            return await self.runner.start(self._plan, knowingly=self.is_knowing)
        return await self.runner.run(self.submission_id)

    async def record(self) -> SubmissionRecord | None:
        """The submission as the journal has it; ``None`` before it is written down."""
        journal = self.desk.session.ledger.journal
        return await asyncio.to_thread(journal.submission, self.submission_id)

    async def open_part(self) -> int:
        """The number of the first part of which nobody knows whether it was made; 0 for none."""
        record = await self.record()
        parts = record.parts if record is not None else ()
        return next((part.plan.number for part in parts if part.state.is_unresolved), 0)

    def _open(
        self,
        error: BatchtuiError,
        phase: Phase,
        *,
        candidates: tuple[MessageBatch, ...] = (),
        number: int = 0,
    ) -> None:
        self.state = replace(
            self.moment,
            phase=phase,
            message=error.message,
            hint=error.hint,
            candidates=candidates,
            number=number,
        )
        (self.candidates if candidates else self.text).focus()
        self.show()

    def _take(self, event: Event) -> None:
        """Take in what the runner tells; it is shown a few times a second."""
        self.state = take(self.moment, event, self.desk.session.clock.monotonic())

    def on_screen_resume(self) -> None:
        """Another screen was over this one, perhaps while the last part was made."""
        self._close_when_done()

    def _close_when_done(self) -> None:
        if self.moment.phase is Phase.DONE and self.is_current:
            self.dismiss(self.moment)

    # How it is shown

    def on_resize(self) -> None:
        """Lay the lines out for the new widths."""
        self._shown = None
        self.call_after_refresh(self.show)

    def show(self) -> None:
        """Hand every widget its value, where there is a new one."""
        state = self.moment
        if state is self._shown:
            return
        self._shown = state
        made = f"{len(state.made)} of {plural(len(state.parts), 'batch', 'batches')} made"
        head = line((_TITLES[state.phase], "heading"), f"  {visible(state.label)}")
        self.header.lines = (Line(head.left, line((made, "muted")).left),)
        lines = self._lines(state)
        # the batches to choose from follow the text at once
        self.text.styles.height = len(lines) + 2 if state.candidates else None
        self.text.lines = lines
        self._show_candidates(state)
        self.verdicts = _verdicts(state)
        self.actions.items = tuple(self.action_items())

    def _lines(self, state: SendState) -> tuple[Line, ...]:
        width = self.text.line_width
        if state.phase is Phase.BLOCKED:
            return unresolved_lines(state, width)
        lines = sending_lines(state, self.desk.glyphs, width)
        if state.phase is Phase.UNRESOLVED:
            return (
                *unresolved_lines(state, width),
                BLANK,
                *(lines if len(state.parts) > 1 else ()),
            )
        return lines

    def _show_candidates(self, state: SendState) -> None:
        session = self.desk.session
        now = server_now(session.clock.now(), session.server_offset)
        width = self.size.width
        self.candidates.lines = tuple(
            candidate_line(batch, age_of(batch, now), width, self.desk.glyphs)
            for batch in state.candidates
        )

    def action_items(self) -> Iterator[ActionItem]:
        """Only what is possible now: the rest would have no meaning here."""
        return (item for item in super().action_items() if item.is_possible)


_TITLES = {
    Phase.SENDING: "Sending",
    Phase.STOPPING: "Stopping",
    Phase.UNRESOLVED: "Not known",
    Phase.BLOCKED: "Not sent yet",
    Phase.FAILED: "Not sent",
    Phase.REFUSED: "Refused",
    Phase.DONE: "Sent",
}


def _verdicts(state: SendState) -> dict[str, Availability]:
    """What is possible in a state."""
    possible: dict[type[Command], bool] = {
        AdoptBatch: bool(state.candidates),
        SendKnowingly: state.phase in _OPEN_PHASES,
        TryOnce: state.phase in {Phase.UNRESOLVED, Phase.FAILED},
        FinishOther: state.phase is Phase.BLOCKED,
    }
    return {
        command.id(): ALLOWED if is_possible else _NOT_NOW
        for command, is_possible in possible.items()
    }
