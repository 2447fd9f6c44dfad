"""Text as cells: which characters share a cell, how wide it is, and how far that can be trusted."""

import re
from functools import lru_cache
from itertools import takewhile
from typing import NamedTuple
from unicodedata import category, combining

from rich.cells import split_graphemes

from batchtui.tui.terminal.styles import (
    PLAIN,
    Style,
    UnrecognizedError,
    apply_sgr,
    plain_sgr,
    share,
)

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_LINK = re.compile(r"\x1b\]8;([^\x07\x1b]*)(?:\x1b\\|\x07)")
_FIRST_PICTURE = "\U0001f000"
"""From here on stand pictures and flags, whose widths differ with the age of a terminal."""

NARROW = (
    " -~\xa0-\xac\xae-\u02ff\u0370-\u0377\u0384-\u0482\u2010-\u2027\u2030-\u205e\u20a0-\u20bf"
    "\u2190-\u2319\u2500-\u25fc\u2713\u2717\u2800-\u28ff"
)
"""Ranges of characters that are one cell wide and stand alone: nearly all of what is shown."""
_NARROW_TEXT = re.compile(f"[{NARROW}]+")
_SEGMENT = re.compile("\x1b\\[([\\d;]+)m([^\x1b]+)\x1b\\[0m")
"""A piece of a line as Textual writes it: style, text, reset."""
_SEGMENT_SIGNS = len("\x1b[m\x1b[0m")

Clusters = tuple[str, ...]


class CellLine(NamedTuple):
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
    """Return whether terminals disagree about the width of a cell's text."""
    if cluster >= _FIRST_PICTURE:
        return True
    return len(cluster) > 1 and any(map(_may_widen, cluster[1:]))


def _may_widen(character: str) -> bool:
    """Return whether a character is more than an accent to the one before: a joiner, a selector."""
    return "\ufe00" <= character <= "\ufe0f" or category(character) not in ("Mn", "Me")


@lru_cache(maxsize=512)
def read_line(text: str, pen: Style) -> CellLine:
    """Read a piece of output that paints to the right: text, styles and links.

    Args:
        text: Output without cursor movement, but perhaps a line feed at its end.
        pen: The pen at its start.

    Raises:
        UnrecognizedError: It holds another sequence.
    """
    text = text.removesuffix("\n")
    line = _read_simple(text) if pen is PLAIN else None
    return _read_any(text, pen) if line is None else line


def _read_simple(text: str) -> CellLine | None:
    """Read a line as nearly all are: without links, each character one cell wide.

    Returns:
        The line, or ``None`` where there is something else in it.
    """
    texts: list[str] = []
    styles: list[Style] = []
    read = 0
    for parameters, content in _SEGMENT.findall(text):
        is_ascii = content.isascii() and content.isprintable()
        if not is_ascii and _NARROW_TEXT.fullmatch(content) is None:
            return None
        texts += content
        styles += [plain_sgr(parameters)] * len(content)
        read += len(parameters) + len(content) + _SEGMENT_SIGNS
    return CellLine(texts, styles, PLAIN) if read == len(text) else None


def _read_any(text: str, pen: Style) -> CellLine:
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
    return CellLine(texts, styles, pen)


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
        raise UnrecognizedError(repr(text[:40]))
    marks = "".join(takewhile(combining, text))
    if marks and texts:
        # The letter that they belong to was cut off: a terminal puts them on what stands there.
        texts[-1 if texts[-1] else -2] += marks
    cells = split_cells(text)
    texts += cells
    styles += [pen] * len(cells)
