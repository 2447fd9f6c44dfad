"""Results as a stream: whole, cut, stalled, compressed, resumed, refused."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace

import pytest

from batchtui.api import errors
from batchtui.api.client import BatchesClient, ResumePoint
from batchtui.api.models import MessageBatch
from batchtui.api.results_stream import validator_of
from tests.api.scripted import (
    Reply,
    calling,
    connection_to,
    error_reply,
    reply,
    scene,
    serving,
)

LINES = b'{"custom_id":"a"}\n' * 5000
ETAG = ("etag", '"v1"')
DONE = MessageBatch(id="x", processing_status="ended", results_url="/v1/messages/batches/x/results")


async def read(client: BatchesClient, resume: ResumePoint | None = None) -> tuple[int, bytes]:
    """Where the stream of results starts, and its bytes."""
    async with client.results(DONE, resume=resume) as stream:
        return stream.start, b"".join([piece async for piece in stream.chunks()])


async def test_a_whole_file() -> None:
    answer = reply(200, LINES, [ETAG, ("request-id", "req_1")])
    async with scene(answer) as (server, bench), bench.client.results(DONE) as stream:
        assert (stream.start, stream.validator, stream.content_length) == (0, '"v1"', 90_000)
        assert (stream.request_id, stream.notice) == ("req_1", "")
        assert bench.calls == []
        assert b"".join([piece async for piece in stream.chunks()]) == LINES
    headers = server.heard[0].headers
    assert server.heard[0].target == "/v1/messages/batches/x/results"
    assert headers["accept"] == "application/binary"
    assert headers["accept-encoding"] == "gzip"
    assert "range" not in headers
    call = bench.calls[0]
    assert (call.status, call.bytes_received, call.error) == (200, 90_000, "")


async def test_an_empty_file() -> None:
    async with scene(reply(200, b"")) as (_server, bench):
        assert await read(bench.client) == (0, b"")


def chunked(*parts: bytes) -> Reply:
    head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
    body = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)
    return Reply(head + body + b"0\r\n\r\n")


async def test_a_file_of_unknown_length() -> None:
    async with (
        scene(chunked(LINES, LINES)) as (_server, bench),
        bench.client.results(DONE) as stream,
    ):
        assert stream.content_length is None
        assert b"".join([piece async for piece in stream.chunks()]) == LINES * 2


@pytest.mark.parametrize("name", ["gzip", "x-gzip", "GZIP"])
async def test_gzip_is_decoded(name: str) -> None:
    packed = gzip.compress(LINES) + gzip.compress(b"more\n")
    async with (
        scene(reply(200, packed, [("content-encoding", name)])) as (_server, bench),
        bench.client.results(DONE) as stream,
    ):
        assert stream.content_length is None
        assert b"".join([piece async for piece in stream.chunks()]) == LINES + b"more\n"
    assert bench.calls[0].bytes_received == len(packed)


async def test_little_gzip_that_holds_much_comes_in_slices() -> None:
    packed = gzip.compress(bytes(30 * 2**20))
    async with (
        scene(reply(200, packed, [("content-encoding", "gzip")])) as (_server, bench),
        bench.client.results(DONE) as stream,
    ):
        sizes = [len(piece) async for piece in stream.chunks()]
    assert sum(sizes) == 30 * 2**20
    assert max(sizes) <= 2**20


async def test_an_encoding_nobody_asked_for() -> None:
    async with scene(reply(200, LINES, [("content-encoding", "br")])) as (server, bench):
        with pytest.raises(errors.UnexpectedAnswer, match="'br'"):
            await read(bench.client)
        await server.hung_up.wait()


@pytest.mark.parametrize(
    "answer",
    [
        reply(200, LINES, length=len(LINES) + 1, after="cut"),
        Reply(chunked(LINES).data[:-5], "cut"),
        reply(200, gzip.compress(LINES)[:-9], [("content-encoding", "gzip")]),
        reply(200, b"no gzip", [("content-encoding", "gzip")]),
        reply(200, b"", [("content-encoding", "gzip")]),
    ],
)
async def test_a_file_that_is_cut_does_not_look_whole(answer: Reply) -> None:
    async with scene(answer) as (server, bench):
        with pytest.raises(errors.ConnectionFailed) as caught:
            await read(bench.client)
    assert caught.value.cause == "protocol"
    assert len(server.heard) == 1
    assert bench.calls[0].error


async def test_a_cut_stream_gives_what_came_before_the_cut() -> None:
    named = [("request-id", "req_cut")]
    answer = reply(200, LINES, named, length=len(LINES) + 1, after="cut")
    got = bytearray()

    async def keep(pieces: AsyncIterator[bytes]) -> None:
        async for piece in pieces:
            got.extend(piece)

    async with scene(answer) as (_server, bench), bench.client.results(DONE) as stream:
        with pytest.raises(errors.ConnectionFailed, match="Request id: req_cut"):
            await keep(stream.chunks())
    assert got == LINES


async def test_silence_is_noticed() -> None:
    async with serving(reply(200, LINES, length=10**6, after="stall")) as server:
        connection = replace(connection_to(server.url), read_timeout=0.05)
        async with calling(connection) as bench:
            with pytest.raises(errors.ConnectionFailed) as caught:
                await read(bench.client)
    assert caught.value.cause == "stalled"


async def test_leaving_hangs_up_at_once() -> None:
    async with (
        scene(reply(200, LINES, length=10**9, after="stall")) as (server, bench),
        bench.client.results(DONE) as stream,
    ):
        assert await anext(aiter(stream.chunks()))
        await server.hung_up.wait()
    assert bench.calls[0].error == "stopped before its end"


async def test_canceling_hangs_up_at_once() -> None:
    async with scene(reply(200, LINES, length=10**9, after="stall")) as (server, bench):
        task = asyncio.create_task(read(bench.client))
        await server.heard_head.wait()
        task.cancel()
        await server.hung_up.wait()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_the_head_is_asked_for_again_but_not_the_stream() -> None:
    busy = error_reply(529, "overloaded_error", "x")
    async with scene(busy, reply(200, LINES)) as (_server, bench):
        assert (await read(bench.client))[1] == LINES
    assert bench.clock.slept == [0.5]


@pytest.mark.parametrize(
    "body",
    [
        b"<!doctype html><title>Sign in</title>",
        b'{"type":"error","error":{"type":"not_found_error","message":"gone"}}',
        b' { "type" : "error" , "error":null}',
    ],
)
async def test_what_is_no_results_file_is_not_read_as_one(body: bytes) -> None:
    async with scene(reply(200, body)) as (_server, bench):
        with pytest.raises((errors.UnexpectedAnswer, errors.StatusError)):
            await read(bench.client)


@pytest.mark.parametrize("status", [400, 404, 410])
async def test_results_that_are_gone(status: int) -> None:
    async with scene(error_reply(status, "x_error", "no longer there")) as (_server, bench):
        with pytest.raises(errors.ResultsUnavailable, match="no longer") as caught:
            await read(bench.client)
    assert caught.value.status == status
    assert "29 days" in caught.value.hint


@pytest.mark.parametrize(
    ("status", "message", "expected"),
    [
        (401, "x", errors.AuthenticationFailed),
        (403, "x", errors.PermissionDenied),
        (400, "credit balance is too low", errors.BillingProblem),
        (429, "spend limit", errors.SpendCapReached),
    ],
)
async def test_refusals_that_are_not_about_the_results(
    status: int, message: str, expected: type[errors.ApiError]
) -> None:
    async with scene(error_reply(status, "x_error", message)) as (_server, bench):
        with pytest.raises(expected):
            await read(bench.client)


@pytest.mark.parametrize(
    ("batch", "says"),
    [
        (MessageBatch(id="x", processing_status="in_progress"), "before the batch has ended"),
        (MessageBatch(id="x", processing_status="ended"), "names no results yet"),
    ],
)
async def test_no_url_no_request(batch: MessageBatch, says: str) -> None:
    async with calling("http://127.0.0.1:9") as bench:
        with pytest.raises(errors.ResultsUnavailable, match=says):
            async with bench.client.results(batch):
                pass
    assert bench.calls == []


POINT = ResumePoint(1800, '"v1"')


def part(start: int, *headers: tuple[str, str], status: int = 206) -> Reply:
    shown = ("content-range", f"bytes {start}-{len(LINES) - 1}/{len(LINES)}")
    return reply(status, LINES[start:], [shown, *(headers or [ETAG])])


async def test_the_rest_of_the_same_file_is_taken() -> None:
    async with scene(part(1800)) as (server, bench):
        assert await read(bench.client, POINT) == (1800, LINES[1800:])
    headers = server.heard[0].headers
    assert headers["range"] == "bytes=1800-"
    assert headers["if-range"] == '"v1"'
    assert headers["accept-encoding"] == "identity"


async def test_a_server_that_ignores_ranges_gives_the_whole() -> None:
    async with scene(reply(200, LINES)) as (server, bench):
        assert await read(bench.client, POINT) == (0, LINES)
    assert len(server.heard) == 1


@pytest.mark.parametrize(
    "unproven",
    [
        part(1799),
        part(1800, ("etag", '"v2"')),
        part(1800, ("etag", 'W/"v1"')),
        part(1800, ("x", "no validator")),
        part(1800, ETAG, ("content-encoding", "gzip")),
        reply(206, LINES[1800:], [ETAG]),
        reply(206, LINES[1800:], [ETAG, ("content-range", "lines 1-2")]),
        reply(416, b"", [ETAG]),
    ],
)
async def test_a_rest_without_proof_is_not_taken(unproven: Reply) -> None:
    async with scene(unproven, reply(200, LINES)) as (server, bench):
        assert await read(bench.client, POINT) == (0, LINES)
    assert "range" not in server.heard[1].headers


async def test_nothing_here_is_no_reason_to_ask_for_a_rest() -> None:
    async with scene(reply(200, LINES)) as (server, bench):
        await read(bench.client, ResumePoint(0, '"v1"'))
    assert "range" not in server.heard[0].headers


async def test_a_part_nobody_asked_for_is_refused() -> None:
    async with scene(part(0)) as (_server, bench):
        with pytest.raises(errors.UnexpectedAnswer, match="206"):
            await read(bench.client)


DATE = ("date", "Fri, 02 Jan 2026 03:04:05 GMT")
EARLIER = "Fri, 02 Jan 2026 03:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "validator"),
    [
        ([], None),
        ([ETAG], '"v1"'),
        ([("etag", 'W/"v1"')], None),
        ([("etag", "v1")], None),
        ([("etag", '"a"b"')], None),
        ([ETAG, ("accept-ranges", "none")], None),
        ([("last-modified", EARLIER)], None),
        ([("last-modified", EARLIER), DATE], EARLIER),
        ([("last-modified", "Fri, 02 Jan 2026 03:04:00 GMT"), DATE], None),
        ([("last-modified", "whenever"), DATE], None),
    ],
)  # fmt: skip
def test_what_proves_that_a_file_is_unchanged(
    headers: Iterable[tuple[str, str]], validator: str | None
) -> None:
    assert validator_of(dict(headers)) == validator
