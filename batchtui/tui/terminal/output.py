"""The thread that writes to the terminal, at the speed of the terminal."""

import os
import select
import time
from collections.abc import Callable
from threading import Condition, Thread

from batchtui.tui.terminal.flow import PROBE, FlowControl
from batchtui.tui.terminal.frames import Frames

_PIECE = 2048
"""Bytes written at a time: a terminal that has stopped reading holds up no more than these."""
_LONGEST_DRAIN = 2.0
_LONGEST_SETTLE = 0.4


class TerminalOutput:
    """Sends the newest frame whenever the terminal can take it.

    Only this thread ever waits for the terminal. While it waits, newer frames replace older ones
    in `Frames`; nothing queues up.

    Args:
        descriptor: The terminal.
        frames: Where Textual's output goes.
        measure: Returns columns and lines of the terminal.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        descriptor: int,
        frames: Frames,
        measure: Callable[[], tuple[int, int]],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._descriptor = descriptor
        self._frames = frames
        self._measure = measure
        self._must_measure = False
        self._clock = clock
        self._flow = FlowControl()
        self._may_ask = True
        # Signal handlers of the driver write as well, perhaps while the same thread holds this:
        # a condition's lock may be taken again by its holder.
        self._condition = Condition()
        self._is_stopping = False
        self._is_gone = False
        self._has_failed = False
        self._is_idle = True
        self._thread = Thread(target=self._run, name="batchtui-output", daemon=True)

    @property
    def is_trusted(self) -> bool:
        """Whether this can go on; if not, Textual's own way must take over. See `Frames`."""
        return self._frames.is_trusted and not self._has_failed

    def start(self) -> None:
        """Start writing."""
        self._thread.start()

    def feed(self, data: str) -> None:
        """Take what Textual writes. Never waits for the terminal."""
        with self._condition:
            self._follow_size()
            self._frames.feed(data)
            if self._frames.has_work:
                self._condition.notify_all()

    def hold(self, *, is_held: bool) -> None:
        """Keep what the terminal shows, or send what there is now."""
        with self._condition:
            self._frames.is_held = is_held
            self._condition.notify_all()

    def resized(self) -> None:
        """Note that the size of the terminal has changed, perhaps. May be called by a signal."""
        self._must_measure = True
        with self._condition:
            self._condition.notify_all()

    def answered(self) -> None:
        """Note that the terminal has answered the question that `FlowControl` asks."""
        with self._condition:
            self._flow.answered(self._clock())
            self._condition.notify_all()

    def settle(self) -> None:
        """Ask nothing more, and wait briefly for answers, which would else go to the shell."""
        with self._condition:
            self._may_ask = False
            self._condition.wait_for(lambda: not self._flow.is_asking, _LONGEST_SETTLE)

    def drain(self) -> bool:
        """Wait until all is written, but not forever.

        Returns:
            Whether all is written.
        """
        with self._condition:
            self._condition.notify_all()
            return self._condition.wait_for(
                lambda: self._is_gone or (self._is_idle and not self._frames.has_work),
                _LONGEST_DRAIN,
            )

    def stop(self) -> None:
        """Write what is left and end the thread; a terminal that does not read is left behind."""
        with self._condition:
            self._may_ask = False
            self._is_stopping = True
            self._condition.notify_all()
        self._thread.join(_LONGEST_DRAIN)

    def _run(self) -> None:
        try:
            while (data := self._next()) is not None:
                self._write(data)
        except OSError:
            # The terminal is gone; the app is told by a signal, and by its input.
            self._end()
        except BaseException:
            # A defect here must not leave the user before a picture that stands still.
            self._has_failed = True
            self._end()
            raise
        else:
            self._end()

    def _end(self) -> None:
        with self._condition:
            self._is_gone = True
            self._condition.notify_all()

    def _next(self) -> bytes | None:
        """Wait until there is something to write and room for it; ``None`` at the end."""
        with self._condition:
            self._is_idle = True
            self._condition.notify_all()
            self._follow_size()
            while not self._may_write():
                if self._is_stopping and not self._frames.has_work:
                    return None
                self._condition.wait(self._pause())
                self._follow_size()
            self._is_idle = False
        # Wait for room before looking at the screen: what is shown then is the newest.
        self._wait_for_room()
        with self._condition:
            self._follow_size()
            data = self._frames.take().encode(errors="replace")
            now = self._clock()
            probed = self._may_ask and self._flow.wants_probe(len(data))
            if probed:
                data += PROBE.encode()
            self._flow.sent(len(data), now, probed=probed)
            return data

    def _follow_size(self) -> None:
        """Take the new size over: not when the signal comes, which may be amid a frame."""
        if self._must_measure:
            self._must_measure = False
            self._frames.resize(*self._measure())

    def _may_write(self) -> bool:
        return self._frames.has_work and (self._is_stopping or not self._pause())

    def _pause(self) -> float | None:
        """Seconds to wait for the terminal; ``None`` is until something happens."""
        if not self._frames.has_work:
            return None
        return self._flow.wait(self._clock())

    def _wait_for_room(self) -> None:
        select.select([], [self._descriptor], [])

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            self._wait_for_room()
            view = view[os.write(self._descriptor, view[:_PIECE]) :]
