"""Measurements of the results engine alone: download, index, tabs, memory."""

from collections.abc import Iterator

from batchtui.formatting import format_size
from tests.benchmarks.bench import (
    Bench,
    at_least_faster,
    at_most,
    at_most_slower,
    best,
    in_milliseconds,
    in_seconds,
    serving,
    time_command,
)
from tests.benchmarks.contenders import Figures
from tests.benchmarks.table import Row


def download(bench: Bench) -> Iterator[Row]:
    """The whole way from the socket to the index, against the SDK and a bare read."""
    runs: dict[str, list[Figures]] = {"sdk": [], "bare": [], "ours": []}
    with serving(bench) as url:
        for _ in range(bench.repeat):
            for name, done in runs.items():
                done.append(bench.run(name, url))
    sdk, bare, ours = (best(done, "seconds") for done in runs.values())
    work = "download + write + index + totals"
    yield at_least_faster(work, ours, sdk, "official SDK", 6.0)
    yield at_most_slower("the same", ours, bare, "bare httpx read", 2.0)
    yield Row("first rows of the download", in_seconds(best(runs["ours"], "first")))
    yield Row("until it is safe on the disk", in_seconds(best(runs["ours"], "safe")))
    yield Row("memory of the download", format_size(best(runs["ours"], "memory")))


def index(bench: Bench) -> Iterator[Row]:
    """A local file, indexed to its end."""
    runs = [bench.run("index", str(bench.path)) for _ in range(bench.repeat)]
    counted = min(time_command(["wc", "-l", str(bench.path)]) for _ in range(bench.repeat))
    process = best(runs, "process")
    is_usual = bench.rows <= 100_000
    yield Row(
        "open + index, process start included",
        in_seconds(process),
        f"wc -l {in_seconds(counted)}",
        f"{process / counted:.1f}×",
        "≤ 1.5 s" if is_usual else "",
        process <= 1.5 if is_usual else None,
    )
    yield Row("first rows in the index", in_milliseconds(best(runs, "first")))
    yield at_most("longest pause of the event loop", best(runs, "worst_pause"), 0.015)
    yield at_most("change of the type tab, 50 rows read", best(runs, "tabs"), 0.010)
    memory = best(runs, "memory")
    yield Row(
        "memory of the engine, without a screen",
        format_size(memory),
        target=f"≤ {format_size(bench.memory_limit)}",
        holds=memory <= bench.memory_limit,
    )
