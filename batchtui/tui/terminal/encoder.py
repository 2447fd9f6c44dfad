"""Turns the terminal's screen into the wanted one: finds what differs, and paints only that."""

from collections.abc import Iterable, Iterator
from itertools import compress, pairwise
from operator import is_not, ne
from typing import NamedTuple

from batchtui.tui.terminal.cells import is_doubtful
from batchtui.tui.terminal.pencil import Pencil
from batchtui.tui.terminal.screen import Screen
from batchtui.tui.terminal.styles import Style, restyle

_FEWEST_SORTED = 6
_MOVE_COST = 6
_ROW_COST = 30
"""Bytes for the moves and styles of a row of which a part has changed, about."""
_WIDEST_BRIDGE = 4
"""Unchanged cells that are cheaper to write again than to step over."""


class Run(NamedTuple):
    """Neighbouring cells of one style that are to be written."""

    row: int
    start: int
    end: int
    style: Style
    tail: int
    """The column from which the row is blank in the style of its last cell."""


def paint(pencil: Pencil, known: Screen, wanted: Screen, rows: Iterable[int]) -> None:
    """Write what turns ``known`` into ``wanted``, and make them equal.

    Args:
        pencil: Where to write.
        known: The screen as the terminal has it.
        wanted: The screen as it should be, of the same size.
        rows: The rows that may differ.
    """
    runs: list[Run] = []
    for row in rows:
        changes = _changes(known, wanted, row)
        if not changes:
            continue
        endangered = _with_endangered(wanted.texts[row], changes)
        if endangered is None:
            runs += _runs(wanted, row, changes)
        else:
            _write(pencil, wanted, _runs(wanted, row, endangered))
    _write(pencil, wanted, _in_best_order(runs))
    known.copy_rows(wanted, rows)


def _write(pencil: Pencil, wanted: Screen, runs: Iterable[Run]) -> None:
    for run in runs:
        texts = wanted.texts[run.row][run.start : run.end]
        pencil.write(run.row, run.start, texts, run.style, run.tail)


def _in_best_order(runs: list[Run]) -> list[Run]:
    """Order the runs by place or by style, whichever takes fewer bytes.

    A colour takes up to 19 bytes and a move 4 to 8, so where the same colours come again in every
    row it is shorter to paint one colour after the other.
    """
    if len(runs) < _FEWEST_SORTED:
        return runs
    by_style = sorted(runs, key=_style_first)
    return min(runs, by_style, key=_order_cost)


def _style_first(run: Run) -> tuple[str, str, tuple[str, ...], str, int, int]:
    style = run.style
    return (
        style.background,
        style.foreground,
        style.attributes,
        style.link,
        run.row,
        run.start,
    )


def _order_cost(runs: list[Run]) -> int:
    cost = 0
    for before, run in pairwise(runs):
        if run.style is not before.style:
            cost += len(restyle(before.style, run.style))
        if run.start != before.end or run.row != before.row:
            cost += _MOVE_COST
    return cost


def estimate_cost(known: Screen, wanted: Screen, rows: Iterable[int]) -> int:
    """Estimate the bytes that it takes to paint what differs."""
    count = 0
    for row in rows:
        texts, styles = wanted.texts[row], wanted.styles[row]
        cost = 0
        if texts != known.texts[row]:
            cost = sum(map(ne, texts, known.texts[row]))
        if styles != known.styles[row]:
            cost += sum(map(is_not, styles, known.styles[row]))
        if cost:
            count += cost + _ROW_COST
    return count


def _changes(known: Screen, wanted: Screen, row: int) -> list[int]:
    """Return the columns of a row that differ."""
    texts, styles = wanted.texts[row], wanted.styles[row]
    columns = range(wanted.columns)
    changes: list[int] = []
    if texts != known.texts[row]:
        changes = list(compress(columns, map(ne, texts, known.texts[row])))
    if styles != known.styles[row]:
        restyled = compress(columns, map(is_not, styles, known.styles[row]))
        changes = sorted({*changes, *restyled}) if changes else list(restyled)
    return changes


def _runs(wanted: Screen, row: int, changes: list[int]) -> Iterator[Run]:
    """Yield what must be written in a row, from left to right."""
    texts, styles = wanted.texts[row], wanted.styles[row]
    tail = _blank_tail(texts, styles)
    for start, end in _spans(texts, styles, changes):
        style = styles[start]
        begin = start
        for column in range(start + 1, end):
            if styles[column] is not style:
                yield Run(row, begin, column, style, wanted.columns)
                begin, style = column, styles[column]
        yield Run(row, begin, end, style, tail if style is styles[-1] else wanted.columns)


def _spans(texts: list[str], styles: list[Style], changes: list[int]) -> Iterator[tuple[int, int]]:
    """Yield changed stretches, those with little between them as one."""
    start = end = -1
    for column in changes:
        if column < end:
            continue
        if end >= 0 and _is_bridge(texts, styles, end, column):
            end = column + 1
        else:
            if end >= 0:
                yield start, end
            start, end = column, column + 1
            while not texts[start]:
                start -= 1
        while end < len(texts) and not texts[end]:
            end += 1
    yield start, end


def _is_bridge(texts: list[str], styles: list[Style], end: int, column: int) -> bool:
    """Whether writing the unchanged cells from ``end`` to ``column`` is no longer than a step."""
    if column - end > _WIDEST_BRIDGE:
        return False
    style = styles[end - 1]
    return all(
        styles[place] is style and len(texts[place]) == 1 and texts[place].isascii()
        for place in range(end, column)
    )


def _with_endangered(texts: list[str], changes: list[int]) -> list[int] | None:
    """Add to the changes what a terminal spoils that draws a changed cluster wider than its place.

    Returns:
        The columns to write from left to right, or ``None`` where no width is doubtful.
    """
    if "".join(texts).isascii():
        return None
    doubtful = [column for column in changes if texts[column] and is_doubtful(texts[column])]
    if not doubtful:
        return None
    columns = set(changes)
    for column in doubtful:
        columns.update(range(column, min(column + 2 * len(texts[column]), len(texts))))
    return sorted(columns)


def _blank_tail(texts: list[str], styles: list[Style]) -> int:
    """Return the column from which all is blank in the style of the last cell."""
    joined = "".join(texts)
    first = len(texts) - (len(joined) - len(joined.rstrip(" ")))
    style = styles[-1]
    column = len(texts)
    while column > first and styles[column - 1] is style:
        column -= 1
    return column
