"""The output thread on a terminal that is slow, stuck, gone, or that meets a defect of ours."""

import os
import select
import threading
import time
import tty
from collections.abc import Iterator

import pytest

from batchtui.tui.terminal.flow import PROBE
from batchtui.tui.terminal.frames import Frames
from batchtui.tui.terminal.output import TerminalOutput
from tests.terminal_emulator import Emulator

SIZE = (40, 12)


class Terminal:
    """A pseudo-terminal with an emulator that reads only when told to."""

    def __init__(self) -> None:
        self.master, self.slave = os.openpty()
        tty.setraw(self.slave)
        self.emulator = Emulator(*SIZE)
        self.data = b""

    def read_until(self, text: str) -> None:
        deadline = time.monotonic() + 10
        while text not in "\n".join(self.emulator.screen.display):
            assert time.monotonic() < deadline, self.emulator.screen.display
            if select.select([self.master], [], [], 0.1)[0]:
                data = os.read(self.master, 65536)
                self.data += data
                self.emulator.feed(data.decode())

    def close(self) -> None:
        for descriptor in (self.master, self.slave):
            if descriptor >= 0:
                os.close(descriptor)


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    terminal = Terminal()
    yield terminal
    terminal.close()


def begin(terminal: Terminal, frames: Frames | None = None) -> TerminalOutput:
    output = TerminalOutput(terminal.slave, frames or Frames(*SIZE), lambda: SIZE)
    output.start()
    output.feed("\x1b[?1049h")
    return output


def frame(number: int) -> str:
    rows = [f"\x1b[{row + 1};1H{f'{number * 7919 * (row + 1):x}':<40}" for row in range(12)]
    return "".join(rows) + f"\x1b[12;1Hframe {number} \x1b[1;1H"


def test_frames_arrive_and_the_end_is_written(terminal: Terminal) -> None:
    output = begin(terminal)
    output.feed(frame(1))
    terminal.read_until("frame 1 ")
    output.feed(frame(2))
    assert output.drain()
    output.stop()
    terminal.read_until("frame 2 ")


def test_a_stuck_terminal_never_stops_the_app_and_gets_the_newest_frame(
    terminal: Terminal,
) -> None:
    output = begin(terminal)
    everything = 0
    for number in range(3_000):
        everything += len(frame(number))
        output.feed(frame(number))
    terminal.read_until("frame 2999 ")
    assert len(terminal.data) < everything / 5
    output.stop()


def test_a_terminal_that_is_gone_is_no_error(terminal: Terminal) -> None:
    output = begin(terminal)
    output.feed(frame(1))
    terminal.read_until("frame 1 ")
    os.close(terminal.master)
    terminal.master = -1
    output.feed(frame(2))
    assert output.drain()
    assert output.is_trusted
    output.stop()


def test_a_defect_hands_over_to_textual(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    reported: list[threading.ExceptHookArgs] = []
    monkeypatch.setattr(threading, "excepthook", reported.append)

    class Broken(Frames):
        def take(self) -> str:
            raise IndexError("a defect")

    output = begin(terminal, Broken(*SIZE))
    output.drain()
    output.stop()
    assert not output.is_trusted
    assert reported[0].exc_type is IndexError


def test_nothing_is_asked_while_the_terminal_is_given_back(terminal: Terminal) -> None:
    output = begin(terminal)
    output.answered()
    output.settle()
    for number in range(1, 12):
        output.feed(frame(number))
        terminal.read_until(f"frame {number} ")
    output.stop()
    assert PROBE.encode() not in terminal.data
