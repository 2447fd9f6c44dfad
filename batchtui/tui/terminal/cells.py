"""Text as cells: which characters share a cell, how wide it is, and how far that can be trusted."""

import re
from functools import lru_cache
from typing import NamedTuple
from unicodedata import category

from rich.cells import split_graphemes

from batchtui.tui.terminal.styles import (
    PLAIN,
    Style,
    UnrecognisedError,
    apply_sgr,
    plain_sgr,
    share,
)

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_LINK = re.compile(r"\x1b\]8;([^\x07\x1b]*)(?:\x1b\\|\x07)")
_FIRST_PICTURE = "\U0001f000"
"""From here on stand pictures and flags, whose widths differ with the age of a terminal."""

Clusters = tuple[str, ...]


class Line(NamedTuple):
    """What one piece of output paints, from the place where it starts."""

    texts: list[str]
    """The characters of each cell; the right half of a wide character is an empty string."""
    styles: list[Style]
    """The pen of each cell."""
    pen: Style
    """The pen afterwards."""


@lru_cache(maxsize=2048)
def split_cells(text: str) -> Clusters:
    """Split text into the contents of cells.

    Control characters are left out: they have no width, and text has no business to hold them.

    Returns:
        One string for each cell; the second cell of a wide character is empty. Characters without
        a width of their own stand with the one before them.
    """
    text = _CONTROL.sub("", text)
    cells: list[str] = []
    for start, end, width in split_graphemes(text)[0]:
        if width == 0:
            # Nothing stands before it: drawn alone it would land in somebody else's cell.
            continue
        cells.append(text[start:end])
        cells.extend([""] * (width - 1))
    return tuple(cells)


@lru_cache(maxsize=2048)
def is_doubtful(cluster: str) -> bool:
    """Whether terminals disagree about the width of a cell's text."""
    if cluster >= _FIRST_PICTURE:
        return True
    return len(cluster) > 1 and any(map(_may_widen, cluster[1:]))


def _may_widen(character: str) -> bool:
    """Whether a character is more to the one before it than an accent: a joiner, a selector."""
    return "\ufe00" <= character <= "\ufe0f" or category(character) not in ("Mn", "Me")


@lru_cache(maxsize=512)
def read_line(text: str, pen: Style) -> Line:
    """Read a piece of output that paints to the right: text, styles and links.

    Args:
        text: Output without cursor movement, but perhaps a line feed at its end.
        pen: The pen at its start.

    Raises:
        UnrecognisedError: It holds another sequence.
    """
    text = text.removesuffix("\n")
    texts: list[str] = []
    styles: list[Style] = []
    first, *pieces = text.split("\x1b[")
    pen = _add(first, pen, texts, styles)
    for piece in pieces:
        if piece == "0m" and not pen.link:
            pen = PLAIN
            continue
        parameters, _, rest = piece.partition("m")
        pen = plain_sgr(parameters) if pen is PLAIN else apply_sgr(pen, parameters)
        if rest.isascii() and rest.isprintable():
            texts += rest
            styles += [pen] * len(rest)
        else:
            pen = _add(rest, pen, texts, styles)
    return Line(texts, styles, pen)


def _add(text: str, pen: Style, texts: list[str], styles: list[Style]) -> Style:
    """Append the cells of ``text``; return the pen, which links change."""
    position = 0
    for match in _LINK.finditer(text):
        _add_text(text[position : match.start()], pen, texts, styles)
        target = match.group(1)
        pen = share(pen._replace(link="" if target == ";" else target))
        position = match.end()
    _add_text(text[position:], pen, texts, styles)
    return pen


def _add_text(text: str, pen: Style, texts: list[str], styles: list[Style]) -> None:
    if "\x1b" in text or "\n" in text:
        raise UnrecognisedError(repr(text[:40]))
    cells = split_cells(text)
    texts += cells
    styles += [pen] * len(cells)
