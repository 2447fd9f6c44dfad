"""Keeps a pattern that backtracks without end from holding the program.

Python's engine for regular expressions never gives up the interpreter's lock, but it does look
for signals. In the main thread a timer therefore stops it in the middle; in any other thread a
pattern can only be stopped after it took too long on one text. So run queries in the main thread,
slice by slice, where patterns may come from a user.
"""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from batchtui.results.query.matchers import Matcher, Pattern

PATTERN_SECONDS = 0.5
"""How long a pattern may take on one text, or on the ids of some thousand rows."""


class SlowPatternError(Exception):
    """A pattern took too long."""


@contextmanager
def time_limit(matcher: Matcher) -> Iterator[None]:
    """Stop a pattern that takes too long; other matchers are never slow.

    Args:
        matcher: What is about to be used.

    Raises:
        SlowPatternError: It took longer than `PATTERN_SECONDS`.
    """
    if not isinstance(matcher, Pattern):
        yield
    elif threading.current_thread() is threading.main_thread():
        with _interrupted_after(PATTERN_SECONDS):
            yield
    else:
        started = time.perf_counter()
        yield
        if time.perf_counter() - started > PATTERN_SECONDS:
            raise SlowPatternError


@contextmanager
def _interrupted_after(seconds: float) -> Iterator[None]:
    previous = signal.signal(signal.SIGALRM, _interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds)
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, previous)


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    raise SlowPatternError
