"""``create`` and ``make`` are killed, then given again: nothing goes twice, none is lost."""

import asyncio
import json
from collections import Counter
from datetime import timedelta
from pathlib import Path

from batchtui.simulator.faults import Fault
from tests.kills.killer import QUICK, Ended, Killer

_HOUR = timedelta(hours=1)
_ROWS = 30
_CANARY = 8

Step = tuple[str, tuple[object, ...]]
"""Its name, and the words of the command line."""


class CreateRounds:
    """Rounds of one command: killed, then given again as a script would.

    Args:
        killer: Kills.
    """

    def __init__(self, killer: Killer) -> None:
        self._killer = killer
        self._world = killer.world

    async def prepare(self, folder: Path) -> None:
        """Learn how long it takes."""
        file = folder / "requests.jsonl"
        file.write_text(_line("measured"))
        await self._killer.measure("create", folder, "create", file)

    async def play(self, number: int, folder: Path) -> str:
        """Play one round.

        Returns:
            How it ended: ``sent``, or ``asked`` where the program left it to the user.

        Raises:
            AssertionError: Something went twice, or was lost.
        """
        file = folder / "requests.jsonl"
        # a size of its own: no batch of another round fits
        ids = [f"k{number}-{at}" for at in range(20 + number)]
        file.write_text("".join(map(_line, ids)))
        chance = self._killer.chance
        if chance.random() < 0.5:
            seconds = chance.random() * 0.3
            self._world.faults.add(Fault("delay", operation="create", seconds=seconds))
        is_twin = chance.random() < 0.1
        twin = self._killer.run(folder, "create", file, module=QUICK) if is_twin else _nothing()
        await asyncio.gather(self._killer.kill("create", folder, "create", file), twin)
        self._world.faults.clear()
        ended = await self._killer.run(folder, "create", file, module=QUICK)
        for line in ended.out.splitlines():
            assert json.loads(line)["file"] == str(file)
        went = self._batches_with(ids)
        story = f"round {number}: exit {ended.code}, {went} batches. {ended.errors}"
        assert went <= 1, f"sent twice: {story}"
        if ended.code == 0:
            assert went == 1, f"lost: {story}"
            return "sent"
        flag = _way_on(ended)
        if went == 0:
            again = await self._killer.run(folder, "create", file, flag, module=QUICK)
            assert self._batches_with(ids) == 1, f"{story} Then: {again.errors}"
        return f"asked ({flag})"

    def _batches_with(self, ids: list[str]) -> int:
        digests = (self._world.digests(view.batch.id) for view in self._world.views())
        return sum(ids[0] in one for one in digests)


class MakeRounds:
    """Rounds from a table to the last request: made, a canary of it, then the rest.

    Each step is killed, and then given again as a script would.

    Args:
        killer: Kills.
    """

    def __init__(self, killer: Killer) -> None:
        self._killer = killer
        self._world = killer.world

    async def prepare(self, folder: Path) -> None:
        """Learn how long each step takes."""
        for name, words in _steps(folder, [f"measured-{at}" for at in range(_ROWS)]):
            await self._killer.measure(name, folder, *words)
            self._world.timeline.skip(_HOUR)

    async def play(self, number: int, folder: Path) -> str:
        """Play one round, with one kill in each of its three steps.

        Returns:
            How it ended: ``sent``, or ``asked`` where the program left something to the user.

        Raises:
            AssertionError: A request went twice, or was lost.
        """
        ids = [f"c{number}-{at}" for at in range(_ROWS)]
        endings = set()
        steps = dict(_steps(folder, ids))
        for name, words in steps.items():
            await self._killer.kill(name, folder, *words)
            ended = await self._killer.run(folder, *words, module=QUICK)
            if "--canary" in ended.errors and name == "rest":
                # by now the canary has ended: its ids tell whose it is
                endings.add("asked (--canary)")
                await self._killer.run(folder, *steps["canary"], module=QUICK)
                ended = await self._killer.run(folder, *words, module=QUICK)
            if ended.code:
                flag = _way_on(ended)
                endings.add(f"asked ({flag})")
                if len(self._went(ids)) < {"canary": _CANARY, "rest": _ROWS}[name]:
                    ended = await self._killer.run(folder, *words, flag, module=QUICK)
            went = self._went(ids)
            assert all(count == 1 for count in went.values()), f"twice: {ended.errors}"
            self._world.timeline.skip(_HOUR)
        assert set(went) == set(ids), f"lost: {len(went)} of {len(ids)} were sent. {ended.errors}"
        return ", ".join(sorted(endings)) or "sent"

    def _went(self, ids: list[str]) -> Counter[str]:
        """How often each request is in a batch."""
        known = set(ids)
        digests = [self._world.digests(view.batch.id) for view in self._world.views()]
        return Counter(one for batch in digests for one in batch if one in known)


def _steps(folder: Path, ids: list[str]) -> tuple[Step, ...]:
    """Write a table, and return what becomes of it step by step."""
    table, prompt, file = (folder / name for name in ("data.csv", "prompt.txt", "asked.jsonl"))
    table.write_text("id\n" + "".join(f"{one}\n" for one in ids))
    prompt.write_text("Judge {{id}}")
    made = ("make", table, "--prompt", prompt, "--model", "claude-haiku-4-5")
    return (
        ("make", (*made, "--max-tokens", 9, "--id", "id", "--output", file, "--force")),
        ("canary", ("create", file, "--canary", _CANARY)),
        ("rest", ("create", file, "--rest")),
    )


def _way_on(ended: Ended) -> str:
    """The option by which a run that left it to the user can be told to send.

    Raises:
        AssertionError: It failed in another way.
    """
    assert ended.code == 1, ended
    found = [flag for flag in ("--anyway", "--again") if flag in ended.errors]
    assert found, ended
    return found[0]


def _line(custom_id: str) -> str:
    message = {"role": "user", "content": "x"}
    params = {"model": "claude-haiku-4-5", "max_tokens": 9, "messages": [message]}
    return json.dumps({"custom_id": custom_id, "params": params}) + "\n"


async def _nothing() -> None:
    """No second process."""
