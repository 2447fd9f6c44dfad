"""What all tests of the app may use."""

import sys
import threading
from collections.abc import Iterator

import pytest

_CODE = (".py", ".pyc", ".tcss")
"""What is loaded once, when it is first needed."""


class Opened:
    """What the thread of the test opens while this listens: that of the app is the same."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self._is_listening = False

    def hear(self, event: str, args: tuple[object, ...]) -> None:
        """Note a file that is opened; called by the interpreter."""
        if not self._is_listening or event not in {"open", "sqlite3.connect"}:
            return
        name = str(args[0])
        is_mine = threading.current_thread() is threading.main_thread()
        if is_mine and not name.endswith(_CODE) and not name.isdigit():
            self.names.append(name)

    def listen(self, *, is_on: bool) -> None:
        """Begin to listen, or stop."""
        self._is_listening = is_on


@pytest.fixture
def opened() -> Iterator[Opened]:
    listener = Opened()
    # for as long as the interpreter runs: it cannot be removed, and does nothing unless it listens
    sys.addaudithook(listener.hear)
    yield listener
    listener.listen(is_on=False)
