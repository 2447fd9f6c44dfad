"""Ends ``batchtui create`` at random instants and gives the same command again: nothing goes twice.

``python -m tests.submission.kills --kills 200 --seed 1`` prints what became of each.
"""

import argparse
import asyncio
import json
import os
import random
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from batchtui.simulator.faults import Fault
from batchtui.simulator.scenarios import build_world
from batchtui.simulator.server import listening
from batchtui.simulator.world import World

SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_HOUR = timedelta(hours=1)
_START = 1.2
"""Seconds within which a run has most likely ended when it is left alone."""


class Kills:
    """One simulated service and the rounds that are played on it.

    Args:
        world: The service.
        url: Where it listens.
        folder: For files and data, one below for each round.
        chance: What decides.
    """

    def __init__(self, world: World, url: str, folder: Path, chance: random.Random) -> None:
        self._world = world
        self._url = url
        self._folder = folder
        self._chance = chance

    async def play(self, number: int) -> str:
        """Play one round.

        Returns:
            How it ended: ``sent``, or ``asked`` where the program left it to the user.

        Raises:
            AssertionError: Something went twice, or was lost.
        """
        folder = self._folder / f"round-{number}"
        folder.mkdir()
        file = folder / "requests.jsonl"
        # a size of its own: no batch of another round fits
        ids = [f"k{number}-{at}" for at in range(20 + number)]
        file.write_text("".join(map(_line, ids)))
        if self._chance.random() < 0.5:
            seconds = self._chance.random() * 0.3
            self._world.faults.add(Fault("delay", operation="create", seconds=seconds))
        is_twin = self._chance.random() < 0.2
        await (self._run_twins(folder, file) if is_twin else self._run_and_kill(folder, file, ids))
        self._world.faults.clear()
        code, errors = await self._finish(folder, file)
        made = self._batches_of(ids)
        story = f"round {number}: exit {code}, {len(made)} batches. {errors}"
        assert len(made) <= 1, f"sent twice: {story}"
        if code == 0:
            assert len(made) == 1, f"lost: {story}"
            return "sent"
        assert code == 1, story
        assert "--anyway" in errors or "--again" in errors, story
        return "asked"

    async def _run_twins(self, folder: Path, file: Path) -> None:
        """Let two processes send the same file at the same time."""
        first, second = [await self._start(folder, "create", file) for _ in range(2)]
        await asyncio.gather(first.communicate(), second.communicate())

    async def _run_and_kill(self, folder: Path, file: Path, ids: list[str]) -> None:
        """Start a run and end it, often just after its batch was made."""
        process = await self._start(folder, "create", file)
        ended = asyncio.ensure_future(process.communicate())
        if self._chance.random() < 0.5:
            while not ended.done() and not self._batches_of(ids):
                await asyncio.wait({ended}, timeout=0.002)
            wait = self._chance.random() * 0.1
        else:
            wait = self._chance.random() * _START
        await asyncio.wait({ended}, timeout=wait)
        if process.returncode is None:
            process.send_signal(self._chance.choice(SIGNALS))
        await ended

    async def _finish(self, folder: Path, file: Path) -> tuple[int, str]:
        """Give the same command again, left alone."""
        process = await self._start(folder, "create", file)
        out, errors = await process.communicate()
        for line in out.splitlines():
            assert json.loads(line)["file"] == str(file)
        return process.returncode or 0, errors.decode()

    async def play_canary(self, number: int) -> str:
        """Play a round from a table to its last request: made, a canary of it, then the rest.

        Each step is ended at a random instant, and then given again as a script would.

        Raises:
            AssertionError: A request went twice, or was lost.
        """
        folder = self._folder / f"canary-{number}"
        folder.mkdir()
        table, prompt, file = (folder / name for name in ("data.csv", "prompt.txt", "asked.jsonl"))
        ids = [f"c{number}-{at}" for at in range(30)]
        table.write_text("id\n" + "".join(f"{one}\n" for one in ids))
        prompt.write_text("Judge {{id}}")
        made = ("make", table, "--prompt", prompt, "--model", "claude-haiku-4-5")
        steps: tuple[tuple[object, ...], ...] = (
            (*made, "--max-tokens", 9, "--id", "id", "--output", file, "--force"),
            ("create", file, "--canary", 8),
            ("create", file, "--rest"),
        )
        for words in steps:
            await self._kill(folder, *words)
            process = await self._start(folder, *words)
            _, errors = await process.communicate()
            went = Counter(one for batch in self._batches() for one in batch if one in ids)
            assert all(count == 1 for count in went.values()), f"twice: {errors.decode()}"
            if process.returncode != 0:
                told = errors.decode()
                assert "--anyway" in told or "--again" in told, f"{words[1:]}: {told}"
                return "asked"
            self._world.timeline.skip(_HOUR)
        assert len(went) == len(ids), f"lost: {len(went)} of {len(ids)} were sent"
        return "sent"

    async def _kill(self, folder: Path, *words: object) -> None:
        """Start a command and end it at a random instant."""
        process = await self._start(folder, *words)
        ended = asyncio.ensure_future(process.communicate())
        await asyncio.wait({ended}, timeout=self._chance.random() * _START)
        if process.returncode is None:
            process.send_signal(self._chance.choice(SIGNALS))
        await ended

    def _batches(self) -> list[list[str]]:
        return [list(self._world.digests(view.batch.id)) for view in self._world.views()]

    async def _start(self, folder: Path, *words: object) -> asyncio.subprocess.Process:
        environ: Mapping[str, str] = {
            **os.environ,
            "ANTHROPIC_API_KEY": "sk-ant-test-kills",
            "ANTHROPIC_BASE_URL": self._url,
            "BATCHTUI_CONFIG_DIR": str(folder / "config"),
            "BATCHTUI_DATA_DIR": str(folder / "data"),
        }
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.submission.quick_create",
            *map(str, words),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=environ,
        )

    def _batches_of(self, ids: list[str]) -> list[str]:
        views = (view for view in self._world.views() if view.batch.work.total == len(ids))
        return [view.batch.id for view in views]


def _line(custom_id: str) -> str:
    message = {"role": "user", "content": "x"}
    params = {"model": "claude-haiku-4-5", "max_tokens": 9, "messages": [message]}
    return json.dumps({"custom_id": custom_id, "params": params}) + "\n"


async def play(kills: int, seed: int, folder: Path, *, with_canary: bool = False) -> Counter[str]:
    """Play some rounds; return how many ended in which way."""
    world = build_world("empty")
    endings: Counter[str] = Counter()
    async with listening(world) as url:
        game = Kills(world, url, folder, random.Random(seed))
        for number in range(kills):
            round_of = game.play_canary if with_canary else game.play
            endings[await round_of(number)] += 1
    return endings


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--canary", action="store_true", help="from a table to the last request")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        found = asyncio.run(
            play(options.kills, options.seed, Path(place), with_canary=options.canary)
        )
    print(f"seed {options.seed}: {dict(found)}, nothing twice, nothing lost")
