"""A list with a cursor that paints only the lines that are seen: the base of all lists."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from rich.style import Style
from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.reactive import reactive
from textual.selection import Selection
from textual.strip import Strip

from batchtui.tui.lines import BLANK, Line, Span
from batchtui.tui.widgets.painting import selected_text
from batchtui.tui.widgets.scrolling import ScrolledLines

ValueT = TypeVar("ValueT")

GUTTER = 2
"""Cells left of a row: the mark of the cursor and a space."""


class LineList(ScrolledLines):
    """Rows of one line each, painted on demand; ten or a million cost the same.

    A subclass gives `row_count` and `line_of`, and may give `header`. Widths are cells.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "line-list--cursor",
        "line-list--cursor-mark",
        "line-list--header",
    }
    DEFAULT_CSS = """
    LineList { scrollbar-gutter: stable; }
    """

    MARK_STYLE: ClassVar[str] = "accent"
    """How the mark of the cursor looks."""

    cursor = reactive(0, repaint=False)
    row_count = reactive(0, repaint=False)
    cursor_glyph = reactive("▌")

    @dataclass
    class Highlighted(Message):
        """The cursor came to a row."""

        list: "LineList"
        """The list."""
        row: int
        """The row, from 0."""

        def can_replace(self, message: Message) -> bool:
            """Only the newest place of the cursor matters."""
            return isinstance(message, LineList.Highlighted) and message.list is self.list

        @property
        def control(self) -> "LineList":
            """The list, for the ``on`` decorator."""
            return self.list

    @dataclass
    class Chosen(Message):
        """A row was chosen with the mouse: clicked while the cursor was on it."""

        list: "LineList"
        """The list."""
        row: int
        """The row, from 0."""

        @property
        def control(self) -> "LineList":
            """The list, for the ``on`` decorator."""
            return self.list

    def line_of(self, row: int, width: int) -> Line:
        """Return the content of a row, to be painted ``width`` cells wide.

        Raises:
            NotImplementedError: Always; a subclass knows its rows.
        """
        raise NotImplementedError

    def header(self, width: int) -> Line | None:
        """Return the line above the rows that does not scroll, or ``None`` for no header."""
        del width
        return None

    @property
    def _header_height(self) -> int:
        return 0 if self.header(self.size.width) is None else 1

    @property
    def visible_rows(self) -> int:
        """How many rows fit on the screen at once."""
        return max(1, self.size.height - self._header_height)

    def render_line(self, y: int) -> Strip:
        """Paint the line ``y`` of the widget."""
        width = self.line_width
        if y == 0 and (header := self.header(width - GUTTER)) is not None:
            style = self._painter.base + self.get_component_rich_style(
                "line-list--header", partial=True
            )
            return self._with_gutter(header, width, style, Span(" " * GUTTER))
        row = y - self._header_height + self.scroll_offset.y
        if not 0 <= row < self.row_count:
            return self._painter.paint(BLANK, width)
        return self._painter.selectable(self._row_strip(row), row)

    def get_selection(self, selection: Selection) -> tuple[str, str]:
        """Return the text that is selected with the mouse, without the mark of the cursor."""
        return selected_text(
            selection,
            lambda row: f"{'':{GUTTER}}{self._row_strip(row).text[GUTTER:]}",
            self.row_count,
        )

    def _row_strip(self, row: int) -> Strip:
        width = self.line_width
        content = self.line_of(row, width - GUTTER)
        if row == self.cursor:
            return self._cursor_row(content, width)
        return self._with_gutter(content, width, self._painter.base, Span(" " * GUTTER))

    def _cursor_row(self, content: Line, width: int) -> Strip:
        style = self._painter.base + self.get_component_rich_style(
            "line-list--cursor", partial=True
        )
        mark = Span(self.cursor_glyph.ljust(GUTTER), self.MARK_STYLE)
        # colors of states need not be readable on the cursor's, and each further style would be
        # sent with each step of the cursor
        return self._with_gutter(content.in_one_style, width, style, mark)

    def _with_gutter(self, content: Line, width: int, style: Style, gutter: Span) -> Strip:
        return self._painter.paint(Line((gutter, *content.left), content.right), width, style)

    def refresh_rows(self, rows: Iterable[int]) -> None:
        """Repaint rows, as far as they are on the screen."""
        header, (width, height) = self._header_height, self.size
        shift = header - self.scroll_offset.y
        lines = [row + shift for row in rows if header <= row + shift < height]
        if lines:  # without any region, all is painted
            self.refresh(*(Region(0, y, width, 1) for y in lines))

    def on_resize(self, event: events.Resize) -> None:
        """Fit the width of what scrolls and keep the cursor in view."""
        del event
        self._fit_virtual_size()
        self.scroll_to_cursor()

    def watch_row_count(self) -> None:
        """Fit the height of what scrolls; the cursor stays on a row that exists."""
        self._fit_virtual_size()
        self.cursor = self.validate_cursor(self.cursor)

    def _fit_virtual_size(self) -> None:
        self.set_scroll_height(self.row_count + self._header_height)

    def validate_cursor(self, cursor: int) -> int:
        """Keep the cursor on a row that exists."""
        return max(0, min(cursor, self.row_count - 1))

    def watch_cursor(self, old: int, new: int) -> None:
        """Repaint the two rows, bring the cursor into view and report it."""
        if not self.is_attached:
            # new rows came to a screen that was just left
            return
        self.refresh_rows((old, new))
        self.scroll_to_cursor()
        if self.row_count:
            self.post_message(self.Highlighted(self, new))

    def scroll_to_cursor(self) -> None:
        """Scroll no more than needed for the row of the cursor to be seen."""
        top = self.scroll_offset.y
        bottom = top + self.visible_rows - 1
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False)
        elif self.cursor > bottom:
            self.scroll_to(y=self.cursor - self.visible_rows + 1, animate=False)

    def action_cursor_down(self) -> None:
        """One row down."""
        self.cursor += 1

    def action_cursor_up(self) -> None:
        """One row up."""
        self.cursor -= 1

    def action_page_down(self) -> None:
        """One screen down."""
        self.cursor += self.visible_rows

    def action_page_up(self) -> None:
        """One screen up."""
        self.cursor -= self.visible_rows

    def action_cursor_first(self) -> None:
        """To the first row."""
        self.cursor = 0

    def action_cursor_last(self) -> None:
        """To the last row."""
        self.cursor = self.row_count - 1

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the clicked row; choose it where the cursor was there already."""
        row = event.y - self._header_height + self.scroll_offset.y
        if event.y < self._header_height or row >= self.row_count:
            return
        if row == self.cursor and event.chain >= 2:
            self.post_message(self.Chosen(self, row))
        self.cursor = row


class ValueList(LineList, Generic[ValueT]):
    """A list with a value on each row. A subclass gives `value_line`, and may give `header`."""

    values: reactive[tuple[ValueT, ...]] = reactive(())

    def watch_values(self, old: tuple[ValueT, ...], new: tuple[ValueT, ...]) -> None:
        """Take the number of values."""
        del old
        self.row_count = len(new)

    def line_of(self, row: int, width: int) -> Line:
        """Return the value of a row as it is written."""
        return self.value_line(self.values[row], width)

    def value_line(self, value: ValueT, width: int, /) -> Line:
        """Return how a value is written, to be painted ``width`` cells wide.

        Raises:
            NotImplementedError: Always; a subclass knows its values.
        """
        raise NotImplementedError
