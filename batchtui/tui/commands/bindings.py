"""Commands as Textual's bindings: the only place where the two meet."""

from collections.abc import Iterable

from textual.binding import Binding, BindingType

from batchtui.tui.commands.command import Command, key_names


def bindings_of(commands: Iterable[type[Command]]) -> list[BindingType]:
    """Make the ``BINDINGS`` of a widget or the app, whose methods ``action_...`` do the work.

    Each carries the command's id, so that a keymap from the settings can remap it.
    """
    return [_binding(command, command.action()) for command in commands]


def dispatched(commands: Iterable[type[Command]]) -> list[BindingType]:
    """Make the ``BINDINGS`` of a `CommandScreen`, whose methods of those names do the work."""
    return [_binding(command, f"command('{command.id()}')") for command in commands]


def _binding(command: type[Command], action: str) -> Binding:
    return Binding(
        command.keys,
        action,
        command.label,
        tooltip=command.summary(),
        id=command.id(),
        show=command.in_bar,
        key_display=key_names(command.keys.split(",", 1)[0]),
    )
