"""The screen all others are made of: commands that are possible or say why not."""

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar, Generic, TypeVar

from textual import events
from textual.binding import BindingType
from textual.reactive import reactive
from textual.screen import Screen

from batchtui.batches.rules import ALLOWED, Verdict
from batchtui.tui.commands.bindings import bindings_of
from batchtui.tui.commands.command import Command, key_name
from batchtui.tui.commands.general import EVERYWHERE, ShowCommands, ShowHelp
from batchtui.tui.widgets.action_bar import ActionItem

ResultT = TypeVar("ResultT")

NARROW, WIDE = 60, 110
"""Columns from which the list and the detail are both shown, and shown side by side."""


class CommandScreen(Screen[ResultT], Generic[ResultT]):
    """A screen whose keys, action bar, palette and help come from one list of commands.

    `verdicts` is the one table of what is possible now: `check_action` reads it, the action bar
    dims by it, and a key that is refused says the reason in it.
    """

    OFFERED: ClassVar[Sequence[type[Command]]] = ()
    """The screen's own commands, those of the action bar first. `EVERYWHERE` comes on top."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_of(EVERYWHERE)
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 - as Textual declares it
        (0, "-tiny"),
        (NARROW, "-narrow"),
        (WIDE, "-wide"),
    ]

    verdicts: reactive[Mapping[str, Verdict]] = reactive({}, repaint=False)

    def verdict_on(self, action: str) -> Verdict:
        """Whether ``action`` is possible now, and if not why."""
        return self.verdicts.get(action, ALLOWED)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Grey an action that is not possible now."""
        del parameters
        return True if self.verdict_on(action).allowed else None

    def on_key(self, event: events.Key) -> None:
        """Say why, when the key of a command that is not possible now was pressed."""
        active = self.active_bindings.get(event.key)
        if active is not None and not active.enabled:
            event.stop()
            self.refuse(active.binding.action)

    def refuse(self, action: str) -> None:
        """Tell why ``action`` is not possible."""
        reason = self.verdict_on(action).reason
        self.app.notify(reason, markup=False, severity="warning", timeout=4)

    async def action_run_named(self, command_id: str) -> None:
        """Carry out the command of that id as if its key had been pressed, or say why not."""
        for command in (*self.OFFERED, *EVERYWHERE):
            if command.id() == command_id:
                await self.run_command(command)

    async def run_command(self, command: type[Command]) -> None:
        """Carry out a command as if its key had been pressed, or say why it is not possible."""
        if not self.verdict_on(command.action()).allowed:
            self.refuse(command.action())
            return
        await self.app.run_action(command.action(), self)

    def live_keys(self) -> dict[str, str]:
        """The keys of every action as they are set now, comma separated in Textual's names."""
        keys: dict[str, list[str]] = {}
        for key, active in self.active_bindings.items():
            keys.setdefault(active.binding.action, []).append(key)
        return {action: ",".join(names) for action, names in keys.items()}

    def action_items(self) -> Iterator[ActionItem]:
        """What the action bar shows: the screen's own commands, then palette and help."""
        keys = self.live_keys()
        bar: list[type[Command]] = [command for command in self.OFFERED if command.in_bar]
        bar += [ShowCommands, ShowHelp]
        for command in bar:
            key = keys.get(command.action(), command.keys).split(",")[0]
            possible = self.verdict_on(command.action()).allowed
            yield ActionItem(command.id(), key_name(key), command.label, possible)
