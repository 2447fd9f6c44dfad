"""However the program is stopped, the terminal is as it was and the disk tells the truth."""

import signal
from pathlib import Path

import pytest

from batchtui.library.store import ResultsStore
from tests.journeys.acting import is_restored, quit_from, seek, wait_for_list
from tests.journeys.support import (
    BATCHTUI,
    Service,
    environment,
    program,
    simulator,
    terminal,
)
from tests.terminal_harness import TerminalProgram


def store_of(folder: Path) -> ResultsStore:
    """The results of the one profile that was used."""
    (root,) = (folder / "data").rglob("results")
    return ResultsStore(root)


def begin_download(running: TerminalProgram, service: Service) -> str:
    """Open results that come too slowly to be all there soon."""
    service.behave(results_rate=300_000)
    batch_id = service.find(5_000)
    wait_for_list(running)
    seek(running, batch_id)
    running.press("enter")
    running.wait_for(" of 5,000")
    running.wait_for("CUSTOM_ID")
    running.wait_for("clause-")
    return batch_id


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=str)
def test_told_to_end_while_results_come(tmp_path: Path, number: signal.Signals) -> None:
    with simulator() as service:
        environ = environment(tmp_path, service)
        with program(environ) as running:
            batch_id = begin_download(running, service)
            running.signal(number)
            assert running.wait_for_exit() == 128 + number
            assert is_restored(running)
        store = store_of(tmp_path)
        assert store.stored(batch_id) is None
        part = store.partial(batch_id)
        assert part is not None
        assert service.results_start_with(batch_id, part.path.read_bytes())


@pytest.mark.parametrize("is_resumable", [False, True])
def test_killed_while_results_come_then_started_again(tmp_path: Path, is_resumable: bool) -> None:
    with simulator() as service:
        service.behave(results_etag=is_resumable, results_ranges=is_resumable)
        environ = environment(tmp_path, service)
        with program(environ) as running:
            batch_id = begin_download(running, service)
            running.signal(signal.SIGKILL)
            running.wait_for_exit()
        assert store_of(tmp_path).stored(batch_id) is None
        service.behave(results_rate=None)
        with program(environ) as again:
            wait_for_list(again)
            seek(again, batch_id)
            again.press("enter")
            again.wait_for("5,000 verified")
            quit_from(again)
        stored = store_of(tmp_path).stored(batch_id)
        assert stored is not None
        assert stored.path.read_bytes() == service.results(batch_id)


def test_the_line_goes_dead_while_results_come(tmp_path: Path) -> None:
    """An SSH session that is cut off: the terminal is gone, nobody reads or writes it."""
    with simulator() as service:
        with program(environment(tmp_path, service)) as running:
            batch_id = begin_download(running, service)
            running.hang_up()
            assert running.process.wait(15) == 128 + signal.SIGHUP
        store = store_of(tmp_path)
        assert store.stored(batch_id) is None
        assert store.partial(batch_id) is not None


def test_to_the_shell_and_back(tmp_path: Path) -> None:
    shell = ["bash", "--norc", "--noprofile", "-i"]
    with simulator() as service:
        environ = environment(tmp_path, service, PS1="shell> ")
        with terminal(environ, *shell, size=(100, 30)) as running:
            running.wait_for("shell>")
            running.send(" ".join(BATCHTUI) + "\r")
            wait_for_list(running)
            running.press("]")
            running.wait_for("page 2 of")
            running.press("ctrl+z")
            running.wait_for("Stopped")
            running.wait_for("shell>")
            running.wait_for(lambda: is_restored_but_for_editing(running))
            running.resize(80, 24)
            running.send("echo ab''cd\r")
            running.wait_for("abcd")
            running.send("fg\r")
            running.wait_for(lambda: "page 2 of" in running.lines[1])
            running.wait_for(lambda: "Help" in running.lines[23])
            assert not running.shows("shell>")
            running.press("[")
            running.wait_for("page 1 of")
            running.press("q")
            running.wait_for("shell>")
            running.send("echo code$?\r")
            running.wait_for("code0")
            running.send("exit\r")
            running.wait_for_exit()


def is_restored_but_for_editing(running: TerminalProgram) -> bool:
    """Whether what the app has set is taken back; a shell sets some for its own line."""
    left = running.emulator.modes & {"1049", "1000", "1002", "1003", "1004", "1006", "2048"}
    return not left and not running.emulator.screen.cursor.hidden
