"""The simulated service on a socket, in a thread of its own; the test holds its world."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from batchtui.simulator.lifecycle import Batch
from batchtui.simulator.scenarios import build_world
from batchtui.simulator.server import listening
from batchtui.simulator.work import LiteralWork
from batchtui.simulator.world import World

HOUR = timedelta(hours=1)
_DATE_STEP = timedelta(seconds=1)
_stopping: list[threading.Thread] = []


@dataclass
class Service:
    """A service that is being served."""

    url: str
    world: World
    _made: int = field(default=0)

    def add(
        self,
        *,
        succeeded: int = 3,
        errored: int = 0,
        canceled: int = 0,
        expired: int = 0,
        age: timedelta = HOUR,
        takes: timedelta = timedelta(minutes=10),
        content: bytes | None = None,
    ) -> Batch:
        """Put a batch into the workspace whose rows are known byte by byte."""
        self._made += 1
        work = LiteralWork(
            rows_of(succeeded, errored, canceled, expired) if content is None else content,
            succeeded,
            errored,
            canceled,
            expired,
        )
        # no two are created at the same moment: the order of the list is known; and each a second
        # before its age, for what a client makes of a `Date` of whole seconds is up to half off
        created = self.world.now() - age - _DATE_STEP + timedelta(milliseconds=self._made)
        return self.world.add(work, created_at=created, takes=takes)

    def content(self, batch: Batch) -> bytes:
        """What the results of such a batch are."""
        assert isinstance(batch.work, LiteralWork)
        return batch.work.content

    def paths(self) -> list[str]:
        """The calls that were made, as ``GET /v1/messages/batches``."""
        return [f"{one.method} {one.path}" for one in self.world.requests]


def rows_of(succeeded: int, errored: int, canceled: int, expired: int) -> bytes:
    """Results of these numbers, ids counted through: ``row-0``, ``row-1``, ..."""
    message = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-test",
        "content": [{"type": "text", "text": "Fine \u2028 é \x1b[31m"}],
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 5, "output_tokens": 7},
    }
    error = {"type": "overloaded_error", "message": "Overloaded"}
    results: list[dict[str, object]] = []
    results += [{"type": "succeeded", "message": message}] * succeeded
    results += [{"type": "errored", "error": {"type": "error", "error": error}}] * errored
    results += [{"type": "canceled"}] * canceled
    results += [{"type": "expired"}] * expired
    lines = (
        json.dumps({"custom_id": f"row-{number}", "result": result}, ensure_ascii=False)
        for number, result in enumerate(results)
    )
    return "".join(f"{line}\n" for line in lines).encode()


@contextmanager
def served(scenario: str = "empty", *, speed: float = 1.0) -> Iterator[Service]:
    """Serve a world for as long as the context lasts."""
    world = build_world(scenario, speed=speed)
    ready = threading.Event()
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()
    urls: list[str] = []

    async def serve() -> None:
        async with listening(world, control=True) as url:
            urls.append(url)
            ready.set()
            await stop.wait()

    def run() -> None:
        loop.run_until_complete(serve())
        loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        assert ready.wait(20)
        yield Service(urls[0], world)
    finally:
        # stopping takes a fifth of a second, which nobody has to wait for
        loop.call_soon_threadsafe(stop.set)
        _stopping.append(thread)


def wait_for_all_to_stop() -> None:
    """Wait for the services that were stopped to be gone."""
    while _stopping:
        _stopping.pop().join(20)
