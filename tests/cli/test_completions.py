"""``batchtui completions``: what is offered at the Tab key, and that each shell takes it."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from batchtui.cli.verbs import VERBS
from batchtui.library.ledger import Ledger
from tests.cli.running import Program, terminal_environ
from tests.cli.service import Service
from tests.terminal_harness import TerminalProgram


def offered(line: str, folder: Path) -> set[str]:
    """Ask as the shells' script does: the answer comes on descriptor 8."""
    environ = {
        **os.environ,
        "_ARGCOMPLETE": "1",
        "_ARGCOMPLETE_SUPPRESS_SPACE": "1",
        "_ARGCOMPLETE_IFS": "\n",
        "COMP_LINE": line,
        "COMP_POINT": str(len(line)),
        "COMP_TYPE": "",
        "_ARGCOMPLETE_STDOUT_FILENAME": str(folder / "offered"),
    }
    asked = subprocess.run(
        [sys.executable, "-m", "batchtui"],
        check=False,
        env=environ,
        cwd=folder,
        capture_output=True,
        timeout=60,
    )
    assert (asked.returncode, asked.stdout, asked.stderr) == (0, b"", b"")
    return set((folder / "offered").read_text().replace("\\:", ":").splitlines())


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("batchtui sy", {"sync"}),
        ("batchtui --profile list wat", {"watch"}),
        ("batchtui list --stat", {"--status"}),
        ("batchtui list --status can", {"canceling", "canceled"}),
        ("batchtui completions z", {"zsh"}),
        ("batchtui create --sp", {"--split"}),
        ("batchtui --theme pap", {"paper"}),
        ("batchtui open req", {"requests.jsonl"}),
    ],
)
def test_what_is_offered(line: str, expected: set[str], tmp_path: Path) -> None:
    (tmp_path / "requests.jsonl").touch()
    assert offered(line, tmp_path) == expected


def test_every_verb_is_offered(tmp_path: Path) -> None:
    assert offered("batchtui ", tmp_path) >= set(VERBS)


def test_ids_that_were_seen_are_offered(service: Service, program: Program, tmp_path: Path) -> None:
    batch = service.add()
    assert offered("batchtui show msg", tmp_path) == set()
    assert program("list").code == 0
    places = {str(one["name"]): str(one["path"]) for one in program("paths").records}
    ledger = Ledger(Path(places["ledger"]))
    ledger.set_label("x;touch${IFS}y", "a name")
    ledger.close()
    assert offered("batchtui show msg", tmp_path) == {batch.id}
    assert offered("batchtui cancel x", tmp_path) == set()
    assert offered("batchtui show --profile d", tmp_path) == {"default"}


_READY = {
    "bash": ("--norc", "--noprofile", "-i"),
    "zsh": ("-f", "-i"),
    "fish": ("--no-config", "-i"),
}
_SET_UP = {
    "bash": "source {script}",
    "zsh": "autoload -Uz compinit; compinit -u -D; source {script}",
    "fish": "source {script}",
}


@pytest.mark.parametrize("shell", _READY)
def test_each_shell_completes(shell: str, program: Program, tmp_path: Path) -> None:
    found = shutil.which(shell)
    if found is None:
        pytest.skip(f"{shell} is not installed")
    script = tmp_path / f"completions.{shell}"
    script.write_bytes(program("completions", shell).out)
    ours = tmp_path / "bin" / "batchtui"
    ours.parent.mkdir()
    ours.write_text(f'#!/bin/sh\nexec {sys.executable} -m batchtui "$@"\n')
    ours.chmod(ours.stat().st_mode | stat.S_IXUSR)
    environ = {
        **terminal_environ(),
        "PATH": f"{ours.parent}:{os.environ['PATH']}",
        "PS1": "ready> ",
        "HOME": str(tmp_path),
    }
    with TerminalProgram([found, *_READY[shell]], environ=environ, cwd=tmp_path) as running:
        running.wait_until_quiet(0.5)
        running.send(_SET_UP[shell].format(script=script) + "; echo set-'up'\r")
        running.wait_for("set-up")
        running.send("batchtui simul\t")
        running.wait_for("batchtui simulator ")
        running.send("--scen\t")
        running.wait_for("batchtui simulator --scenario ")
        running.send("large\t")
        running.wait_for(lambda: "--scenario large" in running.text)


def test_a_shell_that_is_not_known_is_refused(program: Program) -> None:
    assert program("completions", "tcsh").code == 2
