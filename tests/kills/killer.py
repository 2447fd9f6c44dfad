"""Starts the program, and kills it at a random instant."""

import asyncio
import os
import random
import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from batchtui.simulator.world import World

PROGRAM = "batchtui"
QUICK = "tests.kills.quick_create"
"""The program, quick to decide where an answer is lost: for what follows a kill."""
KEY = "sk-ant-test-kills"
_LOOK = 0.002
"""Seconds between two looks at what a run has left so far."""


@dataclass
class Toll:
    """What was hit."""

    kills: int = 0
    """How many signals were meant to be sent."""
    running: int = 0
    """How many of them met a program that still ran."""
    at_work: int = 0
    """How many of those met one that had written or asked for something."""

    def __str__(self) -> str:
        return f"{self.kills} kills, {self.running} while it ran, {self.at_work} while at work"


@dataclass(frozen=True)
class Life:
    """How long a run takes that is left alone."""

    until_work: float
    """Seconds until it writes or asks for something."""
    seconds: float
    """Until its end."""


@dataclass(frozen=True)
class Ended:
    """How a run ended that was left alone."""

    code: int
    out: bytes
    errors: str


class Killer:
    """Starts the program for one kind of run, and kills it.

    Args:
        world: The service.
        url: Where it listens.
        chance: What decides.
        signals: What ends a run, one of these.
    """

    def __init__(
        self,
        world: World,
        url: str,
        chance: random.Random,
        signals: tuple[signal.Signals, ...] = (signal.SIGKILL,),
    ) -> None:
        self.world = world
        self.chance = chance
        self.toll = Toll()
        self._url = url
        self._signals = signals
        self._lives: dict[str, Life] = {}

    async def run(self, folder: Path, *words: object, module: str = PROGRAM) -> Ended:
        """Run the program and leave it alone."""
        process = await self._start(folder, words, module)
        out, errors = await process.communicate()
        return Ended(process.returncode or 0, out, errors.decode(errors="replace"))

    async def measure(self, step: str, folder: Path, *words: object) -> None:
        """Learn how long a step of this name takes when it is left alone."""
        began, before = time.monotonic(), self._traces(folder)
        process = await self._start(folder, words, PROGRAM)
        ended = asyncio.ensure_future(process.communicate())
        await self._work_begun(ended, folder, before)
        at_work = time.monotonic()
        await ended
        self._lives[step] = Life(at_work - began, time.monotonic() - began)

    async def kill(self, step: str, folder: Path, *words: object) -> None:
        """Run a step that was measured and kill it: at any instant, or at any from its work on."""
        life, before = self._lives[step], self._traces(folder)
        began = time.monotonic()
        process = await self._start(folder, words, PROGRAM)
        ended = asyncio.ensure_future(process.communicate())
        wait = self.chance.random() * life.seconds
        if self.chance.random() < 0.6:
            await self._work_begun(ended, folder, before)
            wait = self.chance.random() * (life.seconds - life.until_work)
        await asyncio.wait({ended}, timeout=wait)
        self.toll.kills += 1
        if process.returncode is None:
            self.toll.running += 1
            self.toll.at_work += self._traces(folder) != before
            process.send_signal(self.chance.choice(self._signals))
        elif (seconds := time.monotonic() - began) < life.seconds:
            # it was measured while the machine was busier
            share = seconds / life.seconds
            self._lives[step] = Life(life.until_work * share, seconds)
        await ended

    async def _work_begun(
        self, ended: "asyncio.Future[tuple[bytes, bytes]]", folder: Path, before: object
    ) -> None:
        while not ended.done() and self._traces(folder) == before:
            await asyncio.wait({ended}, timeout=_LOOK)

    def _traces(self, folder: Path) -> object:
        """What there is to be seen of a run: its files, and its calls."""
        files = {str(path): path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}
        return files, len(self.world.requests), len(self.world.views())

    async def _start(
        self, folder: Path, words: tuple[object, ...], module: str
    ) -> asyncio.subprocess.Process:
        environ: Mapping[str, str] = {
            **os.environ,
            "ANTHROPIC_API_KEY": KEY,
            "ANTHROPIC_BASE_URL": self._url,
            "BATCHTUI_CONFIG_DIR": str(folder / "config"),
            "BATCHTUI_DATA_DIR": str(folder / "data"),
        }
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            module,
            *map(str, words),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=environ,
        )
