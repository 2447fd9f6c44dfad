"""The driver in a real program on a real terminal."""

import os
import signal
import sys
from collections.abc import Iterator

import pytest

from batchtui.tui.terminal.options import DriverOptions
from tests.terminal_harness import TerminalProgram

STANDIN = [sys.executable, "-m", "tests.benchmarks.terminal_standin"]


def start(driver: str = "diff", **changes: str) -> TerminalProgram:
    environ = {**os.environ, "BATCHTUI_DRIVER": driver, "TERM": "xterm-256color", **changes}
    return TerminalProgram(STANDIN, columns=100, lines=24, environ=environ)


@pytest.fixture
def program() -> Iterator[TerminalProgram]:
    with start() as program:
        program.wait_for("row 1/")
        program.wait_until_quiet()
        yield program


def expect(program: TerminalProgram, row: int) -> None:
    program.wait_for(f"row {row}/")
    program.wait_until_quiet()


def wait_for_the_same(program: TerminalProgram, plain: TerminalProgram) -> None:
    """Draw both until they show the same."""

    def are_same() -> bool:
        plain.pump()
        return program.emulator.cells() == plain.emulator.cells()

    program.wait_for(are_same)


def test_both_drivers_show_the_same(program: TerminalProgram) -> None:
    with start("plain") as plain:
        plain.wait_for("row 1/")
        keys = ["down"] * 30 + ["pagedown"] * 2 + ["up"] * 5
        for terminal in (program, plain):
            terminal.press(*keys)
            terminal.wait_for(f"row {30 + 2 * 22 - 5 + 1}/")
        wait_for_the_same(program, plain)
        assert program.bytes_received < plain.bytes_received / 5


def test_nothing_is_sent_while_nothing_happens(program: TerminalProgram) -> None:
    before = program.bytes_received
    program.press("up")
    assert not program.pump(0.5)
    assert program.bytes_received == before


def test_a_window_of_another_size_is_filled(program: TerminalProgram) -> None:
    for columns, lines in ((60, 10), (120, 40), (30, 6), (100, 30)):
        program.resize(columns, lines)
    program.press("down")
    expect(program, 2)
    with start("plain") as plain:
        plain.resize(100, 30)
        plain.press("down")
        expect(plain, 2)
        plain.resize(101, 30)
        plain.wait_until_quiet()
        plain.resize(100, 30)
        wait_for_the_same(program, plain)


def test_there_and_back_again_is_repaired(program: TerminalProgram) -> None:
    before = program.emulator.cells()
    program.signal(signal.SIGSTOP)
    program.resize(40, 8)
    program.resize(100, 24)
    program.signal(signal.SIGCONT)
    program.wait_for(lambda: program.emulator.cells() == before)


def test_a_pause_gives_the_terminal_back_and_takes_it_again(program: TerminalProgram) -> None:
    before = program.emulator.cells()
    program.signal(signal.SIGTSTP)
    program.wait_for(lambda: "1049" not in program.emulator.modes)
    program.wait_until_quiet()
    assert program.text.strip() == ""
    assert "1006" not in program.emulator.modes
    program.signal(signal.SIGCONT)
    program.wait_for(lambda: program.emulator.cells() == before)
    assert "1049" in program.emulator.modes
    program.press("down")
    expect(program, 2)


def test_the_end_leaves_nothing_behind(program: TerminalProgram) -> None:
    program.press("ctrl+q")
    assert program.wait_for_exit() == 0
    assert program.emulator.modes <= {"7", "25"}
    assert program.text.strip() == ""
    assert program.emulator.screen.cursor.attrs == program.emulator.screen.default_char


def test_a_terminal_that_does_not_read_holds_nothing_up(program: TerminalProgram) -> None:
    program.throttle(0)
    for _ in range(15):
        program.press("pagedown", "down", "pageup", "down")
    # Everything is taken in although nothing comes out: the program eats its input.
    program.throttle(None)
    expect(program, 31)


def test_frames_that_came_too_late_are_left_out(program: TerminalProgram) -> None:
    program.throttle(8_000)
    before = program.bytes_received
    program.press(*["pagedown"] * 100)
    expect(program, 100 * 22 + 1)
    assert program.bytes_received - before < 100 * 300


def test_the_mouse_reports_no_movement_unless_asked(program: TerminalProgram) -> None:
    assert {"1000", "1002", "1006"} <= program.emulator.modes
    assert "1003" not in program.emulator.modes


def test_motion_is_off_by_default() -> None:
    assert DriverOptions().mouse == "clicks"


def test_a_terminal_without_synchronised_updates_is_not_asked_again() -> None:
    with TerminalProgram(STANDIN, columns=100, lines=24, synchronized=False) as program:
        program.wait_for("row 1/")
        program.press(*["pagedown"] * 10)
        expect(program, 10 * 22 + 1)
        assert program.output.count(b"\x1b[?2026$p") == 1
        assert b"\x1b[?2026h" not in program.output
