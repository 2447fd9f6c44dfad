"""What the command palette offers, and what of it a search finds."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial

from msgspec import Struct

from batchtui.batches.rules import Availability
from batchtui.config.kinds import Setting
from batchtui.config.settings import SETTINGS
from batchtui.config.theme_spec import ThemeSpec
from batchtui.config.themes import load_themes
from batchtui.formatting import enumerate_words
from batchtui.tui.accounts import Accounts
from batchtui.tui.commands.catalog import ALL_COMMANDS
from batchtui.tui.commands.command import Access, Command, Group, KeyOf, shown_key
from batchtui.tui.navigation import Navigation
from batchtui.tui.preferences import Preferences
from batchtui.tui.screens.command_screen import DIALOG
from batchtui.untrusted import visible

_KEY = 128
_LABEL_BEGINS, _LABEL_HAS, _WORD_BEGINS, _WORD_HAS, _HELP_BEGINS, _HELP_HAS = 64, 32, 24, 12, 8, 4
_SCATTERED = 1
"""How good a match is; letters that are only scattered over a label never beat a word."""
_LEAST_SCATTERED = 3
"""Letters from which scattered ones are looked for."""
_CANNOT = 16
"""What a match loses where the command is not possible now."""


class Entry(Struct, frozen=True):
    """One line of the palette."""

    label: str
    """What it is called, safe to show."""
    run: Callable[[], object]
    """Does it."""
    help: str = ""
    """What it does, or why it is not possible now; safe to show."""
    key: str = ""
    """Its key as a person would write it, or an empty string."""
    words: str = ""
    """Other words that find it."""
    is_possible: bool = True
    """Whether it can be done now."""
    changes: bool = False
    """Whether it changes something on the server or the disk: then only its own words find it."""
    is_listed: bool = True
    """Whether it is shown before anything is typed."""


def search(entries: Sequence[Entry], text: str) -> tuple[Entry, ...]:
    """Return the entries that have every word of a text, the best first; without one the listed.

    Args:
        entries: All there are.
        text: What was typed.
    """
    words = text.casefold().replace("-", " ").split()
    if not words:
        listed = [entry for entry in entries if entry.is_listed]
        return tuple(sorted(listed, key=lambda entry: not entry.is_possible))
    scored = [
        (_KEY if _is_key(entry, text.strip()) else _score(entry, words), entry) for entry in entries
    ]
    found = [(score, entry) for score, entry in scored if score > 0]
    return tuple(entry for _, entry in sorted(found, key=lambda pair: -pair[0]))


def _is_key(entry: Entry, text: str) -> bool:
    """Return whether a text is the key of a command of this screen; of letters the case counts."""
    same = text == entry.key if len(text) == 1 else text.casefold() == entry.key.casefold()
    return entry.is_listed and same


def _score(entry: Entry, words: Sequence[str]) -> float:
    scores = [_score_of(entry, word) for word in words]
    if not all(scores):
        return 0
    score = sum(scores) / len(scores)
    return score if entry.is_possible else max(score / 2, score - _CANNOT)


def _score_of(entry: Entry, word: str) -> int:
    label, others = entry.label.casefold(), entry.words.casefold()
    tiers = [
        (_LABEL_BEGINS, any(one.startswith(word) for one in label.split())),
        (_WORD_BEGINS, any(one.startswith(word) for one in others.split())),
    ]
    if not entry.changes:
        text = entry.help.casefold()
        tiers += [
            (_LABEL_HAS, word in label),
            (_WORD_HAS, word in others),
            (_HELP_BEGINS, any(one.startswith(word) for one in text.split())),
            (_HELP_HAS, word in text),
            (_SCATTERED, len(word) >= _LEAST_SCATTERED and _is_scattered(word, label)),
        ]
    return max((score for score, is_found in tiers if is_found), default=0)


def _is_scattered(letters: str, text: str) -> bool:
    rest = iter(text)
    return all(letter in rest for letter in letters)


def command_entries(
    commands: Iterable[type[Command]],
    availability_of: Callable[[type[Command]], Availability],
    key_of: KeyOf,
    run: Callable[[type[Command]], object],
) -> Iterator[Entry]:
    """Offer the commands of the screen.

    Args:
        commands: The commands.
        availability_of: Whether a command is possible now.
        key_of: The key of a command as it is set now.
        run: Carries a command out.
    """
    for command in dict.fromkeys(commands):
        availability = availability_of(command)
        yield Entry(
            command.label,
            partial(run, command),
            command.summary() if availability else f"not now: {availability.reason}",
            key_of(command),
            f"{_words_of(command)} {command.act}",
            is_possible=bool(availability),
            changes=_changes(command),
        )


def other_entries(
    commands: Iterable[type[Command]], key_of: KeyOf, refuse: Callable[[str], object]
) -> Iterator[Entry]:
    """Name the commands of other screens, with where they are; those of one name once."""
    by_label: dict[str, list[type[Command]]] = {}
    for command in commands:
        by_label.setdefault(command.label, []).append(command)
    for label, same in by_label.items():
        groups = dict.fromkeys(command.group.value for command in same)
        where = f"not here: it works in {enumerate_words(tuple(groups))}"
        yield Entry(
            label,
            partial(refuse, where),
            where,
            key_of(same[0]),
            " ".join(f"{_words_of(command)} {command.act}" for command in same),
            is_possible=False,
            changes=any(map(_changes, same)),
            is_listed=False,
        )


def setting_entries(settings: Iterable[Setting], run: Callable[[str], object]) -> Iterator[Entry]:
    """Offer to open the settings at each of them."""
    for setting in settings:
        yield Entry(
            f"Setting: {setting.title}",
            partial(run, setting.key),
            setting.help,
            words=f"{setting.key.replace('_', ' ')} {setting.words}",
            is_listed=False,
        )


def theme_entries(themes: Iterable[ThemeSpec], run: Callable[[str], object]) -> Iterator[Entry]:
    """Offer to try each theme on."""
    for theme in themes:
        shade = "dark color colour" if theme.dark else "light color colour"
        yield Entry(
            f"Theme: {visible(theme.name)}",
            partial(run, theme.name),
            visible(theme.description),
            words=shade,
            is_listed=False,
        )


def named_entries(
    kind: str, names: Mapping[str, str], text: str, run: Callable[[str], object]
) -> Iterator[Entry]:
    """Offer to go to each of some things, such as profiles or batches.

    Args:
        kind: What they are.
        names: Their names by what stands for them; untrusted text.
        text: What going there does.
        run: Goes to what stands for the name.
    """
    for key, name in names.items():
        yield Entry(
            f"{kind}: {visible(name)}",
            partial(run, key),
            text,
            words=visible(key),
            is_listed=False,
        )


def _words_of(command: type[Command]) -> str:
    return f"{command.id().replace('-', ' ')} {command.words}"


def _changes(command: type[Command]) -> bool:
    return Access.WRITE in command.needs or command.changes_disk


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
            lambda name: navigation.start(lambda: preferences.choose_theme(name), DIALOG),
        )
    ]
    if accounts.session is not None and has_batches:
        labels = await asyncio.to_thread(accounts.session.ledger.labels)
        newest = dict(list(labels.items())[-_MOST_LABELS:])
        entries += named_entries("Batch", newest, "Go to this batch", accounts.show_batch)
    return entries
