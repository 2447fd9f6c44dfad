"""One or few lines that do not scroll: header, status, tabs."""

from textual.geometry import Region
from textual.reactive import reactive
from textual.selection import Selection
from textual.strip import Strip
from textual.widget import Widget

from batchtui.tui.lines import BLANK, Line
from batchtui.tui.widgets.painting import Painter, selected_text

_PADDING = 1


class LineBar(Widget):
    """Shows lines of fixed place; a new value repaints only those that differ."""

    DEFAULT_CSS = f"""
    LineBar {{ height: 1; padding: 0 {_PADDING}; }}
    """

    lines: reactive[tuple[Line, ...]] = reactive((), repaint=False)

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._painter = Painter(self)

    @property
    def line_width(self) -> int:
        """Cells of a line; before the first layout those that a bar across the screen will have.

        So the first picture can show what depends on the width.
        """
        return self.size.width or max(0, self.app.size.width - 2 * _PADDING)

    def watch_lines(self, old: tuple[Line, ...], new: tuple[Line, ...]) -> None:
        """Repaint the lines that differ."""
        for y in range(max(len(old), len(new))):
            if old[y : y + 1] != new[y : y + 1]:
                self.refresh(Region(0, y, self.size.width, 1))

    def render_lines(self, crop: Region) -> list[Strip]:
        """Paint a part of the widget."""
        with self._painter.painting():
            return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """Paint the line ``y`` of the widget."""
        content = self.lines[y] if y < len(self.lines) else BLANK
        return self._painter.selectable(self._painter.paint(content, self.size.width), y)

    def get_selection(self, selection: Selection) -> tuple[str, str]:
        """Return the text that is selected with the mouse."""
        return selected_text(selection, lambda y: self.lines[y].text, len(self.lines))
