"""The real program on a pseudo-terminal, against a simulator on a socket of its own process.

The simulated time all but stands still (`STANDING`): what happens in it happens when a test says
so, by `Service.skip`. A test waits for what the screen shows before it presses the next key.
"""

import contextlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.terminal_harness import TerminalProgram

BATCHTUI = (sys.executable, "-m", "batchtui")
KEY = "sk-ant-journey-0123456789abcdefXYZ"
STANDING = 0.001
"""Simulated seconds in a second: a test is over before anything changes by itself."""

Json = dict[str, Any]


class Service:
    """The simulated service, beside the program: what it knows, and what it is to do.

    Args:
        url: Its base URL.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        headers = {"x-api-key": KEY, "anthropic-version": "2023-06-01"}
        self._http = httpx.Client(base_url=url, headers=headers, timeout=60)

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def batches(self) -> list[Json]:
        """All batches as the service has them now, newest first."""
        found: list[Json] = self._control("GET", "state")["batches"]
        return found

    def batch(self, batch_id: str) -> Json:
        """One of them.

        Raises:
            StopIteration: There is none of this id.
        """
        return next(one for one in self.batches() if one["id"] == batch_id)

    def find(self, requests: int) -> str:
        """The id of the newest batch of that many requests.

        Raises:
            StopIteration: There is none.
        """
        sizes: dict[str, int] = {
            one["id"]: sum(one["request_counts"].values()) for one in self.batches()
        }
        return next(batch_id for batch_id, size in sizes.items() if size == requests)

    def results(self, batch_id: str) -> bytes:
        """The whole results file."""
        answer = self._http.get(f"/v1/messages/batches/{batch_id}/results")
        return answer.raise_for_status().content

    def results_start_with(self, batch_id: str, part: bytes) -> bool:
        """Whether these are the first bytes of the results file."""
        with self._http.stream("GET", f"/v1/messages/batches/{batch_id}/results") as answer:
            came = bytearray()
            for piece in answer.iter_bytes():
                came += piece
                if len(came) >= len(part):
                    break
        return came.startswith(part)

    def skip(self, seconds: float) -> None:
        """Let time pass."""
        self._control("POST", "skip", {"seconds": seconds})

    def plant(self, **fault: object) -> None:
        """Let something go wrong, see `batchtui.simulator.faults.Fault`."""
        self._control("POST", "faults", [fault])

    def heal(self) -> None:
        """Let nothing go wrong any more."""
        self._control("DELETE", "faults")

    def behave(self, **habits: object) -> None:
        """Change habits, see `batchtui.simulator.behavior.Behavior`."""
        self._control("POST", "behavior", habits)

    def accept_only(self, key: str) -> None:
        """Accept no other key from now on."""
        self._control("POST", "keys", {key: {}})

    def _control(self, method: str, act: str, body: object = None) -> Json:
        answer = self._http.request(method, f"/_simulator/{act}", json=body)
        found: Json = answer.raise_for_status().json()
        return found


@contextmanager
def simulator(scenario: str = "demo", speed: float = STANDING) -> Iterator[Service]:
    """Run ``batchtui simulator`` for as long as the context lasts."""
    command = [*BATCHTUI, "simulator", "--scenario", scenario, "--speed", str(speed), "--control"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        said = process.stdout.readline()
        found = re.fullmatch(r"listening on (http://\S+)\n", said)
        assert found, said
        with contextlib.closing(Service(found.group(1))) as service:
            yield service
    finally:
        process.terminate()
        process.communicate()


def environment(folder: Path, service: Service | str | None, **more: str) -> dict[str, str]:
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
    url = service.url if isinstance(service, Service) else service
    account = {"ANTHROPIC_BASE_URL": url, "ANTHROPIC_API_KEY": KEY} if url else {}
    return {**kept, **own, **account, **more}


@contextmanager
def program(
    environ: Mapping[str, str], *words: str, size: tuple[int, int] = (120, 34)
) -> Iterator[TerminalProgram]:
    """Run batchtui on a terminal of that size."""
    with terminal(environ, *BATCHTUI, *words, size=size) as running:
        yield running


@contextmanager
def terminal(
    environ: Mapping[str, str], *command: str, size: tuple[int, int] = (120, 34)
) -> Iterator[TerminalProgram]:
    """Run any command on a terminal of that size. The key must never be seen on it."""
    columns, lines = size
    with TerminalProgram(command, columns=columns, lines=lines, environ=environ) as running:
        yield running
        assert KEY.encode() not in running.output
