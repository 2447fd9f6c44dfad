"""What the settings file says, checked value by value.

A value that cannot be falls back alone and is reported; a name that nobody knows is reported with
the nearest one that is known. Neither is taken out of the file. Where what is wrong may have been
meant to protect something, or to say where things go, it is in `StoredSettings.doubts`: nothing
may be changed then (`loading`).
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from batchtui.config.document import SettingsDocument
from batchtui.config.errors import Problem
from batchtui.config.key_names import HOW_KEYS_ARE_NAMED, is_key
from batchtui.config.kinds import Value, key_list
from batchtui.config.settings import DEFAULT_PROFILE, KEY_SOURCE_KEYS, SETTING_BY_KEY, SETTINGS
from batchtui.formatting import nearest

FORMAT = 1
"""The version of the file's layout; it is written into the file as ``settings_version``."""

VERSION_KEY = "settings_version"
PROFILES_KEY = "profiles"
KEYS_KEY = "keys"

_PROFILE_SETTINGS = {setting.key for setting in SETTINGS if setting.in_profile}
_TOP_LEVEL = [*SETTING_BY_KEY, PROFILES_KEY, VERSION_KEY]
_PROTECTING = {PROFILES_KEY, *(setting.key for setting in SETTINGS if setting.protects)}
_DIRECTING = re.compile(r"^\s*(\[?\s*profiles?\b|base_url|key_)", re.MULTILINE)
"""What a file says that sends elsewhere than the default does."""
_KEYS_OF_A_COMMAND = key_list()
_MOST_MISPLACED = 300
"""Names in a place where they have no effect that are looked at one by one."""


class Doubt(Struct, frozen=True):
    """Something wrong that may have been meant to protect, or to say where things go."""

    setting: str
    """The setting it was, or was meant to be; empty where it may be any."""
    profile: str
    """The profile whose table it stands in; empty outside of profiles."""
    problem: Problem
    """What is wrong."""


class StoredSettings(Struct, frozen=True):
    """The valid part of the settings file."""

    document: SettingsDocument
    """The file as read."""
    values: Mapping[str, Value]
    """What stands outside every profile, by the name of the setting."""
    profiles: Mapping[str, Mapping[str, Value]]
    """What each ``[profiles.NAME]`` table says."""
    problems: tuple[Problem, ...]
    """All that was passed over."""
    doubts: tuple[Doubt, ...]
    """Those of the problems because of which nothing may be changed."""

    @property
    def profile_names(self) -> tuple[str, ...]:
        """All profiles there are to choose from, ``default`` first."""
        return (DEFAULT_PROFILE, *self.profiles)


def check_document(document: SettingsDocument, source: str) -> StoredSettings:
    """Take what is valid from a settings file.

    Args:
        document: The file as read.
        source: Its path, for the problems.
    """
    checker = _Checker(document, source)
    if document.fault:
        checker.whole_file()
    tree = dict(document.tree)
    checker.version(tree.pop(VERSION_KEY, FORMAT))
    profiles = checker.profiles(tree.pop(PROFILES_KEY, {}))
    keys = checker.keys(tree.pop(KEYS_KEY, {}))
    values = checker.values(tree)
    checker.profile(values, profiles)
    if keys:
        values[KEYS_KEY] = keys
    return StoredSettings(
        document, values, profiles, tuple(checker.problems), tuple(checker.doubts)
    )


class _Checker:
    """Goes through the tables of one file and collects what is wrong."""

    def __init__(self, document: SettingsDocument, source: str) -> None:
        self.document = document
        self.source = source
        self.problems: list[Problem] = []
        self.doubts: list[Doubt] = []

    def report(self, path: tuple[str, ...], message: str, hint: str = "") -> Problem:
        line = self.document.line_of(*path)
        problem = Problem(self.source, ".".join(path), message, hint, line)
        self.problems.append(problem)
        return problem

    def doubt(self, setting: str, profile: str, problem: Problem) -> None:
        if setting in _PROTECTING:
            self.doubts.append(Doubt(setting, profile, problem))

    def doubt_misplaced(self, value: object, profile: str, problem: Problem) -> None:
        """Doubt what stands beneath something that has no effect, and may have been meant to."""
        for number, (name, nested) in enumerate(_names_in(value)):
            setting = "read_only" if number >= _MOST_MISPLACED else _meant(name, nested)
            self.doubt(setting, profile, problem)
            if number >= _MOST_MISPLACED:
                break

    def whole_file(self) -> None:
        hint = (
            "Correct it; if the settings are saved before, the broken file is kept beside the new."
            if self.document.broken is not None
            else "Nothing is saved over it until it can be read."
        )
        message = f"{self.document.fault} The defaults are used, and nothing may be changed."
        line = re.search(r"at line (\d+)", self.document.fault)
        number = int(line[1]) if line else self.document.text.rstrip("\n").count("\n") + 1
        problem = Problem(self.source, "", message, hint, number if self.document.text else 0)
        self.problems.append(problem)
        is_directing = self.document.broken is None or _DIRECTING.search(self.document.text)
        self.doubts.append(Doubt("base_url" if is_directing else "read_only", "", problem))

    def version(self, value: object) -> None:
        if isinstance(value, int) and value > FORMAT:
            self.report(
                (VERSION_KEY,),
                "A newer batchtui wrote this file; what this one does not know is kept as it is.",
            )

    def values(self, table: Mapping[str, object], profile: str = "") -> dict[str, Value]:
        values: dict[str, Value] = {}
        prefix = (PROFILES_KEY, profile) if profile else ()
        for key, value in table.items():
            path = (*prefix, key)
            if key not in SETTING_BY_KEY:
                self.unknown(path, value, profile)
            elif profile and key not in _PROFILE_SETTINGS:
                problem = self.report(path, "It cannot differ by profile and is ignored here.")
                self.doubt_misplaced(value, profile, problem)
            else:
                self.value(values, value, path, profile)
        said = [key for key in KEY_SOURCE_KEYS if values.get(key)]
        for key in said[1:]:
            del values[key]
            message = f"It is ignored: {said[0]} stands beside it and is used."
            self.report((*prefix, key), message)
        return values

    def value(
        self, values: dict[str, Value], value: object, path: tuple[str, ...], profile: str
    ) -> None:
        key = path[-1]
        kind = SETTING_BY_KEY[key].kind
        try:
            values[key] = kind.check(value)
        except ValueError:
            if key == "read_only":  # whoever wrote it meant to be careful
                values[key] = True
                self.report(path, f"It counts as true: {kind.explain(value)}")
            else:
                fate = "It cannot be used" if key in _PROTECTING else "It is ignored"
                problem = self.report(path, f"{fate}: {kind.explain(value)}")
                self.doubt(key, profile, problem)
                self.doubt_misplaced(value, profile, problem)

    def profile(self, values: dict[str, Value], profiles: Mapping[str, object]) -> None:
        """Take out the profile to start with if there is none of that name."""
        name = str(values.get("profile", DEFAULT_PROFILE))
        if name != DEFAULT_PROFILE and name not in profiles:
            del values["profile"]
            known = ", ".join((DEFAULT_PROFILE, *profiles))
            problem = self.report(
                ("profile",),
                f"There is no profile {name}; default is used, and nothing may be changed.",
                f"Known: {known}.",
            )
            self.doubt("profile", "", problem)

    def unknown(self, path: tuple[str, ...], value: object, profile: str) -> None:
        guess = _meant(path[-1], value, sorted(_PROFILE_SETTINGS) if profile else _TOP_LEVEL)
        hint = f"Did you mean {guess}?" if guess else ""
        problem = self.report(path, "There is no such setting; it is kept but has no effect.", hint)
        self.doubt(guess, profile, problem)
        self.doubt_misplaced(value, profile, problem)

    def profiles(self, tables: object) -> dict[str, Mapping[str, Value]]:
        if not isinstance(tables, Mapping):
            message = "It is ignored: it must be tables such as [profiles.acme]."
            self.doubt(PROFILES_KEY, "", self.report((PROFILES_KEY,), message))
            return {}
        found: dict[str, Mapping[str, Value]] = {}
        for name, table in tables.items():
            path = (PROFILES_KEY, name)
            why_not = _why_no_profile(name, table, found)
            if why_not:
                problem = self.report(path, f"It is ignored: {why_not}.")
                self.doubt_misplaced({name: table}, "", problem)
            elif isinstance(table, Mapping):
                found[name] = self.values(table, name)
        return found

    def keys(self, table: object) -> dict[str, str]:
        if not isinstance(table, Mapping):
            problem = self.report((KEYS_KEY,), "It is ignored: it must be a table, [keys].")
            self.doubt_misplaced(table, "", problem)
            return {}
        found: dict[str, str] = {}
        for command, keys in table.items():
            try:
                checked = str(_KEYS_OF_A_COMMAND.check(keys))
                unknown = [key for key in checked.split(",") if not is_key(key)]
                if unknown:
                    message = f"It is ignored: there is no key {unknown[0]}."
                    self.report((KEYS_KEY, command), message, HOW_KEYS_ARE_NAMED)
                else:
                    found[command] = checked
            except ValueError:
                message = f"It is ignored: it must be {_KEYS_OF_A_COMMAND.expected}."
                problem = self.report((KEYS_KEY, command), message)
                self.doubt_misplaced({command: keys}, "", problem)
        return found


def _why_no_profile(name: str, table: object, others: Iterable[str]) -> str:
    """Return why something among the profiles is none, or ""."""
    if not isinstance(table, Mapping):
        return f"it must be a table, [{PROFILES_KEY}.{name}]"
    if not is_profile_name(name):
        return "a name is 1 to 80 visible characters"
    if name == DEFAULT_PROFILE:
        return "default is what stands outside every table"
    if any(name.casefold() == other.casefold() for other in others):
        return "another profile differs only in case"
    return ""


def _names_in(value: object) -> Iterator[tuple[str, object]]:
    """Yield the names in a table, and in all the tables in it, with their values."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, Mapping):
            yield from item.items()
            waiting += item.values()
        elif isinstance(item, list):
            waiting += item


def _meant(name: str, value: object, known: Iterable[str] = _TOP_LEVEL) -> str:
    """Return the setting that an unknown name, or its value, may have been meant as, or ""."""
    plain = re.sub(r"[\W_]", "", name).casefold()
    same = next((one for one in _PROTECTING if plain == one.replace("_", "")), "")
    is_address = isinstance(value, str) and value.startswith(("http://", "https://"))
    return same or ("base_url" if is_address else nearest(name, known))


def is_profile_name(name: str) -> bool:
    """Return whether a profile may be called so."""
    return 0 < len(name) <= 80 and name.isprintable() and name == name.strip()
