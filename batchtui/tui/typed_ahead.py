"""Keys that come before the screen that they would act on can be seen."""

import time
from collections import deque
from collections.abc import Callable, Iterable
from weakref import WeakKeyDictionary, WeakSet

from textual import events
from textual.app import ScreenStackError
from textual.message import Message
from textual.message_pump import MessagePump
from textual.screen import ModalScreen, Screen
from textual.widgets import Input
from textual.worker import Worker

from batchtui.tui.screens.base_screen import SteadyScreen
from batchtui.tui.screens.command_screen import DIALOG

_MOST = 500
"""Events that are held; a cat on the keyboard types more."""
_PATIENCE = 2.0
"""For how many seconds an event waits for what an earlier one began: what is slow, or never asks,
must not make the app deaf."""


class CameThrough(Message):
    """Follows an event through the widgets, and arrives at the app when all have dealt with it."""


class TypedAhead:
    """Lets what is typed act one by one, each on what the one before it led to.

    A slow line delivers a key and what was typed after it in one piece: it waits until the screen
    that the key opens can be seen. What was typed before a question could be read is no answer to
    it, and is dropped. So is a click: it was meant for the picture that is being replaced.

    Args:
        top: Returns the screen that keys act on.
        workers: Returns what runs beside the screens.
    """

    def __init__(
        self, top: Callable[[], Screen[object]], workers: Callable[[], Iterable[Worker[object]]]
    ) -> None:
        self._top = top
        self._workers = workers
        self._held: deque[events.Event] = deque(maxlen=_MOST)
        self._last: events.Event | None = None
        """The last event that was handed on, while it may still be on its way."""
        self._target: MessagePump | None = None
        """To whom it went first."""
        self._follower: CameThrough | None = None
        self._began = 0.0
        """When the last event was handed on, on the monotonic clock."""
        self._askers: WeakKeyDictionary[object, Worker[object]] = WeakKeyDictionary()
        """Who shows a question, by its screen."""
        self._have_asked: WeakSet[Worker[object]] = WeakSet()
        """Whose question was seen, or was waited for in vain."""

    def __len__(self) -> int:
        """Return how many events wait."""
        return len(self._held)

    def holds(self, event: events.Event) -> bool:
        """Hold an event back if it must wait; return whether it may not act now."""
        if isinstance(event, events.MouseEvent):
            return not self._is_seen()
        if not self._held and self._is_ready():
            return False
        self._held.append(event)
        return True

    def next(self) -> events.Event | None:
        """Return the next event that may be acted on now."""
        return self._held.popleft() if self._held and self._is_ready() else None

    def handed_on(self, event: events.Event, target: MessagePump) -> None:
        """Note that an event is on its way.

        Args:
            event: The event.
            target: Who takes it first; it goes up from there to the app, unless somebody stops it.
        """
        self._began = time.monotonic()
        self._last, self._target, self._follower = event, target, None

    def dealt_with(self, event: events.Event) -> None:
        """Note that an event has come up to the app, and was acted on there."""
        if self._last is event:
            self._last = None

    def came_through(self, follower: CameThrough) -> None:
        """Note that the event before ``follower`` has been dealt with."""
        if self._follower is follower:
            self._last = None

    def follow(self) -> None:
        """Where events wait, send something after the one that is on its way.

        That may be stopped by a widget, and would not be heard of again.
        """
        if not self._held or self._last is None or self._follower is not None:
            return
        self._follower = CameThrough()
        if self._target is None or not self._target.post_message(self._follower):
            self._last = None

    def asks(self, worker: Worker[object], screen: object) -> None:
        """Note that a worker is about to show its question; that may take a moment."""
        self._askers[screen] = worker

    def shown(self) -> None:
        """Note that a screen can be seen now: keys before it were no answer to its question."""
        if (asker := self._askers.get(self._top())) is not None:
            self._have_asked.add(asker)
        is_question = self._is_seen() and isinstance(self._top(), ModalScreen)
        if is_question and not self._top().query(Input):
            self._held.clear()

    def _is_ready(self) -> bool:
        if not self._is_seen():
            return False
        opening = [worker for worker in self._workers() if self._is_opening(worker)]
        if time.monotonic() - self._began < _PATIENCE:
            return self._last is None and not opening
        # nothing waits for them again
        self._have_asked.update(opening)
        return True

    def _is_opening(self, worker: Worker[object]) -> bool:
        is_asking = worker.group == DIALOG and worker not in self._have_asked
        return is_asking and not worker.is_finished

    def _is_seen(self) -> bool:
        try:
            screen = self._top()
        except ScreenStackError:
            return False
        return screen.is_shown if isinstance(screen, SteadyScreen) else screen.is_mounted
