"""``batchtui open`` as a whole: the real program in a pseudo-terminal over a file of full size.

Joins ``python -m tests.benchmarks.results``; alone: ``python -m tests.benchmarks.opening FILE``.
"""

import asyncio
import hashlib
import os
import re
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from textual.geometry import Region

from batchtui.formatting import format_count, format_size
from batchtui.library.store import ResultsStore, StoredResults
from batchtui.tui.screens.results.screen import ResultsScreen
from batchtui.tui.screens.results.selection import Tab
from batchtui.tui.widgets.results_table import ResultsTable
from tests.benchmarks.bench import (
    Bench,
    at_most,
    at_most_slower,
    in_milliseconds,
    in_seconds,
)
from tests.benchmarks.table import Row
from tests.resting_loop import RestingLoop
from tests.terminal_harness import TerminalProgram
from tests.tui.results.making import open_app, wait_until_ready

_TIMEOUT = 120.0
_KEYS = 60
_POSITION = re.compile(r"row ([\d,]+)/")


@dataclass(frozen=True, slots=True)
class Opened:
    """What one opening took."""

    first: float
    """Seconds from process start to the first rows on the screen."""
    whole: float = 0.0
    """Seconds from process start until all rows are indexed and counted on the screen."""
    memory: int = 0
    """Bytes of the whole program then."""
    worst_key: float = 0.0
    """Seconds from a key to what it does, while all of the file is searched."""
    key: float = 0.0
    """The same while nothing else is going on."""


def opening(bench: Bench) -> Iterator[Row]:
    """The viewer over the file, against the same viewer over a file with nothing in it."""
    with tempfile.TemporaryDirectory(prefix="batchtui-opening-") as folder:
        environ = _environment(Path(folder))
        nothing = Path(folder) / "nothing.jsonl"
        nothing.touch()
        empty, runs = [], []
        for _ in range(bench.repeat):
            empty.append(_open(nothing, "There are no rows", environ).first)
            runs.append(_open_and_use(bench.path, bench.rows, environ))
    bare, first = min(empty), min(run.first for run in runs)
    is_usual = bench.rows <= 100_000
    yield Row(
        "open: process start to first rows",
        in_seconds(first),
        f"without a file {in_seconds(bare)}",
        f"{first / bare:.2f}×",
        "≤ 0.6 s and ≤ 2×",
        first <= 0.6 and first <= 2 * bare,
    )
    yield Row("open: all rows counted on screen", in_seconds(min(run.whole for run in runs)))
    memory = max(run.memory for run in runs)
    yield Row(
        "open: memory of the whole program",
        format_size(memory),
        target=f"≤ {format_size(bench.memory_limit)}",
        holds=memory <= bench.memory_limit,
    )
    yield Row(
        "open: worst key while all is searched",
        in_milliseconds(min(run.worst_key for run in runs)),
        f"a key otherwise {in_milliseconds(median(run.key for run in runs))}",
    )
    if is_usual:
        yield at_most("open: change of tab to its first screen", _change_tabs(bench.path), 0.010)


def reopening(bench: Bench) -> Iterator[Row]:
    """The viewer over a verified file whose index was kept, against it without a file.

    They take turns, and the best of each counts: the rows are on the screen, and all are counted.
    """
    with tempfile.TemporaryDirectory(prefix="batchtui-reopening-", dir=bench.path.parent) as folder:
        environ = _environment(Path(folder))
        nothing = Path(folder) / "nothing.jsonl"
        nothing.touch()
        path = _verify(bench.path, bench.rows, Path(folder) / "results")
        _open_whole(path, bench.rows, environ)
        if not path.with_suffix(".index").exists():
            raise RuntimeError("the index was not kept")
        empty, again = [], []
        for _ in range(max(bench.repeat, 5)):
            empty.append(_open(nothing, "There are no rows", environ).first)
            again.append(_open_whole(path, bench.rows, environ))
    yield at_most_slower(
        "open a verified file again: all rows counted",
        min(again),
        min(empty),
        "without a file",
        1.15,
    )


def _verify(file: Path, rows: int, folder: Path) -> Path:
    """Have the store take a file for proven complete; return where it is then, without a copy."""
    store = ResultsStore(folder)
    lock = store.lock("batch")
    if not lock.acquire():
        raise RuntimeError("the store was just made")
    part = store.part_path("batch")
    part.hardlink_to(file)
    with part.open("rb") as data:
        digest = hashlib.file_digest(data, "sha256").hexdigest()
    about = StoredResults(
        batch_id="batch", size=file.stat().st_size, sha256=digest, rows=rows, counts={}
    )
    found = store.finish(about, part)
    lock.release()
    return found.path


def _open_whole(path: Path, rows: int, environ: Mapping[str, str]) -> float:
    """Seconds until all rows are counted on the screen; the program is left, not killed."""
    start = time.perf_counter()
    counted = f"{format_count(rows)} rows"
    with _program(path, environ) as program:
        program.wait_for(
            lambda: counted in program.lines[0] and "reading" not in program.lines[0], _TIMEOUT
        )
        whole = time.perf_counter() - start
        program.wait_until_quiet(0.5)
        program.press("q")
        program.wait_for_exit(_TIMEOUT)
        return whole


def _environment(folder: Path) -> Mapping[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("BATCHTUI_")}
    return {
        **own,
        "BATCHTUI_CONFIG_DIR": str(folder / "config"),
        "BATCHTUI_DATA_DIR": str(folder / "data"),
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "LANG": "C.UTF-8",
    }


def _program(path: Path, environ: Mapping[str, str]) -> TerminalProgram:
    return TerminalProgram(
        [sys.executable, "-m", "batchtui", "open", str(path)],
        columns=120,
        lines=40,
        environ=environ,
    )


def _open(path: Path, ready: str, environ: Mapping[str, str]) -> Opened:
    start = time.perf_counter()
    with _program(path, environ) as program:
        program.wait_for(ready)
        return Opened(time.perf_counter() - start)


def _open_and_use(path: Path, rows: int, environ: Mapping[str, str]) -> Opened:
    start = time.perf_counter()
    with _program(path, environ) as program:
        program.wait_for(lambda: "CUSTOM_ID" in program.text and _row(program) == 1)
        first = time.perf_counter() - start
        counted = f"{format_count(rows)} rows"
        program.wait_for(
            lambda: counted in program.lines[0] and "reading" not in program.lines[0], _TIMEOUT
        )
        whole = time.perf_counter() - start
        program.wait_until_quiet(0.5)
        memory = program.resident_bytes
        key = median(_time_key(program) for _ in range(7))
        return Opened(first, whole, memory, _search(program), key)


def _row(program: TerminalProgram) -> int:
    found = _POSITION.search(program.text)
    return int(found.group(1).replace(",", "")) if found else 0


def _time_key(program: TerminalProgram) -> float:
    """Seconds from a key to the row that it goes to."""
    wanted = _row(program) + 1
    start = time.perf_counter()
    program.press("down")
    program.wait_for(lambda: _row(program) == wanted)
    return time.perf_counter() - start


def _search(program: TerminalProgram) -> float:
    """Search all of the file for what is in few rows, and press keys meanwhile."""
    program.press("/")
    program.send("text~/z[aeiou]qu|doc-0000001/ or out>1000000 or row:1..500")
    program.press("enter")
    program.wait_for(lambda: "searching" in program.text or " ms" in program.lines[2], _TIMEOUT)
    worst = 0.0
    for _ in range(_KEYS):
        if "searching" not in program.text:
            break
        worst = max(worst, _time_key(program))
    return worst


def _change_tabs(path: Path) -> float:
    """The slowest change of a tab: from the key's command to all lines of the table painted."""
    with asyncio.Runner(loop_factory=RestingLoop) as runner:
        return runner.run(_change_tabs_in(path))


async def _change_tabs_in(path: Path) -> float:
    app = open_app(path)
    slowest = 0.0
    async with app.run_test(size=(120, 40)) as pilot:
        screen: ResultsScreen = await wait_until_ready(pilot)
        table = screen.query_one(ResultsTable)
        for _ in range(3):
            times = []
            for tab in (*Tab, Tab.ALL):
                start = time.perf_counter()
                screen.rows.show_tab(tab)
                table.render_lines(Region(0, 0, *table.size))
                times.append(time.perf_counter() - start)
                await pilot.pause()
            slowest = max(times) if not slowest else min(slowest, max(times))
    return slowest


def main() -> None:
    """Measure over a given file and print."""
    path = Path(sys.argv[1])
    with path.open("rb") as file:
        rows = sum(1 for _ in file)
    for row in opening(Bench(path, rows, 2)):
        print(row.work, row.ours, row.other, row.ratio, row.target, row.holds, sep="  ")


if __name__ == "__main__":
    main()
