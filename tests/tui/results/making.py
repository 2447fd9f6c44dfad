"""The app over a results file that a test wrote."""

from collections.abc import Iterable
from pathlib import Path

from textual.pilot import Pilot

from batchtui.tui.app import BatchtuiApp
from batchtui.tui.screens.results.screen import ResultsScreen
from batchtui.tui.screens.results.source import Phase
from batchtui.tui.setup import AppSetup
from batchtui.tui.widgets.reader_view import ReaderView
from tests.results.core.making import errored, other, succeeded
from tests.tui.support import make_setup, make_world, wait_until

HOSTILE = "\x1b]52;c;ZXZpbA==\x07[b]bold[/b] [@click=app.quit]x[/] \u202eevil [/"
"""What must never act on anything."""


def mixed_lines() -> list[bytes]:
    """A dozen rows of all kinds."""
    return [
        succeeded("doc-1", "The **first** answer speaks of apples."),
        errored("doc-2", "invalid_request_error", "Your credit balance is too low to access."),
        succeeded("doc-3", "Third, about pears and apples.\n\nMore apples at the end."),
        other("doc-4", "expired"),
        other("doc-5", "canceled"),
        succeeded("doc-6", "Cut in the mid", stop_reason="max_tokens"),
        errored("doc-7", "overloaded_error", "Overloaded"),
        succeeded("doc-8", HOSTILE),
        errored("doc-9", "overloaded_error", "Overloaded"),
        succeeded("doc-10", "日本語の答え " * 30),
    ]


def write_lines(path: Path, lines: Iterable[bytes]) -> Path:
    """Write lines to a file."""
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    return path


def open_app(path: Path, **settings: str) -> BatchtuiApp:
    """The app over a file, as ``batchtui open`` makes it."""
    setup = make_setup(make_world("empty"), **settings)
    return BatchtuiApp(AppSetup(load=setup.load, options=setup.options, open_file=path))


def results_screen(pilot: Pilot[int]) -> ResultsScreen:
    """The screen of the results."""
    screen = pilot.app.screen
    assert isinstance(screen, ResultsScreen)
    return screen


async def wait_until_ready(pilot: Pilot[int]) -> ResultsScreen:
    """Wait until all rows are there and shown."""
    await wait_until(pilot, lambda: isinstance(pilot.app.screen, ResultsScreen))
    screen = results_screen(pilot)
    await wait_until(pilot, lambda: screen.source.status.phase is Phase.READY)
    await wait_until(pilot, lambda: len(screen.browser.state.rows) == len(screen.browser.index))
    await wait_until(pilot, lambda: bool(screen.needs), "what is possible to be known")
    return screen


def reader_text(screen: ResultsScreen) -> str:
    """The whole text of the reader."""
    return view_text(screen.reader.body.text_view)


def view_text(view: ReaderView) -> str:
    """The whole text of a document."""
    document = view.document
    return "\n".join(document.line(number).text for number in range(len(document)))
