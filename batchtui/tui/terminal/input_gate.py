"""Lets the thread that reads the keys sleep while no key is pressed."""

import os
import select
from threading import Event, current_thread, main_thread

_LOOKS = 20
"""Looks without input after which the thread sleeps: each lasts a tenth of a second, after one of
which a lone escape counts as the key."""


class InputGate(Event):
    """What tells Textual's input thread to end; the thread asks before each look at the terminal.

    Textual looks ten times a second, for ever. Where nothing has come for a while the question is
    not answered before something comes, so that a program with nothing to do does nothing.

    Args:
        descriptor: Where the keys come from.
    """

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._descriptor = descriptor
        self._waker, self._alarm = os.pipe()
        self._looks = 0

    def is_set(self) -> bool:
        """Whether the thread shall end; in that thread, wait until there is a reason to ask."""
        if current_thread() is not main_thread():
            self._wait()
        return super().is_set()

    def set(self) -> None:
        """End the thread, and wake it up for that."""
        super().set()
        os.write(self._alarm, b"\0")

    def clear(self) -> None:
        """Let another thread begin."""
        super().clear()
        while self._is_ready(self._waker):
            os.read(self._waker, 64)

    def close(self) -> None:
        """Give up what was needed to wake the thread; it must have ended."""
        os.close(self._waker)
        os.close(self._alarm)

    def _wait(self) -> None:
        self._looks += 1
        if self._is_ready(self._descriptor):
            self._looks = 0
        elif self._looks > _LOOKS:
            select.select([self._descriptor, self._waker], [], [])
            self._looks = 0

    @staticmethod
    def _is_ready(descriptor: int) -> bool:
        return bool(select.select([descriptor], [], [], 0)[0])
