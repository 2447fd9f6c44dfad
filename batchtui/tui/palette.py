"""The command palette: every command of the screen, with its help, or why it is not possible."""

from collections.abc import Iterator
from functools import partial

from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.fuzzy import Matcher

from batchtui.tui.commands.command import Command
from batchtui.tui.commands.general import EVERYWHERE
from batchtui.tui.screens.command_screen import CommandScreen
from batchtui.tui.screens.steady import SteadyScreen


class Palette(CommandPalette, SteadyScreen[None]):
    """Textual's palette, which is left once: the second of two keys that choose does nothing."""


class CommandProvider(Provider):
    """Offers what the screen offers."""

    async def discover(self) -> Hits:
        """All commands, while nothing is typed."""
        for command, help_text in self._commands():
            yield DiscoveryHit(
                command.label, partial(self._run, command), text=command.label, help=help_text
            )

    async def search(self, query: str) -> Hits:
        """The commands whose label, id or help match, those whose label does first."""
        matcher = self.matcher(query)
        for command, help_text in self._commands():
            score = _score(matcher, command)
            if score > 0:
                yield Hit(
                    score,
                    matcher.highlight(command.label),
                    partial(self._run, command),
                    text=command.label,
                    help=help_text,
                )

    def _commands(self) -> Iterator[tuple[type[Command], str]]:
        screen = self.screen
        if not isinstance(screen, CommandScreen):
            return
        for command in (*screen.OFFERED, *EVERYWHERE):
            availability = screen.availability_of(command)
            help_text = command.summary() if availability else f"not now: {availability.reason}"
            yield command, help_text

    async def _run(self, command: type[Command]) -> None:
        screen = self.screen
        if isinstance(screen, CommandScreen):
            await screen.run_command(command)


def _score(matcher: Matcher, command: type[Command]) -> float:
    """How well a command matches: above 1 by its label, else below; 0 not at all."""
    label = matcher.match(command.label)
    if label:
        return 1 + _below_one(label)
    name = command.id()
    # with spaces too, as it is spoken
    by_id = max(matcher.match(name), matcher.match(name.replace("-", " ")))
    return _below_one(max(by_id, 0.7 * matcher.match(command.summary())))


def _below_one(score: float) -> float:
    """Textual's scores have no upper limit: bring them below 1, in the same order."""
    return score / (1 + score)
