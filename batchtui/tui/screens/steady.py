"""What every screen and dialog has in common: it settles, is seen once, and is left once."""

from typing import Generic

from textual import events
from textual.await_complete import AwaitComplete
from textual.message import Message
from textual.screen import Screen, ScreenResultType


class SteadyScreen(Screen[ScreenResultType], Generic[ScreenResultType]):
    """A screen to which a size that is not the app's is no news, and which is left once.

    Textual's layout posts the new size to the screen itself. Of two resizes in one queue each would
    call the other one back, for ever.
    """

    is_shown = False
    """Whether it was painted whole."""
    _is_left = False

    class Shown(Message):
        """The screen was painted whole for the first time."""

    def on_mount(self) -> None:
        """Tell when it is painted."""
        self.call_after_refresh(self._note_shown)

    def _note_shown(self) -> None:
        self.is_shown = True
        self.post_message(self.Shown())

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Leave the screen; the second key of two that leave it does nothing."""
        if self._is_left:
            return AwaitComplete()
        self._is_left = True
        return super().dismiss(result)

    async def on_event(self, event: events.Event) -> None:
        """Take an event, but for an older size, and for what comes too late for a left screen."""
        is_old = isinstance(event, events.Resize) and event.size != self.app.size
        # left while it was being made: it was told to go on, but has nothing in it
        is_empty = isinstance(event, events.Mount) and not self.children
        if not (is_old or is_empty):
            await super().on_event(event)
