"""A timer of which only the last start counts."""

from collections.abc import Callable

from textual.timer import Timer


class RestartedTimer:
    """Calls something a while after it was started last.

    Args:
        set_timer: Makes a timer: that of the widget it belongs to.
        then: What to call.
    """

    def __init__(
        self,
        set_timer: Callable[[float, Callable[[], None]], Timer],
        then: Callable[[], None],
    ) -> None:
        self._set_timer = set_timer
        self._then = then
        self._timer: Timer | None = None

    def start(self, seconds: float) -> None:
        """Call it in so many seconds, and not when it would have been called before."""
        if self._timer is not None:
            self._timer.stop()
        self._timer = self._set_timer(seconds, self._then)
