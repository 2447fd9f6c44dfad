"""What a person chooses for the whole app: theme, profile, settings."""

import asyncio
from functools import partial
from typing import TYPE_CHECKING
from weakref import WeakSet

from batchtui.config.loading import LoadedSettings
from batchtui.config.themes import load_themes
from batchtui.tui.accounts import Accounts
from batchtui.tui.commands.command import Command, shown_key
from batchtui.tui.commands.general import OpenSettings
from batchtui.tui.commands.settings import AddProfile
from batchtui.tui.lines import line
from batchtui.tui.navigation import Navigation
from batchtui.untrusted import visible

if TYPE_CHECKING:
    from batchtui.tui.screens.settings.screen import SettingsScreen


class Preferences:
    """Shows the choices, saves what was chosen, and has it take effect.

    Args:
        navigation: Shows the screens, and takes over settings.
        accounts: Opens the account again where it changed.
    """

    def __init__(self, navigation: Navigation, accounts: Accounts) -> None:
        self._navigation = navigation
        self._accounts = accounts
        self._settings_screens: WeakSet[SettingsScreen] = WeakSet()

    def open_settings(self, then: type[Command] | None = None, *, search: str = "") -> None:
        """Show the settings, and take over what was changed there.

        Args:
            then: A command of that screen to begin with.
            search: What to show of them.
        """
        from batchtui.tui.screens.settings.screen import SettingsScreen

        shown = next((one for one in self._settings_screens if one.is_current), None)
        if shown is not None:
            shown.search_for(search)
            return
        before = self._navigation.effective.loaded
        accounts = self._accounts
        screen = SettingsScreen(
            before, accounts.read_settings, self._take_over, accounts.note_new_key, search
        )
        self._settings_screens.add(screen)
        self._navigation.push(screen, partial(self._open_changed, before))
        if then is not None:
            screen.call_after_refresh(screen.run_command, then)

    async def _take_over(self) -> None:
        """Let changed settings count.

        The account that is shown keeps to its own profile, whichever was chosen for later.

        Raises:
            ConfigError: Its profile is not there any more.
        """
        self._accounts.take_over(await asyncio.to_thread(self._accounts.read_open_settings))

    def _open_changed(self, before: LoadedSettings, loaded: LoadedSettings | None) -> None:
        """Open an account again that was changed in the settings."""
        session, opened_with = self._accounts.session, self._accounts.opened_with
        if loaded is None or self._accounts.shows_file:
            return
        if session is not None and session.profile.name != loaded.profile.name:
            self._navigation.start(partial(self._accounts.open_changed, loaded), "session")
            return
        if opened_with is None:
            is_outdated = loaded is not before
        else:
            is_outdated = not has_same_account(loaded, opened_with)
        if is_outdated or self._accounts.has_new_key:
            self._navigation.start(self._accounts.open, "session")

    async def choose_theme(self, first: str = "") -> None:
        """Let the user try themes on, and save the one that is taken.

        Args:
            first: The one to begin with; else it is the one that is shown.
        """
        from batchtui.tui.screens.themes import ThemePicker

        navigation = self._navigation
        themes_dir = navigation.effective.loaded.paths.themes_dir
        themes = await asyncio.to_thread(load_themes, themes_dir)
        for problem in themes.failed:
            navigation.notify(str(problem), severity="warning", timeout=10)
        before = navigation.theme_shown
        picker = ThemePicker(themes.loaded, first or before, navigation.try_on)
        chosen = await navigation.ask(picker)
        if chosen is None:
            navigation.show_theme(before)
        else:
            await self._save_theme(chosen)

    async def _save_theme(self, name: str) -> None:
        from batchtui.config.saving import save_settings

        paths = self._navigation.effective.loaded.paths
        await asyncio.to_thread(save_settings, paths, {"theme": name})
        await self._take_over()

    async def switch_profile(self) -> None:
        """Let the user switch to another account."""
        from batchtui.tui.screens.dialogs.choice import Choice, ChoiceDialog

        navigation = self._navigation
        loaded = navigation.effective.loaded
        names, keys = loaded.profile_names, loaded.settings.keys
        if len(names) == 1:
            settings, add = (shown_key(keys, one) for one in (OpenSettings, AddProfile))
            text = f"There is only one profile. {settings} opens the settings, {add} adds one there"
            navigation.notify(text)
            return
        choices = [Choice(line(visible(name)), name) for name in names]
        current = names.index(loaded.profile.name)
        chosen = await navigation.ask(
            ChoiceDialog("Profile", choices, current=current, confirm="Switch")
        )
        if chosen is not None and chosen != loaded.profile.name:
            await self._accounts.open_profile(chosen)


def has_same_account(one: LoadedSettings, other: LoadedSettings) -> bool:
    """Return whether two states of the settings speak to the same account in the same way."""
    return (one.profile, one.results_dir, one.settings.stall_seconds) == (
        other.profile,
        other.results_dir,
        other.settings.stall_seconds,
    )
