"""What is to be written, and the order in which that takes the fewest bytes.

A color takes up to 19 bytes and a move of the cursor 2 to 8. So where the same colors come again in
every row it is shorter to paint one color after the other, and where every row of a list changes in
the same columns it is shorter to go down a column than along the rows.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from batchtui.tui.terminal.cursor import NOWHERE, way_in_row
from batchtui.tui.terminal.styles import Style, restyle

_FEWEST_SORTED = 6
_MOVE = 4
"""Bytes of a move, about."""
_FAR = 7
"""Bytes of a move for which the first of the runs that are left may as well be the next one."""


class CellRun(NamedTuple):
    """Neighboring cells of one style that are to be written."""

    row: int
    start: int
    texts: Sequence[str]
    style: Style
    tail: int
    """The column from which the row is blank in this style, or the width of the screen."""

    def end(self, columns: int) -> int:
        """Return the column of the cursor when this is written, or ``NOWHERE``."""
        end = self.start + len(self.texts)
        if end > self.tail:
            # it is erased from there on, and the cursor stays
            end = max(self.start, self.tail)
        return end if end < columns else NOWHERE


def in_best_order(runs: Sequence[CellRun], pen: Style | None, columns: int) -> Sequence[CellRun]:
    """Order runs by place or by style, whichever takes fewer bytes.

    Args:
        runs: The runs, by place.
        pen: The pen before them, or ``None`` where it is not known.
        columns: Width of the screen.
    """
    if len(runs) < _FEWEST_SORTED:
        return runs
    groups: dict[Style, list[CellRun]] = {}
    for run in runs:
        groups.setdefault(run.style, []).append(run)
    if len(groups) == len(runs):
        return runs
    styles = list(_near_styles(groups, pen))
    saved = _style_cost(pen, [run.style for run in runs]) - _style_cost(pen, styles)
    if saved < _MOVE * _count_adjacent(runs):
        return runs
    return [run for style in styles for run in _near_runs(groups[style], columns)]


def _style_cost(pen: Style | None, styles: Iterable[Style]) -> int:
    """Count the bytes of the changes of style."""
    cost = 0
    for style in styles:
        if style is not pen:
            cost += len(restyle(pen, style))
            pen = style
    return cost


def _count_adjacent(runs: Sequence[CellRun]) -> int:
    """Count the runs that begin where the one before them ends: no move leads to them."""
    return sum(
        run.row == before.row and run.start == before.start + len(before.texts)
        for before, run in pairwise(runs)
    )


def _near_styles(styles: Iterable[Style], pen: Style | None) -> Iterator[Style]:
    """Yield the styles so that from each to the next it is not far."""
    # neighbors share a background, which is half of what a change of colors costs
    left = sorted(styles, key=lambda style: (style.background, style.foreground, style))
    while left:
        pen = min(left, key=lambda style: len(restyle(pen, style)) if style is not pen else 0)
        left.remove(pen)
        yield pen


def _near_runs(runs: Sequence[CellRun], columns: int) -> Iterator[CellRun]:
    """Yield runs of one style so that from each to the next it is not far: down, or along."""
    left: dict[int, list[CellRun]] = {}
    for run in runs:
        left.setdefault(run.row, []).append(run)
    run = runs[0]
    while True:
        yield run
        row, column = run.row, run.end(columns)
        mates = left[row]
        mates.remove(run)
        if not mates:
            del left[row]
            if not left:
                return
        run = _next_to(row, column, left) or next(iter(left.values()))[0]


def _next_to(row: int, column: int, left: Mapping[int, Sequence[CellRun]]) -> CellRun | None:
    """Return the run to which it is the least far from a place, unless it is far."""
    nearest, least = None, _FAR
    for other in left.get(row + 1, ()):
        # the row down is a byte
        cost = 1 + len(way_in_row(column, other.start))
        if cost < least:
            nearest, least = other, cost
    for other in left.get(row, ()):
        cost = len(way_in_row(column, other.start))
        if cost < least:
            nearest, least = other, cost
    return nearest
