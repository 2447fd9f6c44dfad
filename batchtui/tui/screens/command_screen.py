"""The screen all others are made of: commands that are possible or say why not."""

import inspect
import weakref
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from typing import ClassVar, Generic, TypeVar

from textual.notifications import SeverityLevel
from textual.reactive import reactive
from textual.screen import Screen
from textual.worker import Worker

from batchtui.batches.rules import ALLOWED, Availability
from batchtui.errors import BatchtuiError
from batchtui.tui.commands.command import Command, key_name
from batchtui.tui.commands.general import EVERYWHERE, ShowCommands, ShowHelp
from batchtui.tui.lines import Line
from batchtui.tui.widgets.action_bar import ActionItem
from batchtui.untrusted import visible

ResultT = TypeVar("ResultT")
Handlers = Mapping[type[Command], Callable[[], object]]
"""What carries each command out: a function, or one that gives a coroutine."""

NARROW, WIDE = 60, 110
"""Columns from which the list and the detail are both shown, and shown side by side."""


class CommandScreen(Screen[ResultT], Generic[ResultT]):
    """A screen whose keys, action bar, palette and help come from one list of commands.

    `verdicts` is the one table of what is possible now: `check_action` reads it, the action bar
    dims by it, and a key that is refused says the reason in it. A subclass sets ``OFFERED``,
    ``BINDINGS = dispatched(OFFERED)`` and `handlers`.
    """

    OFFERED: ClassVar[Sequence[type[Command]]] = ()
    """The screen's own commands, those of the action bar first."""

    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (NARROW, "-narrow"), (WIDE, "-wide")]  # noqa: RUF012 - as Textual declares it

    verdicts: reactive[Mapping[str, Availability]] = reactive({}, repaint=False)
    """By the id of the command; what is missing is possible."""

    def handlers(self) -> Handlers:
        """What carries each command of `OFFERED` out."""
        return {}

    def help_lines(self) -> tuple[Line, ...]:
        """What the help of this screen adds to the keys."""
        return ()

    def verdict_on(self, command: type[Command]) -> Availability:
        """Whether a command is possible now, and if not why."""
        return self.verdicts.get(command.id(), ALLOWED)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Grey a command that is not possible now."""
        if action != "command":
            return True
        return True if self.verdicts.get(str(parameters[0]), ALLOWED).allowed else None

    def explain_refusal(self, key: str) -> None:
        """Say why, if ``key`` is that of a command that is not possible now."""
        active = self.active_bindings.get(key)
        if active is None or active.enabled:
            return
        verdict = self.verdicts.get(active.binding.id or "", ALLOWED)
        if not verdict.allowed:
            self.tell(verdict.reason, severity="warning")

    def tell(self, text: str, *, severity: SeverityLevel = "information") -> None:
        """Show a short message.

        Args:
            text: What to say; may quote untrusted text.
            severity: How loud.
        """
        seconds = 10 if severity == "error" else 5
        self.app.notify(visible(text), markup=False, severity=severity, timeout=seconds)

    def tell_error(self, error: BatchtuiError) -> None:
        """Show what went wrong and what to do about it."""
        self.tell(f"{error.message} {error.hint}".strip(), severity="error")

    def start(
        self, work: Coroutine[None, None, None], group: str, *, is_exclusive: bool = True
    ) -> Worker[None]:
        """Run a coroutine beside the screen; an error that can be told is told.

        Args:
            work: What to run.
            group: Its name; an exclusive one ends what runs in the group.
            is_exclusive: Whether it is exclusive.
        """
        guarded = self._guarded(work)
        worker = self.run_worker(guarded, group=group, exclusive=is_exclusive)
        # one that is ended by the next of its group before it began would complain of that
        weakref.finalize(worker, _close, guarded, work)
        return worker

    async def _guarded(self, work: Coroutine[None, None, None]) -> None:
        try:
            await work
        except BatchtuiError as error:
            self.tell_error(error)

    async def action_command(self, command_id: str) -> None:
        """Carry out the command of that id."""
        for command in (*self.OFFERED, *EVERYWHERE):
            if command.id() == command_id:
                await self.run_command(command)

    async def run_command(self, command: type[Command]) -> None:
        """Carry out a command, or say why it is not possible."""
        verdict = self.verdict_on(command)
        if not verdict.allowed:
            self.tell(verdict.reason, severity="warning")
            return
        handler = self.handlers().get(command)
        if handler is None:
            await self.app.run_action(command.action())
            return
        outcome = handler()
        # not what `dismiss` gives: a click comes by way of a widget of this screen, and to wait for
        # the end of the screen there is to wait for oneself
        if inspect.iscoroutine(outcome):
            await outcome

    def live_keys(self) -> dict[str, str]:
        """The keys of every command as they are set now, by its id, comma separated."""
        keys: dict[str, list[str]] = {}
        for key, active in self.active_bindings.items():
            if active.binding.id is not None:
                keys.setdefault(active.binding.id, []).append(key)
        return {command_id: ",".join(names) for command_id, names in keys.items()}

    def bar_commands(self) -> Sequence[type[Command]]:
        """The screen's own commands that the action bar shows now, the most important first."""
        return [command for command in self.OFFERED if command.in_bar]

    def action_items(self) -> Iterator[ActionItem]:
        """What the action bar shows: the screen's own commands, then palette and help."""
        keys = self.live_keys()
        bar: list[type[Command]] = [*self.bar_commands(), ShowCommands, ShowHelp]
        for command in bar:
            live = keys.get(command.id(), command.keys).split(",")
            key = next((one for one in command.keys.split(",") if one in live), live[0])
            possible = self.verdict_on(command).allowed
            yield ActionItem(command.id(), key_name(key), command.label, possible)


def _close(*works: Coroutine[None, None, None]) -> None:
    for work in works:
        work.close()
