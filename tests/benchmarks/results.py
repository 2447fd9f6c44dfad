"""What the program promises for results of full size, measured side by side in one run.

``python -m tests.benchmarks.results [--rows N] [--repeat N] [--million]`` makes its own file from a
seed, serves it on loopback from another process, and prints a table. The best of the repetitions
counts; the contenders take turns, so that a busy moment of the machine hits them all.
"""

import argparse
import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from batchtui.formatting import format_count, format_size
from tests.benchmarks.contenders import Figures
from tests.benchmarks.making import make_file
from tests.benchmarks.table import Row, print_table

MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Bench:
    """What a measurement works on.

    Attributes:
        path: The results file.
        rows: Its rows.
        repeat: How often to measure.
    """

    path: Path
    rows: int
    repeat: int

    def run(self, name: str, *arguments: str) -> Figures:
        """Let a contender do its work once; ``process`` is the time of its whole process."""
        start = time.perf_counter()
        command = [sys.executable, "-m", "tests.benchmarks.contenders", name, *arguments]
        answer = subprocess.run(command, stdout=subprocess.PIPE, check=True)
        seconds = time.perf_counter() - start
        figures: Figures = json.loads(answer.stdout)
        return {**figures, "process": seconds}

    def best(self, runs: list[Figures], name: str) -> float:
        """The smallest figure of a name."""
        return min(run[name] for run in runs)


Measurement = Callable[[Bench], Iterator[Row]]


def download(bench: Bench) -> Iterator[Row]:
    """The whole way from the socket to the index, against the SDK and a bare read."""
    runs: dict[str, list[Figures]] = {"sdk": [], "bare": [], "ours": []}
    with serving(bench) as url:
        for _ in range(bench.repeat):
            for name, done in runs.items():
                done.append(bench.run(name, url))
    sdk, bare, ours = (bench.best(done, "seconds") for done in runs.values())
    yield _faster("download + write + index + totals", ours, sdk, "official SDK", 6.0)
    yield _slower("the same", ours, bare, "bare httpx read", 2.0)
    yield Row("first rows of the download", _seconds(bench.best(runs["ours"], "first")))
    yield Row("until it is safe on the disk", _seconds(bench.best(runs["ours"], "safe")))
    yield Row("memory of the download", format_size(bench.best(runs["ours"], "memory")))


def index(bench: Bench) -> Iterator[Row]:
    """A local file, indexed to its end."""
    runs = [bench.run("index", str(bench.path)) for _ in range(bench.repeat)]
    counted = min(_timed(["wc", "-l", str(bench.path)]) for _ in range(bench.repeat))
    process = bench.best(runs, "process")
    is_usual = bench.rows <= 100_000
    yield Row(
        "open + index, process start included",
        _seconds(process),
        f"wc -l {_seconds(counted)}",
        f"{process / counted:.1f}×",
        "≤ 1.5 s" if is_usual else "",
        process <= 1.5 if is_usual else None,
    )
    yield Row("first rows in the index", _milliseconds(bench.best(runs, "first")))
    pause = bench.best(runs, "worst_pause")
    yield _at_most("longest pause of the event loop", pause, 0.015)
    yield _at_most("change of the type tab, 50 rows read", bench.best(runs, "tabs"), 0.010)
    limit = 110 * MB if is_usual else 250 * MB
    memory = bench.best(runs, "memory")
    yield Row(
        "memory of the engine, without a screen",
        format_size(memory),
        target=f"≤ {format_size(limit)}",
        holds=memory <= limit,
    )


MEASUREMENTS: list[Measurement] = [download, index]
"""What is measured; further modules of this folder add theirs here."""


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


def _timed(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def _faster(work: str, ours: float, other: float, name: str, times: float) -> Row:
    ratio = other / ours
    against = f"{name} {_seconds(other)}"
    target = f"≥ {times:.1f}× faster"
    return Row(work, _seconds(ours), against, f"{ratio:.1f}×", target, ratio >= times)


def _slower(work: str, ours: float, other: float, name: str, times: float) -> Row:
    ratio = ours / other
    against = f"{name} {_seconds(other)}"
    return Row(
        work, _seconds(ours), against, f"{ratio:.2f}×", f"≤ {times:.1f}× its time", ratio <= times
    )


def _at_most(work: str, seconds: float, limit: float) -> Row:
    target = f"≤ {limit * 1000:.0f} ms"
    return Row(work, _milliseconds(seconds), target=target, holds=seconds <= limit)


def _seconds(seconds: float) -> str:
    return f"{seconds:.2f} s"


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"


def main() -> int:
    """Measure and print.

    Returns:
        0 if every promise holds, else 1.
    """
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--million", action="store_true", help="1,000,000 rows, local file only")
    options = parser.parse_args()
    rows = 1_000_000 if options.million else options.rows
    measurements = [index] if options.million else MEASUREMENTS
    with tempfile.TemporaryDirectory(prefix="batchtui-benchmark-") as folder:
        bench = Bench(Path(folder) / "results.jsonl", rows, options.repeat)
        make_file(bench.path, rows)
        size = format_size(bench.path.stat().st_size)
        title = f"{format_count(rows)} rows, {size}, best of {options.repeat}"
        table = [row for measure in measurements for row in measure(bench)]
        return 0 if print_table(title, table) else 1


if __name__ == "__main__":
    sys.exit(main())
