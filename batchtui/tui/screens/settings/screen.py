"""The screen that shows and changes the settings."""

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.reactive import reactive
from textual.types import CSSPathType

from batchtui.config.credentials import write_key_file
from batchtui.config.errors import ConfigError
from batchtui.config.kinds import Setting, Value
from batchtui.config.loading import LoadedSettings
from batchtui.config.saving import save_settings
from batchtui.config.settings import DEFAULT_PROFILE
from batchtui.config.stored import is_profile_name
from batchtui.endpoint import find_key_fault
from batchtui.formatting import cut_middle
from batchtui.tui.commands.bindings import dispatched
from batchtui.tui.commands.general import Leave
from batchtui.tui.commands.settings import (
    SETTINGS_COMMANDS,
    AddProfile,
    EditSetting,
    ResetSetting,
    StoreKey,
)
from batchtui.tui.lines import Line, line
from batchtui.tui.screens.command_screen import CommandScreen, Handlers
from batchtui.tui.screens.dialogs.choice import Choice, ChoiceDialog
from batchtui.tui.screens.dialogs.prompt import PromptDialog
from batchtui.tui.screens.settings.rows import SettingRow, help_of, row_line, setting_rows
from batchtui.tui.stylesheets import SETTINGS
from batchtui.tui.widgets.action_bar import ActionBar
from batchtui.tui.widgets.line_bar import LineBar
from batchtui.tui.widgets.line_list import LineList
from batchtui.untrusted import visible


class SettingList(LineList):
    """The settings under their headings."""

    rows: reactive[tuple[SettingRow, ...]] = reactive((), repaint=True)

    def watch_rows(self, rows: tuple[SettingRow, ...]) -> None:
        """Take the number of rows; the first setting gets the cursor."""
        self.row_count = len(rows)
        if self.cursor == 0 and rows:
            self.cursor = 1

    def line_of(self, row: int, width: int) -> Line:
        """One heading or setting."""
        return row_line(self.rows[row], width)

    def validate_cursor(self, cursor: int) -> int:
        """Keep the cursor off the headings, going on in its direction."""
        cursor = super().validate_cursor(cursor)
        if not self.rows or self.rows[cursor].setting is not None:
            return cursor
        return cursor + 1 if cursor > self.cursor or cursor == 0 else cursor - 1


class SettingsScreen(CommandScreen[LoadedSettings]):
    """Shows every setting with its origin; a change is checked and saved at once.

    Args:
        loaded: The settings as they count now.
        reload: Reads them anew after a change.
    """

    CSS_PATH: ClassVar[CSSPathType | None] = SETTINGS
    OFFERED = (*SETTINGS_COMMANDS, Leave)
    BINDINGS: ClassVar[list[BindingType]] = dispatched((*SETTINGS_COMMANDS, Leave))

    loaded: reactive[LoadedSettings | None] = reactive(None, repaint=False)

    def __init__(self, loaded: LoadedSettings, reload: Callable[[], LoadedSettings]) -> None:
        super().__init__()
        self._reload = reload
        self.header = LineBar(id="settings-header", classes="chrome")
        self.list = SettingList(id="settings-list")
        self.help = LineBar(id="settings-help")
        self.actions = ActionBar(id="settings-actions", classes="chrome")
        self.set_reactive(SettingsScreen.loaded, loaded)

    def handlers(self) -> Handlers:
        """What carries the commands out."""
        return {
            EditSetting: lambda: self.start(self._edit, "dialog"),
            ResetSetting: self._reset,
            StoreKey: lambda: self.start(self._store_key, "dialog"),
            AddProfile: lambda: self.start(self._add_profile, "dialog"),
            Leave: lambda: self.dismiss(self.loaded),
        }

    def compose(self) -> ComposeResult:
        """Header, list, help, action bar."""
        yield self.header
        yield self.list
        yield self.help
        yield self.actions

    def on_mount(self) -> None:
        """Show the settings."""
        self.watch_loaded()
        self.list.focus()

    def on_resize(self) -> None:
        """Fit the header to the new width."""
        self.call_after_refresh(self.watch_loaded)

    def watch_loaded(self) -> None:
        """Show the settings as they count now."""
        if self.loaded is None:
            return
        self.list.rows = setting_rows(self.loaded)
        title = line(("Settings", "heading"), f"  profile {visible(self.loaded.profile.name)}")
        room = self.header.size.width - len(title.text) - 2
        where = cut_middle(visible(str(self.loaded.paths.settings_file)), max(0, room))
        header = Line(title.left, line((where, "muted")).left)
        self.header.lines = (header,)
        self.actions.items = tuple(self.action_items())
        self._explain()

    def on_line_list_highlighted(self) -> None:
        """Explain the setting under the cursor."""
        self._explain()

    def _explain(self) -> None:
        if self.list.rows:
            self.help.lines = help_of(self.list.rows[self.list.cursor])

    @property
    def _current(self) -> Setting | None:
        return self.list.rows[self.list.cursor].setting if self.list.rows else None

    async def _edit(self) -> None:
        """Change the setting under the cursor."""
        setting, loaded = self._current, self.loaded
        if setting is None or loaded is None:
            return
        current = setting.kind.format(loaded.settings.value(setting.key))
        if setting.kind.is_switch:
            text: str | None = "false" if current == "true" else "true"
        elif setting.kind.choices:
            text = await self._choose(setting, current)
        else:
            text = await self._ask(setting, current)
        if text is not None:
            self._save({setting.key: setting.kind.parse(text)}, in_profile=setting.in_profile)

    async def _choose(self, setting: Setting, current: str) -> str | None:
        choices = [Choice(line(text), text) for text in setting.kind.choices]
        place = setting.kind.choices.index(current) if current in setting.kind.choices else 0
        dialog = ChoiceDialog(setting.title, choices, current=place, body=(line(setting.help),))
        return await self.app.push_screen_wait(dialog)

    async def _ask(self, setting: Setting, current: str) -> str | None:
        def check(text: str) -> str:
            try:
                setting.kind.parse(text)
            except ValueError:
                return f"It must be {setting.kind.expected}."
            return ""

        dialog = PromptDialog(setting.title, (line(setting.help),), value=current, check=check)
        return await self.app.push_screen_wait(dialog)

    def _reset(self) -> None:
        """Let the default count again."""
        setting = self._current
        if setting is not None:
            self._save({setting.key: None}, in_profile=setting.in_profile)

    async def _store_key(self) -> None:
        """Write a typed key into a file of mode 0600 and use it."""
        loaded = self.loaded
        if loaded is None:
            return
        path = loaded.paths.key_file(loaded.profile.name)
        body = (
            line("The key goes into a file that only you can read:"),
            line((str(path), "muted")),
        )
        dialog = PromptDialog(
            "Store a key", body, placeholder="sk-ant-…", is_secret=True, check=_key_problem
        )
        key = await self.app.push_screen_wait(dialog)
        if key is None:
            return
        try:
            write_key_file(path, key)
        except ConfigError as error:
            self.notify_error(error)
        else:
            self._save({"key_file": str(path)}, in_profile=True)

    async def _add_profile(self) -> None:
        """Add a profile, empty but for the name of its server."""

        def check(text: str) -> str:
            return "" if is_profile_name(text) else "A name is 1 to 80 visible characters."

        name = await self.app.push_screen_wait(
            PromptDialog("New profile", placeholder="such as acme-prod", check=check)
        )
        if name is None or self.loaded is None:
            return
        changes: dict[str, Value | None] = {"base_url": self.loaded.settings.base_url}
        self._save(changes, in_profile=True, profile=name)

    def _save(
        self, changes: dict[str, Value | None], *, in_profile: bool, profile: str | None = None
    ) -> None:
        """Write changes and take over what counts then; on failure say why."""
        loaded = self.loaded
        if loaded is None:
            return
        target = (profile or loaded.profile.name) if in_profile else DEFAULT_PROFILE
        try:
            saved = save_settings(loaded.paths, changes, profile=target)
            self.loaded = self._reload()
        except ConfigError as error:
            self.notify_error(error)
            return
        if saved.broken_copy is not None:
            text = f"The broken settings file is kept as {saved.broken_copy}"
            self.notify(text, severity="warning")


def _key_problem(text: str) -> str:
    fault = find_key_fault(text.strip())
    return "" if fault is None else f"This cannot be a key: {fault.what}. {fault.hint}"
