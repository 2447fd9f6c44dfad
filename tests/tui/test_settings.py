"""The settings: found, changed, put back, and counting at once wherever something is open."""

import pytest
from textual.pilot import Pilot

from batchtui.config.document import locked
from batchtui.config.kinds import Setting
from batchtui.config.loading import load_settings
from batchtui.config.saving import save_settings
from batchtui.config.settings import SETTINGS
from batchtui.tui.app import BatchtuiApp
from batchtui.tui.commands.batches import CancelBatch, LabelBatch
from batchtui.tui.screens.batches.screen import BatchesScreen
from batchtui.tui.screens.dialogs.prompt import PromptDialog
from batchtui.tui.screens.settings.rows import help_of, setting_rows
from batchtui.tui.screens.settings.screen import SettingsScreen
from tests.tui.support import (
    MEDIUM,
    TINY,
    WIDE,
    make_app,
    make_world,
    screen_text,
    wait_for_text,
    wait_until,
)


async def open_settings(pilot: Pilot[int], app: BatchtuiApp, search: str = "") -> SettingsScreen:
    """The settings, perhaps only those that a search finds."""
    await wait_for_text(pilot, "msgbatch")
    await pilot.press("comma")
    await wait_until(pilot, lambda: isinstance(app.screen, SettingsScreen))
    screen = app.screen
    assert isinstance(screen, SettingsScreen)
    await wait_for_text(pilot, "Settings")
    if search:
        await pilot.press("slash", *search, "enter")
        await wait_until(pilot, lambda: screen.search.value == search and screen.list.has_focus)
    return screen


def file_of(app: BatchtuiApp) -> str:
    """What the settings file says."""
    return app.effective.loaded.paths.settings_file.read_text(encoding="utf-8")


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda one: one.key)
def test_every_setting_says_from_when_on_it_counts(setting: object) -> None:
    app = make_app(make_world())
    for row in setting_rows(app.effective.loaded):
        if row.setting is not None and row.setting is setting and row.command is None:
            text = " ".join(one.text for one in help_of(row, 400))
            at_start = row.setting.key in {"color_depth", "motion", "driver", "mouse"}
            assert ("from the next start on" in text) == at_start


def another_value(setting: Setting, current: str) -> str:
    """Another value of a setting, as one types it."""
    kind = setting.kind
    if kind.is_switch:
        return "false" if current == "true" else "true"
    if kind.choices:
        return next(one for one in kind.choices if one != current)
    tries = (
        "7",
        "30",
        "x-value",
        "https://example.com",
        '["true"]',
        "2026-01-01",
        "a, b",
        "#fff",
        "SOME_KEY",
    )
    for text in tries:
        try:
            if kind.format(kind.parse(text)) != current:
                return text
        except ValueError:
            continue
    raise AssertionError(f"no other value of {setting.key} is known")


async def test_every_setting_that_is_changed_counts_in_the_open_app() -> None:
    app = make_app(make_world())
    async with app.run_test(size=MEDIUM, notifications=True) as pilot:
        await wait_for_text(pilot, "msgbatch")
        before = app.effective.loaded
        assert app.session is not None
        for setting in SETTINGS:
            if setting.key in {"keys", "profile", "theme"}:
                continue
            text = another_value(setting, setting.kind.format(before.settings.value(setting.key)))
            changed = load_settings(before.paths, app.session.environ, {setting.key: text})
            app.accounts.take_over(changed)
            expected = setting.kind.parse(text)
            assert app.effective.loaded.settings.value(setting.key) == expected, setting.key
            assert app.session.settings.value(setting.key) == expected, setting.key
        await pilot.press("down")
        await wait_for_text(pilot, "msgbatch")


async def test_a_changed_setting_counts_at_once() -> None:
    app = make_app(make_world())
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        screen = await open_settings(pilot, app, "glyphs")
        await pilot.press("enter")
        await wait_for_text(pilot, "Enter Choose")
        await pilot.press("end", "enter")
        await wait_until(pilot, lambda: not app.effective.glyphs.is_unicode)
        assert screen.list.current is not None
        await pilot.press("backspace")
        await wait_until(pilot, lambda: app.effective.glyphs.is_unicode)


@pytest.mark.parametrize("typed", ["key file", "read only"])
async def test_a_search_puts_the_cursor_on_what_is_named_so(typed: str) -> None:
    app = make_app(make_world())
    async with app.run_test(size=MEDIUM) as pilot:
        screen = await open_settings(pilot, app)
        await pilot.press("slash", *("space" if one == " " else one for one in typed))
        await wait_until(
            pilot,
            lambda: (
                screen.list.current is not None and screen.list.current.name.casefold() == typed
            ),
        )


async def test_a_saved_way_to_the_key_that_does_not_count_can_be_seen_and_reset() -> None:
    path = make_app(make_world()).effective.loaded.paths.settings_file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('key_file = "/keys/old"\n')
    app = make_app(make_world())  # its environment has a key
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await open_settings(pilot, app, "key file")
        assert "/keys/old" in screen_text(app)
        assert "saved, not used" in screen_text(app)
        await pilot.press("backspace")
        await wait_until(pilot, lambda: "key_file" not in path.read_text())
        await wait_until(pilot, lambda: "/keys/old" not in screen_text(app))


async def test_ctrl_c_says_what_quits() -> None:
    app = make_app(make_world(), keys="quit=f12")
    async with app.run_test(size=MEDIUM, notifications=True) as pilot:
        await wait_for_text(pilot, "msgbatch")
        await pilot.press("ctrl+c")
        await wait_until(pilot, lambda: "To quit: F12" in said(app))


async def test_while_another_program_writes_the_settings_stay_usable() -> None:
    app = make_app(make_world())
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        screen = await open_settings(pilot, app)
        folder = app.effective.loaded.paths.settings_file.parent
        before = app.effective.loaded.settings.notify_bell
        screen.list.cursor = next(
            at
            for at, row in enumerate(screen.list.rows)
            if row.setting is not None and row.setting.key == "notify_bell"
        )
        at = screen.list.cursor
        with locked(folder):
            await pilot.press("enter", "enter", "enter", "down")
            await wait_until(pilot, lambda: screen.list.cursor > at)
            assert app.effective.loaded.settings.notify_bell is before
        # leaving waits for all three
        await pilot.press("escape")
        await wait_until(pilot, lambda: app.screen is not screen)
        assert app.effective.loaded.settings.notify_bell is not before


async def test_the_account_is_opened_again_where_its_connection_changed() -> None:
    app = make_app(make_world())
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await open_settings(pilot, app, "stall_seconds")
        before = app.session
        await pilot.press("enter")
        await wait_for_text(pilot, "Enter Save")
        await pilot.press(*["backspace"] * 8, "9", "0", "enter")
        await wait_until(pilot, lambda: app.effective.loaded.settings.stall_seconds == 90)
        await pilot.press("escape", "escape")
        await wait_until(pilot, lambda: app.session is not before)


async def test_keys_are_changed_in_the_settings_and_put_back() -> None:
    app = make_app(make_world())
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        screen = await open_settings(pilot, app, "cancel-batch")
        await pilot.press("enter")
        await wait_for_text(pilot, "Keys of Cancel")
        await pilot.press("backspace", "x", "enter")
        await wait_for_text(pilot, "is the key of delete-batch as well")
        await pilot.press("backspace", *"ctrl+x", "enter")
        await wait_until(pilot, lambda: screen.keymap.get(CancelBatch.id()) == "ctrl+x")
        assert 'cancel-batch = "ctrl+x"' in file_of(app)
        assert screen.key_of(CancelBatch) == "Ctrl+X"
        await pilot.press("backspace")
        await wait_until(pilot, lambda: not screen.keymap)


async def test_the_palette_finds_a_setting_in_the_settings_too() -> None:
    app = make_app(make_world())
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        screen = await open_settings(pilot, app)
        await pilot.press("colon", *"setting: poll", "enter")
        await wait_until(pilot, lambda: screen.search.value == "poll_interval")
        await wait_until(pilot, lambda: screen.is_current and screen.list.has_focus)
        assert screen.list.current is not None
        assert screen.list.current.name == "Poll interval"


@pytest.mark.parametrize("name", ["acme", "ACME", "default"])
async def test_a_new_profile_takes_the_place_of_none(name: str) -> None:
    app = make_app(make_world())
    save_settings(app.effective.loaded.paths, {"base_url": "https://acme.example"}, profile="acme")
    app.apply(app.accounts.read_settings())
    before = file_of(app)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await open_settings(pilot, app)
        await pilot.press("plus")
        await wait_for_text(pilot, "such as acme-prod")
        await pilot.press(*name, "enter")
        await wait_for_text(pilot, "There is a profile of that name already.")
        assert file_of(app) == before


async def test_a_new_profile_says_what_comes_next() -> None:
    app = make_app(make_world())
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await open_settings(pilot, app)
        await pilot.press("plus")
        await wait_for_text(pilot, "New profile")
        await pilot.press(*"other", "enter")
        await wait_until(pilot, lambda: "P switches to it" in said(app))
        assert "[profiles.other]" in file_of(app)


@pytest.mark.parametrize("size", [WIDE, MEDIUM, TINY])
async def test_the_settings_show_a_setting_at_every_size(size: tuple[int, int]) -> None:
    app = make_app(make_world())
    async with app.run_test(size=size) as pilot:
        screen = await open_settings(pilot, app)
        current = screen.list.current
        assert current is not None
        assert current.name in screen_text(app)
        assert "Esc" in screen_text(app) or size is TINY


def said(app: BatchtuiApp) -> str:
    """All messages that are on the screen."""
    return "\n".join(one.message for one in app._notifications)


async def test_faults_in_the_keys_are_reported_with_file_and_line() -> None:
    path = make_app(make_world()).effective.loaded.paths.settings_file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        '[keys]\ncancel-bach = "ctrl+x"\nlabel-batch = "hyper"\nnew-batch = "x"\n',
        encoding="utf-8",
    )
    app = make_app(make_world())
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await wait_until(pilot, lambda: "Did you mean cancel-batch?" in said(app))
        assert f"{path.name}:2: keys.cancel-bach: There is no such command." in said(app)
        assert f"{path.name}:3: keys.label-batch: It is ignored: there is no key hyper." in said(
            app
        )
        assert f"{path.name}:4: keys.new-batch: x is the key of delete-batch" in said(app)
        assert len(app._notifications) == 1
        screen = app.screen
        assert isinstance(screen, BatchesScreen)
        assert screen.key_of(LabelBatch) == "l", "the key it has without the fault"
        await pilot.press("l")
        await wait_until(pilot, lambda: isinstance(app.screen, PromptDialog))


async def test_many_faults_leave_room_for_the_list() -> None:
    path = make_app(make_world()).effective.loaded.paths.settings_file
    path.parent.mkdir(parents=True, exist_ok=True)
    faults = "".join(f"no_setting_{number} = 1\n" for number in range(6))
    path.write_text(f'{faults}[keys]\ncancel-bach = "ctrl+x"\n')
    app = make_app(make_world())
    async with app.run_test(size=MEDIUM, notifications=True) as pilot:
        await wait_until(pilot, lambda: "And 5 more: batchtui keys lists them all." in said(app))
        assert said(app).count("no_setting") == 2
