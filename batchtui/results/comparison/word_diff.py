"""Which words differ between two texts."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from msgspec import Struct

from batchtui.results.comparison.common_runs import common_runs

_TOKEN: Final = re.compile(r"\s+|\w+|[^\w\s]")
_LINE: Final = re.compile(r"[^\n]*\n|[^\n]+")
_WORD_END: Final = re.compile(r"\w+\Z")
_EFFORT: Final = 4_000_000
"""The characters of both texts times the edits that are looked ahead."""
_MOST_EDITS: Final = 500
_LEAST_EDITS: Final = 32
_FIRST: Final = 200
"""Characters in which the first difference is looked for."""
_LONGEST_WORD: Final = 64


class DiffPiece(Struct, frozen=True):
    """A run of text that both sides have, or only one of them."""

    one: str
    """What the first side has here."""
    other: str
    """What the second side has here."""

    @property
    def is_same(self) -> bool:
        """Whether both sides have it."""
        return self.one == self.other


class DiffBlock(Struct, frozen=True):
    """Some lines of both sides that belong beside each other."""

    pieces: tuple[DiffPiece, ...]
    """What they say, in order."""

    @property
    def is_same(self) -> bool:
        """Whether both sides say the same."""
        return all(piece.is_same for piece in self.pieces)


def diff_blocks(one: str, other: str) -> tuple[DiffBlock, ...]:
    """Return both texts in blocks of lines, those that differ with the words in which they do."""
    edits = max(_LEAST_EDITS, min(_MOST_EDITS, _EFFORT // (len(one) + len(other) + 1)))
    return tuple(
        DiffBlock((piece,) if piece.is_same else tuple(_words(piece.one, piece.other, edits)))
        for piece in _matched(_LINE.findall(one), _LINE.findall(other), edits)
    )


def first_difference(one: str, other: str) -> DiffPiece | None:
    """Return the beginning of what differs first; quick however long both texts are."""
    if one == other:
        return None
    place = _common_length(one, other)
    word = _WORD_END.search(one, max(0, place - _LONGEST_WORD), place)
    place = word.start() if word else place  # words that begin alike differ as a whole
    words = _words(one[place : place + _FIRST], other[place : place + _FIRST], _LEAST_EDITS)
    return next(piece for piece in words if not piece.is_same)


def _common_length(one: str, other: str) -> int:
    """Return how many characters both texts begin with."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _words(one: str, other: str, edits: int) -> Iterator[DiffPiece]:
    return _joined(_matched(_TOKEN.findall(one), _TOKEN.findall(other), edits))


def _matched(mine: Sequence[str], theirs: Sequence[str], edits: int) -> Iterator[DiffPiece]:
    x = y = 0
    for run in common_runs(mine, theirs, edits):
        if x < run.start or y < run.begin:
            yield DiffPiece("".join(mine[x : run.start]), "".join(theirs[y : run.begin]))
        x, y = run.after
        if run.size:
            text = "".join(mine[run.start : x])
            yield DiffPiece(text, text)


def _joined(pieces: Iterator[DiffPiece]) -> Iterator[DiffPiece]:
    """Join neighbors that differ, with the spaces between them."""
    waiting = list(pieces)
    held: DiffPiece | None = None
    for place, piece in enumerate(waiting):
        after = waiting[place + 1] if place + 1 < len(waiting) else piece
        is_between = piece.is_same and piece.one in {" ", ""} and not after.is_same
        if held is None:
            held = piece
        elif not held.is_same and (not piece.is_same or is_between):
            held = DiffPiece(held.one + piece.one, held.other + piece.other)
        else:
            yield held
            held = piece
    if held is not None:
        yield held
