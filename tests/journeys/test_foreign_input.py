"""What comes from the terminal and is no key: pastes, late answers, broken bytes, the end."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.journeys.acting import quit_from, wait_for_list
from tests.journeys.support import BATCHTUI, Service, environment, program, simulator, terminal
from tests.terminal_harness import TerminalProgram

DEADLY = "x\x1by\ryx\ry\x1b[By"
"""Keys that delete the batch under the cursor, and others, if they are taken for keys."""


@contextmanager
def list_on_screen(folder: Path) -> Iterator[tuple[TerminalProgram, Service]]:
    with (
        simulator() as service,
        program(environment(folder, service, BATCHTUI_PAGE_SIZE="20")) as running,
    ):
        wait_for_list(running)
        running.wait_until_quiet()
        yield running, service


@pytest.mark.parametrize("text", [DEADLY, f"\x1b[201~{DEADLY}", f"\x1b[201~{DEADLY * 900}"])
def test_a_paste_over_the_list_is_dropped_and_said(tmp_path: Path, text: str) -> None:
    """Also if it holds what ends a paste, and is longer than what is read at once."""
    with list_on_screen(tmp_path) as (running, service):
        before = service.batches()
        running.send(f"\x1b[200~{text}\x1b[201~")
        running.wait_for("Nothing here takes text")
        assert not running.shows("Delete this batch?")
        assert service.batches() == before
        quit_from(running)


def test_a_paste_into_a_field_is_put_in_whole(tmp_path: Path) -> None:
    with list_on_screen(tmp_path) as (running, service):
        before = service.batches()
        running.press("/")
        running.wait_for("label, id or state")
        running.send("\x1b[200~one\x1b[35m\ntwo\x1b[201~")
        running.wait_for("one\\x1b[35m two")
        running.wait_for("2 pasted lines were joined")
        running.press("escape")
        running.wait_for("● running")
        assert service.batches() == before
        quit_from(running)


@pytest.mark.parametrize(
    "pieces",
    [
        ["\x1b[?61;4;6;22c"],
        ["\x1b[?61;4", ";6;22c"],
        ["\x1b", "[?61;4;6;22c"],
        ["\x1b]11;rgb:ff", "ff/cc/xx\x1b\\"],
        ["\x1bP>|xterm", "(c x)\x1b\\"],
        ["\x1b[99999999999u"],
        ["\x1b[48;10;10;100;100t"],
    ],
)
def test_answers_of_the_terminal_are_no_keys(tmp_path: Path, pieces: list[str]) -> None:
    with list_on_screen(tmp_path) as (running, _service):
        before = running.text
        for piece in pieces:
            running.send(piece)
            # well within the time for which a lone escape is waited for
            running.pump(0.02)
        running.wait_until_quiet(0.4)
        assert not running.shows("Cancel this batch?")
        assert running.text == before
        running.press("]")
        running.wait_for("page 2 of")
        quit_from(running)


def test_answers_whose_escape_came_long_before_are_no_keys(tmp_path: Path) -> None:
    with list_on_screen(tmp_path) as (running, _service):
        before = running.text
        running.send("\x1b")
        # it is the key by then
        running.wait_until_quiet(0.4)
        running.send("[?61;4;6;22c")
        running.wait_until_quiet(0.4)
        assert running.text == before
        running.press("]")
        running.wait_for("page 2 of")
        quit_from(running)


@pytest.mark.parametrize("junk", [b"\xe9", b"\xff\xfe\x00\x80", b"\x9b?61;4c", b"\xc3"])
def test_bytes_that_are_not_utf8_make_nothing_deaf(tmp_path: Path, junk: bytes) -> None:
    with list_on_screen(tmp_path) as (running, service):
        before, shown = service.batches(), running.text
        running.send_bytes(junk)
        running.wait_until_quiet(0.4)
        assert running.text == shown
        running.press("]")
        running.wait_for("page 2 of")
        quit_from(running)
        assert service.batches() == before


def test_a_key_of_an_old_terminal_is_typed(tmp_path: Path) -> None:
    with list_on_screen(tmp_path) as (running, service):
        before = service.batches()
        running.press("/")
        running.wait_for("label, id or state")
        running.send_bytes(b"caf\xe9 ")
        running.wait_for("/ café")
        running.press("escape")
        wait_for_list(running)
        quit_from(running)
        assert service.batches() == before


def test_a_hangup_that_nobody_is_told_of(tmp_path: Path) -> None:
    deaf = ["sh", "-c", "trap '' HUP; exec \"$@\"", "sh", *BATCHTUI]
    with simulator() as service, terminal(environment(tmp_path, service), *deaf) as running:
        wait_for_list(running)
        hung_up = time.monotonic()
        running.hang_up()
        assert running.process.wait(15) == 128 + signal.SIGHUP
        assert time.monotonic() - hung_up < 5


def test_with_standard_error_elsewhere_the_app_is_shown_all_the_same(tmp_path: Path) -> None:
    words = ["sh", "-c", 'exec "$@" 2>"$HOME/err.log"', "sh", *BATCHTUI]
    with simulator() as service, terminal(environment(tmp_path, service), *words) as running:
        wait_for_list(running)
        quit_from(running)
    assert (tmp_path / "err.log").read_text() == ""


def test_what_is_piped_in_is_no_key(tmp_path: Path) -> None:
    words = ["sh", "-c", """printf 'x\\t\\rx\\t\\rq' | "$@" """, "sh", *BATCHTUI]
    with simulator() as service, terminal(environment(tmp_path, service), *words) as running:
        before = service.batches()
        wait_for_list(running)
        running.wait_until_quiet(0.4)
        quit_from(running)
        assert service.batches() == before


@pytest.mark.parametrize("redirection", ["<&-", "</dev/null", "<&- 2>/dev/null", "2>&-"])
def test_with_streams_closed_the_terminal_of_the_process_is_used(
    tmp_path: Path, redirection: str
) -> None:
    words = ["sh", "-c", f'exec "$@" {redirection}', "sh", *BATCHTUI]
    with simulator() as service, terminal(environment(tmp_path, service), *words) as running:
        wait_for_list(running)
        quit_from(running)


def test_the_size_is_that_of_the_terminal_whatever_variables_say(tmp_path: Path) -> None:
    words = ["sh", "-c", 'COLUMNS=40 LINES=10 exec "$@"', "sh", *BATCHTUI]
    with simulator() as service, terminal(environment(tmp_path, service), *words) as running:
        wait_for_list(running)
        running.wait_for(lambda: "Help" in running.lines[-1])
        quit_from(running)
