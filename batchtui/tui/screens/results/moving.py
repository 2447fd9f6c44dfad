"""The commands that move about: tabs, rows, order, marks, the reader, and the way back."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from batchtui.tui.commands import results as commands
from batchtui.tui.commands.command import Command
from batchtui.tui.screens.results import querying, reading
from batchtui.tui.screens.results.browser import next_order
from batchtui.tui.screens.results.selection import Tab
from batchtui.tui.widgets.reader_view import ReaderView
from batchtui.tui.widgets.results_table import ResultsTable

if TYPE_CHECKING:
    from batchtui.tui.screens.results.screen import ResultsScreen


def show_tab(screen: "ResultsScreen", tab: Tab) -> None:
    """Show the rows of a tab; the cursor stays on its row if that is there."""
    screen.browser.tab = tab
    screen.reselect()


def next_tab(screen: "ResultsScreen") -> None:
    """To the next tab."""
    show_tab(screen, screen.browser.tab.after)


def previous_tab(screen: "ResultsScreen") -> None:
    """To the previous tab."""
    show_tab(screen, screen.browser.tab.before)


def _to(tab: Tab) -> "Callable[[ResultsScreen], None]":
    return lambda screen: show_tab(screen, tab)


def sort(screen: "ResultsScreen") -> None:
    """To the next order, by way of the query."""
    querying.set_query(screen, next_order(screen.browser.text))


def mark(screen: "ResultsScreen") -> None:
    """Mark the row and go one down, so that several are marked quickly."""
    screen.browser.toggle_mark()
    screen.show()
    screen.move_cursor(1)


def next_row(screen: "ResultsScreen") -> None:
    """To the next row."""
    screen.move_cursor(1)


def previous_row(screen: "ResultsScreen") -> None:
    """To the row before."""
    screen.move_cursor(-1)


def read(screen: "ResultsScreen") -> None:
    """Read on the whole screen, and back."""
    set_reading(screen, not screen.has_class("-reading"))


def set_reading(screen: "ResultsScreen", is_reading: bool) -> None:
    """Give the reader the whole screen, or take it back."""
    screen.set_class(is_reading, "-reading")
    table, view = screen.query_one(ResultsTable), screen.query_one(ReaderView)
    (view if is_reading else table).focus()
    screen.call_after_refresh(screen.lay_out)


def toggle_reader(screen: "ResultsScreen") -> None:
    """Hide the reader, or show it."""
    screen.toggle_class("-no-reader")
    screen.query_one(ResultsTable).focus()
    screen.call_after_refresh(screen.lay_out)


def scroll_down(screen: "ResultsScreen") -> None:
    """Scroll the reader down."""
    view = screen.query_one(ReaderView)
    view.scroll_relative(y=max(1, view.size.height // 2), animate=False)


def scroll_up(screen: "ResultsScreen") -> None:
    """Scroll the reader up."""
    view = screen.query_one(ReaderView)
    view.scroll_relative(y=-max(1, view.size.height // 2), animate=False)


def switch_view(screen: "ResultsScreen") -> None:
    """To the next way to look at the row."""
    screen.reading.view = screen.reading.view.after
    reading.follow(screen)


def wrap(screen: "ResultsScreen") -> None:
    """Break long lines, or not."""
    screen.reading.is_wrapped = not screen.reading.is_wrapped
    screen.query_one(ReaderView).left = 0
    reading.follow(screen)


def step_back(screen: "ResultsScreen") -> None:
    """From reading to the list, from a query to all rows, and then where you came from."""
    if screen.has_class("-reading"):
        set_reading(screen, is_reading=False)
    elif screen.query_one(ReaderView).has_focus:
        screen.query_one(ResultsTable).focus()
    elif screen.browser.text:
        querying.set_query(screen, "")
    elif len(screen.app.screen_stack) > 1:
        screen.dismiss(None)
    else:
        screen.notify("Press q to leave")


def fetch_again(screen: "ResultsScreen") -> None:
    """Go on with what broke off."""
    screen.start(screen.run_source, "source")


COMMANDS: Mapping[type[Command], "Callable[[ResultsScreen], None]"] = {
    commands.NextTab: next_tab,
    commands.PreviousTab: previous_tab,
    commands.ShowAllRows: _to(Tab.ALL),
    commands.ShowSucceeded: _to(Tab.SUCCEEDED),
    commands.ShowErrored: _to(Tab.ERRORED),
    commands.ShowCanceled: _to(Tab.CANCELED),
    commands.ShowExpired: _to(Tab.EXPIRED),
    commands.ShowDoubtful: _to(Tab.LOOK),
    commands.FilterRows: querying.ask,
    commands.SortRows: sort,
    commands.MarkRow: mark,
    commands.NextRow: next_row,
    commands.PreviousRow: previous_row,
    commands.ReadRow: read,
    commands.ToggleReader: toggle_reader,
    commands.ScrollDown: scroll_down,
    commands.ScrollUp: scroll_up,
    commands.SwitchView: switch_view,
    commands.WrapLines: wrap,
    commands.NextMatch: reading.next_match,
    commands.PreviousMatch: reading.previous_match,
    commands.StepBack: step_back,
    commands.ReloadResults: fetch_again,
}
