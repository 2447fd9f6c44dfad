"""What all tests of the app may use."""

import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from textual._context import active_app
from textual.app import App

from tests.resting_loop import RestingLoop
from tests.tui.support import come_to_rest

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
        if is_mine and not _is_code(Path(name)) and not name.isdigit():
            self.names.append(name)

    def listen(self, *, is_on: bool) -> None:
        """Begin to listen, or stop."""
        self._is_listening = is_on


def _is_code(path: Path) -> bool:
    """Whether it is loaded once, or being compiled for that."""
    return path.suffix in _CODE or path.parent.name == "__pycache__"


@pytest.fixture
def opened() -> Iterator[Opened]:
    listener = Opened()
    # for as long as the interpreter runs: it cannot be removed, and does nothing unless it listens
    sys.addaudithook(listener.hear)
    yield listener
    listener.listen(is_on=False)


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], RestingLoop]]:
    """The event loop of the tests here."""
    return {"resting": RestingLoop}


@pytest.fixture(autouse=True)
def _notices_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """Show what is said for as long as a test waits for it, also where the machine stands still."""
    monkeypatch.setattr(App, "NOTIFICATION_TIMEOUT", 60)


@pytest.fixture(autouse=True)
def _no_look_at_the_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Go on after a key as soon as all is done.

    Textual's pilot looks twice, for a fiftieth of a second and more, whether the processor is idle.
    """

    async def wait_for_idle(*_: float) -> None:
        await come_to_rest(active_app.get())

    monkeypatch.setattr("textual.app.wait_for_idle", wait_for_idle)
    monkeypatch.setattr("textual.pilot.wait_for_idle", wait_for_idle)
