"""What any app of ours has: input that acts on what was seen, messages, and screens over others."""

import asyncio
import signal
import sys
import time
from collections.abc import Callable, Coroutine
from functools import partial
from typing import TYPE_CHECKING, overload

from textual import events, on
from textual.app import App
from textual.driver import Driver
from textual.notifications import SeverityLevel
from textual.screen import Screen, ScreenResultType
from textual.timer import Timer
from textual.worker import Worker, get_current_worker

from batchtui.config.theme_spec import ThemeSpec
from batchtui.errors import BatchtuiError
from batchtui.tui import messages
from batchtui.tui.messages import CopyWanted
from batchtui.tui.screens.base_screen import SteadyScreen
from batchtui.tui.terminal.channel import Channel
from batchtui.tui.textual_theme import default_variables, to_textual
from batchtui.tui.typed_ahead import CameThrough, TypedAhead
from batchtui.untrusted import visible, visible_lines

if TYPE_CHECKING:
    from batchtui.tui.screens.dialogs.dialog import Dialog

_ERROR_SECONDS = 10
"""How long an error stays: it has to be read to the end."""
_LONGEST_HOLD = 1.0
"""After how many seconds a screen is shown that never said that it is complete."""
_LOOK_AGAIN = 0.02
"""After how many seconds to look whether what was typed ahead may act."""
_FROM_SIGNAL = 128
"""What a shell adds to the number of the signal that ended a program."""


class BaseApp(App[int]):
    """Handles keys and pastes, shows messages and screens; knows nothing of batches."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(
        self, *, driver_class: type[Driver] | None, css_path: list[str], channel: Channel
    ) -> None:
        super().__init__(driver_class=driver_class, css_path=[*css_path])
        self._channel = channel
        self._unfinished: dict[object, Timer] = {}
        """Screens that are being made: until they are complete the terminal shows what it did, but
        not longer than the timer runs."""
        self._typed_ahead = TypedAhead(lambda: self.screen, lambda: self.workers)
        self._looks_again = False
        self._said: dict[tuple[str, str], float] = {}
        """Until when, on the monotonic clock, a title and message are on the screen."""
        self._modes_made = 0
        self.event_time = 0.0
        """When what is handled now was typed or clicked, on the clock that events carry: a screen
        may refuse what came before it showed something else."""

    def copy_to_clipboard(self, text: str) -> None:
        """Copy what is selected with the mouse or in a field; nothing is never copied."""
        if text:
            self.post_message(CopyWanted(text, "what is selected"))

    def _fatal_error(self) -> None:
        """Leave with a traceback that shows no values, and in which nothing acts.

        Textual's own shows the variables of every frame, and a key or an answer may be in one. It
        has no public way to choose another.
        """
        from rich.segment import Segment, Segments
        from rich.traceback import Traceback

        shown = self.console.render(Traceback(width=None), self.console.options)
        safe = (Segment(visible_lines(text), style) for text, style, _ in shown)
        self.panic(Segments(safe))

    def end_on_signals(self) -> None:
        """Leave as if by the key when told to end, or when the terminal is gone.

        Otherwise the process would end at once, with the terminal left as the app had set it up and
        without closing what is open. To be called in the app's event loop.
        """
        if self.is_headless or sys.platform == "win32":
            return
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(
                number, lambda code: self.exit(return_code=code), _FROM_SIGNAL + number
            )

    # What is said, asked and shown

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        """Show a message, unless the same one is still on the screen.

        Args:
            message: What to say; may quote untrusted text, which is never read as markup.
            title: What it is about; may quote untrusted text.
            severity: How loud; an error stays longer.
            timeout: For how many seconds.
            markup: Has no effect.
        """
        del markup
        title, message = visible(title), visible(message)
        seconds = timeout or (_ERROR_SECONDS if severity == "error" else self.NOTIFICATION_TIMEOUT)
        now = time.monotonic()
        self._said = {said: until for said, until in self._said.items() if until > now}
        if (title, message) not in self._said:
            self._said[title, message] = now + seconds
            super().notify(message, title=title, severity=severity, timeout=seconds, markup=False)

    def notify_error(self, error: BatchtuiError) -> None:
        """Show what went wrong and what to do about it."""
        self.notify(error.sentence, severity="error")

    def clear_notifications(self) -> None:
        """Take all messages off the screen."""
        self._said.clear()
        super().clear_notifications()
        for screen in self.screen_stack:
            # Textual takes them off the topmost one alone; others are seen around a question
            screen.query("ToastHolder").remove()

    def hold_picture(self, screen: object) -> None:
        """Let the terminal keep what it shows until a screen is complete."""
        # before the first one there is nothing to keep
        was_shown = isinstance(screen, SteadyScreen) and screen.is_shown
        if len(self.screen_stack) > 1 or was_shown:
            self._forget_hold(screen)
            self._channel.hold_picture(is_held=True)
            show = partial(self.show_picture, screen)
            self._unfinished[screen] = self.set_timer(_LONGEST_HOLD, show)

    def show_picture(self, screen: object) -> None:
        """Let the terminal show a screen, once all are complete."""
        self._forget_hold(screen)
        if not self._unfinished:
            self._channel.hold_picture(is_held=False)

    def _forget_hold(self, screen: object) -> None:
        if screen in self._unfinished:
            self._unfinished.pop(screen).stop()

    def push(
        self,
        screen: Screen[ScreenResultType],
        then: Callable[[ScreenResultType | None], None] | None = None,
    ) -> None:
        """Show a screen over the others, unless one of its kind is shown already."""
        # a key that was pressed twice asks twice
        if not isinstance(self.screen, type(screen)):
            self.push_screen(screen, then)

    @overload
    async def push_screen_wait(
        self, screen: Screen[ScreenResultType], *, mode: str | None = None
    ) -> ScreenResultType: ...

    @overload
    async def push_screen_wait(self, screen: str, *, mode: str | None = None) -> object: ...

    async def push_screen_wait(
        self, screen: Screen[ScreenResultType] | str, *, mode: str | None = None
    ) -> ScreenResultType | object:
        """Show a screen over the others, once nobody else is asking; return its result."""
        from batchtui.tui.screens.dialogs.dialog import Dialog

        worker = get_current_worker()
        while (question := self._question_of_other(worker)) is not None:
            await question.gone.wait()
        if isinstance(screen, Screen):
            self._typed_ahead.asks(worker, screen)
        if isinstance(screen, Dialog):
            screen.asker = worker
        return await super().push_screen_wait(screen, mode=mode)

    def _question_of_other(self, worker: Worker[object]) -> "Dialog[object] | None":
        """Return the question of somebody else that is open, which nothing may cover."""
        from batchtui.tui.screens.dialogs.dialog import Dialog

        top = self.screen
        if not isinstance(top, Dialog) or top.asker in (None, worker) or worker.node is top:
            return None
        return top

    async def ask(self, screen: Screen[ScreenResultType]) -> ScreenResultType | None:
        """Show a screen over the others; return what it is closed with. Only in a worker."""
        return await self.push_screen_wait(screen)

    def may_leave(self) -> bool:
        """Whether all screens may be left; says why not."""
        screens = (one for one in reversed(self.screen_stack) if isinstance(one, SteadyScreen))
        reason = next((one.why_stay for one in screens if one.why_stay), "")
        if reason:
            self.notify(reason, severity="warning")
        return not reason

    async def action_quit(self) -> None:
        """Leave the app, unless that would tear something off."""
        if self.may_leave():
            await super().action_quit()

    async def show_alone(self, screen: Screen[None]) -> None:
        """Show a screen in place of all others."""
        # a mode of its own: Textual replaces no screen that an app began with, but removes modes
        before = self.current_mode
        for left in self.screen_stack:
            if isinstance(left, SteadyScreen):
                left.end_work()
        self._modes_made += 1
        mode = f"account {self._modes_made}"
        self.add_mode(mode, lambda: screen)
        await self.switch_mode(mode)
        await self.remove_mode(before)

    def start(
        self, function: Callable[[], Coroutine[None, None, None]], group: str
    ) -> Worker[None]:
        """Run something beside the screens; an error of ours is shown."""
        return self.run_worker(self.attempt(function), group=group)

    async def attempt(self, function: Callable[[], Coroutine[None, None, None]]) -> None:
        """Do something at once; an error of ours is shown."""
        await messages.attempt(function, self.notify_error)

    async def on_event(self, event: events.Event) -> None:
        """Let what is typed wait for the screen that it is to act on."""
        if not _is_typed(event):
            await self._take(event)
            self._typed_ahead.dealt_with(event)
        elif not self._typed_ahead.holds(event):
            await self._hand_on(event)
        await self._catch_up()

    @on(SteadyScreen.Shown)
    async def _act_on_typed(self) -> None:
        """Act on what was typed before the screen could be seen."""
        if self.screen_stack:
            self._typed_ahead.shown()
            await self._catch_up()

    @on(CameThrough)
    async def _go_on(self, follower: CameThrough) -> None:
        """Act on what was typed after that."""
        self._typed_ahead.came_through(follower)
        await self._catch_up()

    async def _catch_up(self) -> None:
        while (typed := self._typed_ahead.next()) is not None:
            await self._hand_on(typed)
        self._typed_ahead.follow()
        if self._typed_ahead and not self._looks_again:
            # a screen may also turn out to open nothing, or be gone with what was on its way
            self._looks_again = True
            self.set_timer(_LOOK_AGAIN, self._look_again)

    async def _look_again(self) -> None:
        self._looks_again = False
        await self._catch_up()

    async def _hand_on(self, event: events.Event) -> None:
        """Give what was typed to the widget that has the focus, or else to the screen."""
        if isinstance(event, events.MouseEvent) or not self.screen_stack:
            await self._take(event)
            return
        self._typed_ahead.handed_on(event, self.focused or self.screen)
        await self._take(event)
        if not event.is_forwarded:
            self._typed_ahead.dealt_with(event)

    async def _take(self, event: events.Event) -> None:
        if isinstance(event, events.InputEvent | events.Paste):
            if not self.screen_stack:
                return
            screen = self.screen
            if isinstance(screen, SteadyScreen) and not screen.heeds(event):
                # on its way up it comes by here again, and may find another screen
                event.stop()
                return
            self.event_time = event.time
        await super().on_event(event)

    def on_key(self, event: events.Key) -> None:
        """Say why, if it is the key of a command that is not possible now."""
        if isinstance(self.screen, SteadyScreen):
            self.screen.explain_refusal(event.key)

    def on_paste(self, event: events.Paste) -> None:
        """Take what no widget took: a paste is text, and acts on nothing."""
        if event.text:
            self.notify(f"Nothing here takes text: {len(event.text):,} pasted characters dropped")

    # Themes

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Values for our own variables under themes that are not ours."""
        return default_variables()

    @property
    def theme_shown(self) -> str:
        """The name of the theme that is shown."""
        return self.theme

    def show_theme(self, name: str) -> None:
        """Show a theme that was shown before."""
        self.theme = name

    def try_on(self, theme: ThemeSpec) -> None:
        """Show a theme, without saying that it counts."""
        self.register_theme(to_textual(theme))
        self.theme = theme.name


def _is_typed(event: events.Event) -> bool:
    """Return whether it comes from the terminal, and not up from a widget."""
    return isinstance(event, events.InputEvent | events.Paste) and not event.is_forwarded
