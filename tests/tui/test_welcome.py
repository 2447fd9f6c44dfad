"""The first screen of someone without a key."""

from msgspec.structs import replace
from textual.widgets import Input

from batchtui.config.loading import load_settings
from batchtui.config.paths import Paths
from batchtui.session import SessionOptions
from batchtui.tui.app import BatchtuiApp
from batchtui.tui.messages import ReopenWanted
from tests.tui.support import MEDIUM, make_setup, make_world, wait_for_text, wait_until


def make_keyless_app() -> BatchtuiApp:
    setup = make_setup(make_world())
    environ = {name: text for name, text in setup.options.environ.items() if "API_KEY" not in name}
    paths = Paths.from_environment(environ)
    return BatchtuiApp(
        replace(
            setup,
            load=lambda _profile: load_settings(paths, environ, {}),
            options=SessionOptions(environ),
        )
    )


async def test_a_key_can_be_typed_at_once_and_a_slip_is_told_beside_it() -> None:
    app = make_keyless_app()
    async with app.run_test(size=MEDIUM) as pilot:
        await wait_for_text(pilot, "No API key yet")
        await pilot.press("A")
        await wait_for_text(pilot, "Store a key")
        await wait_until(pilot, lambda: isinstance(app.focused, Input))
        await pilot.press(*"sk-ant-a key", "enter")
        await wait_for_text(pilot, "white space")
        assert isinstance(app.focused, Input)
        assert app.focused.value == "sk-ant-a key"


async def test_to_look_again_in_vain_is_answered() -> None:
    app = make_keyless_app()
    async with app.run_test(size=MEDIUM, notifications=True) as pilot:
        await wait_for_text(pilot, "No API key yet")
        await pilot.press("r")
        await wait_for_text(pilot, "Still the same problem.")


async def test_of_an_account_that_cannot_be_opened_again_nothing_stays_open() -> None:
    setup = make_setup(make_world())
    environ = dict(setup.options.environ)
    options = SessionOptions(environ, transport=setup.options.transport)
    app = BatchtuiApp(replace(setup, options=options))
    async with app.run_test(size=MEDIUM, notifications=True) as pilot:
        await wait_for_text(pilot, "● running")
        assert app.session is not None
        del environ["ANTHROPIC_API_KEY"]
        app.screen.post_message(ReopenWanted(None))
        await wait_for_text(pilot, "r Try again")
        await wait_until(pilot, lambda: app.session is None)
        await pilot.press("r")
        await wait_for_text(pilot, "Still the same problem.")
