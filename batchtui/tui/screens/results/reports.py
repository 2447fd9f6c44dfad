"""The commands that show all rows at once: failures by cause, and the summary."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from batchtui.tui.commands import results as commands
from batchtui.tui.commands.command import Command
from batchtui.tui.screens.results import querying
from batchtui.tui.screens.results.selection import Tab

if TYPE_CHECKING:
    from batchtui.tui.screens.results.screen import ResultsScreen


def show_failures(screen: "ResultsScreen") -> None:
    """List why rows failed; a chosen group becomes the query."""
    from batchtui.tui.screens.results.failures import FailuresScreen

    def take(query: str | None) -> None:
        if query is not None:
            screen.browser.tab = Tab.ALL
            querying.remember(screen, query)
            querying.set_query(screen, query)

    screen.app.push_screen(FailuresScreen(screen.browser, screen.source, screen.glyphs), take)


def show_summary(screen: "ResultsScreen") -> None:
    """Show everything in numbers."""
    from batchtui.tui.screens.results.summary import SummaryScreen

    screen.app.push_screen(
        SummaryScreen(screen.browser, screen.source, screen.glyphs, screen.setup.prices_file)
    )


COMMANDS: Mapping[type[Command], "Callable[[ResultsScreen], None]"] = {
    commands.ShowFailures: show_failures,
    commands.ShowSummary: show_summary,
}
