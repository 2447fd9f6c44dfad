"""No test sees this machine's settings, keys or folders."""

import gc
import os
import signal
from pathlib import Path

import hypothesis
import pytest

# how long an example takes says more of the machine than of the program
hypothesis.settings.register_profile("batchtui", deadline=None)
hypothesis.settings.load_profile("batchtui")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # what a shell starts in the background ignores it, and so would every program started here
    signal.signal(signal.SIGINT, signal.default_int_handler)

gc.disable()  # while tests are collected nothing becomes garbage


def pytest_collection_finish() -> None:
    """Look for garbage from now on: seldom, and not through the tests and what they have loaded."""
    gc.freeze()
    gc.set_threshold(20_000)
    gc.enable()


_SEEN = ("ANTHROPIC_", "BATCHTUI_", "XDG_", "SSH_", "TMUX", "NO_COLOR")
"""What a program of ours looks at; nothing of it may come from this machine."""


@pytest.fixture(autouse=True)
def _isolated_environment(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    home: Path = tmp_path_factory.mktemp("home")
    for name in list(os.environ):
        if name.startswith(_SEEN) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("BATCHTUI_CONFIG_DIR", str(home / "config"))
    monkeypatch.setenv("BATCHTUI_DATA_DIR", str(home / "data"))
