"""A terminal emulator for tests: pyte, with the gaps filled that would disturb a comparison."""

import re

import pyte
import pyte.screens
from wcwidth import wcwidth

Cell = tuple[str, str, str, bool, bool, bool, bool, bool, bool]
"""Text, foreground, background, bold, italic, underlined, struck, reversed, blinking."""

_SEQUENCE = re.compile(
    r"""\x1b(?:
        \[ [0-?]* [\x20-/]* [@-~]                # control sequences
      | [PX^_] (?s:.*?) \x1b\\                   # device control strings and the like
      | \] (?s:.*?) (?:\x07|\x1b\\)              # operating system commands
      | [\x20-/]+ [0-~]                          # character sets
      | [0-OQ-WYZ\\`-~]                          # two characters
    )""",
    re.VERBOSE,
)


class Emulator:
    """pyte with the gaps filled that would disturb a comparison.

    pyte draws the text of sequences it does not know (device control strings, ``CSI < u``); here
    they are taken out first and kept in `strings`. The alternate screen is not modeled: entering
    or leaving it clears.

    Args:
        columns: Width in cells.
        lines: Height in cells.
        synchronized: Say yes when asked for synchronised updates.
    """

    def __init__(self, columns: int, lines: int, *, synchronized: bool = True) -> None:
        self.screen = pyte.Screen(columns, lines)
        self.stream = pyte.Stream(self.screen)
        self.modes: set[str] = set()
        """Private modes that are set, such as ``1049``."""
        self.strings: list[str] = []
        """Operating system commands and device control strings, whole, in order."""
        self.bells = 0
        """How often the bell rang."""
        self._held = ""
        self._synchronized = synchronized

    def feed(self, data: str) -> str:
        """Draw what a program wrote.

        Returns:
            What a terminal would answer.
        """
        data = self._held + data
        answers = []
        start = 0
        for match in _SEQUENCE.finditer(data):
            self._draw(data[start : match.start()])
            answers.append(self._act(match.group()))
            start = match.end()
        # An escape that no whole sequence took is the beginning of one that is still on its way.
        cut = data.find("\x1b", start)
        self._held = data[cut:] if cut >= 0 else ""
        self._draw(data[start:cut] if cut >= 0 else data[start:])
        return "".join(answers)

    def resize(self, columns: int, lines: int) -> None:
        """Change the size; like most terminals, what does not fit any more is cut off."""
        if lines < self.screen.lines:
            for row in range(lines, self.screen.lines):
                self.screen.buffer.pop(row, None)
            self.screen.lines = lines
            self.screen.cursor.y = min(self.screen.cursor.y, lines - 1)
        self.screen.resize(lines, columns)
        self.screen.set_margins()

    def lines(self) -> list[str]:
        """The text of every row; pyte's own fails on half of a wide character."""
        screen = self.screen
        rows = (screen.buffer[row] for row in range(screen.lines))
        columns = range(screen.columns)
        return ["".join(row[column].data for column in columns) for row in rows]

    def cells(self) -> list[list[Cell]]:
        """Every cell of the screen with its style, row by row.

        Half a wide character is a blank, as in a terminal; pyte would keep the other half.
        """
        rows = []
        for row in range(self.screen.lines):
            line = self.screen.buffer[row]
            cells = [_cell(line[column]) for column in range(self.screen.columns)]
            texts = [*(cell[0] for cell in cells), "-"]
            for column, cell in enumerate(cells):
                is_lead = bool(cell[0]) and wcwidth(cell[0][0]) == 2
                is_cut = texts[column + 1] != "" if is_lead else texts[column + 1] == ""
                if is_lead and is_cut:
                    cells[column] = (" ", *cell[1:])
                elif is_cut and column + 1 < len(cells):
                    cells[column + 1] = (" ", *cells[column + 1][1:])
            rows.append(cells)
        return rows

    def _draw(self, text: str) -> None:
        self.bells += text.count("\x07")
        if text:
            self.stream.feed(text)

    def _act(self, sequence: str) -> str:
        if sequence[1] in "PX^_]":
            self.strings.append(sequence)
            if sequence.startswith(("\x1b]0;", "\x1b]2;")):
                self.stream.feed(sequence)
            return ""
        if not sequence.startswith("\x1b[?"):
            if sequence[1] != "[" or sequence[2] not in "<=>":
                self.stream.feed(sequence)
            return ""
        if sequence.endswith("$p"):
            mode = sequence[3:-2]
            known = 2 if mode == "2026" and self._synchronized else 0
            return f"\x1b[?{mode};{known}$y"
        self._set_modes(sequence)
        return ""

    def _set_modes(self, sequence: str) -> None:
        modes = set(sequence[3:-1].split(";"))
        if sequence[-1] == "h":
            self.modes |= modes
        elif sequence[-1] == "l":
            self.modes -= modes
        if "1049" in modes:
            self.screen.erase_in_display(2)
        self.stream.feed(sequence)


def _cell(cell: pyte.screens.Char) -> Cell:
    return (
        cell.data,
        cell.fg,
        cell.bg,
        cell.bold,
        cell.italics,
        cell.underscore,
        cell.strikethrough,
        cell.reverse,
        cell.blink,
    )
