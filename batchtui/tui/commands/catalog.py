"""All commands, for the list of keys, the manual and the checks on remapped keys."""

from collections.abc import Mapping

from batchtui.config.errors import Problem
from batchtui.config.key_names import HOW_KEYS_ARE_NAMED, is_key
from batchtui.config.loading import LoadedSettings
from batchtui.formatting import nearest
from batchtui.tui.commands.batches import BATCH_COMMANDS
from batchtui.tui.commands.command import Command, Group, key_name
from batchtui.tui.commands.compare import COMPARE_COMMANDS
from batchtui.tui.commands.general import (
    EVERYWHERE,
    MOVING,
    TIMELINE_COMMANDS,
    CopyCall,
    Leave,
    TryAgain,
    TryDemo,
)
from batchtui.tui.commands.reports import REPORT_COMMANDS
from batchtui.tui.commands.results import RESULT_COMMANDS
from batchtui.tui.commands.review import REVIEW_COMMANDS
from batchtui.tui.commands.settings import SETTINGS_COMMANDS
from batchtui.tui.commands.submission import CREATE_COMMANDS

ALL_COMMANDS: tuple[type[Command], ...] = (
    *BATCH_COMMANDS,
    *RESULT_COMMANDS,
    *REPORT_COMMANDS,
    *COMPARE_COMMANDS,
    *REVIEW_COMMANDS,
    *CREATE_COMMANDS,
    TryDemo,
    TryAgain,
    *SETTINGS_COMMANDS,
    CopyCall,
    *TIMELINE_COMMANDS,
    *MOVING,
    *EVERYWHERE,
    Leave,
)

_EVERYWHERE = {Group.EVERYWHERE, Group.LISTS}


def key_problems(loaded: LoadedSettings) -> tuple[Problem, ...]:
    """Say what is wrong with the keys that count: of which command, and one key for two."""
    keymap = loaded.settings.keys
    commands = {command.id(): command for command in ALL_COMMANDS}
    found: list[tuple[str, str, str]] = []
    for name, keys in keymap.items():
        command = commands.get(name)
        if command is None:
            near = nearest(name, commands)
            hint = f"Did you mean {near}?" if near else "batchtui keys lists them."
            found.append((name, "There is no such command.", hint))
        elif fault := key_fault(command, keys, keymap):
            found.append((name, *fault))
    file = str(loaded.paths.settings_file)
    return tuple(
        Problem(file, f"keys.{name}", text, hint, loaded.line_of("keys", name))
        for name, text, hint in found
    )


def key_fault(
    command: type[Command], keys: str, keymap: Mapping[str, str]
) -> tuple[str, str] | None:
    """Say what is wrong with keys for a command, and what to do; ``None`` if nothing is.

    Args:
        command: The command.
        keys: Its keys, comma separated.
        keymap: The keys that the settings change, by the id of the command.
    """
    for key in (one.strip() for one in keys.split(",")):
        if not is_key(key):
            text = f"There is no key {key}." if key else "There is no key between commas."
            return text, HOW_KEYS_ARE_NAMED
        if other := _other_on(key, command, keymap):
            text = f"{key_name(key)} is the key of {other.id()} as well."
            return text, "One of the two needs another key."
    return None


def _other_on(key: str, command: type[Command], keymap: Mapping[str, str]) -> type[Command] | None:
    """Another command that the key means where this one is offered."""
    for other in ALL_COMMANDS:
        keys = keymap.get(other.id()) or other.keys
        is_near = {command.group, other.group} & _EVERYWHERE or command.group is other.group
        is_same = other is command or (command.act and command.act == other.act)
        if is_near and not is_same and key in keys.split(","):
            return other
    return None
