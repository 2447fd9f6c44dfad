"""A server on a real socket that says exactly what a test wants, and keeps what it was told."""

import asyncio
import contextlib
import dataclasses
import ssl
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime, timedelta
from typing import Literal

import msgspec

from batchtui.api.calls import Call
from batchtui.api.client import BatchesClient
from batchtui.api.connection import Connection, Credential

KEY = "sk-ant-secret-key-1234"

After = Literal["keep", "cut", "stall"]


@dataclasses.dataclass(frozen=True)
class Heard:
    """A request as it arrived."""

    raw_head: bytes
    body: bytes

    @property
    def method(self) -> str:
        return self.raw_head.split(b" ", 1)[0].decode()

    @property
    def target(self) -> str:
        return self.raw_head.split(b" ", 2)[1].decode()

    @property
    def headers(self) -> dict[str, str]:
        lines = self.raw_head.decode().split("\r\n")[1:]
        pairs = (line.partition(": ") for line in lines if line)
        return {name.lower(): value for name, _, value in pairs}


@dataclasses.dataclass(frozen=True)
class Reply:
    """What to answer: bytes on the wire, and what to do with the connection then."""

    data: bytes
    after: After = "keep"
    before_body: bool = False  # answer without reading the request's body


def reply(
    status: int = 200,
    body: bytes = b"",
    headers: Iterable[tuple[str, str]] = (),
    *,
    after: After = "keep",
    length: int | None = None,
    before_body: bool = False,
) -> Reply:
    """An HTTP answer; `length` is the content-length claimed instead of the true one."""
    claimed = len(body) if length is None else length
    lines = [f"HTTP/1.1 {status} X", *(f"{name}: {value}" for name, value in headers)]
    if status != 204 and claimed >= 0:
        lines.append(f"content-length: {claimed}")
    head = "\r\n".join(lines).encode() + b"\r\n\r\n"
    return Reply(head + body, after, before_body)


def json_reply(value: object, status: int = 200, *headers: tuple[str, str]) -> Reply:
    return reply(
        status, msgspec.json.encode(value), [("content-type", "application/json"), *headers]
    )


def error_reply(status: int, kind: str, message: str, *headers: tuple[str, str]) -> Reply:
    body = {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_body"}
    return json_reply(body, status, *headers)


def batch_json(batch_id: str = "msgbatch_1", **fields: object) -> dict[str, object]:
    return {
        "id": batch_id,
        "type": "message_batch",
        "processing_status": "ended",
        "request_counts": {
            "processing": 0,
            "succeeded": 2,
            "errored": 1,
            "canceled": 0,
            "expired": 0,
        },
        "created_at": "2026-01-02T03:04:05Z",
        "expires_at": "2026-01-03T03:04:05Z",
        "ended_at": None,
        "cancel_initiated_at": None,
        "archived_at": None,
        "results_url": None,
        **fields,
    }


class ScriptedServer:
    """Answers one request after the other as scripted; the last answer is given forever."""

    def __init__(self, replies: Iterable[Reply], *, is_secure: bool = False) -> None:
        self.replies = list(replies)
        self._scheme = "https" if is_secure else "http"
        self.heard: list[Heard] = []
        self.connections = 0
        self.hung_up = asyncio.Event()
        self.heard_head = asyncio.Event()
        self.port = 0
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self.port}"

    @property
    def targets(self) -> list[str]:
        return [f"{each.method} {each.target}" for each in self.heard]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while await self._answer(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            self.hung_up.set()
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        self.heard_head.set()
        script = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        if script.before_body:
            self.heard.append(Heard(head, b""))
        else:
            self.heard.append(Heard(head, await _read_body(head, reader)))
        writer.write(script.data)
        await writer.drain()
        if script.after == "stall":
            await reader.read()
            self.hung_up.set()
        return script.after == "keep"

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def _read_body(head: bytes, reader: asyncio.StreamReader) -> bytes:
    headers = Heard(head, b"").headers
    if headers.get("transfer-encoding") == "chunked":
        body = b""
        while size := int(await reader.readline(), 16):
            body += await reader.readexactly(size)
            await reader.readline()
        await reader.readline()
        return body
    return await reader.readexactly(int(headers.get("content-length", "0")))


@contextlib.asynccontextmanager
async def serving(
    *replies: Reply, tls: ssl.SSLContext | None = None
) -> AsyncIterator[ScriptedServer]:
    """A scripted server on a free port of this machine."""
    scripted = ScriptedServer(replies, is_secure=tls is not None)
    server = await asyncio.start_server(scripted.accept, "127.0.0.1", 0, ssl=tls)
    scripted.port = server.sockets[0].getsockname()[1]
    try:
        yield scripted
    finally:
        server.close()
        await server.wait_closed()
        await scripted.stop()


class StillClock:
    """A clock that only moves when someone sleeps, and remembers how long."""

    def __init__(self) -> None:
        self.slept: list[float] = []
        self._start = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        return sum(self.slept)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@dataclasses.dataclass
class Bench:
    """A client of a scripted server, its clock and the calls it reported."""

    client: BatchesClient
    clock: StillClock
    calls: list[Call]


def connection_to(url: str) -> Connection:
    """A connection with a key and a little patience."""
    return Connection(url, Credential("api_key", KEY), read_timeout=5.0)


@contextlib.asynccontextmanager
async def calling(where: str | Connection) -> AsyncIterator[Bench]:
    """A client with a still clock."""
    connection = connection_to(where) if isinstance(where, str) else where
    clock, calls = StillClock(), list[Call]()
    client = BatchesClient(connection, clock=clock, random=lambda: 0.0, on_call=calls.append)
    async with client:
        yield Bench(client, clock, calls)


@contextlib.asynccontextmanager
async def scene(*replies: Reply) -> AsyncIterator[tuple[ScriptedServer, Bench]]:
    """A scripted server and a client of it."""
    async with serving(*replies) as server, calling(server.url) as bench:
        yield server, bench
