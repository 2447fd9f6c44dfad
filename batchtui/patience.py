"""Waiting in a thread for something that gives no sign when it happens."""

import time
from collections.abc import Callable

_BETWEEN_TRIES = 0.01
"""Seconds. A lock of the operating system can be tried or waited for without end, but not waited
for with a limit: so it is tried often enough that nobody notices."""


def try_for(seconds: float, attempt: Callable[[], bool]) -> bool:
    """Try until it succeeds or the time is over. Blocks the thread, at least for one attempt.

    Args:
        seconds: How long to go on trying.
        attempt: Returns whether it succeeded.

    Returns:
        Whether it succeeded.
    """
    until = time.monotonic() + seconds
    while not attempt():
        if time.monotonic() > until:
            return False
        time.sleep(_BETWEEN_TRIES)
    return True
