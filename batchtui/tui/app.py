"""The app: which screen is shown, and what screens share."""

import asyncio
from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import App
from textual.binding import BindingType
from textual.filter import ANSIToTruecolor, LineFilter
from textual.notifications import SeverityLevel
from textual.reactive import reactive
from textual.screen import Screen

from batchtui.config.credentials import environ_for_viewers
from batchtui.config.errors import Problem
from batchtui.config.loading import LoadedSettings
from batchtui.config.profiles import CommandKey
from batchtui.tui import garbage_collection, stylesheets
from batchtui.tui.accounts import Accounts
from batchtui.tui.answer_screens import AnswerScreens
from batchtui.tui.base_app import BaseApp
from batchtui.tui.commands.bindings import bindings_of
from batchtui.tui.commands.command import key_names
from batchtui.tui.commands.general import EVERYWHERE, Quit
from batchtui.tui.flows import Flows
from batchtui.tui.line_filters import AsciiFilter, VisibleFilter
from batchtui.tui.messages import (
    CompareWanted,
    CopyWanted,
    EndNoticed,
    FlowWanted,
    MergedWanted,
    ReopenWanted,
    ResultsReturned,
    ResultsWanted,
    ReviewWanted,
)
from batchtui.tui.screens.command_screen import DIALOG, CommandScreen, set_at_once
from batchtui.tui.setup import AppSetup, EffectiveSettings, effective_of, theme_of
from batchtui.tui.terminal.capabilities import detect
from batchtui.tui.terminal.clipboard import Clipboard, run_tool
from batchtui.tui.terminal.notifications import TerminalNotifier
from batchtui.tui.terminal.setup import Terminal
from batchtui.tui.textual_theme import to_textual

if TYPE_CHECKING:
    from batchtui.session import Session
    from batchtui.tui.palette_entries import Entry
    from batchtui.tui.preferences import Preferences

# What only some runs, or only later moments, need is imported where it is used: the time to the
# first picture is mostly the time to load code.

_MOST_PROBLEMS = 3
"""Problems of the settings that are shown at once."""
_VISIBLE, _ASCII = VisibleFilter(), AsciiFilter()


class BatchtuiApp(BaseApp):
    """Shows the batches of one account after the other; the `Navigation` of its services."""

    TITLE = "batchtui"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of(EVERYWHERE)
    DEFAULT_MODE = "first"

    effective: reactive[EffectiveSettings] = reactive(set_at_once, repaint=False)

    def __init__(self, setup: AppSetup) -> None:
        terminal = setup.terminal or Terminal(detect(setup.options.environ))
        # those of the screen to begin with; the other screens bring their own
        first = stylesheets.BATCHES if setup.open_file is None else stylesheets.RESULTS
        super().__init__(
            driver_class=terminal.driver_class,
            css_path=[stylesheets.BASE, first],
            channel=terminal.channel,
        )
        self._setup = setup
        self._is_unicode = setup.terminal is None or terminal.capabilities.is_unicode
        self._color_depth = terminal.capabilities.color
        loaded = setup.loaded or setup.load(None)
        self.set_reactive(BatchtuiApp.effective, effective_of(loaded, is_unicode=self._is_unicode))
        self.accounts = Accounts(setup, self, self._note_opened)
        self.flows = Flows(setup, self, self.accounts)
        environ = terminal.environ or setup.options.environ
        self._answers = AnswerScreens(self, self.accounts, environ)
        self.clipboard_of_terminal = Clipboard(
            terminal.capabilities,
            terminal.channel,
            loaded.data_dir / "copied",
            run=partial(self._run_tool, environ),
        )
        self._notifier = TerminalNotifier(terminal.capabilities, terminal.channel)
        # before the stylesheets are read, and without Textual's watcher, which has them read twice
        theme, self._theme_problems = theme_of(loaded, self._color_depth)
        self.register_theme(to_textual(theme))
        self.set_reactive(App.theme, theme.name)
        self.set_class(theme.dark, "-dark-mode", update=False)
        self.stylesheet.set_variables(self.get_css_variables())

    @property
    def session(self) -> "Session | None":
        """The account that is open."""
        return self.accounts.session

    async def _run_tool(
        self, environ: Mapping[str, str], arguments: Sequence[str], data: bytes
    ) -> bool:
        """Run a tool of the clipboard, without the key of the account that is open now."""
        key_source = self.effective.loaded.profile.key_source
        return await run_tool(arguments, data, environ_for_viewers(environ, key_source))

    @cached_property
    def preferences(self) -> "Preferences":
        """What is chosen for the whole app."""
        from batchtui.tui.preferences import Preferences

        return Preferences(self, self.accounts)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return what every painted line goes through."""
        filters = [*super().get_line_filters(), _VISIBLE]
        if self.native_ansi_color:
            # Textual decides this before there is a theme: colors of the terminal stay those
            filters = [one for one in filters if not isinstance(one, ANSIToTruecolor)]
        return filters if self.effective.glyphs.is_unicode else [*filters, _ASCII]

    def get_default_screen(self) -> Screen[None]:
        """Return the screen to begin with: at once what was asked for, where that takes no time.

        An empty screen before it would be laid out and painted for nothing.
        """
        self.set_keymap(dict(self.effective.loaded.settings.keys))
        if self._setup.open_file is not None:
            return self._answers.of_file(self._setup.open_file, self._setup.opened)
        if self._is_slow_to_open:
            return super().get_default_screen()
        return self.accounts.first_screen()

    @property
    def _is_slow_to_open(self) -> bool:
        """Whether opening the account may take long: a command may ask a person for something."""
        return isinstance(self.effective.loaded.profile.key_source, CommandKey)

    def on_mount(self) -> None:
        """Say what was odd about the settings; open the account if that is still to be done."""
        self.end_on_signals()
        self.add_mode(self.DEFAULT_MODE, Screen)  # named now, so that it can be removed
        loaded = self.effective.loaded
        self._report((*loaded.problems, *self._theme_problems, *_problems_of_keys(loaded)))
        if self.session is None and self._is_slow_to_open and not self.accounts.shows_file:
            self.start(self.accounts.open_first, "session")

    def on_ready(self) -> None:
        """The first picture is out."""
        garbage_collection.begin()

    async def on_unmount(self) -> None:
        """Close the connection."""
        await self.accounts.aclose()

    # Settings

    def apply(self, loaded: LoadedSettings) -> None:
        """Make everything that is open what settings say."""
        theme, problems = theme_of(loaded, self._color_depth)
        self.try_on(theme)
        self.set_keymap(dict(loaded.settings.keys))
        self._report((*problems, *_problems_of_keys(loaded)))
        self.effective = effective_of(loaded, is_unicode=self._is_unicode)

    def _report(self, problems: Sequence[Problem]) -> None:
        """Say what is odd about the settings, in one message that leaves room for the screen."""
        shown = problems if len(problems) <= _MOST_PROBLEMS else problems[: _MOST_PROBLEMS - 1]
        texts = [str(problem) for problem in shown]
        if len(shown) < len(problems):
            texts.append(f"And {len(problems) - len(shown)} more: batchtui keys lists them all.")
        if texts:
            self.notify("\n".join(texts), severity="warning", timeout=10)

    # What screens ask for. What waits for the disk is awaited here, not in a worker: keys that are
    # typed on meanwhile are for the screen that comes.

    @on(ReopenWanted)
    async def reopen(self, message: ReopenWanted) -> None:
        """Open the account again, with the key as it is now."""
        await self.accounts.open(message.selected)

    async def on_welcome_screen_demo_wanted(self) -> None:
        """Look around with made-up batches."""
        await self.attempt(self.accounts.open_demo)

    def on_welcome_screen_key_wanted(self) -> None:
        """Type a key: the settings screen knows how."""
        from batchtui.tui.commands.settings import StoreKey

        self.preferences.open_settings(StoreKey)

    async def on_welcome_screen_search_wanted(self) -> None:
        """Look for the key again."""
        await self.attempt(self.accounts.try_again)

    @on(EndNoticed)
    def report_end(self, message: EndNoticed) -> None:
        """Say that a batch has ended, in the ways the settings choose."""
        notice, settings = message.notice, self.effective.loaded.settings
        if settings.notify_toast:
            severity: SeverityLevel = "information" if notice.is_ok else "warning"
            self.notify(notice.body, title=notice.title, severity=severity, timeout=8)
        if settings.notify_bell:
            self._notifier.bell()
        if settings.notify_title:
            self._notifier.set_title(notice.title)
        if settings.notify_osc:
            self._notifier.notify(notice.title, notice.body)

    @on(CopyWanted)
    async def copy(self, message: CopyWanted) -> None:
        """Put a text into the clipboard, and say what became of it."""
        outcome = await self.clipboard_of_terminal.copy(message.text, message.what)
        self.notify(outcome.message, timeout=6)

    @on(FlowWanted)
    def answer_request(self, request: FlowWanted) -> None:
        """Lead through the way in, one request at a time."""
        self.flows.answer(request)

    async def show_alone(self, screen: Screen[None]) -> None:
        """Show a screen in place of all others; what leads through the way in ends."""
        stopped = self.flows.stop()
        await super().show_alone(screen)
        await asyncio.gather(*(one.wait() for one in stopped), return_exceptions=True)

    def _note_opened(self) -> None:
        """Announce what was interrupted in the account just opened, after its first picture."""
        self.call_after_refresh(self.flows.announce)

    @on(ResultsWanted)
    async def show_results(self, message: ResultsWanted) -> None:
        """Show the results of a batch."""
        await self.attempt(partial(self._answers.show_results, message.batch))

    @on(ResultsReturned)
    def look_again(self) -> None:
        """Show what is left of results on this disk."""
        self.accounts.look_again()

    @on(MergedWanted)
    def show_merged(self, message: MergedWanted) -> None:
        """Show the merged results of a line of tries."""
        self._answers.show_merged(message.merged)

    @on(CompareWanted)
    async def compare_runs(self, message: CompareWanted) -> None:
        """Show two runs side by side."""
        await self.attempt(partial(self._answers.compare, message.a, message.b))

    @on(ReviewWanted)
    async def review_answers(self, message: ReviewWanted) -> None:
        """Show answers one after the other, to be judged."""
        await self.attempt(partial(self._answers.review, message))

    # Commands that work everywhere

    def action_show_commands(self) -> None:
        """Find anything by its name: commands, settings, themes, profiles, batches."""
        from batchtui.tui.palette_entries import app_offers, command_entries, stored_offers
        from batchtui.tui.screens.palette import PaletteDialog

        screen = self.screen
        if isinstance(screen, CommandScreen):
            offered = (*screen.OFFERED, *EVERYWHERE)
            entries = [
                *command_entries(
                    offered, screen.availability_of, screen.key_of, screen.run_command
                ),
                *(
                    entry
                    for entry in app_offers(self, self.accounts, self.preferences)
                    if entry.label not in {command.label for command in offered}
                ),
            ]
            later = partial(
                stored_offers,
                self,
                self.accounts,
                self.preferences,
                has_batches=self.accounts.shows_list,
            )
            self.push(PaletteDialog(entries, later), self._run_entry)

    def _run_entry(self, entry: "Entry | None") -> None:
        if entry is not None:
            self.call_later(entry.run)

    def action_show_help(self) -> None:
        """List the keys that work here."""
        from batchtui.tui.screens.help import HelpDialog

        screen = self.screen
        if isinstance(screen, CommandScreen):
            commands = (*screen.OFFERED, *EVERYWHERE)
            begins_with_more = screen.asks_for_own_help
            self.push(
                HelpDialog(
                    commands,
                    screen.keymap,
                    screen.help_lines(),
                    begins_with_more=begins_with_more,
                )
            )

    def action_show_calls(self) -> None:
        """Show the last calls made to the API."""
        from batchtui.tui.screens.calls import CallsScreen

        if self.session is not None:
            self.push(CallsScreen(self.session.calls, self.session.connection))

    def action_help_quit(self) -> None:
        """Say what ends batchtui, where Ctrl+C ends other programs."""
        keys = self.effective.loaded.settings.keys.get(Quit.id()) or Quit.keys
        self.notify(f"To quit: {key_names(keys)}")

    def action_open_settings(self) -> None:
        """Change the settings."""
        self.preferences.open_settings()

    def action_choose_theme(self) -> None:
        """Choose the colors."""
        self.start(self.preferences.choose_theme, DIALOG)

    def action_switch_profile(self) -> None:
        """Switch to another account."""
        if self.may_leave():
            self.start(self.preferences.switch_profile, DIALOG)


def _problems_of_keys(loaded: LoadedSettings) -> Sequence[Problem]:
    if not loaded.settings.keys:
        return ()
    from batchtui.tui.commands.catalog import key_problems

    return key_problems(loaded)
