"""A row in the user's own pager: the terminal is lent, and comes back whatever happens."""

import sys
from pathlib import Path

import pytest

from tests.journeys.acting import is_restored
from tests.journeys.support import environment, program
from tests.results.core.making import succeeded
from tests.terminal_harness import TerminalProgram
from tests.tui.results.making import write_lines

PAGER = """
import os, sys
print(open(sys.argv[1]).read())
print("NO_COLOR", os.environ.get("NO_COLOR"), os.environ.get("TEXTUAL_COLOR_SYSTEM"))
try:
    print("reading", flush=True)
    input()
except KeyboardInterrupt:
    print("interrupted", flush=True)
    input()
"""


@pytest.fixture
def results(tmp_path: Path) -> Path:
    return write_lines(tmp_path / "results.jsonl", [succeeded("doc-1", "An answer.")])


def leave(running: TerminalProgram) -> None:
    """Quit, and find the terminal as it was."""
    running.press("q")
    assert running.wait_for_exit() == 0
    assert is_restored(running)


def test_a_pager_is_interrupted_without_ending_us(tmp_path: Path, results: Path) -> None:
    script = tmp_path / "pager.py"
    script.write_text(PAGER)
    pager = f"{sys.executable} {script}"
    environ = environment(tmp_path, None, PAGER=pager, NO_COLOR="1")
    with program(environ, "open", str(results)) as running:
        running.wait_for("row 1/1")
        running.press("O")
        running.wait_for("reading")
        assert running.shows("An answer.")
        assert running.shows("NO_COLOR 1 None")
        running.press("ctrl+c")
        running.wait_for("interrupted")
        running.press("enter")
        running.wait_for("row 1/1")
        leave(running)


def test_without_a_pager_it_says_so_and_goes_on(tmp_path: Path, results: Path) -> None:
    environ = environment(tmp_path, None, PAGER="/nowhere/at-all")
    with program(environ, "open", str(results)) as running:
        running.wait_for("row 1/1")
        running.press("O")
        running.wait_for("cannot be run")
        running.wait_for("row 1/1")
        leave(running)
