"""Commands as Textual's bindings: the only place where the two meet."""

from collections.abc import Iterable

from textual.binding import Binding, BindingType

from batchtui.tui.commands.command import Command, key_names


def bindings_of(commands: Iterable[type[Command]]) -> list[BindingType]:
    """Make the ``BINDINGS`` of a screen or widget from its commands.

    Each carries the command's id, so that a keymap from the settings can remap it.
    """
    return [
        Binding(
            command.keys,
            command.action(),
            command.label,
            tooltip=command.summary(),
            id=command.id(),
            show=command.in_bar,
            key_display=key_names(command.keys.split(",", 1)[0]),
        )
        for command in commands
    ]
