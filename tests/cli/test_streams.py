"""Streams that are closed, and the size of the terminal."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from batchtui.cli.output import stdout_stream, terminal_size
from batchtui.simulator.faults import Fault
from tests.cli.running import Program, command, terminal_environ
from tests.cli.service import Service
from tests.terminal_harness import TerminalProgram


def run_with(redirection: str, *words: object) -> subprocess.CompletedProcess[str]:
    """Run a verb with some of its streams closed."""
    return subprocess.run(
        ["sh", "-c", f'exec "$@" {redirection}', "sh", *command(*words)],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("verb", ["list", "results", "show"])
def test_an_answer_that_cannot_be_written_is_told(service: Service, verb: str) -> None:
    batch = service.add()
    ids = [] if verb == "list" else [batch.id]
    done = run_with(">&-", verb, *ids)
    assert done.returncode == 2
    assert "Standard output is closed: there is nowhere to write to." in done.stderr
    assert "Traceback" not in done.stderr


def test_a_dash_is_standard_output(
    service: Service, program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    batch = service.add()
    for verb, *more in (("results",), ("results", "--group", "type"), ("merge",)):
        assert (
            program(verb, batch.id, *more, "--output", "-").out
            == program(verb, batch.id, *more).out
        )
    assert not list(tmp_path.iterdir())


def test_nothing_is_kept_back_of_a_text_that_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    monkeypatch.setattr("batchtui.cli.output.is_terminal", lambda _stream: True)
    monkeypatch.setattr(sys, "stdout", shown)
    with stdout_stream() as stream:
        stream.write("é€".encode()[:-1])
    assert shown.buffer.getvalue().decode() == "é\\xe2\\x82"


def test_an_answer_of_odd_bytes_is_no_yes() -> None:
    script = (
        "import sys; sys.stdin.isatty = sys.stderr.isatty = lambda: True\n"
        "from batchtui.cli import main, paths; from batchtui.cli.confirmation import is_agreed\n"
        "paths.run = lambda options: 3 + is_agreed('Sure?', said_yes=False)\n"
        "sys.argv = ['batchtui', 'paths']; sys.exit(main.main())"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        check=False,
        capture_output=True,
        input=b"y\xff\n",
        env={**os.environ, "PYTHONIOENCODING": "utf-8:strict"},
        timeout=60,
    )
    assert done.returncode == 3, done.stderr


def test_nothing_acts_in_what_is_said_of_a_defect() -> None:
    script = (
        "import sys; from batchtui.cli import main, paths\n"
        "def fail(options): raise RuntimeError('planted \\x1b]0;EVIL\\x07\\u202e')\n"
        "paths.run = fail; sys.argv = ['batchtui', 'paths']; sys.exit(main.main())"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], check=False, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    assert "RuntimeError: planted \\x1b]0;EVIL\\x07\\u202e" in done.stderr
    assert not {"\x1b", "\x07", "\u202e"} & set(done.stderr)


def test_nothing_acts_in_what_a_server_says(service: Service) -> None:
    fault = Fault(status=400, operation="list", message="no \x1b]0;EVIL\x07\u202e", times=None)
    service.world.faults.add(fault)
    said = run_with("", "list").stderr
    assert "no \\x1b]0;EVIL\\x07\\u202e" in said
    assert not {"\x1b", "\x07", "\u202e"} & set(said)


def test_what_must_be_done_is_done_though_its_answer_is_lost(service: Service) -> None:
    first, second = service.add(), service.add()
    done = run_with(">&-", "delete", "--yes", first.id, second.id)
    assert done.returncode == 0
    assert service.world.views() == ()


def test_no_file_takes_the_place_of_a_closed_stream(service: Service, tmp_path: Path) -> None:
    batch = service.add()
    target = tmp_path / "rows.jsonl"
    done = run_with("<&- >&- 2>&-", "results", batch.id, "--output", target)
    assert done.returncode in (0, 2)
    assert target.read_bytes().count(b"\n") == 3
    for path in (*tmp_path.rglob("*"), *Path(os.environ["BATCHTUI_DATA_DIR"]).rglob("*")):
        assert not path.is_file() or b"batchtui:" not in path.read_bytes()
    assert run_with("2>&-", "list").returncode == 0


def test_the_real_size_counts_more_than_variables(service: Service) -> None:
    service.add()
    environ = {**terminal_environ(), "COLUMNS": "40", "LINES": "5"}
    words = ["sh", "-c", 'COLUMNS=40 exec "$@"', "sh", *command("list")]
    with TerminalProgram(words, columns=120, lines=20, environ=environ) as told:
        told.wait_for_exit()
        wide = max(len(line.rstrip()) for line in told.lines)
    assert wide > 60


def test_without_a_terminal_the_variables_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "44")
    monkeypatch.setenv("LINES", "7")
    assert terminal_size(io.StringIO()) == (44, 7)
    monkeypatch.delenv("COLUMNS")
    monkeypatch.delenv("LINES")
    assert terminal_size(io.StringIO()) == (80, 24)
