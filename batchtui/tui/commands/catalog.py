"""All commands, for the list of keys, the README and the checks on remapped keys."""

from batchtui.tui.commands.batches import BATCH_COMMANDS
from batchtui.tui.commands.calls import CALL_COMMANDS
from batchtui.tui.commands.command import Command
from batchtui.tui.commands.general import EVERYWHERE, MOVING, Leave
from batchtui.tui.commands.results import REPORT_COMMANDS, RESULT_COMMANDS
from batchtui.tui.commands.settings import SETTINGS_COMMANDS
from batchtui.tui.commands.submission import CREATE_COMMANDS
from batchtui.tui.commands.timeline import TIMELINE_COMMANDS
from batchtui.tui.commands.welcome import TryAgain, TryDemo

ALL_COMMANDS: tuple[type[Command], ...] = (
    *BATCH_COMMANDS,
    *RESULT_COMMANDS,
    *REPORT_COMMANDS,
    *CREATE_COMMANDS,
    TryDemo,
    TryAgain,
    *SETTINGS_COMMANDS,
    *CALL_COMMANDS,
    *TIMELINE_COMMANDS,
    *MOVING,
    *EVERYWHERE,
    Leave,
)


def unknown_ids(ids: list[str]) -> list[str]:
    """The ids among ``ids`` that name no command, in their order."""
    known = {command.id() for command in ALL_COMMANDS}
    return [name for name in ids if name not in known]
