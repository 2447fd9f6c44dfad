"""Which columns a table shows at a width, and how wide each one is."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes:
        key: The name by which a row gives its cell.
        title: What the header says.
        width: Cells, without the gap to the next column. The least of a column that grows.
        align: ``left`` or ``right``; numbers stand right.
        grows: Whether it takes what the others leave. One column of a table should.
        rank: Columns of a higher rank are dropped first where there is no room. 0 always stays.
    """

    key: str
    title: str
    width: int
    align: str = "left"
    grows: bool = False
    rank: int = 0


@dataclass(frozen=True, slots=True)
class PlacedColumn:
    """A column with the width it got."""

    column: Column
    width: int


GAP = 2
"""Cells between two columns."""


def place_columns(columns: Sequence[Column], width: int) -> tuple[PlacedColumn, ...]:
    """Choose the columns that fit into ``width`` cells, and their widths.

    The columns of the highest rank go first. What is left over goes to the one that grows.
    """
    shown = list(columns)
    while _needed(shown) > width:
        dispensable = max(shown, key=lambda column: column.rank)
        if dispensable.rank == 0:
            break
        shown.remove(dispensable)
    spare = width - _needed(shown)
    return tuple(
        PlacedColumn(column, max(1, column.width + spare) if column.grows else column.width)
        for column in shown
    )


def _needed(columns: Sequence[Column]) -> int:
    return sum(column.width for column in columns) + GAP * (len(columns) - 1)
