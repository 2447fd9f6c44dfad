"""``batchtui``: the app itself. Textual is loaded here and nowhere else on the command line."""

import argparse
import os
from typing import TYPE_CHECKING

from batchtui.cli.app_terminal import can_show_app
from batchtui.cli.batch_ids import find_one
from batchtui.cli.common import Launch, OfflineAccount, demo_of, launch_of, report_passed_over
from batchtui.cli.exits import DONE, note
from batchtui.cli.main import looks_like_id, main, no_such_verb
from batchtui.tui import garbage_collection
from batchtui.tui.terminal.setup import Terminal, set_up_terminal

if TYPE_CHECKING:
    from batchtui.config.loading import LoadedSettings


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the app."""
    parser.add_argument("--theme", metavar="NAME", help="the colors; batchtui themes lists them")
    parser.add_argument("id", metavar="ID", nargs="?", help="a batch to jump to")


def run(options: argparse.Namespace) -> int:
    """Show the app until the user leaves it; where no app can be shown, what it shows as text."""
    if not can_show_app():
        return _show_as_text(options)
    garbage_collection.hold_off()
    launch = launch_of(options)
    loaded = launch.load()
    report_passed_over(options)
    return show_app(options, launch, loaded, set_up_terminal(os.environ, loaded.settings))


def show_app(
    options: argparse.Namespace, launch: Launch, loaded: "LoadedSettings", terminal: Terminal
) -> int:
    """Load Textual and show the app."""
    from batchtui.tui.app import BatchtuiApp
    from batchtui.tui.setup import AppSetup

    def setup_of(one: Launch, jump_to: str | None) -> AppSetup:
        return AppSetup(
            load=one.load,
            options=one.options,
            loaded=loaded if one is launch else None,
            demo=lambda: setup_of(demo_of(options, os.environ), None),
            terminal=terminal,
            jump_to=jump_to,
        )

    jump_to = options.id and find_one(
        OfflineAccount(launch, loaded), options.id, asks_server=False, takes_any=True
    )
    app = BatchtuiApp(setup_of(launch, jump_to))
    app.run(mouse=loaded.settings.mouse)
    return app.return_code if app.return_code is not None else DONE


def _show_as_text(options: argparse.Namespace) -> int:
    """Write the list, or the one batch that is named.

    Raises:
        NoSuchVerb: What is named cannot be a batch.
    """
    if options.id is None:
        note("no terminal that an app can be shown on; this is the list as text")
        return main(["list", *_account_words(options)])
    if not looks_like_id(options.id):
        raise no_such_verb(options.id)
    note("no terminal that an app can be shown on; this is the batch as text")
    return main(["show", *_account_words(options), "--", options.id])


def _account_words(options: argparse.Namespace) -> list[str]:
    """Return the words that choose the account, and where its calls are written."""
    words = ["--demo"] if options.demo else []
    for name in ("profile", "base_url", "log_file"):
        value = getattr(options, name)
        if value is not None:
            words += [f"--{name.replace('_', '-')}", str(value)]
    return words
