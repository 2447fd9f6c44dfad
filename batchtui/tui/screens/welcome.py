"""The first screen of someone without a key: the ways to give one, and the demo."""

from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message

from batchtui.config.errors import KeyUnavailable, NoKeyGiven
from batchtui.config.loading import LoadedSettings
from batchtui.errors import BatchtuiError
from batchtui.tui.commands.bindings import dispatched
from batchtui.tui.commands.welcome import WELCOME_COMMANDS
from batchtui.tui.lines import BLANK, Line, line
from batchtui.tui.screens.command_screen import CommandScreen
from batchtui.tui.widgets.action_bar import ActionBar
from batchtui.tui.widgets.line_view import LineView
from batchtui.untrusted import visible


class WelcomeScreen(CommandScreen[None]):
    """Says why no account could be opened, and what to do.

    Args:
        loaded: The settings.
        problem: Why it could not be opened.
    """

    OFFERED = WELCOME_COMMANDS
    BINDINGS: ClassVar[list[BindingType]] = dispatched(WELCOME_COMMANDS)

    @dataclass
    class DemoWanted(Message):
        """The user wants to look around with made-up batches."""

    @dataclass
    class RetryWanted(Message):
        """The user wants the key to be looked for again."""

    @dataclass
    class KeyWanted(Message):
        """The user wants to type a key."""

    def __init__(self, loaded: LoadedSettings, problem: BatchtuiError) -> None:
        super().__init__()
        self._lines = welcome_lines(loaded, problem)

    def compose(self) -> ComposeResult:
        """The text and the action bar."""
        view = LineView(id="welcome")
        view.lines = self._lines
        yield view
        yield ActionBar(classes="chrome")

    def on_mount(self) -> None:
        """Show the keys."""
        self.query_one(ActionBar).items = tuple(self.action_items())

    def try_demo(self) -> None:
        """Look around with made-up batches."""
        self.post_message(self.DemoWanted())

    def try_again(self) -> None:
        """Look for the key again."""
        self.post_message(self.RetryWanted())

    def store_key(self) -> None:
        """Type a key."""
        self.post_message(self.KeyWanted())


def welcome_lines(loaded: LoadedSettings, problem: BatchtuiError) -> tuple[Line, ...]:
    """Say why no account could be opened and what to do about it."""
    head = line(("batchtui", "heading"), ("  Message Batches in the terminal", "muted"))
    if isinstance(problem, NoKeyGiven):
        return (
            head,
            BLANK,
            line(("No API key yet. Three ways to give one:", "strong")),
            *_ways(loaded),
        )
    said = [line((visible(problem.message), "problem"))]
    if problem.hint:
        said.append(line(visible(problem.hint)))
    if isinstance(problem, KeyUnavailable):
        said += [BLANK, line("The ways to give a key:"), *_ways(loaded)]
    return (head, BLANK, *said)


def _ways(loaded: LoadedSettings) -> tuple[Line, ...]:
    settings = visible(str(loaded.paths.settings_file))
    return (
        BLANK,
        line(("  1  ", "muted"), "In the environment, before you start:"),
        line("     ", ("export ANTHROPIC_API_KEY=sk-ant-…", "code")),
        BLANK,
        line(
            ("  2  ", "muted"),
            "In a file that only you can read: press ",
            ("K", "key"),
            " and type it.",
        ),
        BLANK,
        line(("  3  ", "muted"), "From a password manager, as a setting:"),
        line("     ", ('key_command = ["op", "read", "op://vault/anthropic/key"]', "code")),
        line("     ", (f"in {settings}", "muted")),
        BLANK,
        line(
            "Or press ", ("d", "key"), " to look around first: made-up batches, no key, no network."
        ),
    )
