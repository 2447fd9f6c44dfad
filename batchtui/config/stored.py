"""What the settings file says, checked value by value.

A value that cannot be falls back alone and is reported; a name that nobody knows is reported with
the nearest one that is known. Neither is taken out of the file.
"""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from batchtui.config.document import Document
from batchtui.config.errors import Problem
from batchtui.config.kinds import KeyTable, Value
from batchtui.config.settings import DEFAULT_PROFILE, KEY_SOURCE_KEYS, SETTING_BY_KEY, SETTINGS

FORMAT = 1
"""The version of the file's layout; it is written into the file as ``settings_version``."""

VERSION_KEY = "settings_version"
PROFILES_KEY = "profiles"
KEYS_KEY = "keys"

_PROFILE_SETTINGS = {setting.key for setting in SETTINGS if setting.in_profile}
_TOP_LEVEL = [*SETTING_BY_KEY, PROFILES_KEY, VERSION_KEY]


@dataclass(frozen=True, slots=True)
class StoredSettings:
    """The valid part of the settings file."""

    values: Mapping[str, Value] = field(default_factory=dict)
    """What stands outside every profile, by the name of the setting."""
    profiles: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    """What each ``[profiles.NAME]`` table says."""
    problems: tuple[Problem, ...] = ()
    """All that was passed over."""
    refused: frozenset[str] = frozenset()
    """The settings whose values cannot be, as ``base_url`` or ``profiles.acme.base_url``."""

    @property
    def profile_names(self) -> tuple[str, ...]:
        """All profiles there are to choose from, ``default`` first."""
        return (DEFAULT_PROFILE, *self.profiles)


def check_document(document: Document, source: str) -> StoredSettings:
    """Take what is valid from a settings file.

    Args:
        document: The file as read.
        source: Its path, for the problems.
    """
    checker = _Checker(source)
    if document.fault:
        hint = (
            "Correct it; if the settings are saved before, the broken file is kept beside the new."
            if document.broken is not None
            else "Nothing is saved over it until it can be read."
        )
        checker.report("", f"{document.fault} The defaults are used.", hint)
    tree = dict(document.tree)
    checker.version(tree.pop(VERSION_KEY, FORMAT))
    profiles = checker.profiles(tree.pop(PROFILES_KEY, {}))
    keys = checker.keys(tree.pop(KEYS_KEY, {}))
    values = checker.values(tree, "", _TOP_LEVEL)
    if keys:
        values[KEYS_KEY] = keys
    return StoredSettings(values, profiles, tuple(checker.problems), frozenset(checker.refused))


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the known name that is most like ``name``, or an empty string."""
    matches = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return matches[0] if matches else ""


class _Checker:
    """Goes through the tables of one file and collects what is wrong."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.problems: list[Problem] = []
        self.refused: set[str] = set()

    def report(self, key: str, message: str, hint: str = "") -> None:
        self.problems.append(Problem(self.source, key, message, hint))

    def version(self, value: object) -> None:
        if isinstance(value, int) and value > FORMAT:
            self.report(
                VERSION_KEY,
                "A newer batchtui wrote this file; what this one does not know is kept as it is.",
            )

    def values(
        self, table: Mapping[str, object], prefix: str, known: list[str]
    ) -> dict[str, Value]:
        values: dict[str, Value] = {}
        for key, value in table.items():
            if key not in SETTING_BY_KEY:
                self.unknown(key, prefix, known)
            elif prefix and key not in _PROFILE_SETTINGS:
                self.report(prefix + key, "It cannot differ by profile and is ignored here.")
            else:
                self.value(values, key, value, prefix)
        self.one_key_source(values, prefix)
        return values

    def value(self, values: dict[str, Value], key: str, value: object, prefix: str) -> None:
        try:
            values[key] = SETTING_BY_KEY[key].kind.check(value)
        except ValueError:
            self.refused.add(prefix + key)
            expected = SETTING_BY_KEY[key].kind.expected
            if key == "read_only":  # whoever wrote it meant to be careful
                values[key] = True
                self.report(prefix + key, f"It counts as true: it must be {expected}.")
            else:
                self.report(prefix + key, f"It is ignored: it must be {expected}.")

    def unknown(self, key: str, prefix: str, known: list[str]) -> None:
        guess = nearest(key, known)
        hint = f"Did you mean {guess}?" if guess else ""
        self.report(prefix + key, "There is no such setting; it is kept but has no effect.", hint)

    def one_key_source(self, values: dict[str, Value], prefix: str) -> None:
        """Several key sources in one place: take the strongest, say so."""
        said = [key for key in KEY_SOURCE_KEYS if values.get(key)]
        for key in said[1:]:
            del values[key]
            self.report(prefix + key, f"It is ignored: {said[0]} stands beside it and is used.")

    def profiles(self, tables: object) -> dict[str, Mapping[str, Value]]:
        if not isinstance(tables, Mapping):
            self.report(PROFILES_KEY, "It is ignored: it must be tables such as [profiles.acme].")
            return {}
        found: dict[str, Mapping[str, Value]] = {}
        for name, table in tables.items():
            key = f"{PROFILES_KEY}.{name}"
            if not isinstance(table, Mapping):
                self.report(key, f"It is ignored: it must be a table, [{key}].")
            elif not is_profile_name(name):
                self.report(key, "It is ignored: a name is 1 to 80 visible characters.")
            elif name == DEFAULT_PROFILE:
                self.report(key, "It is ignored: default is what stands outside every table.")
            elif any(name.casefold() == other.casefold() for other in found):
                self.report(key, "It is ignored: another profile differs only in case.")
            else:
                found[name] = self.values(table, f"{key}.", sorted(_PROFILE_SETTINGS))
        return found

    def keys(self, table: object) -> dict[str, str]:
        if not isinstance(table, Mapping):
            self.report(KEYS_KEY, "It is ignored: it must be a table, [keys].")
            return {}
        found: dict[str, str] = {}
        for command, keys in table.items():
            try:
                found[command] = KeyTable().check_keys(keys)
            except ValueError:
                expected = KeyTable().expected
                self.report(f"{KEYS_KEY}.{command}", f"It is ignored: it must be {expected}.")
        return found


def is_profile_name(name: str) -> bool:
    """Whether a profile may be called so."""
    return 0 < len(name) <= 80 and name.isprintable() and name == name.strip()
