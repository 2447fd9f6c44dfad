"""How quick a request file is validated: ``python -m tests.benchmarks.submission``.

Makes files of 100,000 requests, 256 MB each, in a temporary folder, and prints MB/s and peak
memory of each way to read it, each in a process of its own, beside ``wc -l`` and msgspec alone.
"""

import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import msgspec

from batchtui.submission.body import body_blocks
from batchtui.submission.read import read_requests
from batchtui.submission.source import RequestSource
from batchtui.submission.validate import validate

REQUESTS = 100_000
_WORDS = ["the quick", "brown fox", "jumps over", "naïve “quotes”,", "tabs\tand\nlines"]


def write_file(path: Path, *, as_body: bool) -> None:
    """Write the file to read."""
    chance = random.Random(7)
    texts = [" ".join(chance.choices(_WORDS, k=174)) for _ in range(50)]
    with path.open("wb") as file:
        file.write(b'{"requests": [' if as_body else b"")
        for number in range(REQUESTS):
            params: dict[str, object] = {
                "model": "claude-sonnet-4-5",
                "max_tokens": 1024,
                "temperature": 0.5,
                "system": "Answer in one word.",
                "messages": [{"role": "user", "content": f"{number}: {texts[number % 50]}"}],
            }
            request = {"custom_id": f"request-{number:06}", "params": params}
            line = json.dumps(request, ensure_ascii=False).encode()
            file.write(line + (b",\n" if as_body and number < REQUESTS - 1 else b"\n"))
        file.write(b"]}" if as_body else b"")


def count_with_msgspec(path: Path) -> int:
    """Decode each line to plain objects and do nothing with them."""
    decoder = msgspec.json.Decoder()
    with path.open("rb") as file:
        return sum(1 for line in file if decoder.decode(line) is not None)


def count_validated(path: Path) -> int:
    """Validate the file."""
    validation = validate(RequestSource(path))
    if validation.problems.counts:
        raise SystemExit(f"problems found: {validation.problems.counts}")
    return len(validation.index)


def count_body(path: Path) -> int:
    """Make the body of a create; returns the number of blocks."""
    return sum(1 for _ in body_blocks(read_requests(RequestSource(path).blocks())))


WAYS = {
    "msgspec alone": count_with_msgspec,
    "validate": count_validated,
    "make the body": count_body,
}


def run_one(way: str, path: Path) -> None:
    """Run one way in this process and print its row."""
    begin = time.perf_counter()
    WAYS[way](path)
    seconds = time.perf_counter() - begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    size = path.stat().st_size
    print(f"{way:<16} {path.name:<14} {size / seconds / 1e6:8.0f} MB/s {peak:8.0f} MB peak")


def main() -> None:
    """Make the files and run every way on each."""
    if len(sys.argv) == 3:
        run_one(sys.argv[1], Path(sys.argv[2]))
        return
    with tempfile.TemporaryDirectory() as folder:
        for name in ("requests.jsonl", "body.json"):
            path = Path(folder) / name
            write_file(path, as_body=name == "body.json")
            begin = time.perf_counter()
            subprocess.run(["wc", "-l", path], check=True, capture_output=True)
            seconds = time.perf_counter() - begin
            print(f"{'wc -l':<16} {name:<14} {path.stat().st_size / seconds / 1e6:8.0f} MB/s")
            ways = list(WAYS) if name.endswith("l") else ["validate", "make the body"]
            for way in ways:
                subprocess.run(
                    [sys.executable, "-m", "tests.benchmarks.submission", way, str(path)],
                    check=True,
                )


if __name__ == "__main__":
    main()
