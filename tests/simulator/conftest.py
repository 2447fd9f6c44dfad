"""Worlds whose time stands still until a test moves it, and ways to talk to them."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from batchtui.simulator.app import create_app
from batchtui.simulator.scenarios import build_world
from batchtui.simulator.transport import SimulatorTransport
from batchtui.simulator.world import World

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HEADERS = {"x-api-key": "sk-test", "anthropic-version": "2023-06-01"}
BATCHES = "/v1/messages/batches"


class StoppedTime:
    """A source of time that a test moves."""

    def __init__(self) -> None:
        self.moment = NOON

    def __call__(self) -> datetime:
        return self.moment

    def pass_by(self, **parts: float) -> None:
        self.moment += timedelta(**parts)


@pytest.fixture
def time() -> StoppedTime:
    return StoppedTime()


@pytest.fixture
def world(time: StoppedTime) -> World:
    """An empty world."""
    return build_world("empty", now=time)


@pytest.fixture
def demo(time: StoppedTime) -> World:
    return build_world("demo", now=time)


Connect = Callable[[World], httpx.AsyncClient]


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    """Makes clients of a world, in process."""
    clients: list[httpx.AsyncClient] = []

    def make(world: World) -> httpx.AsyncClient:
        transport = SimulatorTransport(create_app(world))
        client = httpx.AsyncClient(
            transport=transport, base_url="http://simulator.invalid", headers=HEADERS
        )
        clients.append(client)
        return client

    yield make
    for client in clients:
        await client.aclose()


def message_request(custom_id: str, **params: object) -> dict[str, object]:
    """A valid request, but for what is changed."""
    usual: dict[str, object] = {
        "model": "claude-sonnet-4-5-20250929",
        "max_tokens": 1024,
        "messages": [{"role": "user", "content": f"Question {custom_id}?"}],
    }
    return {"custom_id": custom_id, "params": usual | params}
