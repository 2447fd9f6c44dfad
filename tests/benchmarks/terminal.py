"""How light the app is on the line: ``python -m tests.benchmarks.terminal``.

Drives a program in a pseudo-terminal of 120×40, once with Textual's driver and once with ours, and
prints bytes, processor time and delay side by side, with what is asked for beside them.

    --program standin|batchtui   a list beside details, or the app itself on its demo
    --idle SECONDS               how long to look at a program with nothing to do (60)
    --rounds N                   how often processor time and start are measured (5)
"""

import argparse
import os
import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median

from tests.terminal_harness import TerminalProgram

DRIVERS = ("plain", "diff")
SLOW_LINE = 8_000.0
"""Bytes per second of a line of 64 kbit/s."""
_ROW = re.compile(r"row ([\d,]+)/")


@dataclass(frozen=True)
class Program:
    """What is measured, and how to get to its list of results."""

    arguments: Sequence[str]
    ready: str
    """Text on the first screen that shows that it is there."""
    to_results: Sequence[str]
    """Keys from the first screen to a list of results with a row counter."""


PROGRAMS = {
    "standin": Program([sys.executable, "-m", "tests.benchmarks.terminal_standin"], "row 1/", ()),
    "batchtui": Program([sys.executable, "-m", "batchtui", "--demo"], "newest first", ("enter",)),
}
STATIC = Program(
    [sys.executable, "-m", "tests.benchmarks.terminal_standin", "--static"], "row 1/1", ()
)


@dataclass(frozen=True)
class Line:
    """One line of the table."""

    what: str
    values: tuple[str, ...]
    asked: str


@contextmanager
def running(program: Program, driver: str) -> Iterator[TerminalProgram]:
    """Run a program until its first screen is whole."""
    environ = {
        **os.environ,
        "BATCHTUI_DRIVER": driver,
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "LANG": "C.UTF-8",
    }
    with TerminalProgram(program.arguments, environ=environ) as terminal:
        terminal.wait_for(program.ready)
        terminal.wait_until_quiet(0.4)
        yield terminal


def bytes_per_key(terminal: TerminalProgram, key: str, count: int) -> float:
    """Press a key several times, each after the screen has come to rest."""
    before = terminal.bytes_received
    for _ in range(count):
        terminal.press(key)
        terminal.wait_until_quiet(0.08)
    return (terminal.bytes_received - before) / count


def open_results(terminal: TerminalProgram, program: Program) -> None:
    """Go to the list of results."""
    for key in program.to_results:
        terminal.press(key)
    terminal.wait_for(lambda: shown_row(terminal) > 0)
    terminal.wait_until_quiet(0.4)


def shown_row(terminal: TerminalProgram) -> int:
    """Return the row that the program says it is on; 0 where it says nothing."""
    match = _ROW.search(terminal.text)
    return int(match.group(1).replace(",", "")) if match else 0


def measure_bytes(program: Program) -> list[Line]:
    """Count the bytes of the first screen and of keys."""
    results: dict[str, list[float]] = {}
    for driver in DRIVERS:
        with running(program, driver) as terminal:
            values = results.setdefault(driver, [])
            values.append(terminal.bytes_received)
            open_results(terminal, program)
            values.append(bytes_per_key(terminal, "down", 10))
            for _ in range(40):
                terminal.press("down")
            terminal.wait_until_quiet(0.3)
            values.append(bytes_per_key(terminal, "down", 10))
            values.append(bytes_per_key(terminal, "pagedown", 5))
    names = (
        ("first full screen, bytes", "≤ 8,000"),
        ("cursor down, bytes a key", "≤ 250"),
        ("cursor down with scrolling, bytes a key", "≤ 500"),
        ("page down, bytes a key", "≤ 4,000 and ≤ 1/5"),
    )
    return [
        Line(what, (f"{plain:,.0f}", f"{diff:,.0f}"), asked)
        for (what, asked), plain, diff in zip(names, *results.values(), strict=True)
    ]


def measure_idle(program: Program, seconds: float) -> Line:
    """Look at a program that has nothing to do."""
    values = []
    for driver in DRIVERS:
        with running(program, driver) as terminal:
            before, cpu = terminal.bytes_received, terminal.cpu_seconds
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                terminal.pump(0.2)
            share = 100 * (terminal.cpu_seconds - cpu) / seconds
            values.append(f"{terminal.bytes_received - before} B, {share:.2f} %")
    return Line(f"{seconds:.0f} s idle, bytes and CPU", tuple(values), "0 B, ≤ 0.2 %")


def measure_cpu(program: Program, rounds: int) -> list[Line]:
    """Compare processor time for keys, alternating the drivers."""

    def keys(key: str, count: int) -> Callable[[TerminalProgram], float]:
        def press(terminal: TerminalProgram) -> float:
            before = terminal.cpu_seconds
            bytes_per_key(terminal, key, count)
            return (terminal.cpu_seconds - before) / count

        return press

    steps = {"cursor down": keys("down", 25), "with scrolling": keys("down", 40)}
    steps["page down"] = keys("pagedown", 15)
    found: dict[tuple[str, str], list[float]] = {}
    for _ in range(rounds):
        for driver in DRIVERS:
            with running(program, driver) as terminal:
                open_results(terminal, program)
                for what, step in steps.items():
                    found.setdefault((what, driver), []).append(step(terminal))
    lines = []
    for what in steps:
        plain, diff = (min(found[what, driver]) * 1e3 for driver in DRIVERS)
        values = (f"{plain:.2f} ms", f"{diff:.2f} ms = {diff / plain:.2f}×")
        lines.append(Line(f"CPU of {what}, a key", values, "≤ 1.15×"))
    return lines


def measure_slow_line(program: Program) -> Line:
    """Hold a key down on a slow line: how far is the screen behind the keys?"""
    values = []
    for driver in DRIVERS:
        with running(program, driver) as terminal:
            open_results(terminal, program)
            terminal.throttle(SLOW_LINE)
            lag = _longest_lag(terminal, keys=150, per_second=30)
            is_right = shown_row(terminal) == 151
            values.append(f"{lag:.2f} s, {'right' if is_right else 'WRONG'}")
    return Line("64 kbit/s, 30 keys/s for 5 s: behind by", tuple(values), "≤ 0.5 s, right")


def _longest_lag(terminal: TerminalProgram, *, keys: int, per_second: float) -> float:
    """Press ``down`` steadily; return the longest that the screen was behind, in seconds."""
    start = time.monotonic()
    pressed: list[float] = []
    longest = 0.0
    while shown_row(terminal) <= keys and time.monotonic() < start + 60:
        now = time.monotonic()
        if len(pressed) < keys and now >= start + len(pressed) / per_second:
            terminal.press("down")
            pressed.append(now)
        terminal.pump(0.003)
        shown = shown_row(terminal) - 1
        if shown < len(pressed):
            longest = max(longest, time.monotonic() - pressed[max(shown, 0)])
    terminal.wait_until_quiet(0.5)
    return longest


def measure_start(program: Program, rounds: int) -> list[Line]:
    """Compare the time to the first screen with that of an app that shows one word."""
    times: dict[str, list[float]] = {"static": [], "ours": []}
    memory = 0
    for _ in range(rounds):
        for name, which in (("static", STATIC), ("ours", program)):
            start = time.monotonic()
            with TerminalProgram(which.arguments) as terminal:
                terminal.wait_for(which.ready)
                times[name].append(time.monotonic() - start)
                terminal.wait_until_quiet(0.2)
                memory = terminal.resident_bytes
    static, ours = median(times["static"]), median(times["ours"])
    values = (f"{static:.2f} s (one Static)", f"{ours:.2f} s = {ours / static:.2f}×")
    return [
        Line("start to first screen", values, "≤ 1.6×"),
        Line("memory after the first screen", ("", f"{memory / 1e6:.0f} MB"), "≤ 75 MB"),
    ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, add_help=True)
    parser.add_argument("--program", choices=sorted(PROGRAMS), default="standin")
    parser.add_argument("--idle", type=float, default=60.0)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    program = PROGRAMS[options.program]
    print(f"{options.program}, 120×40{'plain Textual':>36}{'ours':>22}   asked for")
    measurements: tuple[Callable[[], list[Line]], ...] = (
        lambda: measure_bytes(program),
        lambda: [measure_idle(program, options.idle)],
        lambda: measure_cpu(program, options.rounds),
        lambda: [measure_slow_line(program)],
        lambda: measure_start(program, options.rounds),
    )
    for measure in measurements:
        for line in measure():
            plain, ours = line.values
            print(f"{line.what:<40}{plain:>20}{ours:>24}   {line.asked}", flush=True)


if __name__ == "__main__":
    main()
