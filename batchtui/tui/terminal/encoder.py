"""Turns the terminal's screen into the wanted one: finds what differs, and paints only that."""

from collections.abc import Iterable, Iterator
from itertools import compress
from operator import is_not, ne
from typing import NamedTuple

from batchtui.tui.terminal.cells import is_doubtful
from batchtui.tui.terminal.pencil import Pencil
from batchtui.tui.terminal.screen import Screen
from batchtui.tui.terminal.styles import Style

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
    for row in rows:
        texts = wanted.texts[row]
        for run in _runs(known, wanted, row):
            pencil.write(row, run.start, texts[run.start : run.end], run.style, run.tail)
    known.copy_rows(wanted, rows)


def count_changes(known: Screen, wanted: Screen, rows: Iterable[int]) -> int:
    """Count what differs: one for each cell's text, and one for each cell's style."""
    count = 0
    for row in rows:
        texts, styles = wanted.texts[row], wanted.styles[row]
        if texts != known.texts[row]:
            count += sum(map(ne, texts, known.texts[row]))
        if styles != known.styles[row]:
            count += sum(map(is_not, styles, known.styles[row]))
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


def _runs(known: Screen, wanted: Screen, row: int) -> Iterator[Run]:
    """Yield what must be written in a row, from left to right."""
    changes = _changes(known, wanted, row)
    if not changes:
        return
    texts, styles = wanted.texts[row], wanted.styles[row]
    changes = _with_endangered(texts, changes)
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


def _with_endangered(texts: list[str], changes: list[int]) -> list[int]:
    """Add the cells that a terminal may spoil which draws a cluster wider than its place."""
    joined = "".join(texts)
    if joined.isascii():
        return changes
    columns = set(changes)
    for column in changes:
        if texts[column] and is_doubtful(texts[column]):
            reach = column + 2 * len(texts[column])
            columns.update(range(column, min(reach, len(texts))))
    return sorted(columns) if len(columns) > len(changes) else changes


def _blank_tail(texts: list[str], styles: list[Style]) -> int:
    """Return the column from which all is blank in the style of the last cell."""
    joined = "".join(texts)
    first = len(texts) - (len(joined) - len(joined.rstrip(" ")))
    style = styles[-1]
    column = len(texts)
    while column > first and styles[column - 1] is style:
        column -= 1
    return column
