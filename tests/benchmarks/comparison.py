"""Comparing two runs and judging answers: ``python -m tests.benchmarks.comparison``.

Two files of invoices, JSON in fenced prose, the second from another model: ids, fields and kinds
differ in known shares. The counts of ``batchtui diff`` are held against a plain script over the
json module, which reads the same files in another process.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from batchtui.library.ledger import Ledger
from batchtui.library.reviews import file_subject
from tests.benchmarks.table import Row, print_table
from tests.terminal_harness import TerminalProgram

_VENDORS = ("ACME", "Globex", "Initech", "Umbrella")
_PROSE = "The amounts were read from the scanned pages and added up again by hand. " * 45
_MB = 1_000_000


def make_run(path: Path, rows: int, seed: int, *, changes: float) -> None:
    """Write a run of about 3.9 kB a row; ``changes`` is the share of fields that differ."""
    base, dice = random.Random(1), random.Random(seed)
    with path.open("w") as file:
        for number in range(rows):
            total, vendor = base.randint(1, 500), base.choice(_VENDORS)
            if dice.random() < changes:
                total += dice.randint(1, 50)
            if dice.random() < changes:
                vendor = dice.choice(_VENDORS)
            file.write(_line(number, {"vendor": vendor, "total": total}, dice, seed) + "\n")


def _line(number: int, record: dict[str, object], dice: random.Random, seed: int) -> str:
    if dice.random() < 0.01:
        error = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
        result: dict[str, object] = {"type": "errored", "error": error}
    else:
        fenced = f"```json\n{json.dumps(record, indent=2)}\n```"
        text = f"Invoice {number}, read by run {seed}.\n\n{fenced}\n\n{_PROSE}"
        message = {
            "role": "assistant",
            "model": f"claude-made-up-{seed}",
            "content": [{"type": "text", "text": text}],
            "stop_reason": "end_turn",
            "usage": {"input_tokens": 900, "output_tokens": 700 + number % 90},
        }
        result = {"type": "succeeded", "message": message}
    return json.dumps({"custom_id": f"doc-{number:06}", "result": result})


_SCRIPT = """
import json, sys
from collections import Counter

def read(path):
    found = {}
    for line in open(path, "rb"):
        row = json.loads(line)
        result = row["result"]
        if result["type"] != "succeeded":
            found[row["custom_id"]] = (result["type"], None, "")
            continue
        text = result["message"]["content"][0]["text"]
        fenced = text.split("```json")[1].split("```")[0]
        found[row["custom_id"]] = ("succeeded", json.loads(fenced), text)
    return found

a, b = map(read, sys.argv[1:])
counts = Counter()
for one in {*a, *b}:
    if one not in a or one not in b:
        counts["only_b" if one not in a else "only_a"] += 1
    elif a[one][0] != b[one][0]:
        counts["type"] += 1
    elif a[one][1] != b[one][1]:
        counts["fields"] += 1
    elif a[one][2] != b[one][2]:
        counts["text"] += 1
print(json.dumps(counts))
"""


def _finished(*command: str) -> tuple[float, int, bytes]:
    """Run a command; return its seconds, its peak memory in bytes and what it wrote."""
    began = time.perf_counter()
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL)
        _, _, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        process.returncode = 0
        out.seek(0)
        return seconds, usage.ru_maxrss * 1024, out.read()


def measure_diff(folder: Path, rows: int, repeat: int) -> Iterator[Row]:
    """Compare two runs of which every answer differs, and two of which few do."""
    one, other, near = (folder / f"{name}.jsonl" for name in ("one", "other", "near"))
    make_run(one, rows, 1, changes=0.0)
    make_run(other, rows, 2, changes=0.1)
    # line by line: what this process holds would count as the memory of those it starts
    with one.open("rb") as source, near.open("wb") as target:
        for line in source:
            target.write(line.replace(b'\\"total\\": 7\\n', b'\\"total\\": 8\\n'))
    for work, second in (("every answer differs", other), ("few answers differ", near)):
        best, peak, out = min(
            _finished(sys.executable, "-m", "batchtui", "diff", str(one), str(second), "--json")
            for _ in range(repeat)
        )
        script, _, counted = _finished(sys.executable, "-c", _SCRIPT, str(one), str(second))
        ours = Counter(json.loads(line)["change"] for line in out.splitlines())
        yield Row(
            f"diff, {work}",
            f"{best:.2f} s",
            f"json script {script:.2f} s",
            f"{script / best:.1f}×",
            "≤ 4 s",
            best <= 4,
        )
        used, is_small = f"{peak / _MB:.0f} MB", peak <= 250 * _MB
        yield Row("  its memory", used, target="≤ 250 MB", holds=is_small)
        is_same = dict(ours) == json.loads(counted)
        equal = "equal" if is_same else "differ"
        yield Row("  counts as the script", equal, target="equal", holds=is_same)


def measure_review(folder: Path, kills: int) -> Iterator[Row]:
    """Judge rows in the program on a terminal of 120×40, then kill it while judging."""
    path = folder / "judged.jsonl"
    make_run(path, 200, 3, changes=0.0)
    with _reviewing(folder, path) as terminal:
        _open_review(terminal)
        terminal.wait_until_quiet(0.5)
        before, count = terminal.bytes_received, 20
        for number in range(count):
            terminal.send("1")
            terminal.wait_for(f"{number + 1} of 200 judged")
            terminal.wait_until_quiet(0.2)
        each = (terminal.bytes_received - before) / count
    yield Row("a judgement on the line", f"{each:.0f} B", target="≤ 3,000 B", holds=each <= 3_000)
    yield _killed(folder, path, kills)


def _reviewing(folder: Path, path: Path) -> TerminalProgram:
    environ = {**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
    environ |= {f"BATCHTUI_{name}_DIR": str(folder / name.lower()) for name in ("CONFIG", "DATA")}
    command = [sys.executable, "-m", "batchtui", "open", str(path)]
    return TerminalProgram(command, columns=120, lines=40, environ=environ)


def _killed(folder: Path, path: Path, kills: int) -> Row:
    """Kill the program at random moments; what stood on the screen has to be in the ledger."""
    dice = random.Random(5)
    lost = acknowledged = 0
    ledger_file = next((folder / "data").rglob("ledger.db"))
    for _ in range(kills):
        with _reviewing(folder, path) as terminal:
            _open_review(terminal)
            for _ in range(dice.randint(1, 4)):
                terminal.send("2")
            terminal.pump(dice.uniform(0.0, 0.05))
            terminal.signal(signal.SIGKILL)
            while terminal.pump(0.05):
                pass
            shown = _judged_on(terminal.text)
        with closing(Ledger(ledger_file)) as ledger:
            kept = len(ledger.reviews.of(file_subject(path)))
        acknowledged = max(acknowledged, shown)
        lost += max(0, shown - kept)
    return Row(
        f"verdicts lost over {kills} kills", str(lost), f"{acknowledged} shown", "", "0", lost == 0
    )


def _open_review(terminal: TerminalProgram) -> None:
    terminal.wait_for("200 rows")
    terminal.wait_until_quiet(0.3)
    terminal.send("V")
    terminal.wait_for("of 200 judged")


def _judged_on(text: str) -> int:
    words = text.partition(" of 200 judged")[0].split()
    return int(words[-1]) if words and words[-1].isdecimal() else 0


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--kills", type=int, default=50)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="batchtui-bench-") as name:
        folder = Path(name)
        holds = print_table("Review", measure_review(folder, options.kills))
        holds &= print_table("Comparison", measure_diff(folder, options.rows, options.repeat))
    sys.exit(0 if holds else 1)


if __name__ == "__main__":
    main()
