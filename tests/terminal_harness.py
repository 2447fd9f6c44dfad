"""A real program in a pseudo-terminal, and a terminal emulator that shows what it drew.

`TerminalProgram` starts a program on a terminal of a given size, feeds its output to pyte, answers
the questions that terminals answer, and waits for conditions: never for a length of time. It counts
bytes and processor time, changes the size, slows the line down, or stops reading altogether.

    with TerminalProgram(["batchtui", "--demo"], columns=80, lines=24) as program:
        program.wait_for("msgbatch_")
        program.press("down", "enter")
        program.wait_for(lambda: "Errored" in program.lines[1])
"""

import codecs
import fcntl
import os
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Self

from tests.terminal_emulator import Emulator

KEYS = {
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "pageup": "\x1b[5~",
    "pagedown": "\x1b[6~",
    "enter": "\r",
    "escape": "\x1b",
    "tab": "\t",
    "shift+tab": "\x1b[Z",
    "space": " ",
    "backspace": "\x7f",
    "delete": "\x1b[3~",
    "f1": "\x1bOP",
}
"""What a terminal sends for a key that has a name; ``ctrl+x`` is worked out, the rest is typed."""

_CHUNK = 65536


class WaitTimeoutError(AssertionError):
    """What was waited for did not come; the message holds the screen as it was."""


class TerminalProgram:
    """A program on a pseudo-terminal.

    Args:
        arguments: The program and its arguments; run without a shell.
        columns: Width in cells.
        lines: Height in cells.
        environ: The whole environment; ``TERM`` is added where it is missing.
        cwd: The folder to start in.
        synchronized: Whether the terminal knows synchronised updates.
        bytes_per_second: Speed of the line from the program to the terminal; ``None`` is unlimited.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        columns: int = 120,
        lines: int = 40,
        environ: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        synchronized: bool = True,
        bytes_per_second: float | None = None,
    ) -> None:
        self.emulator = Emulator(columns, lines, synchronized=synchronized)
        self.output = bytearray()
        """Every byte that the program wrote."""
        self._line = _Line(bytes_per_second)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._master, slave = os.openpty()
        _set_size(self._master, columns, lines)
        try:
            self.process = subprocess.Popen(
                arguments,
                stdin=slave,
                stdout=slave,
                stderr=slave,
                cwd=cwd,
                env=_environment(os.environ if environ is None else environ),
                start_new_session=True,
                preexec_fn=_take_terminal,  # noqa: PLW1509 one system call, no lock to wait for
            )
        finally:
            os.close(slave)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def lines(self) -> list[str]:
        """The text of the screen, line by line, as wide as the screen."""
        return self.emulator.lines()

    @property
    def text(self) -> str:
        """The text of the screen."""
        return "\n".join(self.lines)

    @property
    def bytes_received(self) -> int:
        """How many bytes the program has written and the terminal has read."""
        return len(self.output)

    @property
    def is_running(self) -> bool:
        """Whether the program has not ended yet."""
        return self.process.poll() is None

    @property
    def is_cooked(self) -> bool:
        """Whether the terminal echoes and hands over whole lines, as a shell's does."""
        flags: int = termios.tcgetattr(self._master)[3]
        return bool(flags & termios.ECHO and flags & termios.ICANON)

    @property
    def is_amid_frame(self) -> bool:
        """Whether only a part of a synchronised update has come: nobody ever sees that."""
        return "2026" in self.emulator.modes

    @property
    def cpu_seconds(self) -> float:
        """Processor time of all threads of the program so far, to the nanosecond (Linux only)."""
        total = 0
        for task in Path(f"/proc/{self.process.pid}/task").iterdir():
            total += int((task / "schedstat").read_text().split()[0])
        return total / 1e9

    @property
    def queued_seconds(self) -> float:
        """How long its main thread was ready and had to wait for a processor (Linux only)."""
        return int(Path(f"/proc/{self.process.pid}/schedstat").read_text().split()[1]) / 1e9

    @property
    def resident_bytes(self) -> int:
        """Memory of the program that is in use now (Linux only)."""
        fields = Path(f"/proc/{self.process.pid}/statm").read_text().split()
        return int(fields[1]) * os.sysconf("SC_PAGE_SIZE")

    def send(self, text: str) -> None:
        """Type ``text`` as it is."""
        self.send_bytes(text.encode())

    def send_bytes(self, data: bytes) -> None:
        """Let bytes come from the terminal, whatever they are."""
        os.write(self._master, data)

    def press(self, *keys: str) -> None:
        """Press keys by name (`KEYS`, ``ctrl+c``), or by the character that they type."""
        for key in keys:
            if key.startswith("ctrl+") and len(key) == len("ctrl+x"):
                self.send(chr(ord(key[-1]) & 0x1F))
            else:
                self.send(KEYS.get(key, key))

    def paste(self, text: str) -> None:
        """Paste ``text`` as a terminal does that was asked to bracket it: without escapes."""
        plain = text.replace("\x1b", "")
        self.send(f"\x1b[200~{plain}\x1b[201~")

    def resize(self, columns: int, lines: int) -> None:
        """Change the size of the window; the program is told by SIGWINCH."""
        self.emulator.resize(columns, lines)
        _set_size(self._master, columns, lines)

    def throttle(self, bytes_per_second: float | None) -> None:
        """Change the speed of the line; 0 stops it, ``None`` is unlimited."""
        self._line = _Line(bytes_per_second)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the program."""
        self.process.send_signal(number)

    def pump(self, timeout: float = 0.0) -> bool:
        """Read and draw what is there, waiting up to ``timeout`` seconds for a first byte.

        Returns:
            Whether anything was read.
        """
        allowed = self._line.allowance(timeout)
        if allowed <= 0:
            return False
        try:
            if not select.select([self._master], [], [], timeout)[0]:
                return False
            data = os.read(self._master, min(allowed, _CHUNK))
        except OSError:  # the program has closed the terminal
            return False
        self._line.spend(len(data))
        self.output += data
        answer = self.emulator.feed(self._decoder.decode(data))
        if answer:
            self.send(answer)
        return bool(data)

    def shows(self, text: str) -> bool:
        """Whether a text stands on the screen, within one line."""
        return text in self.text

    def wait_for(self, what: str | Callable[[], bool], timeout: float = 15.0) -> None:
        """Draw until the screen holds a text, or a condition is true, at the end of a frame.

        Raises:
            WaitTimeoutError: It did not happen within ``timeout`` seconds.
        """
        holds = partial(self.shows, what) if isinstance(what, str) else what
        deadline = time.monotonic() + timeout
        while self.is_amid_frame or not holds():
            if not self.pump(0.02) and not self.is_running and not self.pump(0.05) and not holds():
                raise WaitTimeoutError(f"the program ended before {what!r}:\n{self.text}")
            if time.monotonic() > deadline:
                raise WaitTimeoutError(f"no {what!r} within {timeout} s on:\n{self.text}")

    def wait_until_quiet(self, quiet: float = 0.15, timeout: float = 15.0) -> None:
        """Draw until the program has written nothing for ``quiet`` seconds.

        Raises:
            WaitTimeoutError: It was never quiet within ``timeout`` seconds.
        """
        deadline = time.monotonic() + timeout
        last = time.monotonic()
        while time.monotonic() - last < quiet:
            if self.pump(quiet / 4):
                last = time.monotonic()
            if time.monotonic() > deadline:
                raise WaitTimeoutError(f"still writing after {timeout} s:\n{self.text}")

    def wait_for_exit(self, timeout: float = 15.0) -> int:
        """Draw until the program has ended.

        Returns:
            Its exit code.

        Raises:
            WaitTimeoutError: It did not end within ``timeout`` seconds.
        """
        deadline = time.monotonic() + timeout
        while self.is_running:
            self.pump(0.02)
            if time.monotonic() > deadline:
                raise WaitTimeoutError(f"still running after {timeout} s:\n{self.text}")
        while self.pump(0.0):
            pass
        return self.process.returncode

    def hang_up(self) -> None:
        """Close the terminal while the program runs, as a line that goes dead does."""
        os.close(self._master)
        self._master = -1

    def close(self) -> None:
        """End the program, if it still runs, and give the terminal back."""
        if self.is_running:
            self.process.kill()
        self.process.wait()
        if self._master >= 0:
            os.close(self._master)
            self._master = -1


class _Line:
    """A line of a given speed: how many bytes may be read now."""

    def __init__(self, bytes_per_second: float | None) -> None:
        self._speed = bytes_per_second
        self._credit = 0.0
        self._then = time.monotonic()

    def allowance(self, timeout: float) -> int:
        """The bytes that may be read now; waits up to ``timeout`` seconds while there are none."""
        if self._speed is None:
            return _CHUNK
        self._earn()
        if self._credit < 1:
            select.select([], [], [], min(timeout, 0.005))
            self._earn()
        return int(self._credit)

    def spend(self, count: int) -> None:
        """Take what was read off the credit."""
        self._credit -= count

    def _earn(self) -> None:
        now = time.monotonic()
        # A tenth of a second is the most that an idle line can save up.
        speed = self._speed or 0.0
        self._credit = min(self._credit + (now - self._then) * speed, speed / 10)
        self._then = now


def _environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment without the size of another terminal, which would count for more."""
    own = {name: value for name, value in environ.items() if name not in {"COLUMNS", "LINES"}}
    return {"TERM": "xterm-256color", **own}


def _set_size(descriptor: int, columns: int, lines: int) -> None:
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))


def _take_terminal() -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
