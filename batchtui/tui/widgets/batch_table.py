"""The list of batches: rows as values, diffed by what they show."""

from functools import lru_cache

from msgspec import Struct
from textual.reactive import reactive

from batchtui.tui.lines import Line, Span
from batchtui.tui.widgets.columns import (
    Cell,
    Column,
    PlacedColumn,
    header_line,
    place_columns,
    reach_of,
    table_line,
)
from batchtui.tui.widgets.line_list import GUTTER, LineList

BAR_WIDTH = 10
_NAME = Column("name", "LABEL OR ID", 12, grows=True, gap=1, cuts_middle=True)
COLUMNS = (
    Column("mark", "", 1, gap=0),
    Column("state", "STATE", 14, gap=1),
    _NAME,
    Column("age", "AGE", 4, "right", rank=2),
    Column("requests", "REQUESTS", 8, "right", rank=3),
    Column("outcome", "OUTCOME", BAR_WIDTH, rank=4),
    Column("here", "HERE", 5, "right", rank=5),
)


class BatchRow(Struct, frozen=True):
    """What one batch shows in the list; all text is safe to show.

    Attributes:
        batch_id: Whose row it is.
        state: Glyph and word.
        state_style: The style of both.
        name: Its label, or its id.
        is_labelled: Whether `name` is a label.
        age: How long ago it was created, or a dash.
        requests: How many requests it has.
        bar: Its outcome in `BAR_WIDTH` cells.
        here: Where its results are.
        is_marked: Whether the user marked it.
    """

    batch_id: str
    state: str
    state_style: str
    name: str
    is_labelled: bool
    age: str
    requests: str
    bar: tuple[Span, ...]
    here: Span
    is_marked: bool = False

    def cells(self) -> dict[str, Cell]:
        """The row by columns."""
        return {
            "mark": Span("x", "key") if self.is_marked else "",
            "state": Span(self.state, self.state_style),
            "name": Span(self.name, "" if self.is_labelled else "muted"),
            "age": Span(self.age, "muted"),
            "requests": self.requests,
            "outcome": self.bar,
            "here": self.here,
        }


class BatchTable(LineList):
    """Shows `BatchRow` values. A new value repaints only the rows that look different."""

    rows: reactive[tuple[BatchRow, ...]] = reactive((), repaint=False)

    def watch_rows(self, old: tuple[BatchRow, ...], new: tuple[BatchRow, ...]) -> None:
        """Repaint what differs."""
        self.row_count = len(new)
        for row in range(max(len(old), len(new))):
            if old[row : row + 1] != new[row : row + 1]:
                self.refresh_row(row)

    def show(self, rows: tuple[BatchRow, ...], cursor_id: str | None) -> None:
        """Take new rows and put the cursor on a batch.

        Args:
            rows: The rows.
            cursor_id: The batch under the cursor. If it is gone, the cursor keeps its place.
        """
        self.rows = rows
        self.go_to(cursor_id)

    def go_to(self, batch_id: str | None) -> None:
        """Put the cursor on a batch, if it is there."""
        place = next((at for at, row in enumerate(self.rows) if row.batch_id == batch_id), None)
        if place is not None:
            self.cursor = place

    @property
    def cursor_id(self) -> str | None:
        """The id of the batch under the cursor."""
        return self.rows[self.cursor].batch_id if self.rows else None

    def cursor_reach(self, width: int) -> int:
        """To the end of the name: what is not coloured need not be sent when the cursor moves.

        So the bar of the outcome keeps its colours under the cursor too.
        """
        return GUTTER + reach_of(_placed(width - GUTTER), _NAME.key)

    def header(self, width: int) -> Line:
        """The titles of the columns."""
        return header_line(_placed(width))

    def line_of(self, row: int, width: int) -> Line:
        """One batch."""
        return table_line(_placed(width), self.rows[row].cells())


@lru_cache(8)
def _placed(width: int) -> tuple[PlacedColumn, ...]:
    return place_columns(COLUMNS, width)
