"""Plays rounds of one kind against one simulated service."""

import random
import signal
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from batchtui.simulator.scenarios import build_world
from batchtui.simulator.server import listening
from tests.kills.downloads import DownloadRounds
from tests.kills.killer import Killer, Toll
from tests.kills.reviews import ReviewRounds
from tests.kills.submissions import CreateRounds, MakeRounds


class Rounds(Protocol):
    """One kind of run that is killed, and what must hold afterwards."""

    async def prepare(self, folder: Path) -> None:
        """Learn how long a run takes that is left alone."""
        ...

    async def play(self, number: int, folder: Path) -> str:
        """Play a round in a folder of its own; return how it ended.

        Raises:
            AssertionError: What must hold does not.
        """
        ...


KINDS: Mapping[str, Callable[[Killer], Rounds]] = {
    "make": MakeRounds,
    "create": CreateRounds,
    "review": ReviewRounds,
    "download": DownloadRounds,
}


async def play(
    kind: str,
    kills: int,
    chance: random.Random,
    folder: Path,
    signals: tuple[signal.Signals, ...] = (signal.SIGKILL,),
) -> tuple[Toll, Counter[str]]:
    """Play rounds until there were so many kills.

    Returns:
        What was hit, and how many rounds ended in which way.
    """
    world = build_world("empty")
    endings: Counter[str] = Counter()
    async with listening(world) as url:
        killer = Killer(world, url, chance, signals)
        rounds = KINDS[kind](killer)
        await rounds.prepare(_made(folder / "measured"))
        while killer.toll.kills < kills:
            number = endings.total()
            endings[await rounds.play(number, _made(folder / f"round-{number}"))] += 1
    return killer.toll, endings


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
