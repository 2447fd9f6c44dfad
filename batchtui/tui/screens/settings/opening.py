"""Make the screen of the settings."""

from collections.abc import Callable

from batchtui.config.loading import LoadedSettings
from batchtui.tui.screens.settings.screen import SettingsScreen


def settings_screen(
    loaded: LoadedSettings,
    reload: Callable[[], LoadedSettings],
    on_change: Callable[[LoadedSettings], None],
    search: str = "",
) -> SettingsScreen:
    """Make the screen.

    Args:
        loaded: The settings as they count now.
        reload: Reads them again after a change; called in a thread.
        on_change: Has a change take effect.
        search: What to show of them at first.
    """
    return SettingsScreen(loaded, reload, on_change, search)
