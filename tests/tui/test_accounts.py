"""One account after the other is opened: which of them is shown, and what may be done with it."""

import contextlib
import os
import sqlite3
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.screen import Screen

from batchtui.config.credentials import write_key_file
from batchtui.config.kinds import Value
from batchtui.config.loading import LoadedSettings, load_settings
from batchtui.config.paths import Paths
from batchtui.config.saving import save_settings
from batchtui.library.errors import LibraryError
from batchtui.library.ledger import Ledger
from batchtui.session import Session, SessionOptions
from batchtui.simulator.app import create_app
from batchtui.simulator.transport import SimulatorTransport
from batchtui.simulator.world import World
from batchtui.tui.accounts import open_services
from batchtui.tui.app import BatchtuiApp
from batchtui.tui.commands.batches import CancelBatch
from batchtui.tui.commands.settings import StoreKey
from batchtui.tui.messages import CreateWanted
from batchtui.tui.screens.batches.screen import BatchesScreen
from batchtui.tui.screens.command_screen import CommandScreen
from batchtui.tui.screens.dialogs.prompt import SecretPrompt
from batchtui.tui.screens.settings.screen import SettingsScreen
from batchtui.tui.setup import AppSetup
from tests.tui.submission.making import open_preview, press, write_many
from tests.tui.support import (
    WIDE,
    idle,
    make_world,
    notice_text,
    screen_text,
    wait_for_text,
    wait_until,
)

ENVIRON = {"RED_KEY": "sk-ant-red-key-0000000001", "BLUE_KEY": "sk-ant-blue-key-00000002"}


class SlowKey:
    """A key command that prints its key when the test says so."""

    def __init__(self, folder: Path) -> None:
        self._pipe = folder / "key"
        os.mkfifo(self._pipe)
        self._end = os.open(self._pipe, os.O_RDWR)

    @property
    def command(self) -> tuple[str, ...]:
        """The command, for the settings."""
        script = ': > "$0.asked"; read -r key < "$0"; echo "$key"'
        return ("sh", "-c", script, str(self._pipe))

    @property
    def is_asked_for(self) -> bool:
        """Whether the command was run."""
        return self._pipe.with_name("key.asked").exists()

    def give(self) -> None:
        """Let it print the key, now or once it is run."""
        os.write(self._end, b"sk-ant-slow-key-00000003\n")

    def close(self) -> None:
        """Let nothing wait for it any more."""
        self.give()
        os.close(self._end)


@pytest.fixture
def slow_key(tmp_path: Path) -> Iterator[SlowKey]:
    with contextlib.closing(SlowKey(tmp_path)) as key:
        yield key


def make_profiles_setup(
    profiles: Mapping[str, Mapping[str, Value]], world: World | None = None
) -> AppSetup:
    """What the app starts with: profiles over one world, the first of which it begins with."""
    environ = {**os.environ, **ENVIRON}
    paths = Paths.from_environment(environ)
    for number, (name, values) in enumerate(profiles.items(), 1):
        address = f"http://127.0.0.1:{number}"
        save_settings(paths, {"base_url": address, **values}, profile=name)
    save_settings(paths, {"profile": next(iter(profiles))})

    def load(profile: str | None) -> LoadedSettings:
        return load_settings(paths, environ, {"profile": profile} if profile else {})

    server = create_app(world or make_world())
    options = SessionOptions(environ, transport=lambda: SimulatorTransport(server))
    return AppSetup(load=load, options=options)


def make_profiles_app(profiles: Mapping[str, Mapping[str, Value]]) -> BatchtuiApp:
    """The app with these profiles."""
    return BatchtuiApp(make_profiles_setup(profiles))


def make_guarded_app(trial: Mapping[str, Value]) -> BatchtuiApp:
    """The app at a profile in which nothing can be changed, and one beside it where that can be."""
    return make_profiles_app({"prod": {"key_env": "RED_KEY", "read_only": True}, "trial": trial})


def list_of(app: BatchtuiApp, profile: str) -> BatchesScreen | None:
    """The list of a profile's batches, if that is what is shown."""
    screen = app.screen
    is_it = isinstance(screen, BatchesScreen) and screen.session.profile.name == profile
    return screen if is_it and isinstance(screen, BatchesScreen) else None


async def shown_list(pilot: Pilot[int], app: BatchtuiApp, profile: str) -> BatchesScreen:
    """Wait until the list of a profile's batches is what is shown; gives it."""
    await wait_until(pilot, lambda: list_of(app, profile) is not None, f"the list of {profile}")
    await wait_for_text(pilot, "● running")
    screen = list_of(app, profile)
    assert screen is not None
    return screen


def select_running(screen: BatchesScreen) -> None:
    """Put the cursor on a batch that could be canceled."""
    running = next(one for one in screen.listing.rows if one.is_live and not one.is_canceling)
    screen.updates.browse(screen.listing.select(running.id))


async def switch_to_next(pilot: Pilot[int]) -> None:
    """Choose the profile below the one that is open."""
    await pilot.press("P")
    await wait_for_text(pilot, "Enter Switch")
    await pilot.press("down", "enter")


async def test_while_another_account_is_opened_the_one_shown_keeps_to_its_own_rights(
    slow_key: SlowKey,
) -> None:
    app = make_guarded_app({"key_command": slow_key.command})
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        screen = await shown_list(pilot, app, "prod")
        select_running(screen)
        await switch_to_next(pilot)
        assert list_of(app, "prod") is screen
        assert not screen.availability_of(CancelBatch)
        slow_key.give()
        screen = await shown_list(pilot, app, "trial")
        select_running(screen)
        await idle(pilot)
        assert screen.availability_of(CancelBatch)


async def test_a_profile_chosen_in_the_settings_counts_once_its_account_is_shown(
    slow_key: SlowKey,
) -> None:
    app = make_guarded_app({"key_command": slow_key.command})
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        screen = await shown_list(pilot, app, "prod")
        select_running(screen)
        await pilot.press("comma", "enter")
        await wait_for_text(pilot, "Enter Save")
        await pilot.press("ctrl+u", *"trial", "enter")
        await wait_until(pilot, lambda: "profile trial" in screen_text(app))
        assert screen.session.profile.name == "prod"
        await pilot.press("escape")
        await wait_until(pilot, lambda: app.screen is screen)
        assert not screen.availability_of(CancelBatch)
        slow_key.give()
        await shown_list(pilot, app, "trial")
        assert app.effective.loaded.profile.name == "trial"


def is_open(session: Session) -> bool:
    """Whether the files of an account are."""
    try:
        session.ledger.labels()
    except LibraryError:
        return False
    return True


class RecordingApp(BatchtuiApp):
    """Keeps the accounts that are shown."""

    def __init__(self, setup: AppSetup) -> None:
        super().__init__(setup)
        self.shown: list[Session] = []

    async def show_alone(self, screen: Screen[None]) -> None:
        assert isinstance(screen, BatchesScreen)
        self.shown.append(screen.session)
        await super().show_alone(screen)


async def test_a_theme_brings_no_rights_of_the_profile_that_the_file_names_by_now() -> None:
    app = make_guarded_app({"key_env": "BLUE_KEY"})
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        screen = await shown_list(pilot, app, "prod")
        select_running(screen)
        before = app.effective.loaded
        save_settings(before.paths, {"profile": "trial"})
        await pilot.press("T", "down", "enter")
        await wait_until(
            pilot, lambda: app.effective.loaded.settings.theme != before.settings.theme
        )
        assert app.effective.loaded.profile.name == "prod"
        assert not screen.availability_of(CancelBatch)


async def test_a_theme_taken_meanwhile_does_not_undo_a_profile_chosen_in_the_settings() -> None:
    app = make_profiles_app({"prod": {"key_env": "RED_KEY"}, "trial": {"key_env": "BLUE_KEY"}})
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await shown_list(pilot, app, "prod")
        await pilot.press("comma", "enter")
        await wait_for_text(pilot, "Enter Save")
        await pilot.press("ctrl+u", *"trial", "enter")
        await wait_for_text(pilot, "profile trial")
        before = app.effective.loaded
        await pilot.press("T", "down", "enter")
        await wait_until(
            pilot, lambda: app.effective.loaded.settings.theme != before.settings.theme
        )
        await idle(pilot)
        assert app.effective.loaded.profile.name == "prod"
        assert "profile trial" in screen_text(app)
        await pilot.press("escape")
        await shown_list(pilot, app, "trial")


async def test_of_two_accounts_wanted_at_once_the_last_is_shown_and_the_others_are_closed(
    slow_key: SlowKey,
) -> None:
    app = RecordingApp(
        make_profiles_setup(
            {
                "red": {"key_env": "RED_KEY"},
                "slow": {"key_command": slow_key.command},
                "blue": {"key_env": "BLUE_KEY"},
            }
        )
    )
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        first = (await shown_list(pilot, app, "red")).session
        for name in ("slow", "blue"):
            app.start(partial(app.accounts.open_profile, name), "session")
        slow_key.give()
        await wait_until(pilot, lambda: len(app.shown) == 2)
        last = (await shown_list(pilot, app, "blue")).session
        await idle(pilot)
        assert [one.profile.name for one in app.shown] == ["slow", "blue"]
        assert app.effective.loaded.profile.name == "blue"
        assert app.session is last
        assert [is_open(one) for one in (first, *app.shown)] == [False, False, True]


async def test_a_new_batch_can_be_begun_though_one_was_being_prepared_in_another_account(
    tmp_path: Path,
) -> None:
    app = make_profiles_app({"red": {"key_env": "RED_KEY"}, "blue": {"key_env": "BLUE_KEY"}})
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await shown_list(pilot, app, "red")
        await open_preview(pilot, write_many(tmp_path / "some.jsonl", 3))
        await switch_to_next(pilot)
        await shown_list(pilot, app, "blue")
        await open_preview(pilot, tmp_path / "some.jsonl")
        assert "blue" in screen_text(app)


async def test_what_cannot_be_begun_yet_says_so(tmp_path: Path) -> None:
    app = make_profiles_app({"red": {"key_env": "RED_KEY"}})
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await shown_list(pilot, app, "red")
        await open_preview(pilot, write_many(tmp_path / "some.jsonl", 3))
        app.screen.post_message(CreateWanted())
        await wait_until(pilot, lambda: "what was begun before" in notice_text(app))


async def test_the_tool_of_the_clipboard_gets_the_key_of_no_account_that_is_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool, given = tmp_path / "wl-copy", tmp_path / "given"
    tool.write_text(f"#!/bin/sh\ncat > {given}; env >> {given}\n")
    tool.chmod(0o700)
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    app = make_profiles_app({"red": {"key_env": "RED_KEY"}, "blue": {"key_env": "BLUE_KEY"}})
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        for name in ("red", "blue"):
            screen = await shown_list(pilot, app, name)
            app.clear_notifications()
            await pilot.press("y")
            await wait_until(pilot, lambda: "Copied" in notice_text(app))
            assert (screen.listing.selected or "?") in given.read_text()
            assert ENVIRON[f"{name.upper()}_KEY"] not in given.read_text()
            await switch_to_next(pilot)


class BusyScreen(CommandScreen[None]):
    """Does what nothing may tear off."""

    @property
    def why_stay(self) -> str:
        return "It is busy"


async def test_what_was_begun_while_an_account_is_opened_is_not_torn_off(
    slow_key: SlowKey,
) -> None:
    app = RecordingApp(
        make_profiles_setup(
            {"red": {"key_env": "RED_KEY"}, "slow": {"key_command": slow_key.command}}
        )
    )
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        first = (await shown_list(pilot, app, "red")).session
        app.start(partial(app.accounts.open_profile, "slow"), "session")
        await wait_until(pilot, lambda: slow_key.is_asked_for)
        await app.push_screen(BusyScreen())
        slow_key.give()
        await wait_until(pilot, lambda: "It is busy" in notice_text(app))
        assert not app.shown
        assert app.session is first
        assert is_open(first)
        assert app.effective.loaded.profile.name == "red"
        assert app.accounts.read_settings().profile.name == "red"


async def test_an_account_changed_while_it_could_not_be_left_is_opened_later() -> None:
    app = make_profiles_app({"red": {"key_env": "RED_KEY"}})
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        first = (await shown_list(pilot, app, "red")).session
        busy = BusyScreen()
        await app.push_screen(busy)
        app.preferences.open_settings()
        await wait_for_text(pilot, "Settings")
        paths = app.effective.loaded.paths
        save_settings(paths, {"workspace_id": "wrkspc_other"}, profile="red")
        app.accounts.take_over(app.accounts.read_settings())
        await idle(pilot)
        await pilot.press("escape")
        await wait_until(pilot, lambda: "It is busy" in notice_text(app))
        assert app.session is first
        busy.dismiss()
        await shown_list(pilot, app, "red")
        await pilot.press("comma")
        await wait_for_text(pilot, "Settings")
        await pilot.press("escape")
        await wait_until(pilot, lambda: app.session is not first)
        assert app.session is not None
        assert app.session.connection.workspace_id == "wrkspc_other"


async def store_key(pilot: Pilot[int], key: str) -> None:
    """Store a key, and leave the settings."""
    await press(pilot, StoreKey)
    await wait_until(pilot, lambda: isinstance(pilot.app.screen, SecretPrompt))
    await pilot.press(*key, "enter")
    await wait_until(pilot, lambda: isinstance(pilot.app.screen, SettingsScreen))
    await pilot.press("escape")


async def test_another_key_stored_in_the_same_file_is_used_from_then_on() -> None:
    key_file = Paths.from_environment(os.environ).key_file("red")
    write_key_file(key_file, "sk-ant-made-up-old-key-0001")
    app = make_profiles_app({"red": {"key_file": str(key_file)}})
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        first = (await shown_list(pilot, app, "red")).session
        assert first.account.key_last_four == "0001"
        await pilot.press("comma")
        await wait_for_text(pilot, "Settings")
        await store_key(pilot, "sk-ant-made-up-new-key-0002")
        await wait_until(pilot, lambda: app.session is not first)
        assert app.session is not None
        assert app.session.account.key_last_four == "0002"


async def test_a_key_stored_in_place_of_one_that_cannot_be_used_opens_the_account() -> None:
    key_file = write_key_file(Paths.from_environment(os.environ).key_file("red"), "sk-ant-no-key")
    key_file.write_text("no key")
    app = make_profiles_app({"red": {"key_file": str(key_file)}})
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await wait_for_text(pilot, "white space in it")
        await store_key(pilot, "sk-ant-made-up-new-key-0002")
        await shown_list(pilot, app, "red")


def test_an_account_that_cannot_be_shown_does_not_stay_open() -> None:
    setup = make_profiles_setup({"red": {"key_env": "RED_KEY"}})
    loaded = setup.load(None)
    Ledger(loaded.ledger_file).close()
    with contextlib.closing(sqlite3.connect(loaded.ledger_file)) as database:
        database.execute("ALTER TABLE batches RENAME COLUMN label TO other")
    # while the error is kept, nothing of what it passed through is given back by itself
    with pytest.raises(LibraryError, match="no such column") as _error:
        open_services(loaded, setup)
    # it is there for as long as the ledger is open
    assert not loaded.ledger_file.with_name(f"{loaded.ledger_file.name}-wal").exists()
