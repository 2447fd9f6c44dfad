"""Lines to read, without a cursor: the detail pane, reports, help."""

from typing import ClassVar

from textual.binding import BindingType
from textual.geometry import Region
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from batchtui.tui.commands.bindings import bindings_of
from batchtui.tui.commands.general import MOVING
from batchtui.tui.lines import BLANK, Line
from batchtui.tui.widgets.painting import Painter, selected_text
from batchtui.tui.widgets.scrolling import set_scroll_height


class LineView(ScrollView, can_focus=True):
    """Shows lines; a new value repaints only those that differ."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_of(MOVING)
    DEFAULT_CSS = """
    LineView { overflow-x: hidden; scrollbar-size-vertical: 1; }
    """

    lines: reactive[tuple[Line, ...]] = reactive((), repaint=False)

    class Resized(Message):
        """Lines may have another width now.

        Args:
            view: Whose.
        """

        def __init__(self, view: "LineView") -> None:
            super().__init__()
            self.view = view

        @property
        def control(self) -> "LineView":
            """Whose lines."""
            return self.view

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._painter = Painter(self)

    def watch_lines(self, old: tuple[Line, ...], new: tuple[Line, ...]) -> None:
        """Repaint the lines that differ and are seen."""
        if len(old) != len(new):
            set_scroll_height(self, len(new))
        top = self.scroll_offset.y
        for y in range(self.size.height):
            index = top + y
            if _at(old, index) != _at(new, index):
                self.refresh(Region(0, y, self.size.width, 1))

    @property
    def line_width(self) -> int:
        """Cells of one line, without the scroll bar."""
        return self.scrollable_content_region.width

    def render_lines(self, crop: Region) -> list[Strip]:
        """Paint a part of the widget."""
        with self._painter.painting():
            return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """Paint the line ``y`` of the widget."""
        number = y + self.scroll_offset.y
        return self._painter.selectable(self._strip(number), number)

    def get_selection(self, selection: Selection) -> tuple[str, str]:
        """Return the text that is selected with the mouse."""
        return selected_text(selection, lambda number: self._strip(number).text, len(self.lines))

    def _strip(self, number: int) -> Strip:
        return self._painter.paint(_at(self.lines, number), self.line_width)

    def on_resize(self) -> None:
        """Fit the width of what scrolls, and report it to whoever writes the lines."""
        set_scroll_height(self, len(self.lines))
        self.post_message(self.Resized(self))

    def action_cursor_down(self) -> None:
        """One line down."""
        self.scroll_relative(y=1, animate=False)

    def action_cursor_up(self) -> None:
        """One line up."""
        self.scroll_relative(y=-1, animate=False)

    def action_page_down(self) -> None:
        """One screen down."""
        self.scroll_relative(y=self.size.height, animate=False)

    def action_page_up(self) -> None:
        """One screen up."""
        self.scroll_relative(y=-self.size.height, animate=False)

    def action_cursor_first(self) -> None:
        """To the first line."""
        self.scroll_home(animate=False)

    def action_cursor_last(self) -> None:
        """To the last line."""
        self.scroll_end(animate=False)


def _at(lines: tuple[Line, ...], index: int) -> Line:
    return lines[index] if 0 <= index < len(lines) else BLANK
