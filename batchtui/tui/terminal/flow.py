"""How much may be on its way to the terminal, so that it never lags behind the keys.

Over SSH the kernel does not tell when a line is slow: what is written disappears into buffers of
megabytes on the way. So the terminal is asked something short after about half a kilobyte, and its
answer says that everything before has arrived. As long as answers come quickly more is allowed
under way; when they take longer than the line itself needs, less.

Nothing is asked in quiet times, nor of terminals that did not answer the first question.
"""

from collections import deque
from typing import NamedTuple

PROBE = "\x1b[?2026$p"
"""The question: whether synchronised updates are on. Textual itself asks it once at the start."""

_PROBE_EVERY = 600
_SMALLEST_WINDOW = 1_200
_LARGEST_WINDOW = 256_000
_QUIET = 1.0
"""Seconds after which what was sent without a question counts as arrived."""
_PATIENCE = 3.0
"""Seconds after which an answer is not waited for any more."""
_STRIKES = 2
_QUICK, _SLOW = 0.08, 0.2
"""Seconds over the shortest time seen at which the window grows, or shrinks."""


class _Mark(NamedTuple):
    total: int
    under_way: int
    asked_at: float


class FlowControl:
    """Counts what is under way. All times are monotonic seconds, all amounts bytes."""

    def __init__(self) -> None:
        self._answers = False
        self._total = self._arrived = 0
        self._window = _SMALLEST_WINDOW
        self._marks: deque[_Mark] = deque()
        self._sent_at = 0.0
        self._shortest = _PATIENCE
        self._strikes = 0

    @property
    def under_way(self) -> int:
        """Bytes that were sent and are not known to have arrived."""
        return self._total - self._arrived

    @property
    def is_asking(self) -> bool:
        """Whether an answer is still to come."""
        return bool(self._marks)

    def wants_probe(self, count: int) -> bool:
        """Return whether to add the question to ``count`` bytes that are about to be sent."""
        since = self._marks[-1].total if self._marks else self._arrived
        return self._answers and self._total + count - since >= _PROBE_EVERY

    def sent(self, count: int, now: float, *, probed: bool = False) -> None:
        """Note that bytes are under way, with the question at their end if ``probed``."""
        self._total += count
        self._sent_at = now
        if probed:
            self._marks.append(_Mark(self._total, self.under_way, now))

    def answered(self, now: float) -> None:
        """Note an answer of the terminal."""
        self._answers = self._strikes < _STRIKES
        if not self._marks:
            return
        mark = self._marks.popleft()
        self._arrived = max(self._arrived, mark.total)
        taken = now - mark.asked_at
        self._shortest = min(self._shortest, taken)
        if taken > self._shortest + _SLOW:
            self._window = max(mark.under_way // 2, _SMALLEST_WINDOW)
        elif taken < self._shortest + _QUICK and mark.under_way > self._window // 2:
            # Only a window that was made use of says that a wider one would do as well.
            self._window = min(self._window * 2, _LARGEST_WINDOW)

    def wait(self, now: float) -> float:
        """Return how many seconds to wait before sending more, unless an answer comes first."""
        if not self._answers:
            return 0.0
        if not self._marks:
            if now - self._sent_at >= _QUIET:
                self._arrived = self._total
            return 0.0
        if self.under_way < self._window:
            return 0.0
        left = self._marks[0].asked_at + _PATIENCE - now
        if left <= 0:
            self._give_up()
        return max(0.0, left)

    def _give_up(self) -> None:
        """Stop waiting; a terminal that keeps silent again and again is not asked any more."""
        self._marks.clear()
        self._arrived = self._total
        self._strikes += 1
        self._answers = self._strikes < _STRIKES
