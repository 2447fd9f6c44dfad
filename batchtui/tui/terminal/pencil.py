"""Writes to a terminal whose cursor and pen are known, with as few bytes as that allows.

Only sequences are used that every terminal since the VT220, the Linux console, tmux and screen
understand alike.
"""

import re
from collections.abc import Sequence

from batchtui.tui.terminal.cells import is_doubtful
from batchtui.tui.terminal.cursor import NOWHERE, way
from batchtui.tui.terminal.styles import PLAIN, Style, erases_as, restyle

_FEWEST_ERASED = 5
"""Blanks from which erasing them is shorter than writing them, if nothing comes after them."""
_FEWEST_ERASED_TO_END = 4
_BLANK = " " * _FEWEST_ERASED
_BLANKS = re.compile(f"( {{{_FEWEST_ERASED},}})")


class Pencil:
    """The terminal's cursor and pen, and what has been written with them.

    Args:
        columns: Width of the screen in cells.
        erases_in_color: The terminal fills what it erases with the background of the pen.
    """

    def __init__(self, columns: int, *, erases_in_color: bool = True) -> None:
        self.columns = columns
        self._in_color = erases_in_color
        self._written: list[str] = []
        self.pen: Style | None = None
        """The terminal's pen, or ``None`` where it is not known."""
        self._row = self._column = NOWHERE

    def forget(self) -> None:
        """Take nothing for granted any more: somebody else has written to the terminal."""
        self.pen = None
        self._row = self._column = NOWHERE

    def take(self) -> str:
        """Return what was written since the last call."""
        text = "".join(self._written)
        self._written.clear()
        return text

    def can_erase(self, style: Style) -> bool:
        """Return whether erasing with this style looks the same as writing blanks in it."""
        return erases_as(style, in_color=self._in_color)

    def move(self, row: int, column: int) -> None:
        """Bring the cursor to a cell by the shortest way."""
        if row != self._row or column != self._column:
            self._written.append(way(self._row, self._column, row, column))
            self._row, self._column = row, column

    def restyle(self, style: Style) -> None:
        """Change the pen by the shortest way."""
        if style is not self.pen:
            self._written.append(restyle(self.pen, style))
            self.pen = style

    def scroll(self, top: int, bottom: int, distance: int) -> None:
        """Move whole rows; plain blank rows come in.

        Args:
            top: First row that moves.
            bottom: Last row that moves.
            distance: How many rows up; negative is down.
        """
        self.restyle(PLAIN)
        self._written.append(f"\x1b[{top + 1};{bottom + 1}r")
        if distance > 0:
            self._written.append(f"\x1b[{bottom + 1}H" + "\n" * distance)
        else:
            self._written.append(f"\x1b[{top + 1}H" + "\x1bM" * -distance)
        self._written.append("\x1b[r")
        self._row = self._column = NOWHERE

    def write(self, row: int, column: int, texts: Sequence[str], style: Style, tail: int) -> None:
        """Write cells that have one style.

        Args:
            row: Where to.
            column: Where the first cell stands.
            texts: The cells.
            style: Their style.
            tail: The column from which the rest of the row is blank in this style and may be
                erased; the width of the screen where it is not.
        """
        stop = max(column, tail)
        if column + len(texts) - stop < _FEWEST_ERASED_TO_END:
            self._write_cells(row, column, texts, style)
            return
        if stop > column:
            self._write_cells(row, column, texts[: stop - column], style)
        self.move(row, stop)
        self.restyle(style)
        self._written.append("\x1b[K")

    def _write_cells(self, row: int, column: int, texts: Sequence[str], style: Style) -> None:
        text = texts if isinstance(texts, str) else "".join(texts)
        # where the cells are one string, each is one character
        if texts is text or text.isascii():
            if _BLANK in text and self.can_erase(style):
                self._write_blanks(row, column, text, style)
            else:
                self._write_text(row, column, text, len(text), style)
        elif any(map(is_doubtful, texts)):
            self._write_doubtful(row, column, texts, style)
        else:
            self._write_text(row, column, text, len(texts), style)

    def _write_text(self, row: int, column: int, text: str, width: int, style: Style) -> None:
        self.move(row, column)
        self.restyle(style)
        self._written.append(text)
        self._column = column + width
        if self._column >= self.columns:
            # Terminals differ in where the cursor is after the last cell of a row.
            self._column = NOWHERE

    def _write_blanks(self, row: int, column: int, text: str, style: Style) -> None:
        """Write text of one character a cell, erasing where many cells are blank."""
        end = column + len(text)
        for part in filter(None, _BLANKS.split(text)):
            erasure = f"\x1b[{len(part)}X"
            # the cursor stays where it is: what follows is led to by a step of the same length
            cost = len(erasure) if column + len(part) == end else 2 * len(erasure)
            if part.startswith(_BLANK) and cost < len(part):
                self.move(row, column)
                self.restyle(style)
                self._written.append(erasure)
            else:
                self._write_text(row, column, part, len(part), style)
            column += len(part)

    def _write_doubtful(self, row: int, column: int, texts: Sequence[str], style: Style) -> None:
        """Write cells one by one, finding the place again after each of a doubtful width."""
        for offset, text in enumerate(texts):
            if not text:
                continue
            width = 2 if offset + 1 < len(texts) and not texts[offset + 1] else 1
            place = column + offset
            if is_doubtful(text):
                # The terminal may draw it narrower than its place: blank that first.
                self._write_text(row, place, " " * width, width, style)
                self._write_text(row, place, text, width, style)
                self._column = NOWHERE
            else:
                self._write_text(row, place, text, width, style)
