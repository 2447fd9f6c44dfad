"""``batchtui``: the app itself. Textual is loaded here and nowhere else on the command line."""

import argparse
import os

from batchtui.cli.common import Launch, demo_of, launch_of
from batchtui.cli.exits import DONE


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the app."""
    parser.add_argument("--theme", metavar="NAME", help="the colours; batchtui themes lists them")
    parser.add_argument("id", metavar="ID", nargs="?", help="a batch to jump to")


def run(options: argparse.Namespace) -> int:
    """Show the app until the user leaves it."""
    launch = launch_of(options)
    launch.load()
    return show_app(options, launch)


def show_app(options: argparse.Namespace, launch: Launch) -> int:
    """Load Textual and show the app."""
    from batchtui.tui.app import AppSetup, BatchtuiApp
    from batchtui.tui.terminal.driver import make_driver_class
    from batchtui.tui.terminal.options import DriverOptions

    settings = launch.load().settings
    driver = make_driver_class(
        DriverOptions(diff=settings.driver == "diff", mouse="clicks" if settings.mouse else "off")
    )

    def setup_of(one: Launch, jump_to: str | None) -> AppSetup:
        return AppSetup(
            load=one.load,
            options=one.options,
            demo=lambda: setup_of(demo_of(options, os.environ), None),
            driver_class=driver,
            jump_to=jump_to,
        )

    app = BatchtuiApp(setup_of(launch, options.id))
    app.run()
    return app.return_code if app.return_code is not None else DONE
