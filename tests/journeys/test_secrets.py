"""A planted key is searched for in all that the app shows, leaves behind, or starts."""

import sys
from pathlib import Path

import pytest

from batchtui.config.credentials import environ_for_viewers
from batchtui.config.profiles import EnvironmentKey
from batchtui.tui.terminal.clipboard import run_tool
from tests.journeys.acting import quit_from, wait_for_list
from tests.journeys.support import KEY, environment, program, simulator, terminal
from tests.journeys.test_hostile import ATTACKS, assert_harmless
from tests.results.core.making import succeeded
from tests.tui.results.making import write_lines

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


async def test_a_tool_of_the_clipboard_gets_the_environment_it_is_given(tmp_path: Path) -> None:
    kept = tmp_path / "environ"
    script = "import os, pathlib, sys; pathlib.Path(sys.argv[1]).write_text(repr(dict(os.environ)))"
    environ = environ_for_viewers({"ANTHROPIC_API_KEY": KEY, "MINE": KEY, "A": "b"}, MINE)
    assert await run_tool([sys.executable, "-c", script, str(kept)], b"", environ)
    assert "'A': 'b'" in kept.read_text()
    assert KEY not in kept.read_text()
