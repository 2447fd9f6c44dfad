"""The first screen of someone without a key: the ways to give one, and the demo."""

from dataclasses import dataclass
from functools import partial

from textual import on
from textual.app import ComposeResult
from textual.message import Message

from batchtui.config.errors import KeyUnavailable, NoKeyGiven
from batchtui.config.loading import LoadedSettings
from batchtui.errors import BatchtuiError
from batchtui.tui.commands.command import shown_key
from batchtui.tui.commands.general import TryAgain, TryDemo
from batchtui.tui.commands.settings import StoreKey
from batchtui.tui.lines import BLANK, Line, line
from batchtui.tui.screens.command_screen import CommandScreen
from batchtui.tui.widgets.line_view import LineView
from batchtui.tui.widgets.reader_wrapping import wrap_lines
from batchtui.untrusted import visible

_WIDEST = 100
"""Cells that a line of text may have."""


class WelcomeScreen(CommandScreen[None]):
    """Says why no account could be opened, and what to do.

    Args:
        loaded: The settings.
        problem: Why it could not be opened.
    """

    OFFERED = (TryDemo, StoreKey, TryAgain)

    @dataclass
    class DemoWanted(Message):
        """The user wants to look around with made-up batches."""

    @dataclass
    class SearchWanted(Message):
        """The user wants the key to be looked for again."""

    @dataclass
    class KeyWanted(Message):
        """The user wants to type a key."""

    def __init__(self, loaded: LoadedSettings, problem: BatchtuiError) -> None:
        super().__init__()
        self._lines = welcome_lines(loaded, problem)

    def compose(self) -> ComposeResult:
        """Yield the text and the action bar."""
        yield LineView(id="welcome")
        yield self.actions

    def on_mount(self) -> None:
        """Show the keys."""
        self.show_actions()

    @on(LineView.Resized)
    def fit_lines(self, event: LineView.Resized) -> None:
        """Break the lines for the width."""
        event.view.lines = wrap_lines(self._lines, min(event.view.line_width, _WIDEST))

    def try_demo(self) -> None:
        """Look around with made-up batches."""
        self.post_message(self.DemoWanted())

    def try_again(self) -> None:
        """Look for the key again."""
        self.post_message(self.SearchWanted())

    def store_key(self) -> None:
        """Type a key."""
        self.post_message(self.KeyWanted())


def welcome_lines(loaded: LoadedSettings, problem: BatchtuiError) -> tuple[Line, ...]:
    """Say why no account could be opened, what to do about it, and what comes then."""
    head = line(("batchtui", "heading"), ("  Message Batches in the terminal", "muted"))
    if isinstance(problem, NoKeyGiven):
        title = line(("No API key yet. Three ways to give one:", "strong"))
        return (head, BLANK, title, *_ways(loaded))
    said = [line((visible(problem.message), "problem"))]
    if problem.hint:
        said.append(line(visible(problem.hint)))
    if isinstance(problem, KeyUnavailable):
        said += [BLANK, line("The ways to give a key:"), *_ways(loaded)]
    return (head, BLANK, *said)


def _ways(loaded: LoadedSettings) -> tuple[Line, ...]:
    file = visible(str(loaded.paths.settings_file))
    key_of = partial(shown_key, loaded.settings.keys)
    return (
        BLANK,
        line(
            ("  1  ", "muted"),
            "Type it here, into a file that only you can read: ",
            (key_of(StoreKey), "key"),
        ),
        BLANK,
        line(("  2  ", "muted"), "In the environment, before you start:"),
        line("     ", ("export ANTHROPIC_API_KEY=sk-ant-…", "code")),
        BLANK,
        line(("  3  ", "muted"), "From a password manager, as a setting:"),
        line("     ", ('key_command = ["op", "read", "op://vault/anthropic/key"]', "code")),
        line(
            "     ",
            (f"in {file}; then ", "muted"),
            (key_of(TryAgain), "key"),
            (" looks again", "muted"),
        ),
        BLANK,
        line("Then the list of your batches opens. Nothing is sent or changed until you say so."),
        BLANK,
        line(
            "To look around first: ",
            (key_of(TryDemo), "key"),
            " opens the demo, with made-up batches, no key, no network.",
        ),
    )
