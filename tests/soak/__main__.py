"""``python -m tests.soak --minutes M --seed S``: walk, print what is found, fail if anything is."""

import argparse
import random
import sys
import tempfile
from pathlib import Path

from tests.journeys.support import simulator
from tests.soak.actions import Person
from tests.soak.walk import Walk

_SPEED = 10.0
"""Simulated seconds in a second: batches end while one looks."""
_HOSTILE_NAME = "r\x1b[35mequests \u202e.jsonl"


def main() -> int:
    """Walk with each seed that is asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0, help="how long, for each seed")
    parser.add_argument("--seed", type=int, nargs="*", help="what decides; drawn if not given")
    options = parser.parse_args()
    seeds = options.seed or [random.SystemRandom().randrange(10**6)]
    found = sum(walk(seed, options.minutes * 60) for seed in seeds)
    return 1 if found else 0


def walk(seed: int, seconds: float) -> int:
    """Walk once.

    Returns:
        How many things were found.
    """
    print(f"seed {seed}, {seconds / 60:g} minutes", flush=True)
    dice = random.Random(seed)
    with tempfile.TemporaryDirectory() as name, simulator("demo", _SPEED) as service:
        folder = Path(name)
        one = Walk(service, folder, dice, Person(dice, write_requests(folder)))
        one.go_on(seconds)
    print(
        f"seed {seed}: {one.actions_done} actions, {len(one.findings)} findings, "
        f"longest answer {one.longest_answer:.2f} s, at most {one.largest / 1e6:.0f} MB",
        flush=True,
    )
    for finding in one.findings:
        print(f"  {finding.what}", flush=True)
    return len(one.findings)


def write_requests(folder: Path) -> list[Path]:
    """Write files to send: good ones, a broken one, one with a name that could act."""
    line = (
        '{{"custom_id": "{0}", "params": {{"model": "claude-haiku-4-5", "max_tokens": 16, '
        '"messages": [{{"role": "user", "content": "{0}?"}}]}}}}\n'
    )
    good = "".join(line.format(f"q-{number}") for number in range(40))
    files = {
        "good.jsonl": good,
        "broken.jsonl": good + "not json\n" + line.format("q-1"),
        _HOSTILE_NAME: good,
        "empty.jsonl": "",
    }
    for name, text in files.items():
        (folder / name).write_text(text)
    return [*(folder / name for name in files), folder / "missing.jsonl", folder]


if __name__ == "__main__":
    sys.exit(main())
