"""What every screen and dialog has in common: it settles, knows when it was seen, is left once."""

import asyncio
import math
import time
from collections.abc import Sequence
from typing import Generic, Protocol, runtime_checkable

from textual import events, on
from textual.await_complete import AwaitComplete
from textual.geometry import Offset, Region, Size
from textual.message import Message
from textual.screen import ModalScreen, Screen, ScreenResultType
from textual.widget import Widget
from textual.worker import active_worker

_LOOK_AGAIN = 0.01
"""Seconds between two looks whether a screen is complete."""
LONGEST_HOLD = 0.25
"""Seconds after which a screen is shown as it is: a key must be seen to do something."""
_FEW_ROUNDS = 3
"""How often it is laid out at least before that, however slow the machine is."""


@runtime_checkable
class PictureApp(Protocol):
    """What a screen uses of an app that can keep the picture of before."""

    def hold_picture(self, screen: object) -> None:
        """Let the terminal keep what it shows until a screen is complete."""

    def show_picture(self, screen: object) -> None:
        """Let the terminal show it."""


class SteadyScreen(Screen[ScreenResultType], Generic[ScreenResultType]):
    """A screen to which a size that is not the app's is no news, and which is left once.

    Textual's layout posts the new size to the screen itself. Of two resizes in one queue each would
    call the other one back, forever.

    It is painted once, complete: until its widgets are laid out and have what they show, the
    terminal keeps the picture of before.
    """

    is_shown = False
    """Whether it was painted whole."""
    seen_at: float = math.inf
    """Since when it has been on the screen, on the clock that events carry; infinite: not yet."""
    free_since: float = -math.inf
    """Since when no question lies over it, on the same clock; infinite: one does."""
    is_left = False
    """Whether it was dismissed, though it may still be there."""
    _held_until = 0.0
    _rounds = 0
    _sizes: Sequence[tuple[Region, Size, int]] = ()
    """Where its widgets are, when that was looked at last."""
    _waits_to_leave = False
    _result: ScreenResultType | None = None

    class Shown(Message):
        """The screen was painted whole for the first time."""

    def on_mount(self) -> None:
        """Tell when it is painted."""
        self.paint_once()

    def paint_once(self, longest: float = LONGEST_HOLD) -> None:
        """Let the terminal keep what it shows until this screen is complete, as it is now to be.

        Args:
            longest: Seconds after which it is shown as it is.
        """
        self._held_until, self._rounds, self._sizes = time.monotonic() + longest, 0, ()
        if isinstance(self.app, PictureApp):
            self.app.hold_picture(self)
        self.call_after_refresh(self._show_if_complete)

    @property
    def why_stay(self) -> str:
        """Why neither app nor account may be left now, as a sentence; empty: they may."""
        return ""

    def explain_refusal(self, key: str) -> None:
        """Say why a key does nothing, where there is something to say."""

    def is_complete(self) -> bool:
        """Return whether everything is there that it is to show at first."""
        return True

    def _show_if_complete(self) -> None:
        before = self._sizes
        self._sizes = [
            (one.region, one.virtual_size, one.max_scroll_y) for one in self.walk_children(Widget)
        ]
        # what widgets fit to their sizes may change these again
        is_ready = self._sizes == before and self.is_complete()
        self._rounds += 1
        is_late = time.monotonic() > self._held_until
        if is_ready or (is_late and self._rounds > _FEW_ROUNDS):
            self.call_after_refresh(self._note_shown)
        else:
            self.set_timer(_LOOK_AGAIN, self._check_when_painted)

    def _check_when_painted(self) -> None:
        self.call_after_refresh(self._show_if_complete)

    @on(events.Unmount)
    def end_hold(self) -> None:
        """Hold nothing up any more."""
        if isinstance(self.app, PictureApp):
            self.app.show_picture(self)

    def _note_shown(self) -> None:
        if isinstance(self.app, PictureApp):
            self.app.show_picture(self)
        self.note_seen()
        if not self.is_shown:
            self.is_shown = True
            self.post_message(self.Shown())

    @on(events.ScreenSuspend)
    def give_way(self) -> None:
        """Note whether it is a question that covers it."""
        self.free_since = math.inf if isinstance(self.app.screen, ModalScreen) else -math.inf

    @on(events.ScreenResume)
    def come_back(self) -> None:
        """Go if that was asked for meanwhile; else note when it can be seen again."""
        if self._waits_to_leave:
            self._waits_to_leave = False
            self.dismiss(self._result)
            return
        self.free_since = min(self.free_since, Message().time)
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
        """Return whether what a person did may act here."""
        del event
        return not self.is_left and self.is_attached

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Leave the screen, once; while another one is over it, as soon as that is gone."""
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
        # left, or the app was, while it was being made: it is told to go on without its widgets
        is_unmade = isinstance(event, events.Mount) and not (self.children and self.app.is_running)
        if not (is_old or is_unmade):
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
