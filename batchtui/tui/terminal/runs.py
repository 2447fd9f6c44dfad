"""What is to be written, and the order in which that takes the fewest bytes.

A color takes up to 19 bytes and a move of the cursor 2 to 8. So where the same colors come again in
every row it is shorter to paint one color after the other, and where every row of a list changes in
the same columns it is shorter to go down a column than along the rows.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from batchtui.tui.terminal.cursor import NOWHERE, way, way_in_row
from batchtui.tui.terminal.styles import Style, restyle

_FEWEST_SORTED = 6
_ROWS_AHEAD = (1, 2, 0)
"""Rows below a run in which the next one is looked for; the first of equally near ones counts."""
_LOOKED_AT = 6
"""Runs that are looked at in each of them."""
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
        end = min(self.start + len(self.texts), max(self.start, self.tail))
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
    by_style = [
        run for style in _near_styles(groups, pen) for run in _near_runs(groups[style], columns)
    ]
    return min(runs, by_style, key=lambda order: _cost(order, pen, columns))


def _near_styles(styles: Iterable[Style], pen: Style | None) -> Iterator[Style]:
    """Yield the styles so that from each to the next it is not far."""
    # neighbors share a background, which is half of what a change of colors costs
    left = sorted(styles, key=lambda style: (style.background, style.foreground, style))
    while left:
        pen = min(left, key=lambda style: len(restyle(pen, style)) if style is not pen else 0)
        left.remove(pen)
        yield pen


def _near_runs(runs: Sequence[CellRun], columns: int) -> Iterator[CellRun]:
    """Yield runs of one style so that from each to the next it is not far."""
    left: dict[int, list[CellRun]] = {}
    for run in runs:
        left.setdefault(run.row, []).append(run)
    run = runs[0]
    while True:
        yield run
        left[run.row].remove(run)
        if not left[run.row]:
            del left[run.row]
        if not left:
            return
        run = _next_to(run, left, columns)


def _next_to(run: CellRun, left: dict[int, list[CellRun]], columns: int) -> CellRun:
    row, column = run.row, run.end(columns)
    nearest, least = next(iter(left.values()))[0], _FAR
    for ahead in _ROWS_AHEAD:
        for other in left.get(row + ahead, ())[:_LOOKED_AT]:
            # a row down is a byte
            cost = ahead + len(way_in_row(column, other.start))
            if cost < least:
                nearest, least = other, cost
    return nearest


def _cost(runs: Iterable[CellRun], pen: Style | None, columns: int) -> int:
    """Count the bytes of the moves and the colors."""
    cost, row, column = 0, NOWHERE, NOWHERE
    for run in runs:
        if run.style is not pen:
            cost += len(restyle(pen, run.style))
        if run.row != row or run.start != column:
            cost += len(way(row, column, run.row, run.start))
        pen, row, column = run.style, run.row, run.end(columns)
    return cost
