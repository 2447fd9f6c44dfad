"""The log of the calls that were made: the last ones to be shown, and a file of all of them."""

import os
from collections import deque
from pathlib import Path
from typing import TextIO

from batchtui.api.calls import Call
from batchtui.config.errors import ConfigError
from batchtui.regular_files import WITHOUT_WAITING
from batchtui.untrusted import visible

KEPT_CALLS = 200
"""How many of the last calls are kept to be shown."""


class CallLog:
    """The last calls, newest last, and perhaps a file that has them all.

    Args:
        log_file: Where to add a line for each call (made for the user alone), or ``None``.

    Raises:
        ConfigError: The file cannot be written.
    """

    def __init__(self, log_file: Path | None = None) -> None:
        self.calls: deque[Call] = deque(maxlen=KEPT_CALLS)
        self._log_file = log_file
        if log_file is None:
            return
        try:
            _open_log(log_file).close()
        except OSError as error:
            raise ConfigError(
                f"The log {log_file} cannot be written: {error.strerror or error}.",
                hint="Name another file, or leave the log out.",
            ) from error

    def add(self, call: Call) -> None:
        """Keep a call. Secrets are never in it."""
        self.calls.append(call)
        if self._log_file is None:
            return
        try:
            with _open_log(self._log_file) as file:
                file.write(describe_call(call) + "\n")
        except OSError:
            # What is noted here already happened: a full disk must not turn the answer to a create
            # into a failure. The calls are still kept to be shown.
            self._log_file = None


def _open_log(path: Path) -> TextIO:
    """Open a log to add to it; a pipe that nobody reads from is refused rather than waited for."""

    def open_at_once(name: str, flags: int) -> int:
        return os.open(name, flags | WITHOUT_WAITING, 0o600)

    return open(path, "a", encoding="utf-8", opener=open_at_once)


def describe_call(call: Call) -> str:
    """Return a call on one line, safe to show: when, what, outcome, how long, sizes, id."""
    outcome = call.error or str(call.status or "-")
    parts = [
        call.started_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        call.method,
        call.origin + call.path,
        outcome,
        f"{call.seconds * 1000:.0f}ms",
        f"try={call.attempt}",
        f"sent={call.bytes_sent}",
        f"received={call.bytes_received}",
        f"request-id={call.request_id or '-'}",
    ]
    return visible(" ".join(parts))
