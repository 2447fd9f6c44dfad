"""Long work on the event loop in short turns."""

import asyncio
import time

_TURN = 0.003
"""Seconds of work after which others get a turn: a key press passes through several turns of the
loop, and all of them together should stay below what a person notices."""


class Pacer:
    """Counts the time since others had a turn."""

    def __init__(self) -> None:
        self._since = time.perf_counter()

    async def breathe(self) -> None:
        """Let others work, if this work has had its turn."""
        if time.perf_counter() - self._since >= _TURN:
            await asyncio.sleep(0)
            self._since = time.perf_counter()
