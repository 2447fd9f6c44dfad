"""Lets the thread that reads the keys sleep while no key is pressed."""

import os
import select
import time
from threading import Event, current_thread, main_thread

_LOOK = 0.1
"""Seconds that Textual waits for input; a lone escape counts as the key at the look after it."""
_LOOKS = 5
"""Looks without input after which the thread sleeps."""
_LONGEST_SLEEP = 1.0
"""Seconds. Should an escape ever be read unnoticed, it counts as the key after these."""


class InputGate(Event):
    """What tells Textual's input thread to end; the thread asks before each look at the terminal.

    Textual looks ten times a second, for ever. Where nothing has come for a while its question is
    answered late: when something comes, or about once a second.

    Args:
        descriptor: Where the keys come from.
    """

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._descriptor = descriptor
        self._waker, self._alarm = os.pipe()
        self._looks = 0
        self._answered_at = 0.0

    def is_set(self) -> bool:
        """Whether the thread shall end; in that thread, wait until there is a reason to ask."""
        if current_thread() is not main_thread():
            self._wait()
        return super().is_set()

    def set(self) -> None:
        """End the thread, and wake it up for that."""
        super().set()
        os.write(self._alarm, b"\0")

    def close(self) -> None:
        """Give up what was needed to wake the thread, which must have ended."""
        os.close(self._waker)
        os.close(self._alarm)

    def _wait(self) -> None:
        # A look that ended early found something.
        is_vain = time.monotonic() - self._answered_at >= _LOOK
        self._looks = self._looks + 1 if is_vain else 0
        if self._looks > _LOOKS:
            ready = select.select([self._descriptor, self._waker], [], [], _LONGEST_SLEEP)[0]
            self._looks = 0 if self._descriptor in ready else self._looks
        self._answered_at = time.monotonic()
