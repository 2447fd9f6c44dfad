"""What is possible in the results viewer now, and if not why. Pure."""

from collections.abc import Mapping

from batchtui.batches.rules import ALLOWED, READ_ONLY, Availability
from batchtui.tui.commands import results as commands
from batchtui.tui.commands.command import Command
from batchtui.tui.screens.results.browser import Browser
from batchtui.tui.screens.results.source import ResultsSource, SourceStatus

_ON_ROW: tuple[type[Command], ...] = (
    commands.ReadRow,
    commands.CopyAnswer,
    commands.CopyRow,
    commands.CopyCustomId,
    commands.MarkRow,
    commands.OpenInPager,
    commands.OpenInEditor,
    commands.ExportRows,
)
_ON_ANY: tuple[type[Command], ...] = (
    commands.ShowSummary,
    commands.FilterRows,
    commands.SortRows,
)
_NO_ROW = Availability(allowed=False, reason="There is no row here")
_NO_ROWS = Availability(allowed=False, reason="There are no rows yet")
_NO_FAILURES = Availability(allowed=False, reason="Nothing failed")
_NO_QUERY = Availability(allowed=False, reason="There is no query: / begins one")
_NO_TARGETS = Availability(
    allowed=False, reason="Nothing to send again: no row failed or is marked"
)
_NO_BATCH = Availability(allowed=False, reason="Only the results of a batch can be sent again")

_MOVING = Availability(allowed=False, reason="They are on their way already")
_NOTHING_TO_FETCH = Availability(allowed=False, reason="All results are here")


def result_verdicts(
    browser: Browser, source: ResultsSource, *, is_read_only: bool
) -> Mapping[str, Availability]:
    """Say for every command of the screen, by its id, whether it is possible."""
    table: dict[str, Availability] = {}
    if browser.row is None or not len(browser.rows):
        table |= {command.id(): _NO_ROW for command in _ON_ROW}
    if not len(browser.index):
        table |= {command.id(): _NO_ROWS for command in _ON_ANY}
    if browser.query is None:
        table |= {
            command.id(): _NO_QUERY for command in (commands.NextMatch, commands.PreviousMatch)
        }
    table[commands.ShowFailures.id()] = ALLOWED if _has_causes(browser) else _NO_FAILURES
    table[commands.SendAgain.id()] = _can_send(browser, source, is_read_only=is_read_only)
    table[commands.ReloadResults.id()] = _can_go_on(source.status)
    return table


def _has_causes(browser: Browser) -> bool:
    by_type = browser.index.rows_by_type
    return any(len(rows) for rows in by_type[1:])


def _can_send(browser: Browser, source: ResultsSource, *, is_read_only: bool) -> Availability:
    if source.batch is None:
        return _NO_BATCH
    if is_read_only:
        return READ_ONLY
    return ALLOWED if browser.target_count() else _NO_TARGETS


def _can_go_on(status: SourceStatus) -> Availability:
    if status.is_moving:
        return _MOVING
    return ALLOWED if status.can_go_on else _NOTHING_TO_FETCH
