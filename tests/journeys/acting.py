"""What a person does in the app, step by step: each step ends when the screen shows its outcome."""

import re
from functools import partial

from tests.terminal_emulator import Cell
from tests.terminal_harness import TerminalProgram

HEADINGS = re.compile(r"STATE +LABEL OR ID")
SIDE_BY_SIDE = 110
"""Columns from which the row that is read stands whole beside the list."""
FIRST_ROW = 3
"""The line of the screen with the first row of the list."""


def wait_for_list(running: TerminalProgram) -> None:
    """Wait for a list that comes from the server, with the keys in it."""
    running.wait_for(lambda: " live" in running.lines[0] and "page 1 of" in running.lines[1])
    running.wait_for(lambda: bool(HEADINGS.search(running.lines[2])))


def seek(running: TerminalProgram, batch_id: str) -> None:
    """Filter the list down to one batch."""
    words = batch_id[-8:]
    running.press("/")
    running.wait_for("label, id or state")
    running.send(words)
    running.wait_for(lambda: f"/ {words}" in running.lines[1] and " 1 of " in running.lines[1])
    running.press("enter")
    running.wait_for(lambda: bool(HEADINGS.search(running.lines[2])))
    running.wait_for(lambda: words in running.lines[FIRST_ROW])


def clear_filter(running: TerminalProgram) -> None:
    """Go back to the whole list."""
    running.press("escape")
    running.wait_for(lambda: "/ filter" in running.lines[1])


def read_errored_row(running: TerminalProgram, rows: int, errored: int) -> None:
    """Open the results, keep to the errored rows, read the first; then go back to the list."""
    running.press("enter")
    running.wait_for(f"{rows:,} verified", timeout=40)
    running.press("3")
    running.wait_for(f"row 1/{errored}")
    if running.emulator.screen.columns < SIDE_BY_SIDE:
        running.press("enter")
    running.wait_for("What to do")
    running.wait_for("request_id")
    if running.emulator.screen.columns < SIDE_BY_SIDE:
        running.press("escape")
        running.wait_for("CUSTOM_ID")
    running.press("escape")
    running.wait_for(lambda: bool(HEADINGS.search(running.lines[2])))


def open_settings_at(running: TerminalProgram, title: str, help_text: str) -> None:
    """Open the settings and put the cursor on one."""
    running.press(",")
    running.wait_for("Settings")
    running.wait_for(title)
    for _ in range(60):
        before = cursor_line(running)
        if title in before:
            break
        running.press("j")
        running.wait_for(partial(_has_left, running, before))
    running.wait_for(help_text)


def _has_left(running: TerminalProgram, line: str) -> bool:
    return cursor_line(running) != line


def wait_for_field(running: TerminalProgram, value: str, *, is_selected: bool = False) -> None:
    """Wait until a field holds a value, selected or not, and the text cursor stands behind it."""
    running.wait_for(lambda: _has_cursor_behind(running, value, is_selected=is_selected))
    # what is typed before a dialog was painted never reaches it
    running.wait_until_quiet()


def _has_cursor_behind(running: TerminalProgram, value: str, *, is_selected: bool) -> bool:
    for line, cells in zip(running.lines, running.emulator.cells(), strict=True):
        place = line.find(value) + len(value)
        if value in line and place + 1 < len(cells):
            before, here, after = map(_ground, cells[place - 1 : place + 2])
            if here != after and (before != after) is is_selected:
                return True
    return False


def _ground(cell: Cell) -> tuple[str, bool]:
    """What the text cursor changes of a cell: background, or the two colors reversed."""
    return cell[2], cell[7]


def cursor_line(running: TerminalProgram) -> str:
    """The line that the cursor of a list is on."""
    return next((line for line in running.lines if line.startswith(("▌", ">", "|"))), "")


def row_of(running: TerminalProgram, text: str) -> str:
    """The first line of the screen that holds a text."""
    return next((line for line in running.lines if text in line), "")


def say_yes(running: TerminalProgram, question: str) -> None:
    """Answer a question, once it is there to be read."""
    running.wait_for(question)
    # what is typed before it was painted is no answer to it
    running.wait_until_quiet()
    running.press("tab", "enter")


def quit_from(running: TerminalProgram) -> None:
    """Leave, and see the terminal given back."""
    running.press("q")
    assert running.wait_for_exit() == 0
    assert is_restored(running)


def is_restored(running: TerminalProgram) -> bool:
    """Whether the terminal is as a shell expects it: no picture, cursor, no reports."""
    left = running.emulator.modes & {"1049", "1000", "1002", "1003", "1004", "1006", "2004", "2048"}
    return not left and not running.emulator.screen.cursor.hidden and running.is_cooked
