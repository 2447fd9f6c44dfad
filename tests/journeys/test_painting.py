"""A new screen is painted once, complete: nothing is seen of how it is put together."""

import re
import time
from pathlib import Path

import pytest

from tests.journeys.support import environment, program
from tests.terminal_harness import TerminalProgram

TRIES = 4
"""On a busy machine a screen may take so long that it is shown as far as it is."""
QUIET = 0.5
"""Seconds without another picture after which the last one is final."""
PATIENCE = 20
"""Seconds in which there must be another picture, or the last one."""

SCREENS = {"enter": "118 verified", "?": "Keys", ":": "Esc", "l": "Leave it", ",": "Settings"}
"""Keys of the list, and what stands on the screens that they open."""


OVER_RESULTS = {
    "f": "Failures by cause",
    "S": "How the requests ended",
    "e": "Format",
    "V": "no verdict yet",
    "enter": "Question",
}
"""The same of the rows of a batch of which some failed."""


@pytest.mark.parametrize("size", [(80, 24), (120, 34)], ids=str)
def test_what_the_list_opens_is_painted_once(tmp_path: Path, size: tuple[int, int]) -> None:
    with program(environment(tmp_path, None), "--demo", size=size) as running:
        running.wait_for("extract-invoices-131")
        # the list says what it knows of the batch only when that is on the disk
        open_screen(running, "enter")
        running.wait_for("118 verified")
        go_back(running, "page 1 of")
        for key, text in SCREENS.items():
            check_paints(running, key, text, "page 1 of")


@pytest.mark.parametrize("size", [(80, 24), (120, 34)], ids=str)
def test_what_results_open_is_painted_once(tmp_path: Path, size: tuple[int, int]) -> None:
    with program(environment(tmp_path, None), "--demo", size=size) as running:
        running.wait_for("summarize-calls-52")
        running.press("j", "j", "j", "j")
        running.wait_until_quiet(0.4)
        open_screen(running, "enter")
        running.wait_for("72 verified")
        for key, text in OVER_RESULTS.items():
            check_paints(running, key, text, "CUSTOM_ID")


@pytest.mark.parametrize("size", [(80, 24), (120, 34)], ids=str)
def test_of_results_that_come_only_the_numbers_change(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    for number in range(TRIES):
        folder = tmp_path / str(number)
        folder.mkdir()
        with program(environment(folder, None), "--demo", size=size) as running:
            running.wait_for("extract-invoices-131")
            running.press("/", *"extract-invoices-26", "enter")
            running.wait_until_quiet(0.4)
            pictures = open_screen(running, "enter", until="5,000 verified")
        with_rows = [layout(one) for one in pictures if "contract-" in one]
        if all(one == with_rows[-1] for one in with_rows):
            return
    raise AssertionError("\n\n".join(pictures))


def layout(picture: str) -> list[str]:
    """What is to stay where it is: all but the header, numbers and scroll bars."""
    lines = re.sub(r"[\d,▁▂▃▄▅▆▇█]", " ", picture).splitlines()
    tabs, query, *body = lines[1:]
    return [tabs, query[: len("/ query") + 1], *body]


def check_paints(running: TerminalProgram, key: str, text: str, below: str) -> None:
    """Open a screen until it comes in one picture, and leave it each time."""
    fewest = list[str]()
    for _ in range(TRIES):
        pictures = open_screen(running, key)
        assert text in pictures[-1], pictures[-1]
        go_back(running, below)
        fewest = min(fewest, pictures, key=len) if fewest else pictures
        if len(fewest) == 1:
            return
    raise AssertionError("\n\n".join([f"{key}: {len(fewest)} pictures:", *fewest]))


def go_back(running: TerminalProgram, below: str) -> None:
    """Leave a screen, and see the one below at rest."""
    running.wait_until_quiet(0.3)
    running.press("escape")
    running.wait_for(below)
    running.wait_until_quiet(0.4)


def open_screen(running: TerminalProgram, key: str, until: str = "") -> list[str]:
    """Press a key, and return what was seen from then on until nothing changed any more."""
    shown, pictures = running.text, list[str]()
    running.press(key)
    last = time.monotonic()
    while time.monotonic() - last < QUIET or not (pictures and until in pictures[-1]):
        assert time.monotonic() - last < PATIENCE, shown
        running.pump(0.005)
        if not running.is_amid_frame and running.text != shown:
            shown = running.text
            pictures.append(shown)
            last = time.monotonic()
    return pictures
