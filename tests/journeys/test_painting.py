"""A new screen is painted once, complete: nothing is seen of how it is put together."""

import time
from pathlib import Path

import pytest

from tests.journeys.support import environment, program
from tests.terminal_harness import TerminalProgram

TRIES = 4
"""On a busy machine a screen may take so long that it is shown as far as it is."""
QUIET = 0.5
"""Seconds without another picture after which the last one is final."""

BATCH = "extract-invoices-131"
SCREENS = {"enter": "118 verified", "?": "Keys", ":": "Esc", "l": "Leave it", ",": "Settings"}
"""Keys of the list, and what stands on the screens that they open."""


@pytest.mark.parametrize("size", [(80, 24), (120, 34)], ids=str)
@pytest.mark.parametrize("key", SCREENS)
def test_a_screen_is_painted_once(tmp_path: Path, size: tuple[int, int], key: str) -> None:
    with program(environment(tmp_path, None), "--demo", size=size) as running:
        running.wait_for(BATCH)
        # the list says what it knows of the batch only when that is on the disk
        open_screen(running, "enter")
        running.wait_for("118 verified")
        fewest = list[str]()
        for _ in range(TRIES):
            running.press("escape")
            running.wait_for("page 1 of")
            running.wait_until_quiet(0.4)
            pictures = open_screen(running, key)
            assert SCREENS[key] in pictures[-1]
            fewest = pictures if not fewest else min(fewest, pictures, key=len)
            if len(fewest) == 1:
                return
        raise AssertionError("\n\n".join([f"{len(fewest)} pictures:", *fewest]))


def open_screen(running: TerminalProgram, key: str) -> list[str]:
    """Press a key, and return what was seen from then on until nothing changed any more."""
    shown, pictures = running.text, list[str]()
    running.press(key)
    last = time.monotonic()
    while time.monotonic() - last < QUIET or not pictures:
        running.pump(0.005)
        if not running.is_amid_frame and running.text != shown:
            shown = running.text
            pictures.append(shown)
            last = time.monotonic()
    return pictures
