"""Turns the terminal's screen into the wanted one: finds what differs, and paints only that."""

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from operator import is_not
from typing import NamedTuple

from batchtui.tui.terminal.cells import is_doubtful
from batchtui.tui.terminal.comparing import Changes
from batchtui.tui.terminal.pencil import Pencil
from batchtui.tui.terminal.screen import Screen
from batchtui.tui.terminal.styles import Style, restyle

_CHANGED = re.compile(rb"\x01+")
_PICTURES = re.compile("[\U0001f000-\U0010ffff]")
_FEWEST_SORTED = 6
_MOVE_COST = 6
_WIDEST_BRIDGE = 4
"""Unchanged cells that are cheaper to write again than to step over."""


class Run(NamedTuple):
    """Neighbouring cells of one style that are to be written."""

    row: int
    start: int
    end: int
    style: Style
    tail: int
    """The column from which the row is blank in this style, or the width of the screen."""


def paint(pencil: Pencil, known: Screen, wanted: Screen, changes: Changes) -> None:
    """Write what turns ``known`` into ``wanted``, and make them equal.

    Args:
        pencil: Where to write.
        known: The screen as the terminal has it.
        wanted: The screen as it should be, of the same size.
        changes: What differs between the two.
    """
    runs: list[Run] = []
    for row, mask in changes.items():
        endangered = _with_endangered(wanted.texts[row], mask)
        if endangered is None:
            runs += _runs(pencil, wanted, row, mask)
        else:
            # What stands to the right of a doubtful width must be written after it.
            _write(pencil, wanted, _runs(pencil, wanted, row, endangered))
    _write(pencil, wanted, _in_best_order(runs))
    known.copy_rows(wanted, changes)


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
    groups: dict[Style, list[Run]] = {}
    for run in runs:
        groups.setdefault(run.style, []).append(run)
    if len(groups) == len(runs):
        return runs
    # Neighbours share a background, which is half of what a change of colours costs.
    styles = sorted(groups, key=lambda style: (style.background, style.foreground, style))
    by_style = [run for style in styles for run in groups[style]]
    return min(runs, by_style, key=_order_cost)


def _order_cost(runs: list[Run]) -> int:
    cost = 0
    for before, run in pairwise(runs):
        if run.style is not before.style:
            cost += len(restyle(before.style, run.style))
        if run.start != before.end or run.row != before.row:
            cost += _MOVE_COST
    return cost


def _runs(pencil: Pencil, wanted: Screen, row: int, mask: bytes) -> Iterator[Run]:
    """Yield what must be written in a row, from left to right."""
    texts, styles = wanted.texts[row], wanted.styles[row]
    columns = wanted.columns
    # Only where the last change is a blank can the rest of the row be erased.
    can_erase = texts[mask.rfind(1)] == " " and pencil.can_erase(styles[-1])
    tail = _blank_tail(texts, styles) if can_erase else columns
    for start, end in _spans(texts, styles, mask):
        begin = start
        if end > tail:
            # One erasure covers all that changes from here on.
            end = columns  # noqa: PLW2901 - this run is longer, the span is the same
        if end - start > 1:
            breaks = bytes(map(is_not, styles[start + 1 : end], styles[start:end]))
            place = breaks.find(1)
            while place >= 0:
                yield Run(row, begin, start + place + 1, styles[begin], columns)
                begin = start + place + 1
                place = breaks.find(1, place + 1)
        yield Run(row, begin, end, styles[begin], tail if end > tail else columns)
        if end > tail:
            return


def _spans(texts: list[str], styles: list[Style], mask: bytes) -> Iterator[tuple[int, int]]:
    """Yield changed stretches of whole characters, those with little between them as one."""
    has_wide = "" in texts
    start = end = -_WIDEST_BRIDGE - 1
    for match in _CHANGED.finditer(mask):
        next_start, next_end = match.span()
        if has_wide:
            next_start, next_end = _whole(texts, next_start, next_end)
        if next_start - end <= _WIDEST_BRIDGE and _is_bridge(texts, styles, end, next_start):
            end = max(end, next_end)
        else:
            if end >= 0:
                yield start, end
            start, end = next_start, next_end
    yield start, end


def _whole(texts: list[str], start: int, end: int) -> tuple[int, int]:
    """Widen a stretch that begins or ends within a wide character."""
    while not texts[start]:
        start -= 1
    while end < len(texts) and not texts[end]:
        end += 1
    return start, end


def _is_bridge(texts: list[str], styles: list[Style], end: int, column: int) -> bool:
    """Whether writing the unchanged cells from ``end`` to ``column`` is no longer than a step."""
    style = styles[end - 1]
    for place in range(end, column):
        if styles[place] is not style or texts[place] > "\x7f" or not texts[place]:
            return False
    return True


def _with_endangered(texts: list[str], mask: bytes) -> bytes | None:
    """Add to the changes what a terminal spoils that draws a changed cluster wider than its place.

    Returns:
        What to write from left to right, or ``None`` where no width is doubtful.
    """
    joined = "".join(texts)
    is_simple = len(joined) + texts.count("") == len(texts)
    if joined.isascii() or (is_simple and not _PICTURES.search(joined)):
        return None
    doubtful = [c for c, text in enumerate(texts) if mask[c] and text and is_doubtful(text)]
    if not doubtful:
        return None
    endangered = bytearray(mask)
    for column in doubtful:
        end = min(column + 2 * len(texts[column]), len(texts))
        endangered[column:end] = b"\x01" * (end - column)
    return bytes(endangered)


def _blank_tail(texts: list[str], styles: list[Style]) -> int:
    """Return the column from which all is blank in the style of the last cell."""
    joined = "".join(texts)
    first = len(texts) - (len(joined) - len(joined.rstrip(" ")))
    style = styles[-1]
    column = len(texts)
    while column > first and styles[column - 1] is style:
        column -= 1
    return column
