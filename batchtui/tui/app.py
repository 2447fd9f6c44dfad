"""The app: which screen is shown, and what screens share."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import App
from textual.binding import BindingType
from textual.command import Provider
from textual.filter import LineFilter
from textual.notifications import SeverityLevel
from textual.screen import Screen

from batchtui.config.errors import Problem
from batchtui.config.loading import LoadedSettings
from batchtui.config.profiles import CommandKey
from batchtui.config.theme_spec import ThemeSpec
from batchtui.tui import accounts, choosing, collecting, stylesheets
from batchtui.tui.ascii_filter import AsciiFilter
from batchtui.tui.commands.bindings import bindings_of
from batchtui.tui.commands.general import EVERYWHERE
from batchtui.tui.ending import end_on_signals
from batchtui.tui.glyphs import ASCII, UNICODE, Glyphs
from batchtui.tui.messages import CopyWanted, EndNoticed, ReopenWanted, ResultsWanted, Wish
from batchtui.tui.palette import CommandProvider
from batchtui.tui.screens.command_screen import CommandScreen
from batchtui.tui.setup import AppSetup, theme_of
from batchtui.tui.terminal.capabilities import detect
from batchtui.tui.terminal.clipboard import Clipboard
from batchtui.tui.terminal.notifications import TerminalNotifier
from batchtui.tui.terminal.setup import Terminal
from batchtui.tui.theming import default_variables, to_textual
from batchtui.untrusted import visible

if TYPE_CHECKING:
    from batchtui.session import Session

# What only some runs, or only later moments, need is imported where it is used: the time to the
# first picture is mostly the time to load code.

_ASCII = AsciiFilter()
_ERROR_SECONDS = 10
"""How long an error stays: it has to be read to the end."""


class BatchtuiApp(App[int]):
    """Shows the batches of one account after the other."""

    TITLE = "batchtui"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of(EVERYWHERE)
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {CommandProvider}
    DEFAULT_MODE = "first"

    def __init__(self, setup: AppSetup) -> None:
        self.setup = setup
        self.loaded = setup.loaded or setup.load(None)
        self.session: Session | None = None
        self.switched_to: str | None = None
        """The profile that was chosen in the app, whatever the settings name."""
        self._told: dict[tuple[str, str], float] = {}
        """Until when, on the monotonic clock, a title and message are on the screen."""
        self.accounts_shown = 0
        """How many accounts were shown in place of the first one."""
        terminal = setup.terminal or Terminal(detect(setup.options.environ))
        # those of the screen to begin with; the other screens bring their own
        first = stylesheets.BATCHES if setup.open_file is None else stylesheets.RESULTS
        super().__init__(driver_class=terminal.driver_class, css_path=[stylesheets.BASE, first])
        self._clipboard_of_terminal = Clipboard(
            terminal.capabilities, terminal.channel, self.loaded.data_dir / "copied"
        )
        self._notifier = TerminalNotifier(terminal.capabilities, terminal.channel)
        self._environ = terminal.environ or setup.options.environ
        self._is_unicode = setup.terminal is None or terminal.capabilities.is_unicode
        self._has_colors = terminal.capabilities.color != "none"
        # before the stylesheets are read, and without Textual's watcher, which has them read twice
        theme, self._problems = theme_of(self.loaded, has_colors=self._has_colors)
        self.register_theme(to_textual(theme))
        self.set_reactive(App.theme, theme.name)
        self.set_class(theme.dark, "-dark-mode", update=False)
        self.stylesheet.set_variables(self.get_css_variables())

    @property
    def glyphs(self) -> Glyphs:
        """The signs to draw with."""
        chosen = self.loaded.settings.glyphs
        is_unicode = self._is_unicode if chosen == "auto" else chosen == "unicode"
        return UNICODE if is_unicode else ASCII

    def get_line_filters(self) -> Sequence[LineFilter]:
        """What every painted line goes through."""
        filters = super().get_line_filters()
        return filters if self.glyphs.is_unicode else [*filters, _ASCII]

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Values for our own variables under themes that are not ours."""
        return default_variables()

    def get_default_screen(self) -> Screen[None]:
        """The screen to begin with: at once what was asked for, where that takes no time.

        An empty screen before it would be laid out and painted for nothing.
        """
        self.set_keymap(dict(self.loaded.settings.keys))
        if self.setup.open_file is not None:
            return self._file_screen(self.setup.open_file)
        if self._is_slow_to_open:
            return super().get_default_screen()
        return accounts.first_screen(self)

    @property
    def _is_slow_to_open(self) -> bool:
        """Whether opening the account may take long: a command may ask a person for something."""
        return isinstance(self.loaded.profile.key_source, CommandKey)

    def on_mount(self) -> None:
        """Tell what was odd about the settings; open the account if that is still to be done."""
        end_on_signals(self)
        self.add_mode(self.DEFAULT_MODE, Screen)  # named now, so that it can be removed
        self._tell_unknown_keys()
        for problem in (*self.loaded.problems, *self._problems):
            self.tell_problem(problem)
        if self.session is None and self._is_slow_to_open and self.setup.open_file is None:
            self.run_worker(self.open_account(self.setup.jump_to), group="session")

    def on_ready(self) -> None:
        """The first picture is out."""
        collecting.begin()

    async def on_unmount(self) -> None:
        """Close the connection."""
        if self.session is not None:
            await self.session.aclose()

    def take_over_settings(self, loaded: LoadedSettings) -> None:
        """Make theme and keys what the settings say."""
        self.loaded = loaded
        for problem in self._take_over_theme(loaded):
            self.tell_problem(problem)
        self._take_over_keys(loaded)

    def _take_over_theme(self, loaded: LoadedSettings) -> tuple[Problem, ...]:
        theme, problems = theme_of(loaded, has_colors=self._has_colors)
        self.try_on(theme)
        return problems

    def try_on(self, theme: ThemeSpec) -> None:
        """Show a theme."""
        self.register_theme(to_textual(theme))
        self.theme = theme.name

    def _take_over_keys(self, loaded: LoadedSettings) -> None:
        self.set_keymap(dict(loaded.settings.keys))
        self._tell_unknown_keys()

    def _tell_unknown_keys(self) -> None:
        keys = list(self.loaded.settings.keys)
        if not keys:
            return
        from batchtui.tui.commands.catalog import unknown_ids

        for name in unknown_ids(keys):
            text = f"keys.{name}: there is no such command; batchtui keys lists them"
            self.notify(text, severity="warning")

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
            message: What to say; may quote untrusted text, which never is markup.
            title: What it is about; may quote untrusted text.
            severity: How loud; an error stays longer.
            timeout: For how many seconds.
            markup: Not heeded.
        """
        del markup
        title, message = visible(title), visible(message)
        seconds = timeout or (_ERROR_SECONDS if severity == "error" else self.NOTIFICATION_TIMEOUT)
        now = time.monotonic()
        self._told = {told: until for told, until in self._told.items() if until > now}
        if (title, message) not in self._told:
            self._told[title, message] = now + seconds
            super().notify(message, title=title, severity=severity, timeout=seconds, markup=False)

    def clear_notifications(self) -> None:
        """Take all messages off the screen."""
        self._told.clear()
        super().clear_notifications()

    def tell_problem(self, problem: Problem) -> None:
        """Show what was passed over in the user's configuration."""
        self.notify(str(problem), severity="warning", timeout=10)

    def on_key(self, event: events.Key) -> None:
        """Take the keys that no widget took.

        A field gets what was typed on in one go after the key that opened it: a slow line delivers
        it in one piece, which was handed to the list before the field had the focus. The key of a
        command that is not possible now is answered with the reason.
        """
        from textual.widgets import Input

        field = self.focused
        if isinstance(field, Input) and event.is_printable and event.character is not None:
            event.prevent_default()
            field.insert_text_at_cursor(event.character)
        elif isinstance(self.screen, CommandScreen):
            self.screen.explain_refusal(event.key)

    def on_paste(self, event: events.Paste) -> None:
        """Take what no widget took: a paste is text, and acts on nothing."""
        from batchtui.tui.widgets.text_field import TextField

        field = self.focused
        if isinstance(field, TextField):
            # opened by a key that came with it in one piece, see `on_key`
            field.put_in(event.text)
        elif event.text:
            self.notify(f"Nothing here takes text: {len(event.text):,} pasted characters dropped")

    # Accounts

    async def open_account(self, jump_to: str | None = None) -> None:
        """Open the account the settings describe and show its batches, instead of what is shown."""
        await accounts.open_account(self, jump_to)

    async def on_welcome_screen_demo_wanted(self) -> None:
        """Look around with made-up batches."""
        if self.setup.demo is None:
            return
        self.setup = self.setup.demo()
        self.switched_to = None
        self.take_over_settings(self.setup.load(None))
        await self.open_account()

    def on_welcome_screen_key_wanted(self) -> None:
        """Type a key: the settings screen knows how."""
        from batchtui.tui.commands.settings import StoreKey

        choosing.open_settings(self, StoreKey)

    async def on_welcome_screen_retry_wanted(self) -> None:
        """Look for the key again."""
        self.loaded = self.setup.load(self.switched_to)
        await self.open_account()
        if isinstance(self.screen, CommandScreen) and self.session is None:
            self.screen.notify("Looked again: it is still as it says here", severity="warning")

    @on(ReopenWanted)
    async def reopen(self, message: ReopenWanted) -> None:
        """Open the account anew, with the key as it is now."""
        await self.open_account(message.selected)

    @on(EndNoticed)
    def tell_end(self, message: EndNoticed) -> None:
        """Tell that a batch has ended, in the ways the settings choose."""
        notice, settings = message.notice, self.loaded.settings
        if settings.notify_toast:
            severity: SeverityLevel = "information" if notice.is_ok else "warning"
            self.notify(notice.body, title=notice.title, severity=severity, timeout=8)
        if settings.notify_bell:
            self._notifier.bell()
        if settings.notify_title:
            self._notifier.set_title(notice.title)
        if settings.notify_osc:
            self._notifier.notify(notice.title, notice.body)

    @on(Wish)
    def answer_wish(self, wish: Wish) -> None:
        """Lead through the way in, one wish at a time."""
        from batchtui.tui.screens.submission import flows

        is_busy = any(one.group == "flow" and not one.is_finished for one in self.workers)
        if self.session is not None and not is_busy:
            self.run_worker(flows.answer(accounts.desk_of(self, self.session), wish), group="flow")

    @on(CopyWanted)
    async def copy(self, message: CopyWanted) -> None:
        """Put a text into the clipboard, and say what became of it."""
        outcome = await self._clipboard_of_terminal.copy(message.text, message.what)
        self.notify(outcome.message, timeout=6)

    def _file_screen(self, path: Path) -> Screen[None]:
        """Show a results file of this disk; no account is opened."""
        from batchtui.tui.screens.results.file_source import FileSource
        from batchtui.tui.screens.results.opening import results_screen

        return results_screen(FileSource(path), self.loaded, self.glyphs, self._environ)

    @on(ResultsWanted)
    async def show_results(self, message: ResultsWanted) -> None:
        """Show the results of a batch."""
        from batchtui.tui.screens.results.batch_source import BatchSource
        from batchtui.tui.screens.results.opening import results_screen
        from batchtui.tui.screens.results.screen import ResultsScreen

        session = self.session
        # a key that was pressed twice asks twice
        if session is not None and not isinstance(self.screen, ResultsScreen):
            label = session.ledger.labels([message.batch.id]).get(message.batch.id, "")
            source = BatchSource(session, message.batch, label)
            screen = results_screen(
                source, self.loaded, self.glyphs, self._environ, session, can_leave=True
            )
            await self.push_screen(screen)

    # Commands that work everywhere

    def action_show_commands(self) -> None:
        """Find any command by name."""
        self.action_command_palette()

    def action_show_help(self) -> None:
        """List the keys that work here."""
        from batchtui.tui.screens.help import HelpDialog

        screen = self.screen
        if isinstance(screen, CommandScreen):
            commands = (*screen.OFFERED, *EVERYWHERE)
            self.push_screen(HelpDialog(commands, screen.live_keys(), screen.help_lines()))

    def action_show_calls(self) -> None:
        """Show the last calls made to the API."""
        from batchtui.tui.screens.calls import CallsScreen

        if self.session is not None and not isinstance(self.screen, CallsScreen):
            self.push_screen(CallsScreen(self.session.calls, self.session.connection))

    def action_open_settings(self) -> None:
        """Change the settings."""
        choosing.open_settings(self)

    def action_choose_theme(self) -> None:
        """Choose the colours."""
        self.run_worker(choosing.choose_theme(self), group="dialog")

    def action_switch_profile(self) -> None:
        """Switch to another account."""
        self.run_worker(choosing.switch_profile(self), group="dialog")
