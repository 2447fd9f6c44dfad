"""Two accounts, one program: nothing of one ever shows in the other."""

import os

from batchtui.config.loading import LoadedSettings, load_settings
from batchtui.config.paths import Paths
from batchtui.config.saving import save_settings
from batchtui.session import SessionOptions
from batchtui.simulator.scenarios import build_world
from batchtui.simulator.server import listening
from batchtui.tui.app import BatchtuiApp
from batchtui.tui.screens.batches.screen import BatchesScreen
from batchtui.tui.setup import AppSetup
from tests.tui.support import WIDE, notice_text, screen_text, wait_for_text, wait_until


async def test_switching_the_profile_leaves_nothing_of_the_other_account() -> None:
    environ = {**os.environ, "RED_KEY": "sk-ant-red-key-0000000001", "BLUE_KEY": "x" * 20}
    paths = Paths.from_environment(environ)
    red, blue = build_world("demo"), build_world("live", seed=7)
    async with listening(red) as red_url, listening(blue) as blue_url:
        save_settings(paths, {"base_url": red_url, "key_env": "RED_KEY"}, profile="red")
        save_settings(paths, {"base_url": blue_url, "key_env": "BLUE_KEY"}, profile="blue")

        def load(profile: str | None) -> LoadedSettings:
            return load_settings(paths, environ, {"profile": profile or "red"})

        app = BatchtuiApp(AppSetup(load=load, options=SessionOptions(environ)))
        async with app.run_test(size=WIDE) as pilot:
            await wait_for_text(pilot, "● running")
            screen = app.screen
            assert isinstance(screen, BatchesScreen)
            red_ids = set(screen.listing.cache.batches)
            await pilot.press("l", *"red only", "enter")
            await wait_for_text(pilot, "red only")
            await pilot.press("P")
            await wait_for_text(pilot, "Enter Switch")
            await pilot.press("down", "enter")
            await wait_until(
                pilot,
                lambda: (
                    isinstance(app.screen, BatchesScreen)
                    and app.screen.session.profile.name == "blue"
                    and len(app.screen.listing.rows) > 0
                ),
                "the list of the other account",
            )
            screen = app.screen
            assert isinstance(screen, BatchesScreen)
            assert not red_ids & set(screen.listing.cache.batches)
            assert not any(batch_id in screen_text(app) for batch_id in red_ids)
            assert "red only" not in screen_text(app)
            assert not screen.listing.labels
    keys = {seen.header("x-api-key") for seen in blue.requests}
    assert keys == {"x" * 20}


async def test_a_profile_that_is_gone_is_said_and_the_account_stays() -> None:
    environ = {**os.environ, "RED_KEY": "sk-ant-red-key-0000000001"}
    paths = Paths.from_environment(environ)
    async with listening(build_world("demo")) as url:
        for name in ("red", "blue"):
            save_settings(paths, {"base_url": url, "key_env": "RED_KEY"}, profile=name)

        def load(profile: str | None) -> LoadedSettings:
            return load_settings(paths, environ, {"profile": profile or "red"})

        app = BatchtuiApp(AppSetup(load=load, options=SessionOptions(environ)))
        async with app.run_test(size=WIDE, notifications=True) as pilot:
            await wait_for_text(pilot, "● running")
            before, screen = app.session, app.screen
            text = paths.settings_file.read_text(encoding="utf-8")
            paths.settings_file.write_text(text.replace("blue", "green"), encoding="utf-8")
            await pilot.press("P")
            await wait_for_text(pilot, "Enter Switch")
            await pilot.press("down", "enter")
            await wait_until(pilot, lambda: "There is no profile blue" in notice_text(app))
            assert app.screen is screen
            assert app.session is before
            assert app.accounts.read_settings().profile.name == "red"
