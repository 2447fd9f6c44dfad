"""Finds rows that have moved as a whole, so that the terminal can move them itself."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from batchtui.tui.terminal.screen import Screen
from batchtui.tui.terminal.screen_diff import Changes, compare, count_bytes

_FEWEST_ROWS = 4
"""Rows that must have moved for a scroll to be thought of."""
_SEQUENCE_COST = 20
"""Bytes that a scroll takes, about."""
_BANDS = ((0.0, 0.4), (0.6, 1.0))
"""Parts of the width in which text is looked for that moved: a list may be beside something."""


class Scroll(NamedTuple):
    """Rows that move together."""

    top: int
    bottom: int
    """The last row, inclusive."""
    distance: int
    """How many rows up; negative is down."""


def find_scroll(known: Screen, wanted: Screen, changes: Changes) -> Scroll | None:
    """Find a scroll that leaves much less to paint.

    What stands beside a list that moves, and does not move with it, must be painted again: whoever
    scrolls compares what is left with what was there (`is_worthwhile`).

    Args:
        known: The screen as the terminal has it.
        wanted: The screen as it should be, of the same size.
        changes: What differs between the two.

    Returns:
        The scroll, or ``None`` where nothing has moved.
    """
    if len(changes) < _FEWEST_ROWS:
        return None
    scroll = _likeliest(known, wanted, changes)
    return None if scroll is None else _trim(scroll, known, wanted)


def is_worthwhile(before: Changes, after: Changes, wanted: Screen) -> bool:
    """Return whether a scroll saves at least a third."""
    limit = count_bytes(before, wanted) * 2 // 3
    return _SEQUENCE_COST + count_bytes(after, wanted) < limit


def _likeliest(known: Screen, wanted: Screen, changes: Changes) -> Scroll | None:
    for begin, end in _BANDS:
        band = slice(int(begin * wanted.columns), int(end * wanted.columns))
        rows = [row for row, mask in changes.items() if any(mask[band])]
        scroll = _vote(known, wanted, rows, band) if len(rows) >= _FEWEST_ROWS else None
        if scroll is not None:
            return scroll
    return None


def _vote(known: Screen, wanted: Screen, rows: Sequence[int], band: slice) -> Scroll | None:
    """Let every row that shows what another row showed before vote for its distance."""
    before: dict[str, list[int]] = {}
    for row in rows:
        text = "".join(known.texts[row][band])
        before.setdefault(text, []).append(row)
    votes: Counter[int] = Counter()
    moved: dict[int, list[int]] = {}
    for row in rows:
        text = "".join(wanted.texts[row][band])
        origins = before.get(text, ())
        # Rows that look alike (blank lines, mostly) would vote for everything.
        if len(origins) == 1 and origins[0] != row and not text.isspace():
            distance = origins[0] - row
            votes[distance] += 1
            moved.setdefault(distance, []).append(row)
    if not votes:
        return None
    distance, count = votes.most_common(1)[0]
    if count < _FEWEST_ROWS:
        return None
    first, last = moved[distance][0], moved[distance][-1]
    return Scroll(min(first, first + distance), max(last, last + distance), distance)


def _trim(scroll: Scroll, known: Screen, wanted: Screen) -> Scroll:
    """Leave the first or the last row out where that leaves less to paint.

    The votes do not tell whether the row that a list moves into belongs to the list alone.
    """
    rows = {scroll.top, scroll.top + 1, scroll.bottom - 1, scroll.bottom}
    ends = dict.fromkeys(rows, (0, wanted.columns))

    def cost(choice: Scroll) -> int:
        return count_bytes(compare(known.shifted(*choice), wanted, ends), wanted)

    choices = (
        scroll,
        scroll._replace(bottom=scroll.bottom - 1),
        scroll._replace(top=scroll.top + 1),
    )
    return min(choices, key=cost)
