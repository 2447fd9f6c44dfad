"""The screen all others are made of: commands that are possible or say why not."""

import inspect
import math
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from functools import cached_property, partial
from typing import ClassVar, Generic, Never, Protocol, TypeVar, runtime_checkable

from textual import events, on
from textual.reactive import reactive
from textual.screen import Screen, ScreenResultType
from textual.worker import Worker

from batchtui.batches.rules import ALLOWED, NOT_KEPT, READ_ONLY, Availability
from batchtui.errors import BatchtuiError
from batchtui.formatting import enumerate_words
from batchtui.tui import messages
from batchtui.tui.commands.bindings import dispatched
from batchtui.tui.commands.command import Access, Command, Need, shown_key
from batchtui.tui.commands.general import EVERYWHERE, ShowCommands, ShowHelp
from batchtui.tui.lines import Line
from batchtui.tui.messages import Failed
from batchtui.tui.screens.base_screen import SteadyScreen
from batchtui.tui.setup import EffectiveSettings
from batchtui.tui.widgets.action_bar import ActionBar, ActionItem
from batchtui.tui.widgets.line_list import LineList

ChoiceT = TypeVar("ChoiceT")

DIALOG = "dialog"
"""The group of what asks the user something."""
NARROW, WIDE = 60, 110
"""Columns from which the list and the detail are both shown, and shown side by side."""
WIDTHS = [(0, "-tiny"), (NARROW, "-narrow"), (WIDE, "-wide")]
"""The class of the screen from so many columns on."""
_WITHIN_WORD = 0.5
"""Seconds between two letters of a word, at most."""


def set_at_once() -> Never:
    """Stand for the first value of a reactive that is given one before anything can ask.

    Raises:
        AssertionError: Always: it was not.
    """
    raise AssertionError("it is set before anything can ask")


@runtime_checkable
class ScreensApp(Protocol):
    """What screens use of the app that shows them, besides what every Textual app has."""

    @property
    def effective(self) -> EffectiveSettings:
        """The settings as they count now; a reactive."""

    @property
    def event_time(self) -> float:
        """When what is handled now was typed or clicked, on the clock that events carry."""


class CommandScreen(SteadyScreen[ScreenResultType], Generic[ScreenResultType]):
    """A screen whose keys, action bar, palette and help come from one list of commands.

    A subclass sets ``OFFERED``, of which its bindings are made, and has a method of the name
    of each command, which may be async. What its commands need it says in `needs`: `check_action`
    reads that, the action bar dims by it, and a key that is refused is answered with the reason.
    """

    OFFERED: ClassVar[Sequence[type[Command]]] = ()
    """The screen's own commands, those of the action bar first."""
    _BY_ID: ClassVar[Mapping[str, type[Command]]] = {}
    """All commands that can be given here: each key asks for each of them."""

    HORIZONTAL_BREAKPOINTS = WIDTHS

    needs: reactive[Mapping[Need, Availability]] = reactive({}, repaint=False)
    """Whether what commands need is there, and if not why; what is missing here is there. The
    right to change the account is in the settings."""

    def __init_subclass__(cls) -> None:
        cls._BY_ID = {command.id(): command for command in (*cls.OFFERED, *EVERYWHERE)}
        if "OFFERED" in vars(cls):
            cls.BINDINGS = [*dispatched(cls.OFFERED), *vars(cls).get("BINDINGS", ())]
        super().__init_subclass__()

    def __init__(self) -> None:
        super().__init__()
        self.actions = ActionBar(classes="chrome")
        """What can be done, for `compose` to put in its place."""
        self._explained: set[type[Command]] = set()
        """Commands of which was said that their key has moved."""
        self._refused_at = -math.inf
        """When a key was typed last that did nothing."""

    def on_mount(self) -> None:
        """Follow the settings for as long as the screen is open."""
        self.watch(self.app, "effective", self._take_over, init=False)
        self._draw_cursors()

    def on_resize(self) -> None:
        """Lay everything out for the new size."""
        self.call_after_refresh(self.fit)

    def fit(self) -> None:
        """Lay everything out for the size as it is now."""
        self.show()

    def show(self) -> None:
        """Hand every widget its value."""
        self.show_actions()

    @cached_property
    def own_app(self) -> ScreensApp:
        """The app, known to be one of ours.

        Raises:
            TypeError: It is another one, which cannot show these screens.
        """
        app = self.app
        if not isinstance(app, ScreensApp):
            raise TypeError(f"{type(app).__name__} lacks what screens use of their app")
        return app

    @property
    def effective(self) -> EffectiveSettings:
        """The settings as they count now, with the signs to draw with."""
        return self.own_app.effective

    @property
    def keymap(self) -> Mapping[str, str]:
        """The keys that the settings change, comma separated, by the id of the command."""
        return self.effective.loaded.settings.keys

    def key_of(self, command: type[Command]) -> str:
        """Return the key of a command as it is set now, for every text that names one."""
        return shown_key(self.keymap, command)

    def _take_over(self) -> None:
        self._draw_cursors()
        self.take_over_settings()

    def _draw_cursors(self) -> None:
        for one in self.query(LineList):
            one.cursor_glyph = self.effective.glyphs.cursor

    def take_over_settings(self) -> None:
        """Show everything as changed settings say. Others may be shown over this screen then."""
        self.fit()

    def command_owners(self) -> Sequence[object]:
        """Return who has the methods of the commands: this screen, then its panes."""
        return (self,)

    def help_lines(self) -> tuple[Line, ...]:
        """Return what the help of this screen adds to the keys."""
        return ()

    @property
    def asks_for_own_help(self) -> bool:
        """Whether what the user does now is explained by `help_lines` rather than by the keys."""
        return False

    def availability_of(self, command: type[Command]) -> Availability:
        """Return whether a command is possible now, and if not why."""
        settings = self.effective.loaded.settings
        if Access.WRITE in command.needs and settings.read_only:
            return READ_ONLY
        if Access.KEEP in command.needs and not settings.keep_results:
            return NOT_KEPT
        answers = (self.needs.get(need, ALLOWED) for need in command.needs)
        return next((answer for answer in answers if not answer), ALLOWED)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Gray a command that is not possible now."""
        command = self._BY_ID.get(str(parameters[0])) if action == "command" else None
        return True if command is None or self.availability_of(command) else None

    def heeds(self, event: events.Event) -> bool:
        """Return whether what was done was not meant for a question that lay over this screen.

        The answer to it may be typed twice, and the second time runs nothing. To leave is always
        safe, and so are keys that only move.
        """
        is_for_question = event.time < self.free_since
        return not (is_for_question and self._may_act(event)) and super().heeds(event)

    def _may_act(self, event: events.Event) -> bool:
        if not isinstance(event, events.Key):
            return isinstance(event, events.MouseDown | events.MouseUp)
        active = self.active_bindings.get(event.key)
        command = self._BY_ID.get(active.binding.id or "") if active is not None else None
        return command is not None and event.key != "escape"

    def explain_refusal(self, key: str) -> None:
        """Say why, if ``key`` is that of a command that is not possible now.

        Not for each letter of a word that was typed where there is no field.
        """
        active = self.active_bindings.get(key)
        if active is not None and active.enabled:
            return
        now = self.own_app.event_time
        is_within_word = now - self._refused_at < _WITHIN_WORD
        self._refused_at = now
        if is_within_word:
            return
        if active is None:
            if not self._explain_move(key):
                self.explain_place(key)
            return
        command = self._BY_ID.get(active.binding.id or "")
        if command is not None and not (availability := self.availability_of(command)):
            self.notify(availability.reason, severity="warning")

    def _explain_move(self, key: str) -> bool:
        """Say once where the command is that a key used to run; return whether it ran one."""
        for command in self.OFFERED:
            if key in command.moved_from.split(",") and command not in self._explained:
                self._explained.add(command)
                self.notify(f"{command.label} is {self.key_of(command)} now")
                return True
        return False

    def explain_place(self, key: str) -> None:
        """Say on which screens a key runs something that cannot be done here."""
        from batchtui.tui.commands.catalog import ALL_COMMANDS

        there = [
            command
            for command in ALL_COMMANDS
            if key in (self.keymap.get(command.id()) or command.keys).split(",")
        ]
        if there and there[0] in EVERYWHERE:
            self.notify(f"{there[0].label} is not possible here: Esc goes back")
        elif there:
            places = list(dict.fromkeys(command.group.value for command in there))
            where = enumerate_words(places)
            self.notify(f"{there[0].label} is not possible here: it works in {where}")

    @on(Failed)
    def show_failure(self, failed: Failed) -> None:
        """Say why a pane failed."""
        self.notify_error(failed.error)

    def notify_error(self, error: BatchtuiError) -> None:
        """Show what went wrong and what to do about it."""
        self.notify(error.sentence, severity="error")

    def start(
        self,
        function: Callable[[], Coroutine[None, None, None]],
        group: str,
        *,
        is_exclusive: bool = True,
    ) -> Worker[None]:
        """Run something beside the screen; an error of ours is shown.

        Args:
            function: What to run; not called at all if it is replaced before its turn came.
            group: Its name; what is exclusive ends what runs in the group.
            is_exclusive: Whether it is exclusive. In the group of dialogs, what asks goes on
                instead: of two keys pressed fast the second opens nothing.
        """
        if group == DIALOG:
            asking = (one for one in self.workers if one.node is self and one.group == DIALOG)
            busy = next((one for one in asking if not one.is_finished), None)
            if busy is not None:
                return busy

        return self.run_worker(partial(self.attempt, function), group=group, exclusive=is_exclusive)

    async def attempt(self, function: Callable[[], Coroutine[None, None, None]]) -> None:
        """Do something at once; an error of ours is shown."""
        await messages.attempt(function, self.notify_error)

    async def ask(self, screen: Screen[ChoiceT]) -> ChoiceT | None:
        """Show a question over this screen; return the answer. Only in what was started."""
        return await self.app.push_screen_wait(screen)

    async def action_command(self, command_id: str) -> None:
        """Carry out the command of that id."""
        command = self._BY_ID.get(command_id)
        # a key may come while the app is being left, and nothing is there any more
        if command is not None and self.children:
            await self.run_command(command)

    def _method_of(self, command: type[Command]) -> Callable[[], object]:
        for owner in self.command_owners():
            method: object = getattr(owner, command.action(), None)
            if callable(method):
                return method
        raise LookupError(f"{type(self).__name__} has no {command.action()}")

    async def run_command(self, command: type[Command]) -> None:
        """Carry out a command, or say why it is not possible; an error of ours is shown."""
        if not self.children:
            # it was left before this key could count
            return
        availability = self.availability_of(command)
        if not availability:
            self.notify(availability.reason, severity="warning")
            return
        if command not in self.OFFERED:
            await self.app.run_action(command.action())
            return
        try:
            outcome = self._method_of(command)()
            # not what `dismiss` gives: a click comes by way of a widget of this screen, and to wait
            # for the end of the screen there is to wait for oneself
            if inspect.iscoroutine(outcome):
                await outcome
        except BatchtuiError as error:
            self.notify_error(error)

    def bar_commands(self) -> Sequence[type[Command]]:
        """Return the screen's own commands that the action bar shows, the most important first."""
        return [command for command in self.OFFERED if command.in_bar]

    def show_actions(self) -> None:
        """Show what can be done now."""
        self.actions.items = tuple(self.action_items())

    def action_items(self) -> Iterator[ActionItem]:
        """Yield what the action bar shows: the screen's own commands, then palette and help."""
        bar: list[type[Command]] = [*self.bar_commands(), ShowCommands, ShowHelp]
        for command in bar:
            possible = bool(self.availability_of(command))
            yield ActionItem(command.id(), self.key_of(command), command.label, possible)
