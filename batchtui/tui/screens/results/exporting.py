"""The command that writes rows to a file."""

from array import array
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from batchtui.formatting import plural
from batchtui.tui.commands import results as commands
from batchtui.tui.commands.command import Command
from batchtui.tui.screens.results.selection import Tab
from batchtui.tui.screens.results.source import Phase

if TYPE_CHECKING:
    from batchtui.tui.screens.results.export_dialog import ExportPlan, Scope
    from batchtui.tui.screens.results.screen import ResultsScreen


def export(screen: "ResultsScreen") -> None:
    """Ask what is to be written where, and write it."""
    screen.start(partial(_export, screen), "dialog")


async def _export(screen: "ResultsScreen") -> None:
    from batchtui.tui.screens.results.export_dialog import ExportDialog

    plan = make_plan(screen)
    if plan is None:
        return
    written = await screen.app.push_screen_wait(ExportDialog(plan))
    if written is not None:
        screen.notify(f"{plural(written.rows, 'row')} written to {written.path}")


def make_plan(screen: "ResultsScreen") -> "ExportPlan | None":
    """What there is to write; ``None`` where there is nothing."""
    from batchtui.tui.screens.results.export_dialog import ExportPlan

    browser, source = screen.browser, screen.source
    reader = browser.reader
    if reader is None or not len(browser.index):
        return None
    is_of_batch = source.batch is not None
    return ExportPlan(
        browser.index,
        reader,
        tuple(_scopes(screen)),
        title=source.title.removesuffix(".gz").removesuffix(".jsonl"),
        folder=screen.setup.export_dir,
        is_partial=is_of_batch and source.status.phase is not Phase.READY,
    )


def _scopes(screen: "ResultsScreen") -> "list[Scope]":
    from batchtui.tui.screens.results.export_dialog import Scope

    browser = screen.browser
    everything = Scope("all", range(len(browser.index)))
    scopes: list[Scope] = []
    if browser.marked:
        scopes.append(Scope("marked", array("I", sorted(browser.marked))))
    if browser.tab is not Tab.ALL or browser.query is not None:
        scopes.append(Scope("shown", browser.rows[:]))
    return [*scopes, everything]


COMMANDS: Mapping[type[Command], "Callable[[ResultsScreen], None]"] = {
    commands.ExportRows: export,
}
