"""Writing the settings file.

Only what was changed is written, onto a fresh reading of the file: two programs that save at once
both keep what they changed, and what this version does not know stays. The file is replaced as a
whole or not at all. A comment in the file does not survive (the TOML writer knows no comments);
the settings screen and the manual say so. A file that replaces a broken one says
``read_only = true`` unless told otherwise, because the broken one may have said so. A key is never
written here: `credentials.write_key_file` is for that.
"""

import os
from collections.abc import Mapping
from pathlib import Path

import tomli_w
from msgspec import Struct

from batchtui.config.document import keep_broken, locked, read_document, replace_file
from batchtui.config.errors import InvalidSetting, SettingsNotSaved
from batchtui.config.kinds import Value
from batchtui.config.paths import Paths
from batchtui.config.settings import DEFAULT_PROFILE, KEY_SOURCE_KEYS, SETTING_BY_KEY
from batchtui.config.stored import FORMAT, PROFILES_KEY, VERSION_KEY, is_profile_name

Changes = Mapping[str, Value | None]
"""New values by the name of the setting; ``None`` takes the setting out of the file."""


class Saved(Struct, frozen=True):
    """What saving did."""

    path: Path
    """The file that was written; the target, if the settings file is a link."""
    broken_copy: Path | None = None
    """Where the broken file is kept that the new one replaced."""


def save_settings(paths: Paths, changes: Changes, *, profile: str = DEFAULT_PROFILE) -> Saved:
    """Change settings in the file.

    Args:
        paths: Where the file is.
        changes: What to change.
        profile: Whose: the default profile's values stand outside every table.

    Raises:
        InvalidSetting: A value cannot be, a setting does not exist or not in a profile.
        SettingsNotSaved: The file could not be written, or not be read first.
    """
    return _rewrite(paths, profile, _checked(changes, profile))


def _checked(changes: Changes, profile: str) -> dict[str, Value | None]:
    """Return the changes with every value in its canonical form."""
    if profile != DEFAULT_PROFILE and not is_profile_name(profile):
        raise InvalidSetting("The name of a profile must be 1 to 80 visible characters.")
    checked: dict[str, Value | None] = {}
    for key, value in changes.items():
        setting = SETTING_BY_KEY.get(key)
        if setting is None:
            raise InvalidSetting(f"There is no setting {key}.")
        if profile != DEFAULT_PROFILE and not setting.in_profile:
            raise InvalidSetting(f"{key} cannot differ by profile.")
        try:
            checked[key] = None if value is None else setting.kind.check(value)
        except ValueError:
            raise InvalidSetting(setting.kind.explain(value, key)) from None
    return _with_one_key_source(checked)


def _with_one_key_source(changes: dict[str, Value | None]) -> dict[str, Value | None]:
    """Take the other two key sources out where one is set."""
    said = [key for key in KEY_SOURCE_KEYS if changes.get(key)]
    if len(said) > 1:
        raise InvalidSetting(f"{' and '.join(said)} cannot be set together: the key has one place.")
    if said:
        changes.update({key: None for key in KEY_SOURCE_KEYS if key != said[0]})
    return changes


def _table_of(tree: dict[str, object], profile: str) -> dict[str, object]:
    if profile == DEFAULT_PROFILE:
        return tree
    return _subtable(_subtable(tree, PROFILES_KEY), profile)


def _subtable(table: dict[str, object], key: str) -> dict[str, object]:
    """Return the table under a key, made if it is missing."""
    found = table.setdefault(key, {})
    if not isinstance(found, dict):
        raise SettingsNotSaved(
            f"{key} in the settings file is not a table.", hint="Correct the file by hand."
        )
    return found


def _apply(table: dict[str, object], changes: Changes) -> None:
    for key, value in changes.items():
        if value is None:
            table.pop(key, None)
        else:
            table[key] = _as_toml(value)


def _as_toml(value: Value) -> object:
    if isinstance(value, tuple):
        return list(value)
    return dict(value) if isinstance(value, Mapping) else value


def _rewrite(paths: Paths, profile: str, changes: Changes) -> Saved:
    """Read the file afresh, change a profile's table in it, replace it."""
    target = Path(os.path.realpath(paths.settings_file))
    try:
        with locked(target.parent):
            document = read_document(paths.settings_file)
            if document.fault and document.broken is None:
                raise SettingsNotSaved(
                    f"Nothing was saved over {target}. {document.fault}",
                    hint="Make it readable, or move it away.",
                )
            tree = dict(document.tree)
            tree.setdefault(VERSION_KEY, FORMAT)
            if document.broken is not None:
                tree["read_only"] = True
            _apply(_table_of(tree, profile), changes)
            content = tomli_w.dumps(tree).encode()
            copy = None if document.broken is None else keep_broken(target, document.broken)
            replace_file(target, content)
    except OSError as error:
        reason = error.strerror or str(error)
        raise SettingsNotSaved(
            f"The settings could not be written to {target}: {reason}.",
            hint="They hold for this run; make the folder writable to keep them.",
        ) from error
    except (ValueError, RecursionError) as error:
        raise SettingsNotSaved(
            f"{target} holds something that cannot be written back: {error}.",
            hint="Correct the file by hand.",
        ) from error
    return Saved(target, copy)
