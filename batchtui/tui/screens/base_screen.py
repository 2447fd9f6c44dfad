"""What every screen and dialog has in common: it settles, knows when it was seen, is left once."""

import asyncio
import math
from typing import Generic

from textual import events, on
from textual.await_complete import AwaitComplete
from textual.geometry import Offset
from textual.message import Message
from textual.screen import Screen, ScreenResultType
from textual.widget import Widget
from textual.worker import active_worker


class SteadyScreen(Screen[ScreenResultType], Generic[ScreenResultType]):
    """A screen to which a size that is not the app's is no news, and which is left once.

    Textual's layout posts the new size to the screen itself. Of two resizes in one queue each would
    call the other one back, for ever.
    """

    is_shown = False
    """Whether it was painted whole."""
    seen_at: float = math.inf
    """Since when it has been on the screen, on the clock that events carry; infinite: not yet."""
    is_left = False
    """Whether it was dismissed, though it may still be there."""
    _waits_to_leave = False
    _result: ScreenResultType | None = None

    class Shown(Message):
        """The screen was painted whole for the first time."""

    def on_mount(self) -> None:
        """Tell when it is painted."""
        self.call_after_refresh(self._note_shown)

    def _note_shown(self) -> None:
        self.is_shown = True
        self.note_seen()
        self.post_message(self.Shown())

    @on(events.ScreenResume)
    def come_back(self) -> None:
        """Go if that was asked for meanwhile; else note when it can be seen again."""
        if self._waits_to_leave:
            self._waits_to_leave = False
            self.dismiss(self._result)
            return
        self.seen_at = math.inf
        self.call_after_refresh(self.note_seen)

    def note_seen(self) -> None:
        """Note that what stands here is on the screen now, unless it was already."""
        self.seen_at = min(self.seen_at, Message().time)

    def get_widget_and_offset_at(self, x: int, y: int) -> tuple[Widget | None, Offset | None]:
        """Return what is under the mouse; what was just taken away is still painted there."""
        widget, offset = super().get_widget_and_offset_at(x, y)
        is_there = widget is not None and (widget is self or widget.parent is not None)
        return (widget, offset) if is_there else (None, None)

    def heeds(self, event: events.Event) -> bool:
        """Whether what a person did may act here."""
        del event
        return not self.is_left and self.is_attached

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Leave the screen, once; while another one is over it, as soon as that is gone."""
        if self.is_left:
            return AwaitComplete()
        if self.app.screen is not self:
            self._waits_to_leave, self._result = True, result
            return AwaitComplete()
        self.is_left = True
        self.end_work()
        return super().dismiss(result)

    def end_work(self) -> None:
        """End what runs beside the screen, but for who calls.

        Textual does so only when the widgets are gone already, which that work may still write to.
        """
        for worker in self.workers:
            if worker.node is self and worker is not active_worker.get(None):
                worker.cancel()

    async def on_event(self, event: events.Event) -> None:
        """Take an event, but for an older size, and for what comes too late for a left screen."""
        is_old = isinstance(event, events.Resize) and event.size != self.app.size
        # left while it was being made: it was told to go on, but has nothing in it
        is_empty = isinstance(event, events.Mount) and not self.children
        if not (is_old or is_empty):
            await super().on_event(event)


async def end_workers(node: Widget) -> None:
    """End what a screen or a pane runs beside itself, and wait until it has ended.

    Args:
        node: The screen or pane, which is about to give back what that works with.
    """
    mine = [worker for worker in node.workers if worker.node is node]
    for worker in mine:
        worker.cancel()
    await asyncio.gather(*(worker.wait() for worker in mine), return_exceptions=True)
