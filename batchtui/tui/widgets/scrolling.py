"""Lines that scroll: what lists and views share."""

from typing import ClassVar

from textual.binding import BindingType
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from batchtui.tui.commands.bindings import bindings_of
from batchtui.tui.commands.general import MOVING
from batchtui.tui.widgets.painting import Painter


class ScrolledLines(ScrollView, can_focus=True):
    """Paints lines, of which the keys that move bring others into view."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_of(MOVING)
    DEFAULT_CSS = """
    ScrolledLines { overflow-x: hidden; scrollbar-size-vertical: 1; }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._painter = Painter(self)

    @property
    def line_width(self) -> int:
        """Cells of one line, without the scroll bar."""
        return self.scrollable_content_region.width

    @property
    def page_height(self) -> int:
        """Lines that one screen goes on by."""
        return self.size.height

    def set_scroll_height(self, height: int) -> None:
        """Say how many lines there are to scroll through.

        The scroll bar is shown or hidden at once: left to itself, a scroll view whose own size does
        not change finds out about its content at the next resize only.
        """
        self.virtual_size = Size(self.size.width, height)
        room = self.container_size.height
        if room:
            self.show_vertical_scrollbar = height > room

    def render_lines(self, crop: Region) -> list[Strip]:
        """Paint a part of the widget."""
        with self._painter.painting():
            return super().render_lines(crop)

    def scroll_half(self, step: int) -> None:
        """Scroll by half a screen, down for 1, up for -1."""
        self.scroll_relative(y=step * max(1, self.size.height // 2), animate=False)

    def action_cursor_down(self) -> None:
        """One line down."""
        self.scroll_relative(y=1, animate=False)

    def action_cursor_up(self) -> None:
        """One line up."""
        self.scroll_relative(y=-1, animate=False)

    def action_page_down(self) -> None:
        """One screen down."""
        self.scroll_relative(y=self.page_height, animate=False)

    def action_page_up(self) -> None:
        """One screen up."""
        self.scroll_relative(y=-self.page_height, animate=False)

    def action_cursor_first(self) -> None:
        """To the first line."""
        self.scroll_home(animate=False)

    def action_cursor_last(self) -> None:
        """To the last line."""
        self.scroll_end(animate=False)
