"""How fast a query finds its rows, through columns and through all of the text.

`search` is a measurement of `tests.benchmarks.results`; ``python -m tests.benchmarks.search FILE``
is the process it measures, and prints figures as JSON.
"""

import json
import subprocess
import sys
import threading
import time
from array import array
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from batchtui.results.answer import read_answer
from batchtui.results.index import SUCCEEDED
from batchtui.results.indexing import Indexer
from batchtui.results.query.engine import compile_query
from batchtui.results.query.run import QueryRun
from batchtui.results.reader import RowReader
from tests.benchmarks.table import Row

if TYPE_CHECKING:
    from tests.benchmarks.bench import Bench

_CHUNK = 1 << 20
_BEAT = 0.001
"""Seconds between two looks of the stand-in for the event loop."""


def search(bench: "Bench") -> Iterator[Row]:
    """Filter and search the whole file, while something else wants to run."""
    runs = [_measure(bench.path) for _ in range(bench.repeat)]
    grep = min(_time_grep(bench.path) for _ in range(bench.repeat))
    best = {name: min(run[name] for run in runs) for name in runs[0]}
    usual = bench.rows <= 100_000
    yield _row("filter on one column", best["column"], 0.010 if usual else None)
    yield _row("filter on three columns", best["columns"])
    yield _row("filter on ids", best["ids"])
    yield _row("sort by a column", best["sort"], 0.100 if usual else None)
    yield _row("search a phrase, first match", best["first"], 0.1)
    found = f"grep -i {grep * 1000:.0f} ms"
    yield _row("search a phrase, all", best["phrase"], 0.8 if usual else None, found)
    common = best["common"]
    yield _row("search a word of nearly every row, all", common, 0.6 if usual else None)
    yield _row("search a pattern that starts with letters, all", best["pattern"])
    yield _row("search a word that is nowhere, all", best["absent"])
    yield _row("longest wait of a key press meanwhile", best["pause"], 0.05)


def _row(work: str, seconds: float, limit: float | None = None, against: str = "") -> Row:
    target = "" if limit is None else f"≤ {limit * 1000:.0f} ms"
    holds = None if limit is None else seconds <= limit
    return Row(work, f"{seconds * 1000:.1f} ms", against, target=target, holds=holds)


def _time_grep(path: Path) -> float:
    start = time.perf_counter()
    command = ["grep", "-c", "-i", "-F", "nowhere to be found", str(path)]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
    return time.perf_counter() - start


def _measure(path: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.benchmarks.search", str(path)]
    answer = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    figures: dict[str, float] = json.loads(answer.stdout)
    return figures


class _Subject:
    """The indexed file."""

    def __init__(self, path: Path) -> None:
        indexer = Indexer()
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                for _ in indexer.feed(chunk):
                    pass
        for _ in indexer.finish():
            pass
        self.index = indexer.index
        self.reader = RowReader(path, self.index)

    def rare_phrase(self) -> str:
        """A phrase of an answer in the middle of the file, in small letters."""
        answered = self.index.rows_by_type[SUCCEEDED]
        row = answered[len(answered) // 2]
        lines = read_answer(self.reader.raw(row)).text.replace('"', "").splitlines()
        words = max(lines, key=len).split()  # of one line: a phrase over two is in no answer
        return " ".join(words[10:14]).lower()

    def start(self, text: str) -> QueryRun:
        """Start a query."""
        return compile_query(text).run(self.index, self.reader)

    def time(self, text: str) -> float:
        """Run a query to its end."""
        return _time(lambda: self.start(text).advance(seconds=1e9))

    def time_first(self, text: str) -> float:
        """Run a query to its first match."""
        start = time.perf_counter()
        run = self.start(text)
        while not run.matches and run.advance():
            pass
        return time.perf_counter() - start

    def longest_pause(self, text: str) -> float:
        """Run a query in a thread, and see how long this one has to wait at worst."""
        run = self.start(text)
        worker = threading.Thread(target=lambda: [None for _ in run])
        worker.start()
        longest, last = 0.0, time.perf_counter()
        while worker.is_alive():
            time.sleep(_BEAT)  # how late it wakes is what is measured
            now = time.perf_counter()
            longest, last = max(longest, now - last - _BEAT), now
        worker.join()
        return longest


def _time(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    """Measure one file and print the figures."""
    subject = _Subject(Path(sys.argv[1]))
    phrase = f'"{subject.rare_phrase()}"'
    every = array("I", range(len(subject.index)))
    by_output = compile_query("sort:-out")
    figures = {
        "column": min(subject.time("out>1000") for _ in range(3)),
        "columns": subject.time("type:succeeded in>1000 out<500 cached>0"),
        "ids": subject.time("id:doc-00999"),
        "sort": _time(lambda: by_output.order(subject.index, every)),
        "first": subject.time_first(phrase),
        "phrase": subject.time(phrase),
        "common": subject.time("the"),
        "pattern": subject.time(f"text~/{subject.rare_phrase()[:12]}.*z/i"),
        "absent": subject.time("nowheretobefound"),
        "pause": subject.longest_pause(phrase),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
