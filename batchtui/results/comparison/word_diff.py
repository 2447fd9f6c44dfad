"""Which words differ between two texts."""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Final

from msgspec import Struct

_TOKEN: Final = re.compile(r"\s+|\w+|[^\w\s]")
_LINE: Final = re.compile(r"[^\n]*\n|[^\n]+")
_MOST_WORDS: Final = 4_000
"""Words of both sides together up to which lines that differ are matched word by word: the time
grows with the square."""


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
    blocks = []
    for piece in _matched(_LINE.findall(one), _LINE.findall(other)):
        mine, theirs = _TOKEN.findall(piece.one), _TOKEN.findall(piece.other)
        is_plain = piece.is_same or len(mine) + len(theirs) > _MOST_WORDS
        pieces = (piece,) if is_plain else tuple(_joined(_matched(mine, theirs)))
        blocks.append(DiffBlock(pieces))
    return tuple(blocks)


def _matched(mine: Sequence[str], theirs: Sequence[str]) -> Iterator[DiffPiece]:
    matcher = SequenceMatcher(None, mine, theirs, autojunk=False)
    for _, start, stop, begin, end in matcher.get_opcodes():
        yield DiffPiece("".join(mine[start:stop]), "".join(theirs[begin:end]))


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
