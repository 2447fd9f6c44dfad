"""Lines to read, without a cursor: the detail pane, reports, help."""

from textual.geometry import Region
from textual.message import Message
from textual.reactive import reactive
from textual.selection import Selection
from textual.strip import Strip

from batchtui.tui.lines import BLANK, Line
from batchtui.tui.widgets.painting import selected_text
from batchtui.tui.widgets.scrolling import ScrolledLines


class LineView(ScrolledLines):
    """Shows lines; a new value repaints only those that differ."""

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

    def watch_lines(self, old: tuple[Line, ...], new: tuple[Line, ...]) -> None:
        """Repaint the lines that differ and are seen."""
        if len(old) != len(new):
            self.set_scroll_height(len(new))
        top = self.scroll_offset.y
        for y in range(self.size.height):
            index = top + y
            if _at(old, index) != _at(new, index):
                self.refresh(Region(0, y, self.size.width, 1))

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
        self.set_scroll_height(len(self.lines))
        self.post_message(self.Resized(self))


def _at(lines: tuple[Line, ...], index: int) -> Line:
    return lines[index] if 0 <= index < len(lines) else BLANK
