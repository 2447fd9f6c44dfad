"""``python -m tests.kills --kind make|create|review|download --kills N --seed S``."""

import argparse
import asyncio
import random
import tempfile
from pathlib import Path

from tests.kills.play import KINDS, play


def main() -> None:
    """Play rounds until there were enough kills; fail at the first thing that went wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.kills", description=__doc__)
    parser.add_argument("--kind", choices=KINDS, required=True, help="what is killed")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    options = parser.parse_args()
    print(f"{options.kind}: seed {options.seed}", flush=True)
    with tempfile.TemporaryDirectory() as place:
        toll, endings = asyncio.run(
            play(options.kind, options.kills, random.Random(options.seed), Path(place))
        )
    told = ", ".join(f"{count} {ending}" for ending, count in sorted(endings.items()))
    print(f"{options.kind}: {toll}; {told}. Nothing went wrong.")


if __name__ == "__main__":
    main()
