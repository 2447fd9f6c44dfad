"""A service for every test, a key for it, and the program."""

import pkgutil
from collections.abc import Iterator
from importlib import import_module

import pytest

from batchtui import cli
from tests.cli.running import Program
from tests.cli.service import Service, served, wait_for_all_to_stop


@pytest.fixture(scope="session", autouse=True)
def _loaded_verbs() -> None:
    """Load all of it: what is loaded while a test replaces a function would keep that forever."""
    for module in pkgutil.iter_modules(cli.__path__):
        import_module(f"{cli.__name__}.{module.name}")


@pytest.fixture(scope="session", autouse=True)
def _stopped_services() -> Iterator[None]:
    yield
    wait_for_all_to_stop()


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """An empty workspace on a socket; the environment points there."""
    with served() as one:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", one.url)
        monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-test-0123456789")
        yield one


@pytest.fixture
def program(capsysbinary: pytest.CaptureFixture[bytes]) -> Program:
    """Runs verbs in this process."""
    return Program(capsysbinary)
