"""The real client against the simulator, in process, by a clock that needs no waiting."""

from datetime import timedelta

from batchtui.api.client import BatchesClient
from batchtui.api.connection import Connection, Credential
from batchtui.simulator.app import create_app
from batchtui.simulator.transport import SimulatorTransport
from batchtui.simulator.work import ScenarioWork
from batchtui.simulator.world import World
from tests.batches.fakes import FastClock


class Simulated:
    """A world of its own with a client."""

    def __init__(self) -> None:
        self.clock = FastClock()
        self.world = World(now=self.clock.now)
        self.client = BatchesClient(
            Connection("http://simulator.invalid", Credential("api_key", "key-for-tests")),
            transport=SimulatorTransport(create_app(self.world)),
            clock=self.clock,
            random=lambda: 0.5,
        )

    def add(self, batch_id: str, *, age: float = 600.0, takes: float = 60.0, total: int = 3) -> str:
        """Put in a batch ``age`` seconds old that takes ``takes`` seconds."""
        self.world.add(
            ScenarioWork(total, 1, "triage", "row", "model-1"),
            created_at=self.world.now() - timedelta(seconds=age),
            takes=timedelta(seconds=takes),
            batch_id=batch_id,
        )
        return batch_id

    def fill(self, count: int) -> list[str]:
        """Put in ended batches, newest first."""
        return [self.add(f"batch-{n:05}", age=1000.0 + n) for n in range(count)]

    @property
    def asked(self) -> list[str]:
        """The requests so far, as ``METHOD path?query``."""
        return [f"{r.method} {r.path}?{r.query}" for r in self.world.requests]
