"""The screen that shows and changes the settings."""

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.reactive import reactive
from textual.types import CSSPathType
from textual.widgets import Input

from batchtui.batches.rules import ALLOWED, Availability
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
from batchtui.tui.commands.catalog import key_fault
from batchtui.tui.commands.command import Command
from batchtui.tui.commands.general import Leave, SwitchProfile
from batchtui.tui.commands.settings import (
    AddProfile,
    EditSetting,
    FilterSettings,
    ResetSetting,
    SettingNeed,
    StoreKey,
)
from batchtui.tui.lines import Line, line
from batchtui.tui.screens.command_screen import CommandScreen
from batchtui.tui.screens.dialogs.choice import Choice, ChoiceDialog
from batchtui.tui.screens.dialogs.prompt import PromptDialog
from batchtui.tui.screens.settings.rows import SettingRow, help_of, row_line, setting_rows
from batchtui.tui.stylesheets import SETTINGS
from batchtui.tui.widgets.action_bar import ActionBar
from batchtui.tui.widgets.line_bar import LineBar
from batchtui.tui.widgets.line_list import LineList
from batchtui.tui.widgets.text_field import TextField
from batchtui.untrusted import visible

ChangesOf = Callable[[LoadedSettings], Mapping[str, Value | None]]
"""Gives what to write, from the settings as they count when it is written."""

_AT_DEFAULT = Availability(allowed=False, reason="It is at its default already")


class SettingList(LineList):
    """The settings under their headings."""

    rows: reactive[tuple[SettingRow, ...]] = reactive((), repaint=True)

    def watch_rows(self, old: tuple[SettingRow, ...], rows: tuple[SettingRow, ...]) -> None:
        """Take the number of rows; the cursor stays on its setting, or goes to the first one."""
        current = old[self.cursor].name if self.cursor < len(old) else ""
        self.row_count = len(rows)
        place = next((at for at, row in enumerate(rows) if current and row.name == current), 0)
        self.cursor = place or min(1, max(0, len(rows) - 1))

    def line_of(self, row: int, width: int) -> Line:
        """One heading or setting."""
        return row_line(self.rows[row], width)

    def validate_cursor(self, cursor: int) -> int:
        """Keep the cursor off the headings, going on in its direction."""
        cursor = super().validate_cursor(cursor)
        if not self.rows:
            return cursor
        step = -1 if cursor < self.cursor else 1
        there = range(cursor, len(self.rows) if step > 0 else -1, step)
        back = range(cursor, -1 if step > 0 else len(self.rows), -step)
        places = (at for way in (there, back) for at in way if self.rows[at].setting is not None)
        return next(places, cursor)

    @property
    def current(self) -> SettingRow | None:
        """The row under the cursor."""
        return self.rows[self.cursor] if self.cursor < len(self.rows) else None


class SettingsScreen(CommandScreen[LoadedSettings]):
    """Shows every setting with its origin; a change is checked, saved, and counts at once.

    Args:
        loaded: The settings as they count now.
        reload: Reads them again after a change.
        on_change: Has a change take effect.
        search: What to show of them at first.
    """

    CSS_PATH: ClassVar[CSSPathType | None] = SETTINGS
    OFFERED = (EditSetting, FilterSettings, Leave, ResetSetting, StoreKey, AddProfile)
    BINDINGS: ClassVar[list[BindingType]] = dispatched(OFFERED)

    loaded: reactive[LoadedSettings | None] = reactive(None, repaint=False)

    def __init__(
        self,
        loaded: LoadedSettings,
        reload: Callable[[], LoadedSettings],
        on_change: Callable[[LoadedSettings], None],
        search: str = "",
    ) -> None:
        super().__init__()
        self._reload = reload
        self._on_change = on_change
        self._saving = asyncio.Lock()
        self.header = LineBar(id="settings-header", classes="chrome")
        self.search = TextField(
            search, id="settings-search", compact=True, placeholder="name, value or what it does"
        )
        self.list = SettingList(id="settings-list")
        self.help = LineBar(id="settings-help")
        self.actions = ActionBar(id="settings-actions", classes="chrome")
        self.set_reactive(SettingsScreen.loaded, loaded)

    def compose(self) -> ComposeResult:
        """Header, search, list, help, action bar."""
        yield self.header
        yield self.search
        yield self.list
        yield self.help
        yield self.actions

    def on_mount(self) -> None:
        """Show the settings."""
        self.watch_loaded()
        self.set_focus(self.list)

    def on_resize(self) -> None:
        """Fit everything to the new width."""
        self.call_after_refresh(self.watch_loaded)

    def watch_loaded(self) -> None:
        """Show the settings as they count now."""
        loaded = self.loaded
        if loaded is None:
            return
        self.search.set_class(bool(self.search.value), "-set")
        self.list.rows = setting_rows(loaded, self.search.value)
        title = line(("Settings", "heading"), f"  profile {visible(loaded.profile.name)}")
        room = self.header.size.width - len(title.text) - 2
        where = cut_middle(visible(str(loaded.paths.settings_file)), max(0, room))
        self.header.lines = (Line(title.left, line((where, "muted")).left),)
        self._explain()

    @on(LineList.Highlighted)
    def _explain(self) -> None:
        """Explain the setting under the cursor."""
        row = self.list.current or SettingRow()
        self.help.lines = help_of(row, self.help.line_width)
        changed = ALLOWED if row.is_changed else _AT_DEFAULT
        self.needs = {SettingNeed.CHANGED: changed}
        self.actions.items = tuple(self.action_items())

    @on(LineList.Chosen)
    async def edit_chosen(self) -> None:
        """A double click is Enter."""
        await self.run_command(EditSetting)

    def filter_settings(self) -> None:
        """Go to the field of the search."""
        self.set_focus(self.search)

    @on(Input.Changed, "#settings-search")
    def search_as_typed(self) -> None:
        """Show what is searched for."""
        self.watch_loaded()

    @on(Input.Submitted, "#settings-search")
    def keep_search(self) -> None:
        """Go back to the list."""
        self.set_focus(self.list)

    async def leave(self) -> None:
        """Clear the search; without one leave the settings, once all is saved."""
        if self.search.value or self.search.has_focus:
            self.search.value = ""
            self.set_focus(self.list)
            return
        async with self._saving:
            self.dismiss(self.loaded)

    # Changing

    def edit_setting(self) -> None:
        """Change the setting under the cursor."""
        row = self.list.current
        if row is not None and row.setting is not None and row.setting.kind.is_switch:
            self._start_saving(partial(_switched, row.setting), in_profile=row.setting.in_profile)
        else:
            self.start(self._edit, "dialog")

    async def _edit(self) -> None:
        row, loaded = self.list.current, self.loaded
        if row is None or row.setting is None or loaded is None:
            return
        if row.command is not None:
            await self._edit_keys(row.command, loaded)
            return
        setting = row.setting
        current = setting.kind.format(loaded.settings.value(setting.key))
        asks = self._choose if setting.kind.choices else self._ask
        text = await asks(setting, current)
        if text is not None:
            changes = {setting.key: setting.kind.parse(text)}
            await self._save(lambda _: changes, in_profile=setting.in_profile)

    async def _edit_keys(self, command: type[Command], loaded: LoadedSettings) -> None:
        keymap = dict(loaded.settings.keys)

        def check(text: str) -> str:
            fault = key_fault(command, text, keymap | {command.id(): text})
            return "" if fault is None else " ".join(fault)

        body = (
            line(command.help()),
            line(("Several keys are separated by commas: ctrl+k, f5, slash, a", "muted")),
        )
        current = keymap.get(command.id()) or command.keys
        dialog = PromptDialog(f"Keys of {command.label}", body, value=current, check=check)
        text = await self.app.push_screen_wait(dialog)
        if text is not None:
            keys = ",".join(one.strip() for one in text.split(","))
            await self._save(
                lambda now: {"keys": dict(now.settings.keys) | {command.id(): keys}},
                in_profile=False,
            )

    def reset_setting(self) -> None:
        """Let the default count again."""
        row = self.list.current
        if row is not None and row.setting is not None:
            self._start_saving(
                partial(_reset, row.setting, row.command), in_profile=row.setting.in_profile
            )

    def store_key(self) -> None:
        """Type an API key into a file."""
        self.start(self._store_key, "dialog")

    def add_profile(self) -> None:
        """Add a profile."""
        self.start(self._add_profile, "dialog")

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
            await asyncio.to_thread(write_key_file, path, key)
        except ConfigError as error:
            self.notify_error(error)
        else:
            await self._save(lambda _: {"key_file": str(path)}, in_profile=True)

    async def _add_profile(self) -> None:
        """Add a profile, empty but for the name of its server."""

        def check(text: str) -> str:
            return "" if is_profile_name(text) else "A name is 1 to 80 visible characters."

        name = await self.app.push_screen_wait(
            PromptDialog("New profile", placeholder="such as acme-prod", check=check)
        )
        if name is None or self.loaded is None:
            return
        if await self._save(
            lambda now: {"base_url": now.settings.base_url}, in_profile=True, profile=name
        ):
            switch, store = self.key_of(SwitchProfile), self.key_of(StoreKey)
            self.notify(
                f"Profile {name} is made. Next: leave the settings, {switch} switches to it; "
                f"here {store} then stores its key, and Profile color marks it."
            )

    def _start_saving(self, changes_of: ChangesOf, *, in_profile: bool) -> None:
        """Save beside the screen, after what is being saved already."""

        async def save() -> None:
            await self._save(changes_of, in_profile=in_profile)

        self.start(save, "save", is_exclusive=False)

    async def _save(
        self, changes_of: ChangesOf, *, in_profile: bool, profile: str | None = None
    ) -> bool:
        """Write changes and take over what counts then; on failure say why."""
        async with self._saving:
            loaded = self.loaded
            if loaded is None:
                return False
            target = (profile or loaded.profile.name) if in_profile else DEFAULT_PROFILE
            try:
                saved = await asyncio.to_thread(
                    save_settings, loaded.paths, changes_of(loaded), profile=target
                )
                self.loaded = await asyncio.to_thread(self._reload)
            except ConfigError as error:
                self.notify_error(error)
                return False
            self._on_change(self.loaded)
        if saved.broken_copy is not None:
            text = f"The broken settings file is kept as {saved.broken_copy}"
            self.notify(text, severity="warning")
        return True


def _switched(setting: Setting, loaded: LoadedSettings) -> Mapping[str, Value | None]:
    """Turn a switch the other way."""
    is_on = setting.kind.format(loaded.settings.value(setting.key)) == "true"
    return {setting.key: setting.kind.parse("false" if is_on else "true")}


def _reset(
    setting: Setting, command: type[Command] | None, loaded: LoadedSettings
) -> Mapping[str, Value | None]:
    """Let a default count again; of the keys only that of one command."""
    if command is None:
        return {setting.key: None}
    kept = {one: keys for one, keys in loaded.settings.keys.items() if one != command.id()}
    return {setting.key: kept or None}


def _key_problem(text: str) -> str:
    fault = find_key_fault(text.strip())
    return "" if fault is None else f"This cannot be a key: {fault.what}. {fault.hint}"
