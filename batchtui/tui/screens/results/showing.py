"""From the state of the screen to the values of its widgets."""

from typing import TYPE_CHECKING

from batchtui.tui.commands import results as commands
from batchtui.tui.commands.command import key_name
from batchtui.tui.lines import Line
from batchtui.tui.screens.results import taking
from batchtui.tui.screens.results.empty import note_lines
from batchtui.tui.screens.results.header import (
    Finding,
    Heading,
    finding_spans,
    header_line,
    position_spans,
    problem_line,
    query_line,
    tabs_line,
)
from batchtui.tui.screens.results.rows import ResultRows, RowsContext
from batchtui.tui.screens.results.snippets import Snippets
from batchtui.tui.screens.results.verdicts import result_verdicts
from batchtui.tui.widgets.action_bar import ActionBar
from batchtui.tui.widgets.line_bar import LineBar
from batchtui.tui.widgets.reader_wrapping import wrap_runs
from batchtui.tui.widgets.results_table import ResultsTable
from batchtui.tui.widgets.results_tabs import TabsBar

if TYPE_CHECKING:
    from batchtui.tui.screens.results.screen import ResultsScreen


def show(screen: "ResultsScreen", cursor: int | None = None) -> None:
    """Hand every widget its value; each repaints only what differs.

    Args:
        screen: The screen.
        cursor: Where to put the cursor; ``None`` leaves it.
    """
    browser, status = screen.browser, screen.source.status
    _show_header(screen)
    finding = _finding(screen)
    screen.query_one("#results-query", LineBar).lines = (query_line(finding),)
    screen.query_one("#results-found", LineBar).lines = (Line(right=finding_spans(finding)),)
    problem = screen.query_one("#results-problem", LineBar)
    problem.lines = (problem_line(status, go_on=key_name(commands.ReloadResults.keys)),)
    problem.display = bool(problem.lines[0].left) and len(browser.index) > 0
    table = screen.query_one(ResultsTable)
    table.note = _note(screen, finding)
    table.show(_row_lines(screen), cursor)
    screen.verdicts = result_verdicts(
        browser, screen.source, is_read_only=screen.setup.is_read_only
    )
    screen.query_one(ActionBar).items = tuple(screen.action_items())
    show_position(screen)


def show_position(screen: "ResultsScreen") -> None:
    """Say which row the cursor is on."""
    table = screen.query_one(ResultsTable)
    shown = len(screen.browser.rows)
    screen.query_one(ActionBar).status = position_spans(table.cursor, shown)


def _show_header(screen: "ResultsScreen") -> None:
    browser, source = screen.browser, screen.source
    header = screen.query_one("#results-header", LineBar)
    heading = Heading(
        source.title,
        source.name,
        source.status,
        len(browser.index),
        browser.failed,
        browser.odd,
    )
    header.lines = (header_line(heading, screen.glyphs, header.content_size.width),)
    tabs = screen.query_one(TabsBar)
    tabs.lines = (tabs_line(browser.counts(), browser.tab, tabs.content_size.width),)


def _finding(screen: "ResultsScreen") -> Finding:
    browser = screen.browser
    search = browser.search
    return Finding(
        query=browser.text,
        shown=len(browser.rows),
        among=browser.counts()[browser.tab],
        is_done=search is None or search.is_done,
        share_done=search.rows_done / max(1, len(browser.index)) if search else 1.0,
        seconds=search.seconds if search else 0.0,
        marked=len(browser.marked),
    )


def _note(screen: "ResultsScreen", finding: Finding) -> tuple[Line, ...]:
    """What is said in place of rows, in lines that fit."""
    if len(screen.browser.rows):
        return ()
    lines = note_lines(
        screen.source.status,
        len(screen.browser.index),
        screen.browser.tab,
        screen.browser.text,
        is_searching=not finding.is_done,
        is_gone=taking.is_gone(screen.source),
    )
    width = max(10, screen.query_one(ResultsTable).size.width - 4)
    runs = ([(span.text, span.style) for span in one.left] for one in lines)
    return tuple(Line(spans) for one in runs for spans in wrap_runs(one, width))


def _row_lines(screen: "ResultsScreen") -> ResultRows:
    browser = screen.browser
    if not screen.snippets.is_of(browser.index, browser.reader):
        screen.snippets = Snippets(browser.index, browser.reader)
    context = RowsContext(
        browser.attention,
        screen.snippets,
        screen.glyphs,
        browser.marked,
        browser.needed(),
    )
    return ResultRows(browser.index, browser.rows, context)
