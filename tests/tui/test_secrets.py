"""A planted key is searched for in what the app shows of itself."""

import dataclasses

from msgspec.structs import replace
from textual.widgets import Input

from batchtui.simulator.faults import Fault
from batchtui.tui.app import BatchtuiApp
from tests.tui.support import (
    MEDIUM,
    WIDE,
    make_setup,
    make_world,
    screen_text,
    wait_for_text,
    wait_until,
)
from tests.tui.test_welcome import make_keyless_app

KEY = "sk-ant-planted-0123456789abcdefXYZ"


async def test_a_server_that_says_the_key_again_is_not_repeated() -> None:
    world = make_world()
    setup = make_setup(world)
    options = dataclasses.replace(
        setup.options, environ={**setup.options.environ, "ANTHROPIC_API_KEY": KEY}
    )
    said = f"invalid x-api-key: {KEY} is not known"
    world.faults.add(Fault(operation="list", status=401, times=None, message=said))
    app = BatchtuiApp(replace(setup, options=options))
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await wait_for_text(pilot, "stopped: r tries again")
        assert "is not known" in screen_text(app)
        assert KEY[:16] not in screen_text(app)
        await pilot.press("C")
        await wait_for_text(pilot, "newest first")
        assert KEY[:16] not in screen_text(app)
        await pilot.press("y")
        await wait_for_text(pilot, "opied")
        assert KEY[:16] not in screen_text(app)


async def test_a_screenshot_holds_no_key_that_is_typed_or_in_use() -> None:
    app = make_keyless_app()
    async with app.run_test(size=MEDIUM) as pilot:
        await wait_for_text(pilot, "No API key yet")
        await pilot.press("A")
        await wait_until(pilot, lambda: isinstance(app.focused, Input))
        await pilot.press(*KEY)
        assert isinstance(app.focused, Input)
        assert app.focused.value == KEY
        assert KEY[:16] not in app.export_screenshot()
    setup = make_setup(make_world())
    options = dataclasses.replace(
        setup.options, environ={**setup.options.environ, "ANTHROPIC_API_KEY": KEY}
    )
    app = BatchtuiApp(replace(setup, options=options))
    async with app.run_test(size=MEDIUM) as pilot:
        await wait_for_text(pilot, "Enter Results")
        for key, text in (("C", "newest first"), ("comma", "Settings")):
            await pilot.press(key)
            await wait_for_text(pilot, text)
            assert KEY[:16] not in app.export_screenshot()
            await pilot.press("escape")
