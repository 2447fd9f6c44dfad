"""Which keys work here, made from the commands and the keys as they are set now."""

from collections.abc import Iterable, Mapping
from typing import ClassVar

from textual.binding import Binding, BindingType

from batchtui.tui.commands.command import Command, Group, key_names
from batchtui.tui.commands.general import MOVING
from batchtui.tui.lines import BLANK, Line, line
from batchtui.tui.screens.dialogs.dialog import Dialog

_KEY_WIDTH = 18


class HelpDialog(Dialog[None]):
    """The commands of the screen behind it.

    Args:
        commands: The commands of the screen.
        keys: The keys of every command by its id, as they are set now.
        more: Lines that the screen adds, such as its query language.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,question_mark,f1", "close", "Close")]

    def __init__(
        self,
        commands: Iterable[type[Command]],
        keys: Mapping[str, str],
        more: tuple[Line, ...] = (),
    ) -> None:
        body = help_lines((*commands, *MOVING), keys)
        super().__init__("Keys", body + more, line(("Esc", "key"), " Close"))
        self.add_class("-wide-dialog")

    def action_close(self) -> None:
        """Close."""
        self.dismiss(None)


def help_lines(commands: Iterable[type[Command]], keys: Mapping[str, str]) -> tuple[Line, ...]:
    """Write the commands under the headings of their groups.

    Args:
        commands: What to list.
        keys: The keys of every command by its id, as they are set now, comma separated.
    """
    groups: dict[Group, list[type[Command]]] = {}
    for command in commands:
        groups.setdefault(command.group, []).append(command)
    lines: list[Line] = []
    for group, members in groups.items():
        lines += [BLANK] * bool(lines) + [line((group.value, "heading"))]
        for command in members:
            shown = key_names(keys.get(command.id(), command.keys))
            lines.append(line((f"{shown:<{_KEY_WIDTH}}", "key"), " ", command.summary()))
    return tuple(lines)
