"""Running the program: in this process with its streams caught, or as a process of its own."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

import pytest

from batchtui.cli.main import main
from tests.terminal_harness import TerminalProgram

Json = dict[str, object]


@dataclass(frozen=True)
class Outcome:
    """How a run ended."""

    code: int
    out: bytes
    err: str

    @property
    def records(self) -> list[Json]:
        """Stdout as JSON, line by line."""
        return [json.loads(line) for line in self.out.splitlines()]


class Program:
    """Runs verbs against one service."""

    def __init__(self, capture: pytest.CaptureFixture[bytes]) -> None:
        self._capture = capture

    def __call__(self, *words: object) -> Outcome:
        """Run a verb in this process."""
        self._capture.readouterr()
        code = main([str(word) for word in words])
        out, err = self._capture.readouterr()
        return Outcome(code, out, err.decode())


def command(*words: object) -> list[str]:
    """The words that start the program."""
    return [sys.executable, "-m", "batchtui", *map(str, words)]


def terminal_environ() -> dict[str, str]:
    """The environment on a terminal that shows everything and has the size it says."""
    environ = {**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
    return {name: value for name, value in environ.items() if name not in ("COLUMNS", "LINES")}


def on_terminal(*words: object) -> TerminalProgram:
    """Run a verb on a terminal; to be used as a context manager."""
    return TerminalProgram(command(*words), columns=100, lines=20, environ=terminal_environ())


@contextmanager
def started(*words: object, stdin: int | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """Run a verb as a process, killed at the end if it still runs."""
    process = subprocess.Popen(
        command(*words), stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def finished(process: subprocess.Popen[bytes]) -> Outcome:
    """Wait for a process to end by itself."""
    out, err = process.communicate(timeout=60)
    return Outcome(process.returncode, out, err.decode())


def run_process(*words: object) -> Outcome:
    """Run a verb as a process to its end."""
    with started(*words, stdin=subprocess.DEVNULL) as process:
        return finished(process)


def next_line(stream: IO[bytes] | None) -> bytes:
    """Wait for the next line of a process."""
    assert stream is not None
    return stream.readline()


def interrupt(process: subprocess.Popen[bytes]) -> None:
    """What Ctrl-C does."""
    os.kill(process.pid, signal.SIGINT)


def wait_until(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    """Wait for a condition, looking again and again."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.01)  # it is of another process, which tells nobody
