"""The command palette: every command of the screen, with its help, or why it is not possible."""

from collections.abc import Iterator
from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider

from batchtui.tui.commands.command import Command
from batchtui.tui.commands.general import EVERYWHERE
from batchtui.tui.screens.command_screen import CommandScreen


class CommandProvider(Provider):
    """Offers what the screen offers."""

    async def discover(self) -> Hits:
        """All commands, while nothing is typed."""
        for command, help_text in self._commands():
            yield DiscoveryHit(
                command.label, partial(self._run, command), text=command.label, help=help_text
            )

    async def search(self, query: str) -> Hits:
        """The commands whose label or help match."""
        matcher = self.matcher(query)
        for command, help_text in self._commands():
            score = max(matcher.match(command.label), 0.7 * matcher.match(command.summary()))
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
            verdict = screen.verdict_on(command)
            help_text = command.summary() if verdict.allowed else f"not now: {verdict.reason}"
            yield command, help_text

    async def _run(self, command: type[Command]) -> None:
        screen = self.screen
        if isinstance(screen, CommandScreen):
            await screen.run_command(command)
