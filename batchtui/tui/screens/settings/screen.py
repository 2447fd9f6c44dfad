"""The screen that shows and changes the settings."""

import asyncio
from collections.abc import Awaitable, Callable

from textual import on
from textual.app import ComposeResult
from textual.reactive import reactive
from textual.widgets import Input

from batchtui.batches.rules import ALLOWED, Availability
from batchtui.config.loading import LoadedSettings
from batchtui.tui.commands.general import Leave
from batchtui.tui.commands.settings import (
    AddProfile,
    EditSetting,
    FilterSettings,
    ResetSetting,
    SettingNeed,
    StoreKey,
)
from batchtui.tui.lines import Line, line
from batchtui.tui.screens.command_screen import CommandScreen, set_at_once
from batchtui.tui.screens.settings.changes import SettingChanges
from batchtui.tui.screens.settings.rows import SettingRow, help_of, row_line, setting_rows
from batchtui.tui.stylesheets import SETTINGS
from batchtui.tui.widgets.line_bar import LineBar
from batchtui.tui.widgets.line_list import LineList
from batchtui.tui.widgets.painting import cut_cells
from batchtui.tui.widgets.text_field import TextField
from batchtui.untrusted import visible

_AT_DEFAULT = Availability("It is at its default already")


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
        """Return one heading or setting."""
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
        loaded: The settings; after a change perhaps those of another profile, chosen for later.
        reload: Reads them again after a change.
        on_change: Has a change take effect.
        on_new_key: Called when a key was stored.
        search: What to show of them at first.
    """

    CSS_PATH = SETTINGS
    OFFERED = (EditSetting, FilterSettings, Leave, ResetSetting, StoreKey, AddProfile)

    loaded: reactive[LoadedSettings] = reactive(set_at_once, repaint=False, init=False)

    def __init__(
        self,
        loaded: LoadedSettings,
        reload: Callable[[], LoadedSettings],
        on_change: Callable[[], Awaitable[None]],
        on_new_key: Callable[[], None],
        search: str = "",
    ) -> None:
        super().__init__()
        self.set_reactive(SettingsScreen.loaded, loaded)
        self._reload = reload
        self._on_change = on_change
        self.header = LineBar(id="settings-header", classes="chrome")
        self.search = TextField(
            search, id="settings-search", compact=True, placeholder="name, value or what it does"
        )
        self.list = SettingList(id="settings-list")
        self.help = LineBar(id="settings-help")
        self._changes = SettingChanges(
            self._take_saved, on_new_key, lambda: self.list.current, self
        )

    def command_owners(self) -> tuple[object, ...]:
        """Return the screen, and what changes settings."""
        return self, self._changes

    def compose(self) -> ComposeResult:
        """Header, search, list, help, action bar."""
        yield self.header
        yield self.search
        yield self.list
        yield self.help
        yield self.actions

    def on_mount(self) -> None:
        """Show the settings."""
        self.show()
        self.set_focus(self.list)

    async def _take_saved(self) -> None:
        """Show what was saved, and have it take effect."""
        await self._read_again()
        await self._on_change()

    async def _read_again(self) -> None:
        self.loaded = await asyncio.to_thread(self._reload)

    def take_over_settings(self) -> None:
        """Show what was changed elsewhere too: a theme, from the palette."""
        super().take_over_settings()
        self.start(self._read_again, "read")

    def watch_loaded(self) -> None:
        """Show the settings."""
        self.show()

    def show(self) -> None:
        """Show the settings as they are saved."""
        loaded = self.loaded
        self.search.set_class(bool(self.search.value), "-set")
        self.list.rows = setting_rows(loaded, self.search.value)
        title = line(("Settings", "heading"), f"  profile {visible(loaded.profile.name)}")
        room = self.header.size.width - len(title.text) - 2
        where = cut_cells(visible(str(loaded.paths.settings_file)), max(0, room))
        self.header.lines = (Line(title.left, line((where, "muted")).left),)
        self._explain()

    @on(LineList.Highlighted)
    def _explain(self) -> None:
        """Explain the setting under the cursor."""
        row = self.list.current or SettingRow()
        self.help.lines = help_of(row, self.help.line_width)
        changed = ALLOWED if row.is_changed else _AT_DEFAULT
        self.needs = {SettingNeed.CHANGED: changed}
        self.show_actions()

    @on(LineList.Chosen)
    async def edit_chosen(self) -> None:
        """A double click is Enter."""
        await self.run_command(EditSetting)

    def filter_settings(self) -> None:
        """Go to the field of the search."""
        self.set_focus(self.search)

    def search_for(self, text: str) -> None:
        """Show what a search finds, if there is one."""
        if text:
            self.search.value = text
            self.set_focus(self.list)

    @on(Input.Changed, "#settings-search")
    def search_as_typed(self) -> None:
        """Show what is searched for, with the cursor on what is named so."""
        self.show()
        words = self.search.value.casefold().split()
        named = (
            at
            for at, row in enumerate(self.list.rows)
            if row.setting is not None and all(word in row.name.casefold() for word in words)
        )
        self.list.cursor = next(named, self.list.cursor) if words else self.list.cursor

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
        await self._changes.settle()
        self.dismiss(self.loaded)
