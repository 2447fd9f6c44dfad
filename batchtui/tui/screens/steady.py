"""What every screen and dialog has in common: it settles, however the window was resized."""

from typing import Generic

from textual import events
from textual.screen import Screen, ScreenResultType


class SteadyScreen(Screen[ScreenResultType], Generic[ScreenResultType]):
    """A screen to which a size that is not the app's is no news.

    Textual's layout posts the new size to the screen itself. Of two resizes in one queue each would
    call the other one back, for ever.
    """

    async def on_event(self, event: events.Event) -> None:
        """Take an event, but for an older size."""
        if isinstance(event, events.Resize) and event.size != self.app.size:
            return
        await super().on_event(event)
