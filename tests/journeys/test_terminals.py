"""The main job on the terminals there are: few colors, none, no Unicode, through tmux."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.journeys.acting import quit_from, seek, wait_for_list
from tests.journeys.support import BATCHTUI, environment, program, simulator, terminal
from tests.journeys.test_main_job import do_the_main_job, main_job_environment

SGR = re.compile(rb"\x1b\[([\d;]*)m")
ASCII_ONLY = {"TERM": "linux", "LANG": "C", "LC_ALL": "C"}
TERMINALS = {
    "16 colors": {"TERM": "xterm"},
    "no color": {"NO_COLOR": "1"},
    "ascii": ASCII_ONLY,
    "within tmux": {"TERM": "tmux-256color", "TMUX": "/tmp/tmux-1000/default,1,0"},
}


@pytest.mark.parametrize("name", TERMINALS)
def test_main_job(tmp_path: Path, name: str) -> None:
    with simulator() as service:
        environ = main_job_environment(tmp_path, service, **TERMINALS[name])
        with program(environ, size=(80, 24)) as running:
            do_the_main_job(running, service, tmp_path)
            output = bytes(running.output)
    styles = {number for match in SGR.finditer(output) for number in match[1].split(b";")}
    if name == "16 colors":
        assert not styles & {b"38", b"48"}
        assert styles & {b"%d" % number for number in range(30, 38)}
    if name == "no color":
        assert not {number for number in styles if int(number or 0) >= 30}
        assert b"7" in styles  # where the cursor is must show all the same
    if name == "ascii":
        assert output.isascii()


@pytest.mark.parametrize(
    ("terminal", "words"),
    [
        ({"COLORTERM": "truecolor"}, ["--theme", "terminal"]),
        ({}, ["--theme", "terminal"]),
        ({"TERM": "linux"}, []),
    ],
    ids=str,
)
def test_the_terminals_own_colors_are_sent_as_such(
    tmp_path: Path, terminal: dict[str, str], words: list[str]
) -> None:
    with (
        simulator() as service,
        program(environment(tmp_path, service, **terminal), *words) as running,
    ):
        wait_for_list(running)
        running.wait_for("all ok")
        output = bytes(running.output)
        shown = [line for line in running.emulator.cells() if "✓" in {cell[0] for cell in line}]
    styles = {number for match in SGR.finditer(output) for number in match[1].split(b";")}
    assert not styles & {b"38", b"48"}
    row = next(line for line in shown if line[0][0] != "▌")
    assert next(cell[1] for cell in row if cell[0] == "✓") in ("green", "brightgreen", "default")


@pytest.mark.parametrize("tmux", [one for one in [shutil.which("tmux")] if one])
def test_main_job_inside_a_real_tmux(tmp_path: Path, tmux: str) -> None:
    """Only where there is one; elsewhere its variables stand for it, above."""
    rules = tmp_path / "tmux.conf"
    rules.write_text(
        "set -g status off\nset -s escape-time 20\nset -g default-terminal tmux-256color\n"
    )
    inside = [tmux, "-S", str(tmp_path / "tmux"), "-f", str(rules)]
    with simulator() as service:
        environ = main_job_environment(tmp_path, service)
        environ.setdefault("SHELL", "/bin/sh")
        try:
            with terminal(environ, *inside, "new-session", *BATCHTUI, size=(80, 24)) as running:
                do_the_main_job(running, service, tmp_path)
        finally:
            # its server outlives the client where the job was not brought to its end
            subprocess.run([*inside, "kill-server"], capture_output=True, check=False)


def test_texts_of_others_are_ascii_too_where_there_is_no_unicode(tmp_path: Path) -> None:
    with (
        simulator() as service,
        program(environment(tmp_path, service, **ASCII_ONLY), size=(80, 24)) as running,
    ):
        wait_for_list(running)
        seek(running, service.find(320))
        running.press("enter")
        running.wait_for("verified")
        running.press("enter")
        running.wait_for("claude-")
        running.press("pagedown")
        running.wait_until_quiet()
        assert running.output.isascii()


def test_a_storm_of_resizes_ends_in_the_right_picture(tmp_path: Path) -> None:
    with simulator() as service, program(environment(tmp_path, service)) as running:
        wait_for_list(running)
        for step in range(40):
            running.resize(20 + step * 37 % 160, 3 + step * 11 % 50)
            running.pump()
        running.resize(100, 30)
        running.wait_for(
            lambda: "updated" in running.lines[0] and len(running.lines[0].rstrip()) == 99
        )
        running.wait_for(lambda: "Help" in running.lines[29])
        running.wait_for(lambda: running.text.count("STATE") == 1)
        assert running.text.count("? Help") == 1
        running.press("]")
        running.wait_for("page 2 of")
        quit_from(running)


def test_dumb_terminals_get_the_list_as_text(tmp_path: Path) -> None:
    with simulator() as service, program(environment(tmp_path, service, TERM="dumb")) as running:
        assert running.wait_for_exit() == 0
        assert b"\x1b" not in running.output
        assert running.output.count(b"msgbatch_") > 1


def test_a_terminal_that_knows_no_size_is_drawn_once(tmp_path: Path) -> None:
    with (
        simulator() as service,
        program(environment(tmp_path, service), size=(0, 0)) as running,
    ):
        running.wait_for(lambda: b"page 1" in running.output)
        running.wait_until_quiet(0.5)
        seen = running.bytes_received
        running.wait_until_quiet(0.5)
        assert running.bytes_received - seen < 2_000
