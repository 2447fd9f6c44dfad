"""The reader: shows the row that the cursor rests on, piece by piece where it is long."""

import asyncio
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct

from batchtui.results.conversation import Conversation, read_conversation
from batchtui.results.errors import ResultsFileError
from batchtui.results.index import NO_CAUSE, RESULT_TYPES, ErrorCause
from batchtui.results.triage_advice import find_advice
from batchtui.tui.glyphs import Glyphs
from batchtui.tui.lines import Line, Span, spans
from batchtui.tui.screens.results.browser import Browser
from batchtui.tui.screens.results.layout import Setting, Steps, View, lay_out_row
from batchtui.tui.screens.results.requests import lay_out_request
from batchtui.tui.screens.results.rows import TYPE_STYLES, type_glyph
from batchtui.tui.widgets.line_bar import LineBar
from batchtui.tui.widgets.reader_document import Document
from batchtui.tui.widgets.reader_text import find_nothing
from batchtui.tui.widgets.reader_view import ReaderView
from batchtui.untrusted import visible

if TYPE_CHECKING:
    from batchtui.tui.screens.results.screen import ResultsScreen

_REST, _LONG_REST = 0.15, 0.25
"""Seconds that the cursor must rest on a row before it is read, and those when it was running: who
runs through a list pays nothing for the rows in between, on the line least of all."""
_RUNNING = 0.4
"""Seconds between two steps of the cursor below which it is running."""
_TURN = 0.004
_SHOW_EVERY = 0.25
_LONG = 256 * 1024
"""Bytes of a line from which it is decoded in a thread."""


class RowText(Struct, frozen=True):
    """One row, read and decoded."""

    index: int
    """Tells the index it is from."""
    row: int
    data: bytes
    conversation: Conversation


class Wanted(Struct, frozen=True):
    """What stands, or should stand, in the reader; another one is another document."""

    index: int
    row: int
    view: View
    width: int
    is_wrapped: bool
    query: str

    def is_same_row(self, other: "Wanted") -> bool:
        """Whether it is the same row, perhaps looked at in another way."""
        return (self.index, self.row) == (other.index, other.row)


@dataclass(slots=True)
class Reading:
    """What is read, and how.

    Attributes:
        view: The way to look at a row.
        is_wrapped: Whether long lines are broken.
        text: The row that was read last.
        match: The line of the match that was gone to last; ``None`` before the first.
        wants_last_match: Whether to go to the last match of the next row instead of the first.
        wants_match: Whether to go to a match once the next row is there.
        shown: What the document on the screen was made from.
        is_whole: Whether all of it was laid out.
        being_laid_out: What is being laid out at the moment.
        stepped_at: When a key moved the cursor last, by a clock that never goes back.
    """

    view: View = View.CONVERSATION
    is_wrapped: bool = True
    text: RowText | None = None
    match: int | None = None
    wants_match: bool = False
    wants_last_match: bool = False
    stepped_at: float = 0.0
    shown: Wanted | None = None
    is_whole: bool = False
    being_laid_out: Wanted | None = None


def follow_key(screen: "ResultsScreen") -> None:
    """Read the row that a key brought the cursor to: when it rests there."""
    now = time.monotonic()
    is_running = now - screen.reading.stepped_at < _RUNNING
    screen.reading.stepped_at = now
    follow(screen, delay=_LONG_REST if is_running else _REST)


def follow(screen: "ResultsScreen", *, delay: float = 0.0) -> None:
    """Read the row under the cursor after some seconds, unless it has gone on by then."""
    wanted = _wanted(screen)
    if wanted is None or wanted != screen.reading.being_laid_out:
        screen.start(partial(_follow, screen, delay), "reading")


async def _follow(screen: "ResultsScreen", delay: float) -> None:
    if delay:
        await asyncio.sleep(delay)
    reading, view = screen.reading, screen.query_one(ReaderView)
    wanted = _wanted(screen)
    if wanted is None:
        show_nothing(screen)
        return
    if wanted == reading.shown and reading.is_whole:
        return
    text = await _read(screen, wanted.row)
    if text is None:
        return
    top = view.top if reading.shown is not None and reading.shown.is_same_row(wanted) else 0
    reading.shown = reading.being_laid_out = wanted
    reading.match, reading.is_whole = None, False
    show_title(screen)
    try:
        await _show_text(screen, text, top)
        reading.is_whole = True
    finally:
        if reading.being_laid_out is wanted:
            reading.being_laid_out = None


def show_nothing(screen: "ResultsScreen") -> None:
    """Empty the reader: there is no row."""
    screen.reading.shown = None
    screen.query_one("#reader-title", LineBar).lines = ()
    screen.query_one(ReaderView).show(Document())


async def _show_text(screen: "ResultsScreen", text: RowText, top: int) -> None:
    """Show a row, and the request below it."""
    reading, view = screen.reading, screen.query_one(ReaderView)
    setting = _setting(screen, text.row, view.text_width)
    steps = lay_out_row(reading.view, text.conversation, text.data, setting)
    document = await _fill(view, steps, top)
    if reading.wants_match or (screen.browser.query is not None and not top):
        go_to_wanted_match(screen)
    if reading.view is View.CONVERSATION:
        found = await screen.requests.find(screen.browser.index.custom_id(text.row))
        if found is not None:
            await _fill(view, lay_out_request(found, setting), None, document)


def _wanted(screen: "ResultsScreen") -> Wanted | None:
    """What should stand in the reader now."""
    browser, reading = screen.browser, screen.reading
    width = screen.query_one(ReaderView).text_width
    if browser.row is None or not len(browser.rows) or not screen.is_reader_seen or width <= 1:
        return None
    query = browser.query.text if browser.query else ""
    return Wanted(id(browser.index), browser.row, reading.view, width, reading.is_wrapped, query)


async def _read(screen: "ResultsScreen", row: int) -> RowText | None:
    """Read a row, or take the one that was read last."""
    known, browser = screen.reading.text, screen.browser
    if known is not None and known.row == row and known.index == id(browser.index):
        return known
    reader = browser.reader
    if reader is None or row >= len(browser.index):
        return None
    try:
        if browser.index.lengths[row] < _LONG:
            data = reader.raw(row)
            conversation = read_conversation(data)
        else:
            data = await asyncio.to_thread(reader.raw, row)
            conversation = await asyncio.to_thread(read_conversation, data)
    except ResultsFileError as error:
        screen.notify_error(error)
        return None
    screen.reading.text = RowText(id(browser.index), row, data, conversation)
    return screen.reading.text


async def _fill(
    view: ReaderView, steps: Steps, top: int | None, document: Document | None = None
) -> Document:
    """Lay out what is seen first, then the rest in turns; gives the document.

    Args:
        view: Shows it.
        steps: What to lay out.
        top: The line to show first; ``None`` stays where it is.
        document: What there is already; a new one if not given.
    """
    document = Document() if document is None else document
    wanted = (top or 0) + 2 * max(20, view.size.height)
    is_shown = top is None
    turn = shown = time.perf_counter()
    for section in steps:
        if section is not None:
            document.append(section)
        if not is_shown and len(document) >= wanted:
            view.show(document, top=top)
            is_shown = True
        now = time.perf_counter()
        if now - turn >= _TURN:
            if is_shown and now - shown >= _SHOW_EVERY:
                view.show(document, top=None)
                shown = now
            await asyncio.sleep(0)
            turn = time.perf_counter()
    view.show(document, top=None if is_shown else top)
    return document


def _setting(screen: "ResultsScreen", row: int, width: int) -> Setting:
    browser = screen.browser
    query, index = browser.query, browser.index
    cause = index.cause_list[index.causes[row]]
    return Setting(
        width=width,
        glyphs=screen.glyphs,
        is_wrapped=screen.reading.is_wrapped,
        find_text=query.spans if query else find_nothing,
        find_error=(lambda text: query.spans(text, "error")) if query else find_nothing,
        advice=advice_of(cause) if index.causes[row] != NO_CAUSE else "",
        reasons=browser.attention.reasons(index, row),
    )


def advice_of(cause: ErrorCause) -> str:
    """What to do about an error, in a sentence or two."""
    return find_advice(cause).advice


def show_title(screen: "ResultsScreen") -> None:
    """Say above the reader what it shows."""
    bar = screen.query_one("#reader-title", LineBar)
    text = screen.reading.text
    if text is None or text.row >= len(screen.browser.index):
        bar.lines = ()
        return
    bar.lines = (title_line(screen.browser, screen.reading, text, screen.glyphs),)


def title_line(browser: Browser, reading: Reading, text: RowText, glyphs: Glyphs) -> Line:
    """The row's id, and at the right how it ended and how it is looked at."""
    kind = browser.index.types[text.row]
    right: list[Span] = []
    if reading.view is not View.CONVERSATION:
        right += spans((reading.view.value, "accent"), "  ")
    if not reading.is_wrapped:
        right += spans(("not wrapped", "accent"), "  ")
    right += spans((f"{type_glyph(kind, glyphs)} {RESULT_TYPES[kind]}", TYPE_STYLES[kind]))
    name = visible(browser.index.custom_id(text.row)) or "(no custom_id)"
    return Line(spans((name, "heading")), (Span("  "), *right))


# Matches


def next_match(screen: "ResultsScreen") -> None:
    """To the next match in this row, or the first one in the next row."""
    view = screen.query_one(ReaderView)
    match = screen.reading.match
    found = view.document.match_after(-1 if match is None else match)
    _go_to_match(screen, found, step=1)


def previous_match(screen: "ResultsScreen") -> None:
    """To the previous match in this row, or the last one in the row before."""
    view = screen.query_one(ReaderView)
    match = screen.reading.match
    found = None if match is None else view.document.match_before(match)
    _go_to_match(screen, found, step=-1)


def _go_to_match(screen: "ResultsScreen", found: int | None, *, step: int) -> None:
    if found is not None:
        screen.reading.match = found
        screen.query_one(ReaderView).go_to(found)
        return
    if screen.move_cursor(step):
        screen.reading.wants_match = True
        screen.reading.wants_last_match = step < 0
        follow(screen)
    else:
        screen.notify("There is no further match")


def go_to_wanted_match(screen: "ResultsScreen") -> None:
    """Go to the match for which a row is shown: the first one, or the last one on the way back."""
    reading = screen.reading
    wants_last = reading.wants_match and reading.wants_last_match
    reading.wants_match = False
    view = screen.query_one(ReaderView)
    document = view.document
    found = document.match_before(len(document)) if wants_last else None
    found = document.match_after(-1) if found is None else found
    if found is not None:
        reading.match = found
        view.go_to(found)
