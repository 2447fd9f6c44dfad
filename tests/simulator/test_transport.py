"""The in-process transport: streams both ways, stops when the reader stops, keeps time limits."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from batchtui.simulator.http import Message, Receive, Scope, Send
from batchtui.simulator.scenarios import build_world
from batchtui.simulator.transport import SimulatorTransport
from batchtui.simulator.world import World
from tests.simulator.conftest import BATCHES, Connect, StoppedTime


class Endless:
    """An application that would answer forever, and notes how far it got."""

    def __init__(self) -> None:
        self.sent = 0
        self.stopped = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            while True:
                self.sent += 1
                await send({"type": "http.response.body", "body": b"x" * 10, "more_body": True})
        finally:
            self.stopped.set()


def client_of(app: object) -> httpx.AsyncClient:
    assert callable(app)
    return httpx.AsyncClient(transport=SimulatorTransport(app), base_url="http://any.invalid")


async def test_the_application_runs_no_further_than_it_is_read() -> None:
    app = Endless()
    async with client_of(app) as client, client.stream("GET", "/") as answer:
        pieces = answer.aiter_raw()
        for _ in range(5):
            await anext(pieces)
        assert app.sent <= 6
    assert app.stopped.is_set()


async def test_closing_early_stops_the_application() -> None:
    app = Endless()
    async with client_of(app) as client:
        async with client.stream("GET", "/"):
            assert not app.stopped.is_set()
        assert app.stopped.is_set()


async def test_canceling_the_reader_stops_the_application() -> None:
    app = Endless()
    reading = asyncio.Event()

    async def read() -> None:
        async with client_of(app) as client, client.stream("GET", "/") as answer:
            async for _ in answer.aiter_raw():
                reading.set()

    task = asyncio.create_task(read())
    await reading.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert app.stopped.is_set()


async def test_the_upload_is_taken_piece_by_piece() -> None:
    given = 0
    given_when_first_was_seen = 0

    async def upload() -> AsyncIterator[bytes]:
        nonlocal given
        for _ in range(50):
            given += 1
            yield b"x"

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal given_when_first_was_seen
        message: Message = await receive()
        given_when_first_was_seen = given
        while message["more_body"]:
            message = await receive()
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async with client_of(app) as client:
        answer = await client.post("/", content=upload())
    assert (answer.status_code, given, given_when_first_was_seen) == (204, 50, 1)


async def test_an_answer_may_come_before_the_upload_is_over() -> None:
    async def upload() -> AsyncIterator[bytes]:
        while True:
            yield b"x"

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "http.response.start", "status": 413, "headers": []})
        await send({"type": "http.response.body", "body": b"too much"})

    async with client_of(app) as client:
        answer = await client.post("/", content=upload())
    assert (answer.status_code, answer.content) == (413, b"too much")


async def test_a_defect_of_the_application_reaches_the_caller() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise ZeroDivisionError

    async with client_of(app) as client:
        with pytest.raises(ZeroDivisionError):
            await client.get("/")


async def test_silence_is_a_read_timeout() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.Event().wait()

    async with client_of(app) as client:
        with pytest.raises(httpx.ReadTimeout):
            await client.get("/", timeout=0.01)


async def test_many_requests_at_once(demo: World, connect: Connect) -> None:
    client = connect(demo)
    ids = [view.batch.id for view in demo.views()]
    answers = await asyncio.gather(*(client.get(f"{BATCHES}/{name}") for name in ids))
    assert [answer.json()["id"] for answer in answers] == ids


async def test_leaving_a_large_download_is_immediate(time: StoppedTime, connect: Connect) -> None:
    world = build_world("big", now=time)
    path = f"{BATCHES}/{world.views()[0].batch.id}/results"
    client = connect(world)
    async with client.stream("GET", path) as answer:
        first = await anext(answer.aiter_raw())
    assert first.count(b"\n") > 5
