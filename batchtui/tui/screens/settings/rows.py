"""From settings to the lines of the settings screen. Pure."""

from msgspec import Struct

from batchtui.config.kinds import Setting
from batchtui.config.loading import LoadedSettings
from batchtui.config.settings import SETTINGS
from batchtui.tui.lines import BLANK, Line, Span, line
from batchtui.tui.widgets.columns import Cell, Column, place_columns, table_line
from batchtui.untrusted import visible

_COLUMNS = (
    Column("name", "SETTING", 20, gap=2),
    Column("value", "VALUE", 12, grows=True),
    Column("origin", "FROM", 24, rank=1),
)


class SettingRow(Struct, frozen=True):
    """One line of the list: a heading, or a setting with its value.

    Attributes:
        heading: The name of a group, or an empty string.
        setting: The setting, or ``None`` on a heading.
        value: Its value as text, safe to show.
        origin: Who said so.
        is_changed: Whether somebody other than the default said so.
        is_overridden: Whether the environment or the command line wins over the file.
    """

    heading: str = ""
    setting: Setting | None = None
    value: str = ""
    origin: str = ""
    is_changed: bool = False
    is_overridden: bool = False


def setting_rows(loaded: LoadedSettings) -> tuple[SettingRow, ...]:
    """List all settings under their headings."""
    rows: list[SettingRow] = []
    group = ""
    for setting in SETTINGS:
        if setting.group != group:
            group = setting.group
            rows.append(SettingRow(heading=group))
        origin = loaded.origins[setting.key]
        rows.append(
            SettingRow(
                setting=setting,
                value=visible(setting.kind.format(loaded.settings.value(setting.key))),
                origin=str(origin),
                is_changed=origin.kind != "default",
                is_overridden=loaded.is_overridden(setting.key),
            )
        )
    return tuple(rows)


def row_line(row: SettingRow, width: int) -> Line:
    """Paint one row ``width`` cells wide."""
    if row.setting is None:
        return line((row.heading, "heading"))
    cells: dict[str, Cell] = {
        "name": row.setting.title,
        "value": Span(row.value or "–", "accent" if row.is_changed else ""),
        "origin": Span(row.origin, "warning" if row.is_overridden else "muted"),
    }
    return table_line(place_columns(_COLUMNS, width), cells)


def help_of(row: SettingRow) -> tuple[Line, ...]:
    """Explain a row: what it does, what it may be, where else it can be said."""
    if row.setting is None:
        return (BLANK, BLANK, BLANK)
    variables = ", ".join(row.setting.variables)
    file_line = line((f"{row.setting.key} in the settings file", "muted"))
    if variables:
        file_line = line(
            (f"{row.setting.key} in the settings file, or {variables} in the environment", "muted")
        )
    overridden = line((f"{row.origin} decides now; the file counts without it", "warning"))
    return (
        line(row.setting.help),
        line(("It must be ", "muted"), (row.setting.kind.expected, "muted")),
        overridden if row.is_overridden else file_line,
    )
