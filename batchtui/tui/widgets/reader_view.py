"""Shows a document: only the lines on the screen are made and painted."""

import asyncio
import time
from collections.abc import Iterator

from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.reactive import reactive
from textual.selection import Selection
from textual.strip import Strip

from batchtui.tui.lines import Line
from batchtui.tui.widgets.painting import selected_text
from batchtui.tui.widgets.reader_document import Document, Section
from batchtui.tui.widgets.scrolling import ScrolledLines

_TURN = 0.004
"""Seconds of laying out after which others have a turn."""
_SHOW_EVERY = 0.25


class ReaderView(ScrolledLines):
    """Reads a document; a new one repaints only the lines that look different."""

    left: reactive[int] = reactive(0, repaint=False)
    """Cells that are scrolled out at the left, where long lines are not wrapped."""

    class Resized(Message):
        """Lines may have another width now."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._painted: dict[int, Line] = {}
        self.document = Document()
        """What is shown; show another one with `show`."""

    @property
    def text_width(self) -> int:
        """Cells for a line of text, with the scroll bar there or not: lines do not move."""
        return max(1, self.container_size.width - self.styles.padding.width - 1)

    @property
    def page_height(self) -> int:
        """Lines that one screen goes on by: one stays in view."""
        return max(1, self.size.height - 1)

    @property
    def top(self) -> int:
        """The number of the first line on the screen."""
        return self.scroll_offset.y

    def show(self, document: Document, *, top: int | None = 0) -> None:
        """Show a document.

        Args:
            document: What to show; may be the same one, grown.
            top: The line to show first; ``None`` stays where it is.
        """
        self.document = document
        self.set_scroll_height(len(document))
        if top is not None:
            self.scroll_to(y=top, animate=False)
        self._repaint_changed()

    async def lay_out(
        self, steps: Iterator[Section | None], top: int | None, document: Document | None = None
    ) -> Document:
        """Lay out what is seen first, then the rest in turns with everything else.

        Args:
            steps: Sections, and ``None`` where others may have a turn.
            top: The line to show first; ``None`` stays where it is.
            document: What there is already; a new one if not given.

        Returns:
            The document.
        """
        document = Document() if document is None else document
        wanted = (top or 0) + 2 * max(20, self.size.height)
        is_shown = top is None
        turn = shown = time.perf_counter()
        for section in steps:
            if section is not None:
                document.append(section)
            if not is_shown and len(document) >= wanted:
                self.show(document, top=top)
                is_shown = True
            now = time.perf_counter()
            if now - turn >= _TURN:
                if is_shown and now - shown >= _SHOW_EVERY:
                    self.show(document, top=None)
                    shown = now
                await asyncio.sleep(0)
                turn = time.perf_counter()
        self.show(document, top=None if is_shown else top)
        return document

    def go_to(self, number: int) -> None:
        """Bring a line into view, with some lines around it."""
        height = self.size.height
        if not self.top + 1 <= number < self.top + height - 1:
            self.scroll_to(y=max(0, number - height // 3), animate=False)

    def _repaint_changed(self) -> None:
        for y in range(self.size.height):
            if self._painted.get(y) != self.document.line(y + self.top):
                self._painted.pop(y, None)
                self.refresh(Region(0, y, self.size.width, 1))

    def render_line(self, y: int) -> Strip:
        """Paint the line ``y`` of the widget."""
        number = y + self.top
        self._painted[y] = self.document.line(number)
        return self._painter.selectable(self._strip(number), number)

    def get_selection(self, selection: Selection) -> tuple[str, str]:
        """Return the text that is selected with the mouse."""
        return selected_text(selection, lambda number: self._strip(number).text, len(self.document))

    def _strip(self, number: int) -> Strip:
        line = self.document.line(number)
        width = self.size.width
        if not self.left:
            return self._painter.paint(line, width)
        return self._painter.paint(line, self.left + width).crop(self.left, self.left + width)

    def on_resize(self, event: events.Resize) -> None:
        """Fit what scrolls, and report it to whoever lays the document out."""
        del event
        self.set_scroll_height(len(self.document))
        self.post_message(self.Resized())

    def watch_left(self) -> None:
        """Paint what is seen now."""
        self.refresh()
