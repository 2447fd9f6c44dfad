"""The app is killed while somebody judges: what the screen said was judged is kept."""

import asyncio
import re
import time
from pathlib import Path

from batchtui.library.ledger import Ledger
from batchtui.library.reviews import file_subject
from tests.cli.service import rows_of
from tests.journeys.support import environment, program
from tests.kills.killer import Killer
from tests.terminal_harness import TerminalProgram

_ROWS = 40
_AGAIN = 0.5
"""Seconds after which a key without an effect is pressed again."""
_AMID = 0.05
"""Seconds, about, that a verdict takes from the key to the screen."""
_JUDGED = re.compile(r"(\d+) of \d+ judged")


class ReviewRounds:
    """Rounds of a sitting on a real terminal: one key a card, killed, opened again.

    Args:
        killer: Counts, and decides by chance.
    """

    def __init__(self, killer: Killer) -> None:
        self._killer = killer
        self._seconds = 0.0

    async def prepare(self, folder: Path) -> None:
        """Learn how long a whole sitting takes, the start included."""
        began = time.monotonic()
        judged = await asyncio.to_thread(self._sit, folder, _ROWS, None)
        assert judged == _ROWS
        self._seconds = time.monotonic() - began

    async def play(self, number: int, folder: Path) -> str:
        """Play one round.

        Returns:
            ``kept``.

        Raises:
            AssertionError: A verdict that was acknowledged is gone.
        """
        del number
        chance = self._killer.chance
        if chance.random() < 0.6:
            count, seconds = chance.randrange(1, _ROWS), chance.random() * _AMID
        else:
            count, seconds = 0, chance.random() * self._seconds
        judged = await asyncio.to_thread(self._sit, folder, count, seconds)
        ledger = Ledger(folder / "data" / "profiles" / "default" / "ledger.db")
        kept = ledger.reviews.of(file_subject(folder / "rows.jsonl"))
        ledger.close()
        assert len(kept) >= judged, f"{judged} were acknowledged, {len(kept)} are kept"
        assert kept.keys() >= {f"row-{at}" for at in range(judged)}
        return "kept"

    def _sit(self, folder: Path, count: int, seconds: float | None) -> int:
        """Judge card after card, until the end or the kill.

        Args:
            folder: Of this round.
            count: Verdicts to give in any case.
            seconds: From then on to the kill; ``None`` for none.

        Returns:
            How many verdicts the screen acknowledged.
        """
        file = folder / "rows.jsonl"
        file.write_bytes(rows_of(_ROWS, 0, 0, 0))
        with program(environment(folder, None), "open", str(file)) as running:
            judged = _judge(running, count)
            if seconds is not None:
                judged = max(judged, _judge(running, _ROWS, time.monotonic() + seconds))
                toll = self._killer.toll
                toll.kills += 1
                toll.running += running.is_running
                toll.at_work += running.is_running and 0 < judged < _ROWS
                running.process.kill()
                running.wait_for_exit()
                judged = max(judged, _judged(running))
        return judged


def _judge(running: TerminalProgram, count: int, until: float = float("inf")) -> int:
    """Press a key for each card as soon as the verdict before it is acknowledged.

    Args:
        running: The app.
        count: Verdicts after which to stop.
        until: The monotonic time at which to stop, in seconds.

    Returns:
        How many verdicts there are.
    """
    judged = -1
    pressed_at = 0.0
    while time.monotonic() < until and judged < count:
        running.pump(0.005)
        # a key that was typed before its screen could be seen is dropped: it is pressed again
        is_due = time.monotonic() - pressed_at > _AGAIN
        now = _judged(running)
        if now < 0 and is_due and running.shows("V Review"):
            running.press("V")
            pressed_at = time.monotonic()
        elif now > judged or (now >= 0 and is_due):
            judged = now
            running.press("1")
            pressed_at = time.monotonic()
    return max(judged, 0)


def _judged(running: TerminalProgram) -> int:
    found = _JUDGED.search(running.lines[0])
    return int(found.group(1)) if found else -1
