"""The real program on a pseudo-terminal, against a simulator on a socket of its own process."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.terminal_harness import TerminalProgram

BATCHTUI = (sys.executable, "-m", "batchtui")


@contextmanager
def simulator(scenario: str = "demo", speed: float = 1.0) -> Iterator[str]:
    """Run ``batchtui simulator`` for as long as the context lasts.

    Yields:
        Its base URL.
    """
    command = [*BATCHTUI, "simulator", "--scenario", scenario, "--speed", str(speed), "--control"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        said = process.stdout.readline()
        found = re.fullmatch(r"listening on (http://\S+)\n", said)
        assert found, said
        yield found.group(1)
    finally:
        process.terminate()
        process.communicate()


def environment(folder: Path, url: str | None, **more: str) -> dict[str, str]:
    """The environment of a user with a key, with folders of their own."""
    kept = {name: os.environ[name] for name in ("PATH", "VIRTUAL_ENV") if name in os.environ}
    own = {
        "HOME": str(folder),
        "BATCHTUI_CONFIG_DIR": str(folder / "config"),
        "BATCHTUI_DATA_DIR": str(folder / "data"),
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "TERM": "xterm-256color",
    }
    account = {"ANTHROPIC_BASE_URL": url, "ANTHROPIC_API_KEY": "x"} if url else {}
    return {**kept, **own, **account, **more}


@contextmanager
def program(
    environ: Mapping[str, str], *words: str, size: tuple[int, int] = (120, 34)
) -> Iterator[TerminalProgram]:
    """Run batchtui on a terminal of that size."""
    columns, lines = size
    with TerminalProgram(
        [*BATCHTUI, *words], columns=columns, lines=lines, environ=environ
    ) as running:
        yield running
