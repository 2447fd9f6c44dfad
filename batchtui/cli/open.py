"""``batchtui open``: read any results file on this disk, or a pipe. No key, no network."""

import argparse
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path

from batchtui.cli.common import Launch
from batchtui.cli.exits import DONE, USAGE, complain


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the verb."""
    parser.add_argument("--theme", metavar="NAME", help="the colors; batchtui themes lists them")
    parser.add_argument(
        "file",
        metavar="FILE|-",
        type=Path,
        help="a results file, packed too, even while it grows; - is standard input",
    )


def run(options: argparse.Namespace) -> int:
    """Show the file until the user leaves it."""
    from batchtui.cli.app_terminal import can_show_app
    from batchtui.results.foreign import open_results_blocks
    from batchtui.results.pipes import STDIN, PipedFile, is_pipe
    from batchtui.tui.terminal.tty import input_descriptor

    environ = dict(os.environ)
    overrides = {"theme": options.theme} if options.theme else {}
    launch = Launch(environ, overrides)
    is_piped = is_pipe(options.file)
    if not is_piped:
        open_results_blocks(
            options.file
        ).close()  # so that a file without results is reported before the screen changes
    if not can_show_app():
        complain(
            "There is no terminal that can show it.",
            "`batchtui results FILE --format text` writes it.",
        )
        return USAGE
    with PipedFile(options.file) if is_piped else nullcontext() as piped:
        if str(options.file) == STDIN:
            # standard input brings the file: keys, also those of a pager, come from the terminal
            os.dup2(input_descriptor(), sys.stdin.fileno())
        if piped is None:
            return _show(launch, options.file)
        piped.wait_for_start()
        open_results_blocks(piped.path).close()
        return _show(launch, piped.path)


def _show(launch: Launch, path: Path) -> int:
    """Load Textual and show the app; the file is opened at the same time."""
    from batchtui.results.opening import open_results
    from batchtui.tui import garbage_collection
    from batchtui.tui.terminal.setup import set_up_terminal

    garbage_collection.hold_off()
    with ThreadPoolExecutor(1) as beside:
        opening = beside.submit(open_results, path)
        settings = launch.load().settings
        terminal = set_up_terminal(os.environ, settings)

        from batchtui.tui.app import BatchtuiApp
        from batchtui.tui.setup import AppSetup

        setup = AppSetup(
            load=launch.load,
            options=launch.options,
            terminal=terminal,
            open_file=path,
            opened=opening.result,
        )
        app = BatchtuiApp(setup)
        app.run(mouse=settings.mouse)
    return app.return_code if app.return_code is not None else DONE
