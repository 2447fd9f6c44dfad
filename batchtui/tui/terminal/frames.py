"""Between what Textual writes and what the terminal is sent: only the newest screen is kept.

`Frames` has no file, thread or clock. `feed` takes what Textual writes; `take` returns the bytes
that bring the terminal from what it shows to the newest complete frame, however many frames came
in between. What is not a picture (modes, titles, the clipboard) is passed on whole and in order.
"""

import re

from batchtui.tui.terminal.cells import read_line
from batchtui.tui.terminal.encoder import paint
from batchtui.tui.terminal.pencil import Pencil
from batchtui.tui.terminal.screen import UNKNOWN, Screen
from batchtui.tui.terminal.screen_diff import compare
from batchtui.tui.terminal.scrolling import find_scroll, is_worthwhile
from batchtui.tui.terminal.styles import PLAIN, UnrecognizedError

SYNC_START = "\x1b[?2026h"
SYNC_END = "\x1b[?2026l"
_SHORT_FRAME = 256
"""Bytes that a terminal gets in one piece anyhow: no use to wrap them in a synchronised update."""
_STRIKES = 3
"""Unknown sequences after which the picture is not trusted any more."""

_MOVE = re.compile(r"\x1b\[(\d+);(\d+)H")
_CONTROL = re.compile(
    r"""(?:
        \x1b\[\?[\d;]*(?:[hl]|\$p)           # private modes: set, reset, asked for
      | \x1b\[[<=>][\d;]*u                   # keyboard protocols
      | \x1b\[\d*(?:;\d*)*(?:\x20q|t|c|n)    # shape of the cursor, window, identity, status
      | \x1b\](?!8;)[^\x07\x1b]*(?:\x07|\x1b\\)  # titles, clipboard, notifications
      | \x1bPtmux;(?:[^\x1b]|\x1b\x1b)*\x1b\\           # the same on their way through tmux
      | \x1bP\x1b\](?:[^\x1b]|\x1b\\\x1bP)*\x07\x1b\\  # and, in pieces, through screen
      | \x07
    )+""",
    re.VERBOSE,
)
_ENTER = "\x1b[?1049h"
_LEAVE = "\x1b[?1049l"


class Frames:
    """The screen that Textual wants, and the one that the terminal has.

    Args:
        columns: Width in cells.
        lines: Height in cells.
        erases_in_color: The terminal fills what it erases with the background of the pen.
    """

    def __init__(self, columns: int, lines: int, *, erases_in_color: bool = True) -> None:
        self.is_trusted = True
        """Whether the picture is still known; if not, output must be passed on as it is."""
        self.is_held = False
        """Whether the terminal keeps what it shows: the picture is still being made."""
        self._wanted = Screen(columns, lines)
        self._known = Screen(columns, lines)
        self._pencil = Pencil(columns, erases_in_color=erases_in_color)
        self._controls: list[str] = []
        self._dirty: dict[int, tuple[int, int]] = {}
        self._pen = PLAIN
        self._cursor = self._last_cursor = (0, 0)
        self._is_shown = False
        self._is_open = False
        self._is_due = False
        self._synchronises = False
        self._strikes = 0

    @property
    def has_work(self) -> bool:
        """Whether `take` would return something."""
        return bool(self._controls) or self._must_paint()

    def _must_paint(self) -> bool:
        is_made = self._is_due and not self._is_open and not self.is_held
        is_complete = self._is_shown and is_made
        return is_complete and self.is_trusted and self._differs()

    def _differs(self) -> bool:
        return bool(self._dirty) or self._cursor != self._last_cursor

    def resize(self, columns: int, lines: int) -> None:
        """Follow the size of the terminal, whose content is not known any more.

        For another size Textual will paint again, and nothing is sent before it has. For the same
        size (there and back again) it will not: then what there is is due at once.
        """
        if (columns, lines) != (self._wanted.columns, self._wanted.lines):
            self._wanted.resize(columns, lines)
            self._known.resize(columns, lines)
            self._pencil.columns = columns
            self._is_due = False
        self.invalidate()

    def invalidate(self) -> None:
        """Forget what the terminal shows: the next frame paints all of it."""
        self._known.fill(UNKNOWN)
        self._pencil.forget()
        self._dirty = dict.fromkeys(range(self._wanted.lines), (0, self._wanted.columns))

    def feed(self, data: str) -> None:
        """Take what Textual or another part of the program writes."""
        if data == SYNC_START:
            self._is_open = self._synchronises = True
        elif data == SYNC_END:
            self._is_open = False
        elif not self._is_shown or data[:2] in ("\x1bP", "\x1b]") or data == "\x07":
            self._pass_on(data)
        else:
            self._paint(data)

    def take(self) -> str:
        """Return what the terminal must be sent, and count on its being sent."""
        head = "".join(self._controls)
        self._controls.clear()
        return head + self._encode() if self._must_paint() else head

    def _paint(self, data: str) -> None:
        """Paint a frame onto the wanted screen."""
        pieces = _MOVE.split(data)
        if pieces[0]:
            self._pass_on(pieces[0])
        self._is_due = self._is_due or len(pieces) > 1
        try:
            for row, column, text in zip(pieces[1::3], pieces[2::3], pieces[3::3], strict=True):
                self._put(int(row) - 1, int(column) - 1, text)
        except UnrecognizedError:
            # What it does to the picture is not known, so neither is the picture from here on.
            self.is_trusted = False
            self._strike(data)

    def _put(self, row: int, column: int, text: str) -> None:
        """Paint one piece of a frame.

        Raises:
            UnrecognizedError: It holds something else than text and styles.
        """
        if text and text != "\n":
            # A line feed at its end is followed by a move. In the last row it would scroll; that
            # happens only where a frame was made for a larger window, and another one follows.
            line = read_line(text, self._pen)
            self._wanted.put(row, column, line)
            self._pen = line.pen
            end = column + len(line.texts)
            if row < self._wanted.lines:
                self._soil(row, column, end)
            column = end
        self._cursor = (row, column)

    def _soil(self, row: int, start: int, end: int) -> None:
        """Note which columns were painted, and those beside them: halves of wide characters."""
        start, end = max(0, start - 1), min(end + 1, self._wanted.columns)
        if row in self._dirty:
            first, last = self._dirty[row]
            self._dirty[row] = (min(start, first), max(end, last))
        elif start < end:
            self._dirty[row] = (start, end)

    def _pass_on(self, data: str) -> None:
        """Hand on what is not a picture."""
        if not self._is_shown and _ENTER not in data:
            self._controls.append(data)
        elif _CONTROL.fullmatch(data) is None:
            self._strike(data)
        elif _LEAVE in data:
            self._is_shown = self._is_open = False
            self._put_pen_down()
            self._controls.append(data)
        else:
            self._controls.append(data)
            if _ENTER in data:
                # After a pause what was on the screen comes back at once.
                self._is_shown = True
                self.invalidate()

    def _strike(self, data: str) -> None:
        """Pass something unknown on in its place, and trust nothing on the screen after it."""
        self._strikes += 1
        self.is_trusted = self.is_trusted and self._strikes < _STRIKES
        if self._differs():
            self._controls.append(self._encode())
        self._put_pen_down()
        self._controls.append(data)
        self.invalidate()

    def _put_pen_down(self) -> None:
        """Leave the terminal with a plain pen to who writes to it next."""
        self._pencil.restyle(PLAIN)
        self._controls.append(self._pencil.take())

    def _encode(self) -> str:
        """Return the difference between the two screens, and make them equal."""
        places = dict(sorted(self._dirty.items()))
        self._dirty.clear()
        changes = compare(self._known, self._wanted, places)
        scroll = find_scroll(self._known, self._wanted, changes)
        if scroll is not None:
            moved = self._known.shifted(*scroll)
            places |= dict.fromkeys(range(scroll.top, scroll.bottom + 1), (0, self._wanted.columns))
            remaining = compare(moved, self._wanted, dict(sorted(places.items())))
            if is_worthwhile(changes, remaining, self._wanted):
                self._pencil.scroll(*scroll)
                self._known, changes = moved, remaining
        paint(self._pencil, self._known, self._wanted, changes)
        row, column = self._cursor
        self._pencil.move(min(row, self._wanted.lines - 1), min(column, self._wanted.columns - 1))
        self._last_cursor = self._cursor
        text = self._pencil.take()
        if self._synchronises and len(text) > _SHORT_FRAME:
            return f"{SYNC_START}{text}{SYNC_END}"
        return text
