"""``batchtui keys``: the app's commands and their keys, as the settings have them."""

import argparse
from collections.abc import Mapping

from batchtui.cli.common import account_of, add_json_option
from batchtui.cli.exits import DONE, note
from batchtui.cli.output import Output
from batchtui.cli.table import TextColumn, render_table
from batchtui.tui.commands.catalog import ALL_COMMANDS, key_problems
from batchtui.tui.commands.command import Command, Group, key_names
from batchtui.untrusted import visible


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the verb."""
    add_json_option(parser)
    parser.epilog = (
        "A table [keys] in the settings file gives a command other keys, by its id:\n"
        '  [keys]\n  cancel-batch = "ctrl+x"\n'
        "JSON fields: id, keys (a list), default_keys, label, group, help."
    )


def run(options: argparse.Namespace) -> int:
    """List the commands."""
    loaded = account_of(options).loaded
    remapped = loaded.settings.keys
    out = Output(as_json=options.json)
    for problem in key_problems(loaded):
        note(visible(str(problem)))
    if out.is_table:
        _show(out, remapped)
        return DONE
    for command in ALL_COMMANDS:
        out.record(
            {
                "id": command.id(),
                "keys": _split(_keys(command, remapped)),
                "default_keys": _split(command.keys),
                "label": command.label,
                "group": command.group.value,
                "help": command.help(),
            }
        )
    return DONE


def _show(out: Output, remapped: Mapping[str, str]) -> None:
    columns = (TextColumn(""), TextColumn(""), TextColumn("", can_shrink=True))
    for group in Group:
        rows = [
            (visible(key_names(_keys(one, remapped))), one.id(), one.summary())
            for one in ALL_COMMANDS
            if one.group is group
        ]
        lines = render_table(columns, rows, out.width - 2, ellipsis=out.glyphs.ellipsis)
        for text in (group.value, *(f"  {line}" for line in lines[1:])) if rows else ():
            out.line(text)


def _keys(command: type[Command], remapped: Mapping[str, str]) -> str:
    return remapped.get(command.id()) or command.keys


def _split(keys: str) -> list[str]:
    return [key.strip() for key in keys.split(",") if key.strip()]
