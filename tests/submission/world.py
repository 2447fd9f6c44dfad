"""The simulator, a client of it and a clock that goes as fast as it is asked to."""

import asyncio
from datetime import UTC, datetime, timedelta

from batchtui.api.client import BatchesClient
from batchtui.api.connection import Connection, Credential
from batchtui.simulator.app import create_app
from batchtui.simulator.scenarios import build_world
from batchtui.simulator.transport import SimulatorTransport
from batchtui.simulator.world import World


class QuickClock:
    """Sleeping only moves the hands.

    Attributes:
        moment: What time it is.
        skew: How far this machine's clock is ahead.
    """

    def __init__(self) -> None:
        self.moment = datetime(2026, 3, 1, 12, tzinfo=UTC)
        self.skew = timedelta(0)

    def now(self) -> datetime:
        return self.moment + self.skew

    def monotonic(self) -> float:
        return self.moment.timestamp()

    async def sleep(self, seconds: float) -> None:
        self.moment += timedelta(seconds=max(0.0, seconds))
        await asyncio.sleep(0)


def make_world(clock: QuickClock, name: str = "empty") -> World:
    return build_world(name, now=lambda: clock.moment)


def make_client(world: World, clock: QuickClock) -> BatchesClient:
    connection = Connection(
        base_url="http://simulator.invalid", credential=Credential("api_key", "sk-ant-test-1234")
    )
    return BatchesClient(connection, transport=SimulatorTransport(create_app(world)), clock=clock)
