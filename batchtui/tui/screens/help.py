"""Which keys work here, made from the commands and the keys as they are set now."""

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from batchtui.tui.commands.command import Command, Purpose, key_names
from batchtui.tui.commands.general import MOVING
from batchtui.tui.lines import BLANK, Line, Span, line, spans
from batchtui.tui.screens.dialogs.dialog import Dialog
from batchtui.tui.screens.dialogs.question_layout import hang_lines
from batchtui.tui.widgets.reader_wrapping import wrap_runs

_WIDE = 96
"""Cells of a line of this dialog where the screen is wide."""
_LEAST = 9
"""Cells that the column of keys gets where there is little room."""


class HelpDialog(Dialog[None]):
    """The commands of the screen behind it.

    Args:
        commands: The commands of the screen.
        keymap: The keys that the settings change, by the id of the command.
        more: Lines that the screen adds, such as its query language.
        begins_with_more: Whether these are what is asked for, and come before the keys.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,question_mark,f1", "close", "Close")]

    def __init__(
        self,
        commands: Sequence[type[Command]],
        keymap: Mapping[str, str],
        more: tuple[Line, ...] = (),
        *,
        begins_with_more: bool = False,
    ) -> None:
        self._commands = (*commands, *MOVING)
        self._keymap = keymap
        self._more = more
        self._begins_with_more = begins_with_more
        super().__init__("Help" if begins_with_more else "Keys", self.body_lines(_WIDE))
        self.add_class("-wide-dialog")

    def body_lines(self, width: int) -> tuple[Line, ...]:
        """Return the keys with what they do, which keeps to its column where it is long."""
        keys = help_lines(self._commands, self._keymap, width)
        more = hang_lines(self._more, width)
        parts = (more, keys) if self._begins_with_more else (keys, more)
        return (*parts[0], BLANK, *parts[1]) if more else keys

    def action_close(self) -> None:
        """Close."""
        self.dismiss(None)


def help_lines(
    commands: Sequence[type[Command]], keymap: Mapping[str, str], width: int
) -> tuple[Line, ...]:
    """Write the commands under the headings of what they are for.

    Args:
        commands: What to list.
        keymap: The keys that the settings change, by the id of the command.
        width: Cells of a line.
    """
    names = [key_names(keymap.get(command.id()) or command.keys) for command in commands]
    column = min(max(map(len, names), default=0), max(_LEAST, width // 6))
    lines: list[Line] = []
    for purpose in Purpose:
        members = [
            (name, command)
            for name, command in zip(names, commands, strict=True)
            if command.purpose is purpose
        ]
        if members:
            lines += [BLANK] * bool(lines) + [line((purpose.value, "heading"))]
            for name, command in members:
                lines += _command_lines(name, command.summary(), column, width)
    return tuple(lines)


def _command_lines(name: str, summary: str, column: int, width: int) -> Iterator[Line]:
    """Yield a command under others; keys too long for their column get a line of their own."""
    indent: tuple[Span, ...] = (Span(" " * (column + 2)),)
    if len(name) > column:
        yield line((name, "key"))
        first = indent
    else:
        first = spans((f"{name:<{column}}  ", "key"))
    yield from wrap_runs([(summary, "")], width, first, indent)
