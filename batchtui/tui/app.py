"""The app: which screen is shown, and what screens share."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import App
from textual.binding import BindingType
from textual.filter import LineFilter
from textual.notifications import SeverityLevel
from textual.types import CSSPathType
from textual.widgets import Input

from batchtui.config.errors import Problem
from batchtui.config.loading import LoadedSettings
from batchtui.config.saving import Changes, save_settings
from batchtui.config.theme_spec import ThemeSpec
from batchtui.config.themes import load_theme, load_themes
from batchtui.errors import BatchtuiError
from batchtui.submission.pace import Pace
from batchtui.tui.ascii_filter import AsciiFilter
from batchtui.tui.commands.bindings import bindings_of
from batchtui.tui.commands.catalog import unknown_ids
from batchtui.tui.commands.general import EVERYWHERE
from batchtui.tui.ending import end_on_signals
from batchtui.tui.glyphs import ASCII, UNICODE, Glyphs
from batchtui.tui.lines import line
from batchtui.tui.messages import CopyWanted, EndNoticed, ReopenWanted, ResultsWanted, Wish
from batchtui.tui.palette import CommandProvider
from batchtui.tui.screens.command_screen import CommandScreen
from batchtui.tui.screens.dialogs.choice import Choice, ChoiceDialog
from batchtui.tui.screens.welcome import WelcomeScreen
from batchtui.tui.terminal.capabilities import detect
from batchtui.tui.terminal.clipboard import Clipboard
from batchtui.tui.terminal.notifications import TerminalNotifier
from batchtui.tui.terminal.setup import Terminal
from batchtui.tui.theming import default_variables, to_textual
from batchtui.untrusted import visible

if TYPE_CHECKING:
    from batchtui.session import Session, SessionOptions
    from batchtui.tui.screens.submission.desk import Desk


_ASCII = AsciiFilter()
COLORLESS_THEME = "terminal"
"""The theme where there are no colours and none was chosen."""


@dataclass(frozen=True, slots=True)
class AppSetup:
    """What the app starts with; everything it needs from outside comes in here.

    Attributes:
        load: Reads the settings anew, for a profile or, without a name, for the one that counts.
        options: What sessions are opened with.
        demo: Gives settings and options of the demo, or ``None`` where it is not to be had.
        terminal: What the app is shown on, or ``None`` for Textual's own way.
        jump_to: A batch to put the cursor on at first.
        open_file: A results file to show instead of the batches.
        pace: How patiently batches are sent.
    """

    load: Callable[[str | None], LoadedSettings]
    options: "SessionOptions"
    demo: "Callable[[], AppSetup] | None" = None
    terminal: Terminal | None = None
    jump_to: str | None = None
    open_file: Path | None = None
    pace: Pace = field(default_factory=Pace)


class BatchtuiApp(App[int]):
    """Shows the batches of one account after the other."""

    TITLE = "batchtui"
    CSS_PATH: ClassVar[CSSPathType | None] = [
        "styles/base.tcss",
        "styles/batches.tcss",
        "styles/dialogs.tcss",
        "styles/results.tcss",
        "styles/settings.tcss",
        "styles/submission.tcss",
    ]
    BINDINGS: ClassVar[list[BindingType]] = bindings_of(EVERYWHERE)
    COMMANDS = {CommandProvider}  # noqa: RUF012 - as Textual declares it

    def __init__(self, setup: AppSetup) -> None:
        self._setup = setup
        self.loaded = setup.load(None)
        self.session: Session | None = None
        terminal = setup.terminal or Terminal(detect(setup.options.environ))
        super().__init__(driver_class=terminal.driver_class)
        self._clipboard_of_terminal = Clipboard(
            terminal.capabilities, terminal.channel, self.loaded.data_dir / "copied"
        )
        self._notifier = TerminalNotifier(terminal.capabilities, terminal.channel)
        self._is_unicode = setup.terminal is None or terminal.capabilities.is_unicode
        self._has_colors = terminal.capabilities.color != "none"
        # before the stylesheets are read: changed later, all is laid out and painted twice
        self._problems = self._take_over_theme(self.loaded)

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

    def on_mount(self) -> None:
        """Take over the settings and open the account."""
        end_on_signals(self)
        self._take_over_keys(self.loaded)
        for problem in (*self.loaded.problems, *self._problems):
            self.tell_problem(problem)
        if self._setup.open_file is not None:
            self._open_file(self._setup.open_file)
            return
        self.run_worker(self._open(self._setup, self._setup.jump_to), group="session")

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
        name = loaded.settings.theme
        if not self._has_colors and loaded.origins["theme"].kind == "default":
            # made of reverse and bold, it shows the selection without any colour
            name = COLORLESS_THEME
        theme, problems = load_theme(name, loaded.paths.themes_dir)
        self.register_theme(to_textual(theme))
        self.theme = theme.name
        return problems

    def _take_over_keys(self, loaded: LoadedSettings) -> None:
        keys = dict(loaded.settings.keys)
        for name in unknown_ids(list(keys)):
            text = f"keys.{name}: there is no such command; batchtui keys lists them"
            self.notify(visible(text), markup=False, severity="warning")
        self.set_keymap(keys)

    def tell_problem(self, problem: Problem) -> None:
        """Show what was passed over in the user's configuration."""
        self.notify(visible(str(problem)), markup=False, severity="warning", timeout=10)

    def on_key(self, event: events.Key) -> None:
        """Take the keys that no widget took.

        A field gets what was typed on in one go after the key that opened it: a slow line delivers
        it in one piece, which was handed to the list before the field had the focus. The key of a
        command that is not possible now is answered with the reason.
        """
        field = self.focused
        if isinstance(field, Input) and event.is_printable and event.character is not None:
            event.prevent_default()
            field.insert_text_at_cursor(event.character)
        elif isinstance(self.screen, CommandScreen):
            self.screen.explain_refusal(event.key)

    # Accounts

    async def _open(self, setup: AppSetup, jump_to: str | None = None) -> None:
        """Open the account the settings describe and show its batches."""
        # loaded here, since a results file is shown without any of it
        from batchtui.session import open_session
        from batchtui.tui.screens.batches.screen import BatchesScreen
        from batchtui.tui.screens.batches.services import BatchServices

        try:
            session = await asyncio.to_thread(open_session, self.loaded, setup.options)
            services = await asyncio.to_thread(BatchServices, session)
        except BatchtuiError as error:
            await self._show_alone(WelcomeScreen(self.loaded, error))
            return
        if self.session is not None:
            await self.session.aclose()
        self.session = session
        await self._show_alone(BatchesScreen(services, self.glyphs, jump_to))

        from batchtui.tui.screens.submission import flows

        self.run_worker(flows.announce(self._desk_of(session)), group="announce")

    async def _show_alone(self, screen: CommandScreen[None]) -> None:
        """Show a screen in place of all others."""
        while len(self.screen_stack) > 1:
            await self.pop_screen()
        await self.push_screen(screen)

    @on(WelcomeScreen.DemoWanted)
    async def open_demo(self) -> None:
        """Look around with made-up batches."""
        if self._setup.demo is None:
            return
        self._setup = self._setup.demo()
        self.take_over_settings(self._setup.load(None))
        await self._open(self._setup)

    @on(WelcomeScreen.KeyWanted)
    def store_key(self) -> None:
        """Type a key: the settings screen knows how."""
        self.action_open_settings()

    @on(WelcomeScreen.RetryWanted)
    async def open_again(self) -> None:
        """Look for the key again."""
        self.loaded = self._setup.load(None)
        await self._open(self._setup)

    @on(ReopenWanted)
    async def reopen(self, message: ReopenWanted) -> None:
        """Open the account anew, with the key as it is now."""
        await self._open(self._setup, message.selected)

    @on(EndNoticed)
    def tell_end(self, message: EndNoticed) -> None:
        """Tell that a batch has ended, in the ways the settings choose."""
        notice, settings = message.notice, self.loaded.settings
        if settings.notify_toast:
            severity: SeverityLevel = "information" if notice.is_ok else "warning"
            self.notify(notice.body, title=notice.title, markup=False, severity=severity, timeout=8)
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
            self.run_worker(flows.answer(self._desk_of(self.session), wish), group="flow")

    def _desk_of(self, session: "Session") -> "Desk":
        from batchtui.tui.screens.submission.desk import Desk

        return Desk(self, session, self.glyphs, Path.cwd(), self._setup.pace)

    @on(CopyWanted)
    async def copy(self, message: CopyWanted) -> None:
        """Put a text into the clipboard, and say what became of it."""
        outcome = await self._clipboard_of_terminal.copy(message.text)
        text = visible(f"{message.what}: {outcome.message}")
        self.notify(text[:1].upper() + text[1:], markup=False, timeout=6)

    def _open_file(self, path: Path) -> None:
        """Show a results file of this disk; no account is opened."""
        from batchtui.tui.screens.results.file_source import FileSource
        from batchtui.tui.screens.results.opening import results_screen

        self.push_screen(results_screen(FileSource(path), self.loaded, self.glyphs))

    @on(ResultsWanted)
    async def show_results(self, message: ResultsWanted) -> None:
        """Show the results of a batch."""
        from batchtui.tui.screens.results.batch_source import BatchSource
        from batchtui.tui.screens.results.opening import results_screen

        session = self.session
        if session is not None:
            label = session.ledger.labels([message.batch.id]).get(message.batch.id, "")
            source = BatchSource(session, message.batch, label)
            await self.push_screen(results_screen(source, self.loaded, self.glyphs, session))

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
        from batchtui.tui.screens.settings.screen import SettingsScreen

        if not isinstance(self.screen, SettingsScreen):
            reload = partial(self._setup.load, self.loaded.profile.name)
            self.push_screen(SettingsScreen(self.loaded, reload), self._settings_closed)

    def _settings_closed(self, loaded: LoadedSettings | None) -> None:
        """Take over what was changed; a changed account is opened anew."""
        if loaded is None or loaded is self.loaded:
            return
        changes_account = not has_same_account(loaded, self.loaded)
        self.take_over_settings(loaded)
        if self._setup.open_file is not None:
            return
        if changes_account or self.session is None:
            self.run_worker(self._open(self._setup), group="session")
        else:
            self.session.loaded = loaded
            from batchtui.tui.screens.batches.screen import BatchesScreen

            for screen in self.screen_stack:
                if isinstance(screen, BatchesScreen):
                    screen.take_over_settings()

    async def action_choose_theme(self) -> None:
        """Choose the colours."""
        self.run_worker(self._choose_theme(), group="dialog")

    async def _choose_theme(self) -> None:
        from batchtui.tui.screens.themes import ThemePicker

        themes = load_themes(self.loaded.paths.themes_dir)
        for problem in themes.failed:
            self.tell_problem(problem)
        before = self.theme
        chosen = await self.push_screen_wait(ThemePicker(themes.loaded, before, self.try_on))
        if chosen is None:
            self.theme = before
            return
        self.save({"theme": chosen})

    def try_on(self, theme: ThemeSpec) -> None:
        """Show a theme."""
        self.register_theme(to_textual(theme))
        self.theme = theme.name

    def save(self, changes: Changes) -> None:
        """Save settings and read them anew; on failure say why."""
        try:
            save_settings(self.loaded.paths, changes)
            self.loaded = self._setup.load(self.loaded.profile.name)
        except BatchtuiError as error:
            text = visible(f"{error.message} {error.hint}".strip())
            self.notify(text, markup=False, severity="error")

    async def action_switch_profile(self) -> None:
        """Switch to another account."""
        self.run_worker(self._switch_profile(), group="dialog")

    async def _switch_profile(self) -> None:
        names = self.loaded.profile_names
        if len(names) == 1:
            text = "There is one profile only. Settings (,) has New profile (n)."
            self.notify(text, markup=False)
            return
        choices = [Choice(line(visible(name)), name) for name in names]
        current = names.index(self.loaded.profile.name)
        chosen = await self.push_screen_wait(
            ChoiceDialog("Profile", choices, current=current, confirm="Switch")
        )
        if chosen is not None and chosen != self.loaded.profile.name:
            self.take_over_settings(self._setup.load(chosen))
            await self._open(self._setup)


def has_same_account(one: LoadedSettings, other: LoadedSettings) -> bool:
    """Whether two states of the settings speak to the same account in the same way."""
    return one.profile == other.profile and one.results_dir == other.results_dir
