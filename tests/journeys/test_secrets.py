"""A planted key is searched for in all that the app shows, leaves behind, or starts."""

import sys
from pathlib import Path

import pytest

from tests.journeys.acting import wait_for_list
from tests.journeys.support import KEY, environment, simulator, terminal

CRASHING = """
import os, sys
from batchtui.cli.main import main
from batchtui.tui.app import BatchtuiApp

def fail(app):
    key = os.environ["ANTHROPIC_API_KEY"]
    environ = {"ANTHROPIC_API_KEY": key}
    headers = [("x-api-key", key)]
    raise RuntimeError("planted")

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
import os, pathlib, sys
own = pathlib.Path("/proc/self")
seen = own.joinpath("cmdline").read_bytes() + own.joinpath("environ").read_bytes()
print("hands the key on" if sys.argv[1].encode() in seen else "knows no key", flush=True)
input()
"""


@pytest.mark.parametrize("how", ["key", "beside"])
def test_a_crash_shows_where_it_was_and_no_values(tmp_path: Path, how: str) -> None:
    with simulator() as service:
        words = (sys.executable, "-c", CRASHING, how)
        # `terminal` looks for the key in every byte of it
        with terminal(environment(tmp_path, service), *words, size=(200, 60)) as running:
            wait_for_list(running)
            running.press("C")
            assert running.wait_for_exit() == 1
            told = running.output.decode(errors="replace")
            assert "RuntimeError" in told
            assert "planted" in told
            assert KEY[:16] not in told
