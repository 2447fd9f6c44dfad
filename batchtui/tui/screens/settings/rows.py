"""From settings to the lines of the settings screen. Pure."""

from collections.abc import Iterator

from msgspec import Struct

from batchtui.config.kinds import Setting
from batchtui.config.loading import LoadedSettings
from batchtui.config.settings import SETTINGS
from batchtui.tui.commands.catalog import ALL_COMMANDS
from batchtui.tui.commands.command import Command, key_names
from batchtui.tui.lines import BLANK, Line, Span, line
from batchtui.tui.widgets.columns import Cell, Column, place_columns, table_line
from batchtui.tui.widgets.reader_wrapping import wrap_lines
from batchtui.untrusted import visible

_ROOMY = 100
"""Cells from which there is room for the name of a variable beside a value."""
_HELP_ROWS = 3
_AT_NEXT_START = frozenset({"color_depth", "motion", "driver", "mouse"})
"""What the terminal is set up with: it counts when batchtui is started again."""


class SettingRow(Struct, frozen=True):
    """One line of the list: a heading, a setting with its value, or a command with its keys."""

    heading: str = ""
    """The name of a group, or an empty string."""
    setting: Setting | None = None
    """The setting, or ``None`` on a heading."""
    command: type[Command] | None = None
    """Whose keys it is about, or ``None``."""
    value: str = ""
    """Its value as text, safe to show."""
    origin: str = ""
    """Who said so."""
    is_changed: bool = False
    """Whether somebody other than the default said so."""
    is_overridden: bool = False
    """Whether the environment or the command line wins over the file."""
    is_unused: bool = False
    """Whether it is saved, but another way to the key counts."""

    @property
    def name(self) -> str:
        """What it is called."""
        if self.command is not None:
            return self.command.label
        return self.setting.title if self.setting is not None else self.heading

    @property
    def searched(self) -> str:
        """The text that a search looks in."""
        words = [self.name, self.value]
        if self.command is not None:
            words += [self.command.id(), self.command.help(), "key keys"]
        elif self.setting is not None:
            words += [self.setting.key, self.setting.help, self.setting.group]
        return " ".join(words).casefold()


def setting_rows(loaded: LoadedSettings, search: str = "") -> tuple[SettingRow, ...]:
    """List the settings and keys that have all words of a search, under their headings."""
    words = search.casefold().split()
    rows: list[SettingRow] = []
    group = ""
    for row in (*_settings(loaded), *_keys(loaded)):
        if not all(word in row.searched for word in words):
            continue
        named = _group_of(row)
        if named != group:
            group = named
            rows += [SettingRow()] * bool(rows) + [SettingRow(heading=group)]
        rows.append(row)
    return tuple(rows)


def _group_of(row: SettingRow) -> str:
    if row.command is not None:
        return f"Keys: {row.command.group.value}"
    return row.setting.group if row.setting is not None else ""


def _settings(loaded: LoadedSettings) -> Iterator[SettingRow]:
    for setting in SETTINGS:
        if setting.key == "keys":
            continue
        origin = loaded.origins[setting.key]
        saved = loaded.saved_value(setting.key)
        is_unused = origin.kind == "default" and saved is not None
        counts = loaded.settings.value(setting.key)
        value = visible(setting.kind.format(saved if is_unused and saved is not None else counts))
        yield SettingRow(
            setting=setting,
            value=f"{value} {setting.unit}".strip() if value else "",
            origin="saved, not used" if is_unused else str(origin),
            is_changed=origin.kind != "default" or is_unused,
            is_overridden=loaded.is_overridden(setting.key),
            is_unused=is_unused,
        )


def _keys(loaded: LoadedSettings) -> Iterator[SettingRow]:
    setting = next(one for one in SETTINGS if one.key == "keys")
    keymap, origin = loaded.settings.keys, str(loaded.origins["keys"])
    groups = list(dict.fromkeys(command.group for command in ALL_COMMANDS))
    for command in sorted(ALL_COMMANDS, key=lambda command: groups.index(command.group)):
        is_changed = command.id() in keymap
        yield SettingRow(
            setting=setting,
            command=command,
            value=visible(key_names(keymap.get(command.id()) or command.keys)),
            origin=origin if is_changed else "default",
            is_changed=is_changed,
        )


def row_line(row: SettingRow, width: int) -> Line:
    """Paint one row ``width`` cells wide."""
    if row.setting is None:
        return line((row.heading, "heading"))
    cells: dict[str, Cell] = {
        "name": f"  {row.name}",
        "value": Span(row.value or "–", "accent" if row.is_changed else ""),
        "origin": Span(row.origin, "warning" if row.is_overridden or row.is_unused else "muted"),
    }
    columns = (
        Column("name", "SETTING", 26, gap=2),
        Column("value", "VALUE", 28, grows=True),
        Column("origin", "FROM", 40 if width >= _ROOMY else 16, rank=1),
    )
    return table_line(place_columns(columns, width), cells)


def help_of(row: SettingRow, width: int) -> tuple[Line, ...]:
    """Explain a row: what it does, what it may be, from when on, where else it can be said."""
    lines = wrap_lines(_explanation(row), width)[:_HELP_ROWS]
    return (*lines, *[BLANK] * (_HELP_ROWS - len(lines)))


def _explanation(row: SettingRow) -> Iterator[Line]:
    if row.setting is None:
        return
    if row.command is not None:
        yield line(row.command.help())
        yield line((f"{row.command.id()} under [keys] in the settings file", "muted"))
        return
    setting = row.setting
    yield line(setting.help)
    when = "; counts from the next start on" if setting.key in _AT_NEXT_START else ""
    yield line((f"It must be {setting.kind.expected}{when}", "muted"))
    if row.is_unused:
        yield line(("It is saved, but another way to the key counts now", "warning"))
        return
    if row.is_overridden:
        yield line((f"{row.origin} decides now; the file counts without it", "warning"))
        return
    variables = ", ".join(setting.variables)
    or_variables = f", or {variables} in the environment" if variables else ""
    yield line((f"{setting.key} in the settings file{or_variables}", "muted"))
