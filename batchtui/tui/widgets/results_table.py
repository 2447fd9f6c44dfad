"""The list of results rows: painted from whatever says what row stands at which place."""

from typing import Protocol

from textual.reactive import reactive
from textual.strip import Strip

from batchtui.tui.lines import Line, Span
from batchtui.tui.widgets.line_list import GUTTER, LineList

_REMEMBERED = 400
"""Painted lines kept to tell what differs: some screens."""


class RowLines(Protocol):
    """What is shown: as many rows as there are, each made when it is seen."""

    def __len__(self) -> int:
        """Return how many rows there are now."""

    def header(self, width: int) -> Line:
        """Return the titles of the columns."""

    def line(self, place: int, width: int) -> Line:
        """Return the row at a place, from 0, to be painted ``width`` cells wide."""


class NoRows:
    """Nothing to show."""

    def __len__(self) -> int:
        return 0

    def header(self, width: int) -> Line:
        """Nothing."""
        del width
        return Line()

    def line(self, place: int, width: int) -> Line:
        """Nothing.

        Raises:
            IndexError: Always.
        """
        raise IndexError(place, width)


class ResultsTable(LineList):
    """Shows `RowLines`. A new value repaints only the lines on the screen that look different."""

    MARK_STYLE = ""

    rows: reactive[RowLines] = reactive(NoRows, repaint=False, always_update=True)
    note: reactive[tuple[Line, ...]] = reactive((), repaint=False)
    """What is said in place of rows, where there are none."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._painted: dict[int, Line] = {}
        self._painted_header = Line()

    def show(self, rows: RowLines, cursor: int | None = None) -> None:
        """Take new rows.

        Args:
            rows: The rows; may be the same object, with other contents.
            cursor: Where to put the cursor; ``None`` leaves it.
        """
        self.rows = rows
        self.row_count = len(rows)
        if cursor is not None:
            self.cursor = cursor
        self._repaint_changed()

    def watch_note(self) -> None:
        """Say it, if there are no rows."""
        if not self.row_count:
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Paint the line ``y`` of the widget: a row, or a line of the note."""
        if self.row_count or not 2 <= y < 2 + len(self.note):
            return super().render_line(y)
        content = self.note[y - 2]
        return self._painter.paint(
            Line((Span(" " * GUTTER), *content.left), content.right), self.line_width
        )

    def _repaint_changed(self) -> None:
        width = self.line_width - GUTTER
        if width <= 0:
            return
        if self.rows.header(width) != self._painted_header:
            self.refresh()
            return
        top, changed = self.scroll_offset.y, list[int]()
        for place in range(top, top + self.visible_rows):
            new = self.rows.line(place, width) if place < self.row_count else None
            if self._painted.get(place) != new:
                self._painted.pop(place, None)
                changed.append(place)
        self.refresh_rows(changed)

    @property
    def _header_height(self) -> int:
        return 1

    def header(self, width: int) -> Line:
        """Return the titles of the columns."""
        self._painted_header = self.rows.header(width)
        return self._painted_header

    def line_of(self, row: int, width: int) -> Line:
        """Return the row at a place."""
        if len(self._painted) > _REMEMBERED:
            self._painted.clear()
        self._painted[row] = self.rows.line(row, width)
        return self._painted[row]

    def scroll_to_cursor(self) -> None:
        """Bring the cursor into view.

        A terminal scrolls whole lines only. Where something stands beside the list, each line that
        scrolls has to be sent again; so then the list goes on by half a screen at a time.
        """
        top, rows = self.scroll_offset.y, self.visible_rows
        is_alone = self.size.width >= self.screen.size.width - 1
        is_near = top - 1 <= self.cursor <= top + rows
        if is_alone or not is_near or top <= self.cursor < top + rows:
            super().scroll_to_cursor()
        elif self.cursor < top:
            self.scroll_to(y=max(0, self.cursor - rows // 2), animate=False)
        else:
            self.scroll_to(y=self.cursor - rows // 2, animate=False)
