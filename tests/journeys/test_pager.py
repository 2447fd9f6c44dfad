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
    print("the pager reads", flush=True)
    input()
except KeyboardInterrupt:
    print("interrupted", flush=True)
    input()
"""


@pytest.fixture
def results(tmp_path: Path) -> Path:
    return write_lines(tmp_path / "results.jsonl", [succeeded("doc-1", "An answer.")])


@pytest.fixture
def formula(tmp_path: Path) -> Path:
    return write_lines(tmp_path / "results.jsonl", [succeeded("doc-1", "=1+1")])


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
        running.wait_for("the pager reads")
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


def test_a_command_gets_the_rows_shown_and_nothing_of_it_is_taken_for_ours(
    tmp_path: Path, formula: Path
) -> None:
    environ = environment(tmp_path, None)
    with program(environ, "open", str(formula)) as running:
        running.wait_for("row 1/1")
        running.press("!")
        running.wait_for("BATCHTUI_TABLE")
        running.send('wc -l < $BATCHTUI_FILE; head -1 "$BATCHTUI_TABLE" | cut -c1-15; echo it\\\'s')
        running.wait_for("it\\'s")
        running.press("enter")
        running.wait_for("Enter goes back")
        assert running.shows("row,custom_id")
        assert running.shows("it's")
        running.press("enter")
        running.wait_for("row 1/1")
        running.wait_for("a spreadsheet would run as a")
        leave(running)
