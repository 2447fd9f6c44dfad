"""The list of batches: rows as values, diffed by what they show."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace
from rich.cells import cell_len
from rich.style import Style
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from batchtui.tui.lines import Line, Span
from batchtui.tui.widgets.columns import (
    Cell,
    Column,
    PlacedColumn,
    cells_of_columns,
    place_columns,
    table_line,
)
from batchtui.tui.widgets.line_list import LineList

OUTCOME_WIDTH = 12
_LEAST_NAME, _MOST_NAME = 12, 40
"""Cells that names have at least, and for which other columns go at most."""
_MOST_SOURCE = 32
"""Cells that the name of a file has at most."""
_ENOUGH_OF_ID = 24
"""Cells of an id for which other columns go: the detail has the whole of it."""
_STATE = Column("state", "STATE", 14, gap=1)
_NAME = Column("name", "LABEL OR ID", _LEAST_NAME, grows=True, gap=1, cuts_middle=True)
_SAVED = Column("saved", "SAVED", 5, "right", rank=5)
_MODEL = Column("model", "MODEL", 10, rank=8)
_COST = Column("cost", "COST", 6, "right", rank=9)
_SOURCE = Column("source", "SOURCE", 12, rank=11, cuts_middle=True)
# what a person wrote goes before what is worked out
_NOTE = Column("note", "NOTE", 12, grows=True, rank=6)
_COLUMNS = (
    Column("mark", "", 1, gap=0),
    _STATE,
    _NAME,
    Column("age", "AGE", 5, "right", rank=2),
    Column("requests", "REQUESTS", 10, "right", rank=3, gap=0),
    Column("outcome", "OUTCOME", OUTCOME_WIDTH, rank=4),
    _SAVED,
    Column("took", "TOOK", 9, "right", rank=7),
    _MODEL,
    _COST,
    Column("expires", "EXPIRES", 7, "right", rank=10),
    _SOURCE,
    _NOTE,
)
_FIRST_EXTRA = 6
"""From which rank on columns are shown only where no name is cut for them."""


class BatchRow(Struct, frozen=True):
    """What one batch shows in the list; all text is safe to show."""

    batch_id: str
    """Whose row it is."""
    state: Span
    """Glyph and word."""
    name: Span
    """Its label, or its id."""
    age: str
    """How long ago it was created, or a dash."""
    requests: str
    """How many requests it has."""
    outcome: tuple[Span, ...]
    """How it came out, or how far it is, in `OUTCOME_WIDTH` cells."""
    saved: Span
    """Where its results are."""
    took: str = ""
    """How long it ran."""
    model: str = ""
    """Who answers it."""
    cost: str = ""
    """What its answers cost, about."""
    expires: str = ""
    """How long it, or what came of it, is kept."""
    source: str = ""
    """The file it was made from."""
    note: str = ""
    """The first line of the note on it."""
    style: str = ""
    """The style of the rest."""
    is_marked: bool = False
    """Whether the user marked it."""

    def cells(self) -> dict[str, Cell]:
        """Return the row by columns."""
        return {
            # blank cells take the style beside them: another one would be sent for nothing
            "mark": Span("x", "key") if self.is_marked else Span("", self.state.style),
            "state": self.state,
            "name": self.name,
            "age": Span(self.age, self.style),
            "requests": Span(self.requests, self.style),
            "outcome": self.outcome,
            "saved": self.saved,
            "took": Span(self.took, self.style),
            "model": Span(self.model, self.style),
            "cost": Span(self.cost, self.style),
            "expires": Span(self.expires, self.style),
            "source": Span(self.source, self.style),
            "note": Span(self.note, self.style),
        }


class SortMark(Struct, frozen=True):
    """At which column the list is sorted."""

    column: str = ""
    """The column's key."""
    glyph: str = ""
    """The sign of the direction."""


class BatchTable(LineList):
    """Shows `BatchRow` values. A new value repaints only the rows that look different.

    Moves that come before the first row are made when it is there, in their order.
    """

    MARK_STYLE = ""

    rows: reactive[tuple[BatchRow, ...]] = reactive((), repaint=False)
    sort_mark: reactive[SortMark] = reactive(SortMark, repaint=False)

    @dataclass
    class ColumnChosen(Message):
        """The head of a column was clicked."""

        column: str
        """The column's key."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._ahead: list[Callable[[], None]] = []
        self.is_placing = False
        """Whether the cursor moves with the rows, and not by the user."""
        self._measured: tuple[tuple[BatchRow, ...], _WantedWidths] = ((), _wanted_widths(()))
        """Rows, and the widths that they want."""

    @property
    def _wanted(self) -> "_WantedWidths":
        if self._measured[0] is not self.rows:
            self._measured = (self.rows, _wanted_widths(self.rows))
        return self._measured[1]

    def watch_rows(self, old: tuple[BatchRow, ...], new: tuple[BatchRow, ...]) -> None:
        """Repaint what differs."""
        self.row_count = len(new)
        before = self._measured[1]
        if before != self._wanted:
            # other columns, or of another width
            self.refresh()
            return
        rows = range(max(len(old), len(new)))
        self.refresh_rows(row for row in rows if old[row : row + 1] != new[row : row + 1])

    def watch_sort_mark(self) -> None:
        """Repaint the columns: the one by which the list is sorted has room for its mark."""
        self.refresh()

    def show(self, rows: tuple[BatchRow, ...], cursor_id: str | None, sort_mark: SortMark) -> None:
        """Take new rows and put the cursor on a batch.

        Args:
            rows: The rows.
            cursor_id: The batch under the cursor. If it is gone, the cursor keeps its place.
            sort_mark: At which column they are sorted.
        """
        self.is_placing = True
        self.rows = rows
        self.is_placing = False
        self.sort_mark = sort_mark
        self.go_to(cursor_id)
        if rows and self._ahead:
            moves, self._ahead = self._ahead, []
            for move in moves:
                move()

    def go_to(self, batch_id: str | None) -> None:
        """Put the cursor on a batch, if it is there."""
        place = next((at for at, row in enumerate(self.rows) if row.batch_id == batch_id), None)
        if place is not None:
            self.is_placing = True
            self.cursor = place
            self.is_placing = False

    @property
    def cursor_id(self) -> str | None:
        """The id of the batch under the cursor."""
        return self.rows[self.cursor].batch_id if self.rows else None

    def header(self, width: int) -> Line:
        """Return the titles of the columns; a click sorts."""
        placed = self._placed(width)
        return table_line(placed, {one.column.key: self._title(one.column) for one in placed})

    def _title(self, column: Column) -> Span:
        is_sorted = column.key == self.sort_mark.column
        mark = f" {self.sort_mark.glyph}" if is_sorted else ""
        return Span(
            f"{column.title}{mark}",
            "heading" if is_sorted else "",
            f"choose_column('{column.key}')",
        )

    def action_choose_column(self, key: str) -> None:
        """Report that the head of a column was clicked."""
        self.post_message(self.ColumnChosen(key))

    def line_of(self, row: int, width: int) -> Line:
        """Return one batch."""
        return table_line(self._placed(width), self.rows[row].cells())

    def _placed(self, width: int) -> tuple[PlacedColumn, ...]:
        return _place(width, self._wanted, self.sort_mark.column)

    def _with_gutter(self, content: Line, width: int, style: Style, gutter: Span) -> Strip:
        if not gutter.text.strip() and content.left:
            gutter = Span(gutter.text, content.left[0].style)
        return super()._with_gutter(content, width, style, gutter)

    def action_cursor_down(self) -> None:
        """One row down."""
        self._move(super().action_cursor_down)

    def action_cursor_up(self) -> None:
        """One row up."""
        self._move(super().action_cursor_up)

    def action_page_down(self) -> None:
        """One screen down."""
        self._move(super().action_page_down)

    def action_page_up(self) -> None:
        """One screen up."""
        self._move(super().action_page_up)

    def action_cursor_first(self) -> None:
        """To the first row."""
        self._move(super().action_cursor_first)

    def action_cursor_last(self) -> None:
        """To the last row."""
        self._move(super().action_cursor_last)

    def _move(self, move: Callable[[], None]) -> None:
        if self.rows:
            move()
        else:
            self._ahead.append(move)


class _WantedWidths(Struct, frozen=True):
    """What rows would like to have of the width."""

    name: int
    """Cells of the longest name, within limits."""
    state: int
    """Cells of the longest state, or of the title."""
    model: int
    """Cells of the longest model."""
    cost: int
    """Cells of the longest cost."""
    source: int
    """Cells of the longest name of a file, within limits."""
    empty: frozenset[str]
    """Columns of which nothing is said."""


def _wanted_widths(rows: tuple[BatchRow, ...]) -> _WantedWidths:
    name = max((_name_cells(row) for row in rows), default=0)
    state = _longest(row.state.text for row in rows)
    source = _longest(row.source for row in rows)
    said = {
        "saved": any(row.saved.text for row in rows),
        "took": any(row.took for row in rows),
        "model": any(row.model for row in rows),
        "cost": any(row.cost for row in rows),
        "source": source > 0,
        "note": any(row.note for row in rows),
    }
    return _WantedWidths(
        name=max(_LEAST_NAME, min(name, _MOST_NAME)),
        state=max(len(_STATE.title) + 2, min(state, _STATE.width)),
        model=_longest(row.model for row in rows),
        cost=_longest(row.cost for row in rows),
        source=max(_SOURCE.width, min(source, _MOST_SOURCE)),
        empty=frozenset(key for key, is_said in said.items() if not is_said),
    )


def _longest(texts: Iterable[str]) -> int:
    return max(map(cell_len, texts), default=0)


def _name_cells(row: BatchRow) -> int:
    """Cells that a name wants: a label all it has, an id no more than tells it from others."""
    cells = cell_len(row.name.text)
    return min(cells, _ENOUGH_OF_ID) if row.batch_id in row.name.text else cells


@lru_cache(8)
def _place(width: int, wanted: _WantedWidths, sorted_by: str) -> tuple[PlacedColumn, ...]:
    """Choose the columns: none that is empty, and none further, for which a name would be cut."""
    columns = [
        _with_mark(column) if column.key == sorted_by else column
        for column in _COLUMNS
        if column.key not in wanted.empty
    ]
    whole = [_widened(column, wanted) for column in columns]
    while cells_of_columns(whole) > width and max(one.rank for one in whole) >= _FIRST_EXTRA:
        whole.remove(max(whole, key=lambda one: one.rank))
    spare = width - cells_of_columns(whole)
    if spare < 0:
        usual = [_narrowed(one, wanted) for one in columns if one.rank < _FIRST_EXTRA]
        if cells_of_columns(usual) - _LEAST_NAME + wanted.name > width:
            # what is saved says little beside a name that is cut
            usual = [one for one in usual if one.key != _SAVED.key or one.key == sorted_by]
        return place_columns(usual, width)
    source = min(wanted.source, _SOURCE.width + spare)
    whole = [replace(one, width=source) if one.key == _SOURCE.key else one for one in whole]
    if whole[-1].key == _NOTE.key:
        whole = [replace(one, grows=one.key == _NOTE.key) for one in whole]
    return place_columns(whole, width)


def _with_mark(column: Column) -> Column:
    """Return the column with room for the sign of the order behind its title."""
    width = max(column.width, len(column.title) + len(" ^"))
    return replace(column, width=width, gap=max(column.gap, 1))


def _widened(column: Column, wanted: _WantedWidths) -> Column:
    """Return the column where nothing of a name, a model or a cost is cut."""
    widths = {_NAME.key: wanted.name, _MODEL.key: wanted.model, _COST.key: wanted.cost}
    return replace(column, width=max(column.width, widths.get(column.key, 0)))


def _narrowed(column: Column, wanted: _WantedWidths) -> Column:
    """Return the column where names want the blank cells of the others."""
    state = wanted.state if column.key == _STATE.key else column.width
    return replace(column, width=state, gap=min(column.gap, 1))
