"""Which columns a table shows at a width, and how wide each one is."""

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from batchtui.tui.lines import Line, Span
from batchtui.tui.widgets.painting import cut_cells, fit

Cell = str | Span | tuple[Span, ...]


class Column(Struct, frozen=True):
    """A column of a table."""

    key: str
    """The name by which a row gives its cell."""
    title: str
    """What the header says."""
    width: int
    """Cells, without the gap. The least of a column that grows."""
    align: str = "left"
    """``left`` or ``right``; numbers stand right."""
    grows: bool = False
    """Whether it takes what the others leave. One column of a table should."""
    rank: int = 0
    """Columns of a higher rank are dropped first where there is no room. 0 always stays."""
    gap: int = 2
    """Cells before it."""
    cuts_middle: bool = False
    """Whether a text that is too long loses its middle instead of its end: for ids."""
    shared: int = 0
    """Characters with which all its texts begin: they tell nothing apart, and are lost first."""


class PlacedColumn(Struct, frozen=True):
    """A column with the width it got."""

    column: Column
    width: int


def place_columns(columns: Sequence[Column], width: int) -> tuple[PlacedColumn, ...]:
    """Choose the columns that fit into ``width`` cells, and their widths.

    The columns of the highest rank go first. What is left over goes to the one that grows.
    """
    shown = list(columns)
    while cells_of_columns(shown) > width:
        dispensable = max(shown, key=lambda column: column.rank)
        if dispensable.rank == 0:
            break
        shown.remove(dispensable)
    spare = width - cells_of_columns(shown)
    return tuple(
        PlacedColumn(column, max(1, column.width + spare) if column.grows else column.width)
        for column in shown
    )


def cells_of_columns(columns: Sequence[Column]) -> int:
    """Return how many cells columns take with the gaps before them."""
    return sum(column.width + column.gap for column in columns)


def header_line(placed: Sequence[PlacedColumn]) -> Line:
    """Return the titles over their columns."""
    return table_line(placed, {one.column.key: one.column.title for one in placed})


def table_line(placed: Sequence[PlacedColumn], cells: Mapping[str, Cell]) -> Line:
    """Put cells under their titles, cut or filled to their columns' widths.

    Args:
        placed: The columns that are shown.
        cells: What each column shows: text, text with a style, or spans that are as wide as the
            column. A missing cell is blank.
    """
    spans: list[Span] = []
    for one in placed:
        gap = " " * one.column.gap
        cell = cells.get(one.column.key, "")
        if isinstance(cell, tuple):
            spans += (Span(gap), *cell)
            continue
        content = Span(cell) if isinstance(cell, str) else cell
        text = content.text
        if one.column.cuts_middle:
            text = cut_cells(text, one.width, shared=one.column.shared)
        text = gap + fit(text, one.width, one.column.align)
        spans.append(Span(text, content.style, content.action))
    return Line(tuple(one for one in _with_plain_blanks(spans) if one.text))


def _with_plain_blanks(cells: Sequence[Span]) -> Iterator[Span]:
    """Take the style of a cell off the blanks around it, but where both cells beside them have it.

    So they are the same in every row, whatever the styles of its cells: a terminal that shows other
    rows is not sent them again.
    """
    blanks, style = "", cells[0].style if cells else ""
    for cell in cells:
        # a click beside a title is meant for it
        word = cell.text if cell.action else cell.text.strip(" ")
        before, _, after = cell.text.partition(word) if word else (cell.text, "", "")
        yield Span(blanks + before, style if style == cell.style else "")
        yield Span(word, cell.style, cell.action)
        blanks, style = after, cell.style
    yield Span(blanks, style)
