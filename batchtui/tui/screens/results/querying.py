"""The query: typed, completed, remembered, understood or pointed at, and searched for."""

import asyncio
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from batchtui.results.errors import QueryError
from batchtui.results.query.completion import Completion, complete
from batchtui.results.query.engine import compile_query
from batchtui.tui.lines import BLANK, Line, Span, line, spans
from batchtui.tui.screens.results.header import caret_line
from batchtui.tui.screens.results.searching import Search
from batchtui.tui.widgets.line_bar import LineBar
from batchtui.tui.widgets.results_query import QueryInput
from batchtui.tui.widgets.results_table import ResultsTable
from batchtui.untrusted import visible

if TYPE_CHECKING:
    from batchtui.tui.screens.results.screen import ResultsScreen

PAUSE = 0.08
"""Seconds without a key after which what is typed is searched for."""
_KEPT = 30
PROMPT_LINES = (line(("/", "key")),)
"""What stands before the field."""
_PROMPT = 2
"""Cells before the first character of the query."""


@dataclass(slots=True)
class Asking:
    """What is being typed.

    Attributes:
        before: The query from before, to go back to.
        error: Why it is not understood, or ``None``.
        suggestions: What it could go on with.
        chosen: Which of them Tab takes.
        recent: Queries of before, the last one first.
    """

    before: str = ""
    error: QueryError | None = None
    suggestions: list[Completion] = field(default_factory=list)
    chosen: int = 0
    recent: list[str] = field(default_factory=list)


def ask(screen: "ResultsScreen") -> None:
    """Open the field of the query."""
    screen.asking.before = screen.browser.text
    screen.add_class("-asking")
    field_ = screen.query_one(QueryInput)
    field_.value = screen.browser.text
    field_.cursor_position = len(field_.value)
    # not by `Widget.focus`, which waits its turn: what is typed next would be taken as commands
    screen.set_focus(field_)
    suggest(screen)


def keep(screen: "ResultsScreen") -> None:
    """Close the field; the query stays, if it is understood."""
    if screen.asking.error is not None:
        return
    remember(screen, screen.browser.text.strip())
    _close(screen)


def remember(screen: "ResultsScreen", text: str) -> None:
    """Keep a query, to be suggested again."""
    if text:
        recent = [one for one in screen.asking.recent if one != text]
        screen.asking.recent = [text, *recent][:_KEPT]


def give_up(screen: "ResultsScreen") -> None:
    """Close the field and go back to the query of before."""
    before = screen.asking.before
    _close(screen)
    if screen.browser.text != before:
        set_query(screen, before)


def _close(screen: "ResultsScreen") -> None:
    screen.asking.error = None
    screen.remove_class("-asking")
    screen.set_focus(screen.query_one(ResultsTable))
    screen.show()


def typed(screen: "ResultsScreen", text: str) -> None:
    """Take in what was typed so far."""
    if screen.has_class("-asking"):
        if text != screen.browser.text:
            set_query(screen, text, pause=PAUSE)
        suggest(screen)


def set_query(screen: "ResultsScreen", text: str, *, pause: float = 0.0) -> None:
    """Make a text the query, if it is understood; else say why not, and leave the rows be."""
    browser = screen.browser
    browser.text = text
    try:
        query = compile_query(text) if text.strip() else None
    except QueryError as error:
        screen.asking.error = error
        screen.stop_work("search")
        return
    screen.asking.error = None
    browser.query = query
    start_search(screen, pause=pause)


def start_search(screen: "ResultsScreen", *, pause: float = 0.0) -> None:
    """Look for the rows of the query."""
    screen.start(partial(_search, screen, pause), "search")


async def _search(screen: "ResultsScreen", pause: float) -> None:
    if pause:
        await asyncio.sleep(pause)
    browser = screen.browser
    query, reader = browser.query, browser.reader
    if query is None or query.is_everything or reader is None:
        browser.search = None
        await screen.show_rows()
    else:
        await _run(screen, Search(query, browser.index, reader))


def go_on(screen: "ResultsScreen") -> None:
    """Look through the rows that have arrived since, unless that is being done."""
    search = screen.browser.search
    is_busy = any(one.group == "search" and not one.is_finished for one in screen.workers)
    if search is not None and not search.is_done and not is_busy:
        screen.start(partial(_run, screen, search), "search")


async def _run(screen: "ResultsScreen", search: Search) -> None:
    """Look at all rows there are; the rows of before stay until there are others."""

    def take() -> None:
        screen.browser.search = search
        screen.note_change()

    try:
        await search.run(take)
    except QueryError as error:
        screen.asking.error = error
        screen.show()
        return
    screen.browser.search = search
    await screen.show_rows()


# Suggestions


def suggest(screen: "ResultsScreen") -> None:
    """Find out how what is typed could go on, and show it."""
    field_ = screen.query_one(QueryInput)
    asking = screen.asking
    asking.chosen = 0
    if field_.value.strip():
        asking.suggestions = complete(field_.value, field_.cursor_position, screen.browser.index)
    else:
        recent = [Completion(one, 0, len(field_.value), "used before") for one in asking.recent[:5]]
        asking.suggestions = [*recent, *complete("", 0)]
    show_suggestions(screen)


def choose(screen: "ResultsScreen", step: int) -> None:
    """Choose another suggestion."""
    count = len(screen.asking.suggestions)
    if count:
        screen.asking.chosen = (screen.asking.chosen + step) % count
        show_suggestions(screen)


def take_suggestion(screen: "ResultsScreen") -> None:
    """Put the chosen suggestion into the query."""
    asking = screen.asking
    if not asking.suggestions:
        return
    chosen = asking.suggestions[asking.chosen]
    field_ = screen.query_one(QueryInput)
    is_whole = not chosen.insert.endswith((":", ">"))
    insert = chosen.insert + (" " if is_whole else "")
    field_.value = field_.value[: chosen.start] + insert + field_.value[chosen.end :].lstrip()
    field_.cursor_position = chosen.start + len(insert)


def show_suggestions(screen: "ResultsScreen") -> None:
    """Show the error, if there is one, below its place, and the suggestions below that."""
    bar = screen.query_one("#results-hints", LineBar)
    width = bar.content_size.width
    if width <= 0:
        return
    asking = screen.asking
    error = asking.error
    offset = _PROMPT - screen.query_one(QueryInput).scroll_offset.x
    first = caret_line(error, offset, width) if error else BLANK
    bar.lines = (first, suggestions_line(asking.suggestions, asking.chosen, width))


def suggestions_line(suggestions: list[Completion], chosen: int, width: int) -> Line:
    """The suggestions beside each other, the chosen one with what it means.

    Args:
        suggestions: All of them.
        chosen: The one that Tab takes.
        width: Cells of the line.
    """
    if not suggestions:
        return BLANK
    meaning = visible(suggestions[chosen].description)
    right = spans((meaning, "muted")) if len(meaning) + 24 < width else ()
    room = width - (len(meaning) + 3 if right else 0) - 5
    shown: list[Span] = list(spans(("Tab", "key"), "  "))
    first = max(0, chosen - 2)
    for place in range(first, len(suggestions)):
        text = visible(suggestions[place].insert)
        if len(text) + 2 > room and place > chosen:
            break
        shown += spans((text, "accent strong" if place == chosen else "muted"), "  ")
        room -= len(text) + 2
    return Line(tuple(shown), right)
