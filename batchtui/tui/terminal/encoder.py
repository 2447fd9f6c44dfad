"""Turns the terminal's screen into the wanted one: finds what differs, and paints only that."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import compress
from operator import is_not
from typing import NamedTuple

from batchtui.tui.terminal.cells import NARROW, is_doubtful
from batchtui.tui.terminal.pencil import Pencil
from batchtui.tui.terminal.runs import CellRun, in_best_order
from batchtui.tui.terminal.screen import Screen
from batchtui.tui.terminal.screen_diff import Changes
from batchtui.tui.terminal.styles import Style

_CHANGED = re.compile(rb"\x01+")
_UNUSUAL = re.compile(f"[^{NARROW}]")
_WIDEST_BRIDGE = 4
"""Unchanged cells that are cheaper to write again than to step over."""


class _Row(NamedTuple):
    """A row of the wanted screen."""

    number: int
    texts: Sequence[str]
    """The cells; a string where each is one character, which is quicker to cut up."""
    styles: list[Style]
    has_wide: bool

    @classmethod
    def of(cls, screen: Screen, number: int) -> "_Row":
        """Take a row of a screen."""
        texts, styles = screen.texts[number], screen.styles[number]
        text = "".join(texts)
        if _UNUSUAL.search(text) is None:
            return cls(number, text, styles, has_wide=False)
        return cls(number, texts, styles, has_wide="" in texts)


def paint(pencil: Pencil, known: Screen, wanted: Screen, changes: Changes) -> None:
    """Write what turns ``known`` into ``wanted``, and make them equal.

    Args:
        pencil: Where to write.
        known: The screen as the terminal has it.
        wanted: The screen as it should be, of the same size.
        changes: What differs between the two.
    """
    runs: list[CellRun] = []
    for number, mask in changes.items():
        row = _Row.of(wanted, number)
        endangered = _with_endangered(row.texts, mask)
        if endangered is None:
            runs += _runs(pencil, row, mask)
        else:
            # What stands to the right of a doubtful width must be written after it.
            _write(pencil, _runs(pencil, row, endangered))
    _write(pencil, in_best_order(runs, pencil.pen, wanted.columns))
    known.copy_rows(wanted, changes)


def _write(pencil: Pencil, runs: Iterable[CellRun]) -> None:
    for run in runs:
        pencil.write(*run)


def _runs(pencil: Pencil, row: _Row, mask: bytes) -> Iterator[CellRun]:
    """Yield what must be written in a row, from left to right."""
    number, texts, styles, _ = row
    columns = len(styles)
    # Only where the last change is a blank can the rest of the row be erased.
    can_erase = texts[mask.rfind(1)] == " " and pencil.can_erase(styles[-1])
    tail = _blank_tail(row) if can_erase else columns
    for start, last in _spans(row, mask):
        begin = start
        # One erasure covers all that changes from there on.
        end = columns if last > tail else last
        pens = styles[start:end]
        if pens.count(pens[0]) < len(pens):
            for place in compress(range(start + 1, end), map(is_not, pens[1:], pens)):
                yield CellRun(number, begin, texts[begin:place], styles[begin], columns)
                begin = place
        yield CellRun(
            number, begin, texts[begin:end], styles[begin], tail if end > tail else columns
        )
        if end > tail:
            return


def _spans(row: _Row, mask: bytes) -> Iterator[tuple[int, int]]:
    """Yield changed stretches of whole characters, those with little between them as one."""
    start = end = -_WIDEST_BRIDGE - 1
    for match in _CHANGED.finditer(mask):
        next_start, next_end = match.span()
        if row.has_wide:
            next_start, next_end = _whole(row.texts, next_start, next_end)
        if next_start - end <= _WIDEST_BRIDGE and _is_bridge(row, end, next_start):
            end = max(end, next_end)
        else:
            if end >= 0:
                yield start, end
            start, end = next_start, next_end
    yield start, end


def _whole(texts: Sequence[str], start: int, end: int) -> tuple[int, int]:
    """Widen a stretch that begins or ends within a wide character."""
    while not texts[start]:
        start -= 1
    while end < len(texts) and not texts[end]:
        end += 1
    return start, end


def _is_bridge(row: _Row, end: int, column: int) -> bool:
    """Return whether to write the unchanged cells up to ``column`` is no dearer than a step."""
    style = row.styles[end - 1]
    # what comes behind in another style may be written at another time
    if row.styles[column] is not style:
        return False
    for place in range(end, column):
        text = row.texts[place]
        if row.styles[place] is not style or text > "\x7f" or not text:
            return False
    return True


def _with_endangered(texts: Sequence[str], mask: bytes) -> bytes | None:
    """Add to the changes what a terminal spoils that draws a changed cluster wider than its place.

    Returns:
        What to write from left to right, or ``None`` where no width is doubtful.
    """
    if isinstance(texts, str):
        return None
    doubtful = [c for c, text in enumerate(texts) if mask[c] and text and is_doubtful(text)]
    if not doubtful:
        return None
    endangered = bytearray(mask)
    for column in doubtful:
        end = min(column + 2 * len(texts[column]), len(texts))
        endangered[column:end] = b"\x01" * (end - column)
    return bytes(endangered)


def _blank_tail(row: _Row) -> int:
    """Return the column from which all is blank in the style of the last cell."""
    text = "".join(row.texts)
    column = len(row.texts)
    first = column - (len(text) - len(text.rstrip(" ")))
    style = row.styles[-1]
    while column > first and row.styles[column - 1] is style:
        column -= 1
    return column
