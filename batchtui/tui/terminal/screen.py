"""A grid of cells: the screen as it should be, or as the terminal has it."""

from collections.abc import Iterable
from typing import TypeVar

from batchtui.tui.terminal.cells import CellLine
from batchtui.tui.terminal.styles import PLAIN, Style

_Item = TypeVar("_Item")

UNKNOWN = "\0"
"""The text of a cell whose content is not known: it equals nothing that can be wanted."""


class Screen:
    """Rows of cells.

    Args:
        columns: Width in cells.
        lines: Height in cells.
    """

    def __init__(self, columns: int, lines: int) -> None:
        self.columns = columns
        self.lines = lines
        self.texts: list[list[str]] = []
        """For each row the characters of each cell; the right half of a wide one is empty."""
        self.styles: list[list[Style]] = []
        """For each row the pen of each cell."""
        self.fill(" ")

    def fill(self, text: str) -> None:
        """Give every cell the same text in the plain style."""
        self.texts = [[text] * self.columns for _ in range(self.lines)]
        self.styles = [[PLAIN] * self.columns for _ in range(self.lines)]

    def resize(self, columns: int, lines: int) -> None:
        """Change the size; what fits stays, what is new is blank."""
        for texts in self.texts:
            if texts[columns : columns + 1] == [""]:
                texts[columns - 1] = " "
        _fit(self.texts, columns, lines, " ")
        _fit(self.styles, columns, lines, PLAIN)
        self.columns, self.lines = columns, lines

    def put(self, row: int, column: int, line: CellLine) -> None:
        """Paint a piece of output; what lies outside is cut off.

        A wide character of which only one half is painted over loses the other half as well, as it
        does in a terminal.
        """
        if not (0 <= row < self.lines and 0 <= column < self.columns):
            return
        texts, styles = self.texts[row], self.styles[row]
        if not texts[column]:
            texts[column - 1] = " "
        end = column + len(line.texts)
        if end <= self.columns:
            texts[column:end] = line.texts
            styles[column:end] = line.styles
            if end < self.columns and not texts[end]:
                texts[end] = " "
        else:
            room = self.columns - column
            texts[column:] = line.texts[:room]
            styles[column:] = line.styles[:room]
            if not line.texts[room]:
                texts[-1] = " "

    def copy_rows(self, other: "Screen", rows: Iterable[int]) -> None:
        """Take rows over from a screen of the same size."""
        for row in rows:
            self.texts[row] = other.texts[row].copy()
            self.styles[row] = other.styles[row].copy()

    def shifted(self, top: int, bottom: int, distance: int) -> "Screen":
        """Return the screen after rows have moved and blank ones have come in.

        The rows are shared with this screen: it is not to be used any more, or the other one is
        only to be looked at.

        Args:
            top: First row that moves.
            bottom: Last row that moves.
            distance: How many rows up; negative is down.
        """
        moved = Screen(self.columns, 0)
        moved.lines = self.lines
        moved.texts = _shift(self.texts, top, bottom, distance, [" "] * self.columns)
        moved.styles = _shift(self.styles, top, bottom, distance, [PLAIN] * self.columns)
        return moved


def _fit(rows: list[list[_Item]], columns: int, lines: int, blank: _Item) -> None:
    """Cut or fill up rows to a size."""
    del rows[lines:]
    for row in rows:
        del row[columns:]
        row.extend([blank] * (columns - len(row)))
    rows.extend([blank] * columns for _ in range(lines - len(rows)))


def _shift(
    rows: list[list[_Item]], top: int, bottom: int, distance: int, blank: list[_Item]
) -> list[list[_Item]]:
    block = rows[top : bottom + 1]
    new = [blank.copy() for _ in range(abs(distance))]
    block = block[distance:] + new if distance > 0 else new + block[:distance]
    return [*rows[:top], *block, *rows[bottom + 1 :]]
