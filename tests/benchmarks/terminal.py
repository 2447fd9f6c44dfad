"""How light the app is on the line: ``python -m tests.benchmarks.terminal``.

Drives a program in a pseudo-terminal of 120×40, once with Textual's driver and once with ours, and
prints bytes, processor time and delay side by side, with what is promised beside them.

    --program batchtui|standin   the app on its demo, or a list beside details without the app
    --idle SECONDS               how long to look at a program with nothing to do (60)
    --rounds N                   how often processor time and start are measured (5)
"""

import argparse
import time
from collections.abc import Callable, Iterator
from statistics import median

from tests.benchmarks.table import Row, print_table
from tests.benchmarks.terminal_programs import (
    DRIVERS,
    PROGRAMS,
    STATIC,
    FrozenServer,
    Program,
    account,
    environment,
    open_results,
    running,
    shown_row,
    watching,
)
from tests.terminal_harness import TerminalProgram

SLOW_LINE = 8_000.0
"""Bytes per second of a line of 64 kbit/s."""
_POLL = 2.0


def bytes_per_key(terminal: TerminalProgram, key: str, count: int) -> float:
    """Press a key several times, each after the screen has come to rest."""
    before = terminal.bytes_received
    for _ in range(count):
        terminal.press(key)
        terminal.wait_until_quiet(0.08)
    return (terminal.bytes_received - before) / count


def bytes_row(work: str, plain: float, ours: float, target: str, *, holds: bool) -> Row:
    """Make a row of two amounts of bytes."""
    ratio = f"{plain / ours:.1f}× less" if ours else ""
    return Row(work, f"{ours:,.0f} B", f"{plain:,.0f} B plain", ratio, target, holds)


def measure_bytes(program: Program) -> Iterator[Row]:
    """Count the bytes of the first screen and of keys."""
    plain, ours = (_key_bytes(program, driver) for driver in DRIVERS)
    limits = {"first full screen": 8_000, "down in the list": 250, "down in results": 250}
    limits |= {"down in results, scrolling": 500, "page down in results": 4_000}
    for work, amount in ours.items():
        target, holds = f"≤ {limits[work]:,} B", amount <= limits[work]
        if work.startswith("page"):
            target, holds = f"{target}, 5× less", holds and amount * 5 <= plain[work]
        yield bytes_row(work, plain[work], amount, target, holds=holds)


def _key_bytes(program: Program, driver: str) -> dict[str, float]:
    found: dict[str, float] = {}
    with running(program, driver) as terminal:
        found["first full screen"] = terminal.bytes_received
        if program.has_batches:
            found["down in the list"] = bytes_per_key(terminal, "down", 8)
            terminal.press("home")
            terminal.wait_until_quiet()
        open_results(terminal, program)
        found["down in results"] = bytes_per_key(terminal, "down", 10)
        for _ in range(40):
            terminal.press("down")
        terminal.wait_until_quiet(0.3)
        found["down in results, scrolling"] = bytes_per_key(terminal, "down", 10)
        found["page down in results"] = bytes_per_key(terminal, "pagedown", 5)
    return found


def measure_polls() -> Iterator[Row]:
    """Count what a check of 20 batches sends, with nothing new and with one batch changed."""
    quiet: list[float] = []
    changed: list[float] = []
    for driver in DRIVERS:
        with FrozenServer() as server, watching(server, driver, _POLL) as terminal:
            quiet.append(_bytes_in(terminal, 5 * _POLL) / 5)
            server.cancel_one()
            changed.append(_bytes_in(terminal, 2 * _POLL) - quiet[-1])
    plain, ours = quiet
    yield bytes_row("a check with nothing new", plain, ours, "≤ 40 B", holds=ours <= 40)
    plain, ours = changed
    yield bytes_row("a check with one change", plain, ours, "≤ 300 B", holds=ours <= 300)


def _bytes_in(terminal: TerminalProgram, seconds: float) -> int:
    before, end = terminal.bytes_received, time.monotonic() + seconds
    while time.monotonic() < end:
        terminal.pump(0.1)
    return terminal.bytes_received - before


def measure_idle(seconds: float) -> Iterator[Row]:
    """Look at a list of batches of which none is live."""
    found = []
    for driver in DRIVERS:
        with FrozenServer() as server:
            server.end_all()
            with watching(server, driver, _POLL) as terminal:
                terminal.wait_for("nothing live")
                terminal.wait_until_quiet(1.0)
                cpu = terminal.cpu_seconds
                count = _bytes_in(terminal, seconds)
                found.append((count, 100 * (terminal.cpu_seconds - cpu) / seconds))
    (plain_bytes, plain_cpu), (count, cpu) = found
    yield Row(
        f"{seconds:.0f} s idle, nothing live",
        f"{count} B, {cpu:.2f} % CPU",
        f"{plain_bytes} B, {plain_cpu:.2f} % plain",
        "",
        "0 B, ≤ 0.2 %",
        count == 0 and cpu <= 0.2,
    )


def measure_cpu(program: Program, rounds: int) -> Iterator[Row]:
    """Compare processor time for keys, a few with one driver and then a few with the other.

    Both programs run all the time, so that what else the machine does falls on both alike.
    """
    steps = (("down", "down", 5), ("down, scrolling", "down", 40), ("page down", "pagedown", 5))
    found: dict[tuple[str, str], list[float]] = {}
    with running(program, DRIVERS[0]) as plain, running(program, DRIVERS[1]) as ours:
        terminals = dict(zip(DRIVERS, (plain, ours), strict=True))
        for terminal in terminals.values():
            open_results(terminal, program)
        for work, key, count in steps:
            for _ in range(rounds):
                for driver, terminal in terminals.items():
                    before = terminal.cpu_seconds
                    bytes_per_key(terminal, key, count)
                    spent = (terminal.cpu_seconds - before) / count
                    found.setdefault((work, driver), []).append(spent * 1e3)
    for work, _, _ in steps:
        plain_cpu, our_cpu = (median(found[work, driver]) for driver in DRIVERS)
        yield Row(
            f"CPU of {work}",
            f"{our_cpu:.2f} ms",
            f"{plain_cpu:.2f} ms plain",
            f"{our_cpu / plain_cpu:.2f}×",
            "≤ 1.15×",
            our_cpu <= 1.15 * plain_cpu,
        )


def measure_slow_line(program: Program) -> Iterator[Row]:
    """Hold a key down on a slow line: how far is the screen behind the keys?"""
    found = []
    for driver in DRIVERS:
        with running(program, driver) as terminal:
            open_results(terminal, program)
            terminal.throttle(SLOW_LINE)
            lag = _longest_lag(terminal, keys=150, per_second=30)
            found.append((lag, shown_row(terminal) == 151))
    (plain, _), (ours, is_right) = found
    yield Row(
        "64 kbit/s, 30 keys/s for 5 s",
        f"{ours:.2f} s behind, {'right' if is_right else 'WRONG'} at the end",
        f"{plain:.2f} s plain",
        f"{plain / ours:.0f}× less",
        "≤ 0.5 s, right",
        ours <= 0.5 and is_right,
    )


def _longest_lag(terminal: TerminalProgram, *, keys: int, per_second: float) -> float:
    """Press ``down`` steadily; return the longest that the screen was behind, in seconds."""
    start = time.monotonic()
    pressed: list[float] = []
    longest, shown = 0.0, 0
    while shown < keys and time.monotonic() < start + 60:
        now = time.monotonic()
        if len(pressed) < keys and now >= start + len(pressed) / per_second:
            terminal.press("down")
            pressed.append(now)
        terminal.pump(0.003)
        # Amid a frame the counter may be half written; it never goes back.
        shown = max(shown, min(shown_row(terminal) - 1, len(pressed)))
        if shown < len(pressed):
            longest = max(longest, time.monotonic() - pressed[shown])
    # A queue of old frames may still be on its way, for minutes: do not wait for that.
    terminal.throttle(None)
    terminal.wait_until_quiet(0.5, timeout=60)
    return longest


def measure_start(rounds: int) -> Iterator[Row]:
    """Compare the time to the first list with that of an app that shows one word.

    The list is the one of the last time, as long as the server has not answered.
    """
    times: dict[str, list[float]] = {"static": [], "ours": []}
    memory = 0
    with FrozenServer() as server, account(server) as (program, changes):
        with running(program, "diff", **changes) as terminal:
            terminal.wait_until_quiet()
        contenders = (("static", STATIC, STATIC.ready), ("ours", program, "msgbatch_"))
        for _ in range(rounds):
            for name, which, text in contenders:
                environ = environment("diff", **changes)
                start = time.monotonic()
                with TerminalProgram(which.arguments, environ=environ) as terminal:
                    terminal.wait_for(text)
                    times[name].append(time.monotonic() - start)
                    terminal.wait_until_quiet(0.3)
                    memory = terminal.resident_bytes
    static, ours = median(times["static"]), median(times["ours"])
    yield Row(
        "start to the first list",
        f"{ours:.2f} s",
        f"{static:.2f} s one Static",
        f"{ours / static:.2f}×",
        "≤ 1.6×",
        ours <= 1.6 * static,
    )
    megabytes = memory / 1e6
    yield Row("memory then", f"{megabytes:.0f} MB", "", "", "≤ 75 MB", megabytes <= 75)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", choices=sorted(PROGRAMS), default="batchtui")
    parser.add_argument("--idle", type=float, default=60.0)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    program = PROGRAMS[options.program]
    measurements: list[Callable[[], Iterator[Row]]] = [
        lambda: measure_bytes(program),
        lambda: measure_cpu(program, options.rounds),
        lambda: measure_slow_line(program),
    ]
    if program.has_batches:
        measurements += [
            measure_polls,
            lambda: measure_idle(options.idle),
            lambda: measure_start(options.rounds),
        ]
    rows = [row for measure in measurements for row in measure()]
    print_table(
        f"{options.program} on a terminal of 120×40, the thin driver beside Textual's", rows
    )


if __name__ == "__main__":
    main()
