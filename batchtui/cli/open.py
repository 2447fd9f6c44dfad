"""``batchtui open``: read any results file on this disk. No key, no account, no network."""

import argparse
import os
import sys
from pathlib import Path

from batchtui.cli.common import Launch
from batchtui.cli.exits import DONE, USAGE, complain


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the verb."""
    parser.add_argument("--theme", metavar="NAME", help="the colours; batchtui themes lists them")
    parser.add_argument(
        "file", metavar="FILE", type=Path, help="a results file, also gzip, also while it grows"
    )


def run(options: argparse.Namespace) -> int:
    """Show the file until the user leaves it."""
    from batchtui.results.blocks import open_regular

    os.close(open_regular(options.file))
    environ = dict(os.environ)
    overrides = {"theme": options.theme} if options.theme else {}
    launch = Launch(environ, overrides)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        complain("there is no terminal to show the file on", "Run it in a terminal.")
        return USAGE
    return _show(launch, options.file)


def _show(launch: Launch, path: Path) -> int:
    """Load Textual and show the app."""
    from batchtui.tui import collecting

    collecting.hold_off()
    from batchtui.tui.app import BatchtuiApp
    from batchtui.tui.setup import AppSetup
    from batchtui.tui.terminal.setup import set_up_terminal

    settings = launch.load().settings
    terminal = set_up_terminal(
        os.environ,
        color=settings.color_depth,
        motion=settings.motion,
        driver=settings.driver,
        has_mouse=settings.mouse,
    )
    app = BatchtuiApp(
        AppSetup(load=launch.load, options=launch.options, terminal=terminal, open_file=path)
    )
    app.run(mouse=settings.mouse)
    return app.return_code if app.return_code is not None else DONE
