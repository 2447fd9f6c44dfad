"""A planted key is searched for in all that the app shows, leaves behind, or starts."""

import dataclasses
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace
from textual.widgets import Input

from batchtui.config.credentials import environ_for_viewers
from batchtui.config.profiles import EnvironmentKey
from batchtui.simulator.faults import Fault
from batchtui.tui.app import BatchtuiApp
from batchtui.tui.terminal.clipboard import run_tool
from tests.journeys.acting import quit_from, wait_for_list
from tests.journeys.support import KEY, environment, program, simulator, terminal
from tests.journeys.test_hostile import ATTACKS, assert_harmless
from tests.results.core.making import succeeded
from tests.tui.results.making import write_lines
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

CRASHING = """
import os, sys
from batchtui.cli.main import main
from batchtui.tui.app import BatchtuiApp

def fail(app):
    key = os.environ["ANTHROPIC_API_KEY"]
    environ = {"ANTHROPIC_API_KEY": key}
    headers = [("x-api-key", key)]
    raise RuntimeError("planted" + os.environ["ATTACKS"])

async def fail_beside(app):
    fail(app)

HOW = {
    "key": lambda app: fail(app),
    "beside": lambda app: app.start(lambda: fail_beside(app), "planted"),
}
BatchtuiApp.action_show_calls = HOW[sys.argv[1]]
sys.exit(main([]))
"""
TELLING = """
import os, pathlib
known = pathlib.Path("/proc/self/environ").read_bytes()
for process in (os.getpid(), os.getppid()):
    known += pathlib.Path(f"/proc/{process}/cmdline").read_bytes()
print("knows the key" if b"sk-ant-" in known else "knows not the key", flush=True)
input()
"""
MINE = EnvironmentKey(("MINE",))


@pytest.mark.parametrize("how", ["key", "beside"])
def test_a_crash_shows_where_it_was_and_no_values_and_nothing_acts(
    tmp_path: Path, how: str
) -> None:
    with simulator() as service:
        words = (sys.executable, "-c", CRASHING, how)
        # `terminal` looks for the key in every byte of it
        environ = environment(tmp_path, service, ATTACKS=ATTACKS)
        with terminal(environ, *words, size=(200, 60)) as running:
            wait_for_list(running)
            running.press("C")
            assert running.wait_for_exit() == 1
            told = running.output.decode(errors="replace")
            assert "RuntimeError" in told
            assert "planted" in told
            assert KEY[:16] not in told
            running.emulator.modes.add("1049")
            assert_harmless(running)


@pytest.mark.parametrize(("variable", "key"), [("PAGER", "O"), ("EDITOR", "E")])
def test_what_only_shows_a_row_is_handed_no_key(tmp_path: Path, variable: str, key: str) -> None:
    results = write_lines(tmp_path / "results.jsonl", [succeeded("doc-1", "An answer.")])
    script = tmp_path / "telling.py"
    script.write_text(TELLING)
    words = {variable: f"{sys.executable} {script}"}
    environ = environment(tmp_path, "http://127.0.0.1:9", **words)
    with program(environ, "open", str(results)) as running:
        running.wait_for("row 1/1")
        running.press(key)
        running.wait_for("the key")
        assert running.shows("knows not the key")
        running.press("enter")
        running.wait_for("row 1/1")
        quit_from(running)


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


async def test_a_tool_of_the_clipboard_gets_the_environment_it_is_given(tmp_path: Path) -> None:
    kept = tmp_path / "environ"
    script = "import os, pathlib, sys; pathlib.Path(sys.argv[1]).write_text(repr(dict(os.environ)))"
    environ = environ_for_viewers({"ANTHROPIC_API_KEY": KEY, "MINE": KEY, "A": "b"}, MINE)
    assert await run_tool([sys.executable, "-c", script, str(kept)], b"", environ)
    assert "'A': 'b'" in kept.read_text()
    assert KEY not in kept.read_text()


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
