"""Answers as data: records, columns and groups, against duckdb, jq and a script of one's own.

Joins ``python -m tests.benchmarks.results``; the programs that are not installed are left out.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from array import array
from collections.abc import Callable, Iterator
from pathlib import Path

from batchtui.formatting import format_size
from batchtui.results.groups import group_rows
from batchtui.results.indexing import Indexer
from batchtui.results.query.engine import compile_query
from batchtui.results.reader import RowReader
from batchtui.results.records.registry import records_of
from tests.benchmarks.bench import Bench, at_least_faster, at_most, best, time_command
from tests.benchmarks.contenders import Figures, highest_memory
from tests.benchmarks.making import make_records
from tests.benchmarks.table import Row

_CHUNK = 2 * 1024 * 1024
_FIELDS = (".vendor", ".total", ".date")
_MODULE = "tests.benchmarks.fields"
_MB = 1_000_000
_SCRIPT = """
import json, re, sys
import duckdb
fence = re.compile(r"```(?:json)?\\n(.*?)\\n```", re.S)
with open(sys.argv[1]) as lines, open(sys.argv[2], "w") as out:
    for line in lines:
        result = json.loads(line)["result"]
        if result["type"] != "succeeded":
            continue
        found = fence.search("".join(b.get("text", "") for b in result["message"]["content"]))
        if found:
            json.dump(json.loads(found.group(1)), out)
            out.write("\\n")
print(duckdb.sql(f"select vendor, count(*) n from '{sys.argv[2]}' group by vendor order by n desc"))
"""
_JQ = (
    'select(.result.type=="succeeded") | .result.message.content[0].text'
    ' | capture("```json\\n(?<j>.*?)\\n```"; "s").j | fromjson | .vendor'
)


def fields(bench: Bench) -> Iterator[Row]:
    """Find the records of answers in fenced prose, and ask for their fields."""
    with tempfile.TemporaryDirectory(prefix="batchtui-fields-") as folder:
        path = Path(folder) / "results.jsonl"
        make_records(path, bench.rows)
        runs: dict[str, list[Figures]] = {"count": [], "columns": []}
        for _ in range(bench.repeat):
            for name, done in runs.items():
                done.append(bench.run(name, str(path), module=_MODULE))
        counted = best(runs["count"], "process")
        columns = min(run["process"] - run["asked"] for run in runs["columns"])
        ratio = columns / counted
        yield Row(
            "records found, three fields as columns",
            f"{columns:.2f} s",
            f"open + count {counted:.2f} s",
            f"{ratio:.2f}×",
            "≤ 1.5× its time",
            ratio <= 1.5,
        )
        more = best(runs["columns"], "memory") - best(runs["count"], "memory")
        yield Row("their memory", format_size(int(more)), target="≤ 40 MB", holds=more <= 40 * _MB)
        done = runs["columns"]
        yield at_most(".total>100 after that", best(done, "compare"), 0.030)
        yield at_most("sort by .total", best(done, "sort"), 0.150)
        yield at_most("group by .vendor", best(done, "group"), 0.060)
        yield from _group_cold(path, bench.repeat)
        yield from _copy(path, bench.repeat)


def _group_cold(path: Path, repeat: int) -> Iterator[Row]:
    command = [sys.executable, "-m", "batchtui", "results", str(path), "--group", ".vendor"]
    ours = _fastest(command, repeat)
    work = "results FILE --group .vendor, cold"
    with tempfile.TemporaryDirectory() as folder:
        script = [sys.executable, "-c", _SCRIPT, str(path), str(Path(folder) / "rows.jsonl")]
        try:
            other = _fastest(script, repeat)
        except subprocess.CalledProcessError:
            other = 0.0
    if other:
        yield at_least_faster(work, ours, other, "script + duckdb", 1.0)
    if shutil.which("jq"):
        other = _fastest(["jq", "-r", _JQ, str(path)], 1)
        yield at_least_faster("the same", ours, other, "jq", 1.0)


def _copy(path: Path, repeat: int) -> Iterator[Row]:
    """A whole file to a new one, against ``cp`` and the start of the program."""
    target = path.with_name("copy.jsonl")
    start = _fastest([sys.executable, "-m", "batchtui", "--version"], repeat)
    program = [sys.executable, "-m", "batchtui", "results", str(path), "--output", str(target)]
    ours, other = 60.0, 60.0
    for _ in range(repeat):
        ours = min(ours, time_command(program))
        target.unlink()
        other = min(other, time_command(["cp", str(path), str(target)]) + start)
        target.unlink()
    ratio = ours / other
    yield Row(
        "results FILE --output FILE",
        f"{ours:.2f} s",
        f"cp + start {other:.2f} s",
        f"{ratio:.2f}×",
        "≤ 1.5× its time",
        ratio <= 1.5,
    )


def _fastest(command: list[str], repeat: int) -> float:
    return min(time_command(command) for _ in range(repeat))


def _indexed(path: Path) -> Indexer:
    indexer = Indexer()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            for _ in indexer.feed(chunk):
                pass
    for _ in indexer.finish():
        pass
    return indexer


def count(path: str) -> Figures:
    """Index the file and count its rows."""
    return {"rows": len(_indexed(Path(path)).index)}


def columns(path: str) -> Figures:
    """The same, then find all records and make three columns; ask for them afterwards."""
    index = _indexed(Path(path)).index
    with RowReader(Path(path), index) as reader:
        records = records_of(index)
        records.fill(reader, len(index), [records.column(name) for name in _FIELDS])
        memory = highest_memory()
        start = time.perf_counter()
        every = array("I", range(len(index)))
        query, order = compile_query(".total>100"), compile_query("sort:-.total")
        figures = {
            "found": records.found,
            "memory": memory,
            "compare": _time(lambda: query.match_rows(index, reader)),
            "sort": _time(lambda: order.order(index, every)),
            "group": _time(lambda: group_rows(index, reader, every, ".vendor")),
        }
        return {**figures, "asked": time.perf_counter() - start}


def _time(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    measured = {"count": count, "columns": columns}[sys.argv[1]](sys.argv[2])
    print(json.dumps({"memory": highest_memory(), **measured}))
