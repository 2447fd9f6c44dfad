"""``batchtui themes``: the color themes there are."""

import argparse

from batchtui.cli.common import account_of, add_json_option
from batchtui.cli.exits import DONE, note
from batchtui.cli.output import Output
from batchtui.cli.table import TextColumn
from batchtui.config.themes import load_themes
from batchtui.untrusted import visible


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the verb."""
    add_json_option(parser)
    parser.epilog = (
        "Themes of your own are TOML files in the folder that batchtui paths names.\n"
        "JSON fields: name, dark, terminal_colors, selected, description."
    )


def run(options: argparse.Namespace) -> int:
    """List the themes."""
    loaded = account_of(options).loaded
    out = Output(as_json=options.json)
    themes, failed = load_themes(loaded.paths.themes_dir)
    for problem in failed:
        note(str(problem))
    selected = loaded.settings.theme
    if out.is_table:
        columns = (
            TextColumn(""),
            TextColumn("NAME"),
            TextColumn("FOR"),
            TextColumn("WHAT", can_shrink=True),
        )
        rows = [
            (
                "*" if theme.name == selected else "",
                visible(theme.name),
                "dark" if theme.dark else "light",
                visible(theme.description),
            )
            for theme in themes
        ]
        out.table(columns, rows)
        return DONE
    for theme in themes:
        out.record(
            {
                "name": theme.name,
                "dark": theme.dark,
                "terminal_colors": theme.is_ansi,
                "selected": theme.name == selected,
                "description": theme.description,
            }
        )
    return DONE
