"""The programs that the terminal benchmark drives, and how to get to their lists."""

import json
import os
import re
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Self

from tests.terminal_harness import TerminalProgram

DRIVERS = ("plain", "diff")
_BATCHES = "/v1/messages/batches"
_ROW = re.compile(r"row ([\d,]+)/")


@dataclass(frozen=True, slots=True)
class Program:
    """What is measured."""

    arguments: Sequence[str]
    """How it is started."""
    ready: str
    """Text on the first screen that shows that it is there."""
    to_results: Sequence[str] = ()
    """Keys from the first screen to a list of results with a row counter."""
    has_batches: bool = False
    """Whether the first screen is a list of batches."""


PROGRAMS = {
    "standin": Program([sys.executable, "-m", "tests.benchmarks.terminal_standin"], "row 1/"),
    "batchtui": Program(
        [sys.executable, "-m", "batchtui", "--demo"],
        "newest first",
        (*["down"] * 16, "enter"),
        has_batches=True,
    ),
}
STATIC = Program([sys.executable, "-m", "tests.benchmarks.terminal_static"], "row 1/1")


def environment(driver: str, **changes: str) -> dict[str, str]:
    """Return the environment of a modern terminal."""
    return {
        **os.environ,
        "BATCHTUI_DRIVER": driver,
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "LANG": "C.UTF-8",
        **changes,
    }


@contextmanager
def running(program: Program, driver: str, **changes: str) -> Iterator[TerminalProgram]:
    """Run a program until its first screen is whole."""
    environ = environment(driver, **changes)
    with TerminalProgram(program.arguments, environ=environ) as terminal:
        terminal.wait_for(program.ready)
        terminal.wait_until_quiet(0.5)
        yield terminal


def open_results(terminal: TerminalProgram, program: Program) -> None:
    """Go to the list of results."""
    for key in program.to_results:
        terminal.press(key)
        terminal.wait_until_quiet(0.1)
    terminal.wait_for(lambda: shown_row(terminal) > 0)
    terminal.wait_until_quiet(0.5)


def shown_row(terminal: TerminalProgram) -> int:
    """Return the row that the program says it is on; 0 where it says nothing."""
    match = _ROW.search(terminal.text)
    return int(match.group(1).replace(",", "")) if match else 0


class FrozenServer:
    """The simulator with its time standing still: what changes is what is changed by hand."""

    def __init__(self) -> None:
        simulator = [sys.executable, "-m", "batchtui", "simulator"]
        command = [*simulator, "--speed", "0.000001", "--control"]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().split()[-1]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()

    def cancel_one(self) -> None:
        """Cancel the newest batch that is running."""
        page = self._call("GET", f"{_BATCHES}?limit=20")
        batch = next(one for one in page["data"] if one["processing_status"] == "in_progress")
        self._call("POST", f"{_BATCHES}/{batch['id']}/cancel")

    def end_all(self) -> None:
        """Let so much time pass that every batch has ended, and no age is about to change."""
        self._call("POST", "/_simulator/skip", {"seconds": 54.5 * 60 * 60})

    def _call(self, method: str, path: str, body: object = None) -> dict[str, list[dict[str, str]]]:
        request = urllib.request.Request(
            f"{self.url}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"x-api-key": "sk-ant-benchmark", "anthropic-version": "2023-06-01"},
        )
        with urllib.request.urlopen(request) as answer:
            found: dict[str, list[dict[str, str]]] = json.load(answer)
        return found


@contextmanager
def account(server: FrozenServer) -> Iterator[tuple[Program, dict[str, str]]]:
    """Make a user of a server, with a home of their own.

    Returns:
        The app as they start it, and what their environment adds.
    """
    with tempfile.TemporaryDirectory() as folder:
        app = [sys.executable, "-m", "batchtui", "--base-url", server.url]
        changes = {
            "BATCHTUI_CONFIG_DIR": folder,
            "BATCHTUI_DATA_DIR": folder,
            "ANTHROPIC_API_KEY": "sk-ant-benchmark",
        }
        yield Program(app, "newest first", has_batches=True), changes


@contextmanager
def watching(server: FrozenServer, driver: str, interval: float) -> Iterator[TerminalProgram]:
    """Run the app on a server, checking live batches every ``interval`` seconds."""
    with account(server) as (program, changes):
        changes["BATCHTUI_POLL_INTERVAL"] = str(interval)
        with running(program, driver, **changes) as terminal:
            yield terminal
