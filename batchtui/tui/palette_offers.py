"""What the palette offers besides the commands of the screen: all that the app knows by name."""

import asyncio
from collections.abc import Iterator, Sequence

from batchtui.config.settings import SETTINGS
from batchtui.config.themes import load_themes
from batchtui.tui.accounts import Accounts
from batchtui.tui.commands.catalog import ALL_COMMANDS
from batchtui.tui.commands.command import Group, shown_key
from batchtui.tui.navigation import Navigation
from batchtui.tui.palette import (
    Entry,
    named_entries,
    other_entries,
    setting_entries,
    theme_entries,
)
from batchtui.tui.preferences import Preferences

_MOST_LABELS = 2_000
"""Labels that are offered; with more of them the filter of the list is the way."""


def app_offers(
    navigation: Navigation, accounts: Accounts, preferences: Preferences
) -> Iterator[Entry]:
    """Offer settings and profiles, and name all other commands.

    Args:
        navigation: Shows what is chosen.
        accounts: The account that is open, and the others.
        preferences: Opens settings and themes.
    """
    loaded = navigation.effective.loaded
    yield from setting_entries(SETTINGS, lambda key: preferences.open_settings(search=key))
    profiles = {name: name for name in loaded.profile_names if name != loaded.profile.name}
    yield from named_entries(
        "Profile",
        profiles,
        "Switch to this account",
        lambda name: navigation.start(lambda: accounts.open_profile(name), "session"),
    )
    yield from other_entries(
        (one for one in ALL_COMMANDS if one.group is not Group.LISTS),
        lambda command: shown_key(loaded.settings.keys, command),
        lambda where: navigation.notify(where.capitalize(), severity="warning"),
    )


async def stored_offers(
    navigation: Navigation, accounts: Accounts, preferences: Preferences, *, has_batches: bool
) -> Sequence[Entry]:
    """Offer what has to be read from the disk first: themes, and batches by their labels.

    Args:
        navigation: Shows what is chosen.
        accounts: The account that is open.
        preferences: Opens the themes.
        has_batches: Whether the list is shown, where one can go to a batch.
    """
    themes_dir = navigation.effective.loaded.paths.themes_dir
    themes = await asyncio.to_thread(load_themes, themes_dir)
    entries = [
        *theme_entries(
            themes.loaded,
            lambda name: navigation.start(lambda: preferences.choose_theme(name), "dialog"),
        )
    ]
    if accounts.session is not None and has_batches:
        labels = await asyncio.to_thread(accounts.session.ledger.labels)
        newest = dict(list(labels.items())[-_MOST_LABELS:])
        entries += named_entries("Batch", newest, "Go to this batch", accounts.show_batch)
    return entries
