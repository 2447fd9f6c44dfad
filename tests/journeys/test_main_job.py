"""The main job, end to end, as a person at a terminal does it."""

import re
import time
import tomllib
from pathlib import Path

import pytest

from tests.journeys.support import environment, program, simulator
from tests.terminal_harness import TerminalProgram

SIZES = [(120, 34), (80, 24)]


def row_of(running: TerminalProgram, text: str) -> str:
    """The first line of the screen that holds a text."""
    return next((line for line in running.lines if text in line), "")


def filter_by(running: TerminalProgram, words: str) -> None:
    """Filter the list, and wait until the list has the keys again."""
    running.press("/")
    running.send(words)
    running.press("enter")
    running.wait_for(lambda: words in running.lines[1] and "label, id" not in running.text)
    running.wait_for(lambda: running.lines[2].lstrip().startswith("STATE"))


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_list_watch_act_read_and_settings(tmp_path: Path, size: tuple[int, int]) -> None:
    with simulator("demo", speed=12) as url:
        environ = environment(tmp_path, url)
        with program(environ, size=size) as running:
            running.wait_for("page 1 of")
            running.wait_for("● running")

            # to page 2 and back
            running.press("]")
            running.wait_for("page 2 of")
            running.press("[")
            running.wait_for("page 1 of")

            # the youngest batch ends while it is watched
            running.press("g")
            running.wait_for("of 24 h")
            running.wait_for("took", timeout=30)

            # another is cancelled, after a question
            filter_by(running, "running")
            running.press("g", "c")
            running.wait_for("Cancel this batch?")
            (canceled,) = re.findall(r"msgbatch_\w{20,}(?=  [\d,]+ requests)", running.text)
            running.press("y")
            running.wait_for(lambda: not running.shows("Cancel this batch?"))
            running.press("escape")
            running.wait_for("/ filter")
            filter_by(running, canceled)
            running.wait_for(lambda: "cancel" in running.lines[3])
            running.press("escape")
            running.wait_for("/ filter")

            # an ended one is deleted, after a question
            filter_by(running, "all ok")
            running.press("g", "x")
            running.wait_for("Delete this batch?")
            running.press("y")
            running.wait_for("Deleted")
            running.press("escape")
            running.wait_for("/ filter")

            # the results of a third, filtered to errored, one row read
            filter_by(running, "372 failed")
            running.wait_for("of 79")
            running.press("enter")
            running.wait_for("verified", timeout=30)
            running.press("3")
            running.wait_for("errored")
            running.press("enter")
            running.wait_for("request_id")
            running.press("escape")
            running.wait_for("372 rows" if size[0] < 110 else "372")
            running.press("escape")
            running.wait_until_quiet(timeout=30)
            running.press("escape")
            running.wait_for("State a")
            running.press("escape")
            running.wait_for("/ filter")

            # a setting is changed
            running.press(",")
            running.wait_for("Settings")
            running.press(*["j"] * 11)
            running.wait_for("Batches on one page of the list.")
            running.press("enter")
            running.wait_for("↵ Save")
            running.wait_until_quiet()
            running.press("backspace", "backspace")
            running.wait_for(lambda: "│  20" not in running.text)
            running.send("15")
            running.wait_for("│  15")
            running.press("enter")
            running.wait_for(lambda: "15" in row_of(running, "Page size"))
            running.press("escape")
            running.wait_for("page 1 of")
            running.press("q")
            assert running.wait_for_exit() == 0

        settings = tomllib.loads((tmp_path / "config" / "settings.toml").read_text())
        assert settings["page_size"] == 15
        with program(environ, size=size) as again:
            again.wait_for("page 1 of")
            again.press(",")
            again.wait_for("Settings")
            again.press(*["j"] * 11)
            again.wait_for(lambda: "15" in row_of(again, "Page size"))


def test_forty_by_ten_does_not_break(tmp_path: Path) -> None:
    with simulator("demo") as url, program(environment(tmp_path, url), size=(40, 10)) as running:
        running.wait_for("running")
        running.press("tab")
        running.wait_for("Requests")
        running.press("tab", "j", "?")
        running.wait_for("Keys")
        running.press("escape")
        running.wait_for(lambda: not running.shows("Keys"))
        running.press(",")
        running.wait_for("Settings")
        running.press("escape")
        running.wait_for("page 1 of")
        running.press("q")
        assert running.wait_for_exit() == 0


def test_five_thousand_batches_page_through(tmp_path: Path) -> None:
    with simulator("many") as url:
        environ = environment(tmp_path, url, BATCHTUI_PAGE_SIZE="1000")
        with program(environ) as running:
            running.wait_for("page 1 of")
            for page in range(2, 6):
                running.press("]")
                running.wait_for(f"page {page} of {page}")
            running.wait_for("page 5 of 5 ")


def test_no_key_offers_the_ways_and_the_demo(tmp_path: Path) -> None:
    with program(environment(tmp_path, None)) as running:
        running.wait_for("No API key yet")
        running.wait_for("ANTHROPIC_API_KEY")
        running.press("d")
        running.wait_for("made-up batches")
        running.wait_for("● running")
        running.press("q")
        assert running.wait_for_exit() == 0
    assert not (tmp_path / "data").exists() or not any((tmp_path / "data").rglob("*.jsonl"))


def test_demo_touches_nothing_of_the_user(tmp_path: Path) -> None:
    started = time.time()
    with program(environment(tmp_path, None), "--demo") as running:
        running.wait_for("● running")
        running.press("q")
        assert running.wait_for_exit() == 0
    assert not [path for path in tmp_path.rglob("*") if path.stat().st_mtime >= started]


def test_an_unreachable_server_is_a_sentence_with_the_next_step(tmp_path: Path) -> None:
    with program(environment(tmp_path, "http://127.0.0.1:9")) as running:
        running.wait_for("The list could not be loaded")
        running.wait_for("Press r to try again")
        assert "Traceback" not in running.text


def test_the_terminal_comes_back_after_the_program_is_told_to_end(tmp_path: Path) -> None:
    with simulator("demo") as url, program(environment(tmp_path, url)) as running:
        running.wait_for("● running")
        running.press("q")
        assert running.wait_for_exit() == 0
        assert "● running" not in running.text
