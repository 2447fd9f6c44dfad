"""Downloads are killed and started again: a file is whole and of one version, or a part."""

import json
from datetime import timedelta
from pathlib import Path

from batchtui.simulator.work import LiteralWork
from tests.kills.killer import Killer

_ROWS = 6_000
_RATE = 3_000_000
"""Bytes a second: a download takes about half a second."""


class DownloadRounds:
    """Rounds of a download, to the folder of results or to a file of the user's own.

    Between the kill and the next run the service may change every answer, with the size as it was.

    Args:
        killer: Kills.
    """

    def __init__(self, killer: Killer) -> None:
        self._killer = killer
        self._world = killer.world
        self._batch_id = ""
        self._versions = [_results(letter) for letter in "abc"]

    async def prepare(self, folder: Path) -> None:
        """Learn how long a download takes."""
        self._world.behavior.results_rate = _RATE
        self._batch_id = self._world.add(
            self._work(0), created_at=self._world.now() - timedelta(hours=2)
        ).id
        await self._killer.measure("sync", folder, "sync")
        await self._killer.measure("results", folder / "own", *self._words(folder / "own"))

    async def play(self, number: int, folder: Path) -> str:
        """Play one round: killed once or twice, then left alone.

        Returns:
            Whether the service changed the answers amid it.

        Raises:
            AssertionError: A file that counts as whole is none, or is mixed.
        """
        chance, behavior = self._killer.chance, self._world.behavior
        behavior.results_etag = chance.random() < 0.7
        behavior.results_ranges = chance.random() < 0.7
        behavior.results_length = chance.random() < 0.5
        step = chance.choice(["sync", "results"])
        words = ("sync",) if step == "sync" else self._words(folder)
        await self._killer.kill(step, folder, *words)
        self._check(folder)
        is_changed = chance.random() < 0.5
        if is_changed:
            self._set(number)
        ended = await self._killer.run(folder, *words)
        assert ended.code == 0, ended
        whole = self._check(folder)
        assert whole, f"round {number}: nothing came. {ended.errors}"
        return "answers changed" if is_changed else "answers as they were"

    def _words(self, folder: Path) -> tuple[object, ...]:
        return ("results", self._batch_id, "--force", "--output", folder / "rows.jsonl")

    def _check(self, folder: Path) -> list[Path]:
        """Look at what counts as whole, and at what counts as a part; return what is whole."""
        found = [path for path in folder.rglob("*.jsonl") if path.is_file()]
        for path in found:
            # what goes to a file of the user's own ends with a newline
            content = path.read_bytes().removesuffix(b"\n")
            assert content in self._versions, f"{path} is whole by its name, and is not"
        for path in folder.rglob("*.part"):
            content = path.read_bytes()
            assert any(one.startswith(content) for one in self._versions), f"{path} is mixed"
        return found

    def _set(self, number: int) -> None:
        batch = self._world.retrieve(self._batch_id).batch
        self._world.add(self._work(number), created_at=batch.created_at, batch_id=self._batch_id)

    def _work(self, number: int) -> LiteralWork:
        return LiteralWork(self._versions[number % len(self._versions)], succeeded=_ROWS)


def _results(letter: str) -> bytes:
    """All rows of one version: the same ids, another answer."""
    return b"\n".join(_row(number, letter) for number in range(_ROWS))


def _row(number: int, letter: str) -> bytes:
    message = {
        "id": f"msg_{number}",
        "type": "message",
        "role": "assistant",
        "model": "claude-test",
        "content": [{"type": "text", "text": letter * 60}],
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 5, "output_tokens": 7},
    }
    result = {"type": "succeeded", "message": message}
    return json.dumps({"custom_id": f"row-{number}", "result": result}).encode()
