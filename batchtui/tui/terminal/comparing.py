"""What differs between two screens, cell by cell, found without a loop in Python over the cells."""

from collections.abc import Iterable
from itertools import compress
from operator import is_not, ne

from batchtui.tui.terminal.screen import Screen

_ROW_COST = 40
"""Bytes for the moves and styles of a row of which a part has changed, about."""

Changes = dict[int, bytes]
"""For each row that differs one byte a cell: 1 where it differs, 0 where it does not."""


def compare(known: Screen, wanted: Screen, rows: Iterable[int]) -> Changes:
    """Compare rows of two screens of the same size."""
    changes: Changes = {}
    for row in rows:
        texts, styles = wanted.texts[row], wanted.styles[row]
        old_texts, old_styles = known.texts[row], known.styles[row]
        if texts != old_texts:
            mask = bytes(map(ne, texts, old_texts))
            if styles != old_styles:
                mask = _either(mask, bytes(map(is_not, styles, old_styles)))
            changes[row] = mask
        elif styles != old_styles:
            changes[row] = bytes(map(is_not, styles, old_styles))
    return changes


def estimate_cost(changes: Changes, wanted: Screen) -> int:
    """Estimate the bytes that it takes to paint what differs; blanks are erased, which is cheap."""
    cost = len(changes) * _ROW_COST
    for row, mask in changes.items():
        cost += sum(map(" ".__ne__, compress(wanted.texts[row], mask)))
    return cost


def _either(mask: bytes, other: bytes) -> bytes:
    both = int.from_bytes(mask, "little") | int.from_bytes(other, "little")
    return both.to_bytes(len(mask), "little")
