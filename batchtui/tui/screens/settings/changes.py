"""How settings are changed: what is asked for each, and how it is saved."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Protocol

from batchtui.config.credentials import write_key_file
from batchtui.config.kinds import Setting, Value
from batchtui.config.loading import LoadedSettings
from batchtui.config.saving import save_settings
from batchtui.config.settings import DEFAULT_PROFILE
from batchtui.config.stored import is_profile_name
from batchtui.endpoint import find_key_fault
from batchtui.tui.commands.catalog import key_fault
from batchtui.tui.commands.command import Command
from batchtui.tui.commands.general import SwitchProfile
from batchtui.tui.commands.settings import StoreKey
from batchtui.tui.lines import line
from batchtui.tui.screens.command_screen import DIALOG
from batchtui.tui.screens.dialogs.choice import Choice, ChoiceDialog
from batchtui.tui.screens.dialogs.prompt import PromptDialog, SecretPrompt
from batchtui.tui.screens.host import Host
from batchtui.tui.screens.settings.rows import SettingRow

ChangesOf = Callable[[LoadedSettings], Mapping[str, Value | None]]
"""Gives what to write, from the settings as they count when it is written."""


class SettingsHost(Host, Protocol):
    """What changes of settings use of the screen."""

    @property
    def loaded(self) -> LoadedSettings:
        """The settings that are shown."""

    def key_of(self, command: type[Command]) -> str:
        """Return the key of a command as it is set now."""


class SettingChanges:
    """Carries out the commands that change settings; one change is saved after the other.

    Args:
        on_saved: Shows what was saved, and has it count; called after each change.
        on_new_key: Called when a key was stored: perhaps where one was before.
        current: Gives the row under the cursor.
        host: Asks and notifies.
    """

    def __init__(
        self,
        on_saved: Callable[[], Awaitable[None]],
        on_new_key: Callable[[], None],
        current: Callable[[], SettingRow | None],
        host: SettingsHost,
    ) -> None:
        self._on_saved = on_saved
        self._on_new_key = on_new_key
        self._current = current
        self._host = host
        self._saving = asyncio.Lock()

    async def settle(self) -> None:
        """Wait until all is saved."""
        async with self._saving:
            pass

    def edit_setting(self) -> None:
        """Change the setting under the cursor."""
        row = self._current()
        if row is not None and row.setting is not None and row.setting.kind.is_switch:
            self._start_saving(partial(_switched, row.setting), in_profile=row.setting.in_profile)
        else:
            self._host.start(self._edit, DIALOG)

    async def _edit(self) -> None:
        row = self._current()
        if row is None or row.setting is None:
            return
        if row.command is not None:
            await self._edit_keys(row.command)
            return
        setting = row.setting
        current = setting.kind.format(self._host.loaded.settings.value(setting.key))
        asks = self._choose if setting.kind.choices else self._ask
        text = await asks(setting, current)
        if text is not None:
            changes = {setting.key: setting.kind.parse(text)}
            await self._save(lambda _: changes, in_profile=setting.in_profile)

    async def _edit_keys(self, command: type[Command]) -> None:
        keymap = dict(self._host.loaded.settings.keys)

        def check(text: str) -> str:
            fault = key_fault(command, text, keymap | {command.id(): text})
            return "" if fault is None else " ".join(fault)

        body = (
            line(command.help()),
            line(("Several keys are separated by commas: ctrl+k, f5, slash, a", "muted")),
        )
        current = keymap.get(command.id()) or command.keys
        dialog = PromptDialog(f"Keys of {command.label}", body, value=current, check=check)
        text = await self._host.ask(dialog)
        if text is not None:
            keys = ",".join(one.strip() for one in text.split(","))
            await self._save(
                lambda now: {"keys": dict(now.settings.keys) | {command.id(): keys}},
                in_profile=False,
            )

    def reset_setting(self) -> None:
        """Let the default count again."""
        row = self._current()
        if row is not None and row.setting is not None:
            self._start_saving(
                partial(_reset, row.setting, row.command), in_profile=row.setting.in_profile
            )

    def store_key(self) -> None:
        """Type an API key into a file."""
        self._host.start(self._store_key, DIALOG)

    def add_profile(self) -> None:
        """Add a profile."""
        self._host.start(self._add_profile, DIALOG)

    async def _choose(self, setting: Setting, current: str) -> str | None:
        choices = [Choice(line(text), text) for text in setting.kind.choices]
        place = setting.kind.choices.index(current) if current in setting.kind.choices else 0
        dialog = ChoiceDialog(setting.title, choices, current=place, body=(line(setting.help),))
        return await self._host.ask(dialog)

    async def _ask(self, setting: Setting, current: str) -> str | None:
        def check(text: str) -> str:
            try:
                setting.kind.parse(text)
            except ValueError:
                sentence = setting.kind.explain(text)
                return sentence[:1].upper() + sentence[1:]
            return ""

        dialog = PromptDialog(setting.title, (line(setting.help),), value=current, check=check)
        return await self._host.ask(dialog)

    async def _store_key(self) -> None:
        """Write a typed key into a file of mode 0600 and use it."""
        loaded = self._host.loaded
        path = loaded.paths.key_file(loaded.profile.name)
        body = (
            line("The key goes into a file that only you can read:"),
            line((str(path), "muted")),
        )
        dialog = SecretPrompt("Store a key", body, placeholder="sk-ant-…", check=_key_problem)
        key = await self._host.ask(dialog)
        if key is not None:
            await asyncio.to_thread(write_key_file, path, key)
            self._on_new_key()
            await self._save(lambda _: {"key_file": str(path)}, in_profile=True)

    async def _add_profile(self) -> None:
        """Add a profile, empty but for the name of its server."""
        known = {name.casefold() for name in self._host.loaded.profile_names}

        def check(text: str) -> str:
            if not is_profile_name(text):
                return "A name is 1 to 80 visible characters."
            # it would be given this server, and with it its key
            return "There is a profile of that name already." if text.casefold() in known else ""

        name = await self._host.ask(
            PromptDialog("New profile", placeholder="such as acme-prod", check=check)
        )
        if name is None:
            return
        await self._save(
            lambda now: {"base_url": now.settings.base_url}, in_profile=True, profile=name
        )
        switch, store = self._host.key_of(SwitchProfile), self._host.key_of(StoreKey)
        self._host.notify(
            f"Profile {name} is made. Next: leave the settings, {switch} switches to it; "
            f"here {store} then stores its key, and Profile color marks it."
        )

    def _start_saving(self, changes_of: ChangesOf, *, in_profile: bool) -> None:
        """Save beside the screen, after what is being saved already."""

        async def save() -> None:
            await self._save(changes_of, in_profile=in_profile)

        self._host.start(save, "save", is_exclusive=False)

    async def _save(
        self, changes_of: ChangesOf, *, in_profile: bool, profile: str | None = None
    ) -> None:
        """Write changes and take over what counts then.

        Raises:
            ConfigError: They cannot be written; nothing is changed.
        """
        async with self._saving:
            loaded = self._host.loaded
            target = (profile or loaded.profile.name) if in_profile else DEFAULT_PROFILE
            saved = await asyncio.to_thread(
                save_settings, loaded.paths, changes_of(loaded), profile=target
            )
            await self._on_saved()
        if saved.broken_copy is not None:
            text = f"The broken settings file is kept as {saved.broken_copy}"
            self._host.notify(text, severity="warning")


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
