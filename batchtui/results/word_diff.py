"""Which words differ between two texts."""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Final

from msgspec import Struct

_TOKEN: Final = re.compile(r"\s+|\w+|[^\w\s]")
_LINE: Final = re.compile(r"[^\n]*\n|[^\n]+")
_MOST_WORDS: Final = 4_000
"""Words of both sides together up to which they are matched at once; more are matched by lines
first, since the time grows with the square."""


class Piece(Struct, frozen=True):
    """A run of text that both sides have, or only one of them."""

    one: str
    """What the first side has here."""
    other: str
    """What the second side has here."""

    @property
    def is_same(self) -> bool:
        """Whether both sides have it."""
        return self.one == self.other


def diff_words(one: str, other: str) -> tuple[Piece, ...]:
    """Return both texts in pieces that follow each other, as few words as possible differing."""
    if one == other:
        return (Piece(one, other),) if one else ()
    mine, theirs = _TOKEN.findall(one), _TOKEN.findall(other)
    if len(mine) + len(theirs) <= _MOST_WORDS:
        return tuple(_joined(_matched(mine, theirs)))
    return tuple(_joined(_by_lines(_LINE.findall(one), _LINE.findall(other))))


def _matched(mine: Sequence[str], theirs: Sequence[str]) -> Iterator[Piece]:
    matcher = SequenceMatcher(None, mine, theirs, autojunk=False)
    for _, start, stop, begin, end in matcher.get_opcodes():
        yield Piece("".join(mine[start:stop]), "".join(theirs[begin:end]))


def _by_lines(mine: Sequence[str], theirs: Sequence[str]) -> Iterator[Piece]:
    """Match lines, and the words only where a few lines differ."""
    for piece in _matched(mine, theirs):
        if piece.is_same:
            yield piece
            continue
        words, others = _TOKEN.findall(piece.one), _TOKEN.findall(piece.other)
        if len(words) + len(others) <= _MOST_WORDS:
            yield from _matched(words, others)
        else:
            yield piece


def _joined(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Join neighbours of one kind: a space between two words that differ differs with them."""
    held: Piece | None = None
    for piece in pieces:
        if held is None:
            held = piece
        elif held.is_same == piece.is_same or (piece.is_same and piece.one.isspace()):
            held = Piece(held.one + piece.one, held.other + piece.other)
        else:
            yield held
            held = piece
    if held is not None:
        yield held
