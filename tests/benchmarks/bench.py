"""What measurements share: the file, the processes that are measured, and how lines are written."""

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.contenders import Figures
from tests.benchmarks.table import Row

MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Bench:
    """What a measurement works on."""

    path: Path
    """The results file."""
    rows: int
    """Its rows."""
    repeat: int
    """How often to measure."""

    @property
    def memory_limit(self) -> int:
        """Bytes the whole program may use with this file open."""
        return (110 if self.rows <= 100_000 else 250) * MB

    def run(
        self, name: str, *arguments: str, module: str = "tests.benchmarks.contenders"
    ) -> Figures:
        """Let a contender do its work once.

        Args:
            name: Which of the module's contenders.
            arguments: For the contender.
            module: Prints one line of JSON with figures, as `contenders` does.

        Returns:
            Its figures, and ``process``, the seconds of its whole process.
        """
        start = time.perf_counter()
        command = [sys.executable, "-m", module, name, *arguments]
        answer = subprocess.run(command, stdout=subprocess.PIPE, check=True)
        seconds = time.perf_counter() - start
        figures: Figures = json.loads(answer.stdout)
        return {**figures, "process": seconds}


Measurement = Callable[[Bench], Iterator[Row]]


def best(runs: list[Figures], name: str) -> float:
    """The smallest figure of a name."""
    return min(run[name] for run in runs)


def time_command(command: list[str]) -> float:
    """Seconds a command takes."""
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


@contextlib.contextmanager
def serving(bench: Bench) -> Iterator[str]:
    """Serve the file from a process of its own; gives the base URL."""
    command = [sys.executable, "-m", "tests.benchmarks.serving", str(bench.path), str(bench.rows)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        if server.stdin is None or server.stdout is None:
            raise RuntimeError("the server was started with pipes")
        yield server.stdout.readline().strip()
        server.stdin.close()


def at_least_faster(work: str, ours: float, other: float, name: str, times: float) -> Row:
    """A line that promises to be some times faster than another program."""
    ratio = other / ours
    target = f"≥ {times:.1f}× faster"
    against = f"{name} {in_seconds(other)}"
    return Row(work, in_seconds(ours), against, f"{ratio:.1f}×", target, ratio >= times)


def at_most_slower(work: str, ours: float, other: float, name: str, times: float) -> Row:
    """A line that promises to take no more than some times as long as another program."""
    ratio = ours / other
    target = f"≤ {times:g}× its time"
    against = f"{name} {in_seconds(other)}"
    return Row(work, in_seconds(ours), against, f"{ratio:.2f}×", target, ratio <= times)


def at_most(work: str, seconds: float, limit: float) -> Row:
    """A line that promises a short time."""
    target = f"≤ {limit * 1000:.0f} ms"
    return Row(work, in_milliseconds(seconds), target=target, holds=seconds <= limit)


def in_seconds(seconds: float) -> str:
    """Write a time for the table."""
    return f"{seconds:.2f} s"


def in_milliseconds(seconds: float) -> str:
    """Write a short time for the table."""
    return f"{seconds * 1000:.1f} ms"
