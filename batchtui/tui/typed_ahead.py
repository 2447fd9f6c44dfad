"""Keys that come before the screen that they would act on can be seen."""

from collections import deque
from collections.abc import Callable

from textual import events
from textual.app import ScreenStackError
from textual.screen import ModalScreen, Screen
from textual.widgets import Input

from batchtui.tui.screens.base_screen import SteadyScreen

_MOST = 500
"""Events that are held; a cat on the keyboard types more."""


class TypedAhead:
    """Holds what is typed while a screen is being made, and gives it back in its order.

    What was typed before a question could be read is no answer to it, and is dropped. So is a
    click: it was meant for the picture that is being replaced.

    Args:
        top: Returns the screen that keys act on.
    """

    def __init__(self, top: Callable[[], Screen[object]]) -> None:
        self._top = top
        self._held: deque[events.Event] = deque(maxlen=_MOST)

    def holds(self, event: events.Event) -> bool:
        """Hold an event back if it must wait; return whether it does."""
        if not self._held and self._is_seen():
            return False
        if not isinstance(event, events.MouseEvent):
            self._held.append(event)
        return True

    def next(self) -> events.Event | None:
        """Return the next event that may be acted on now."""
        return self._held.popleft() if self._held and self._is_seen() else None

    def shown(self) -> None:
        """Note that a screen can be seen now: keys before it were no answer to its question."""
        is_question = self._is_seen() and isinstance(self._top(), ModalScreen)
        if is_question and not self._top().query(Input):
            self._held.clear()

    def _is_seen(self) -> bool:
        try:
            screen = self._top()
        except ScreenStackError:
            return False
        return screen.is_shown if isinstance(screen, SteadyScreen) else screen.is_mounted
