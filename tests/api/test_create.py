"""A create is sent once, and what came of it is said as exactly as it can be known."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from batchtui.api import errors
from batchtui.api.errors import AmbiguousCreate, ApiError
from tests.api.scripted import (
    Reply,
    batch_json,
    calling,
    connection_to,
    error_reply,
    json_reply,
    reply,
    scene,
    serving,
)

CREATED = json_reply(batch_json("new"))
BODY = b'{"requests":[{"custom_id":"a","params":{}}]}'


async def pieces(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def test_a_whole_body() -> None:
    async with scene(CREATED) as (server, bench):
        assert (await bench.client.create(BODY)).id == "new"
    heard = server.heard[0]
    assert heard.body == BODY
    assert heard.headers["content-type"] == "application/json"
    assert heard.headers["content-length"] == str(len(BODY))
    assert "transfer-encoding" not in heard.headers
    assert bench.calls[0].bytes_sent == len(BODY)


async def test_a_body_in_pieces_of_known_length() -> None:
    async with scene(CREATED) as (server, bench):
        parts = pieces(BODY[:5], b"", BODY[5:])
        await bench.client.create(parts, content_length=len(BODY))
    assert server.heard[0].body == BODY
    assert server.heard[0].headers["content-length"] == str(len(BODY))


async def test_a_body_in_pieces_of_unknown_length() -> None:
    async with scene(CREATED) as (server, bench):
        await bench.client.create(pieces(BODY[:5], BODY[5:]))
    assert server.heard[0].body == BODY
    assert server.heard[0].headers["transfer-encoding"] == "chunked"


async def test_a_large_body_arrives_whole() -> None:
    body = bytes(range(256)) * 12_000
    async with scene(CREATED) as (server, bench):
        await bench.client.create(body)
    assert server.heard[0].body == body
    assert bench.calls[0].bytes_sent == len(body)


async def test_each_create_has_a_connection_of_its_own() -> None:
    async with scene(CREATED) as (server, bench):
        await bench.client.retrieve("x")
        await bench.client.create(BODY)
        await bench.client.create(BODY)
    assert server.connections == 3


AMBIGUOUS = [
    Reply(b"", "cut"),
    Reply(b"HTTP/1.1 200 OK\r\ncontent-le", "cut"),
    reply(200, b'{"id"', length=100, after="cut"),
    error_reply(500, "api_error", "x"),
    error_reply(503, "overloaded_error", "x"),
    error_reply(529, "overloaded_error", "x", ("x-should-retry", "true")),
    error_reply(200, "api_error", "x"),
    json_reply({"error": "a gateway's own words"}, 500),
    reply(503),
    reply(504, b"<html>gateway", [("content-type", "text/html")]),
    reply(408),
    reply(200, b"<html>welcome"),
    reply(200, b""),
    reply(303, headers=[("location", "/v1/messages/batches/new")]),
]


@pytest.mark.parametrize("answer", AMBIGUOUS)
async def test_what_may_have_made_a_batch_is_ambiguous_and_never_repeated(answer: Reply) -> None:
    async with scene(answer, CREATED) as (server, bench):
        with pytest.raises(AmbiguousCreate) as caught:
            await bench.client.create(BODY)
    assert len(server.heard) == server.connections == 1
    assert bench.clock.slept == []
    assert caught.value.is_body_complete
    assert caught.value.__cause__ is caught.value.reason
    assert caught.value.status == caught.value.reason.status
    is_answer = b'"request_id"' in answer.data
    assert caught.value.reason.is_from_api is is_answer
    assert ("may or may not" in caught.value.message) is not is_answer
    assert caught.value.request_id == ("req_body" if is_answer else None)


REFUSED = [
    (error_reply(400, "invalid_request_error", "x"), errors.BadRequest),
    (error_reply(401, "authentication_error", "x"), errors.AuthenticationFailed),
    (error_reply(409, "conflict_error", "x", ("x-should-retry", "true")), errors.Conflict),
    (error_reply(429, "rate_limit_error", "x", ("retry-after", "1")), errors.RateLimited),
    (error_reply(429, "rate_limit_error", "x"), errors.RateLimited),
    (error_reply(408, "timeout_error", "x"), errors.BadRequest),
    (reply(413, b"<html>", [("content-type", "text/html")]), errors.RequestTooLarge),
    (error_reply(200, "invalid_request_error", "x"), errors.BadRequest),
    (reply(301, headers=[("location", "https://h/")]), errors.UnexpectedAnswer),
]


@pytest.mark.parametrize(("answer", "expected"), REFUSED)
async def test_a_refusal_is_a_refusal_and_never_repeated(
    answer: Reply, expected: type[ApiError]
) -> None:
    async with scene(answer, CREATED) as (server, bench):
        with pytest.raises(ApiError) as caught:
            await bench.client.create(BODY)
    assert type(caught.value) is expected
    assert caught.value.request_id is None or caught.value.request_id in caught.value.message
    assert len(server.heard) == 1
    assert bench.clock.slept == []


async def test_nothing_sent_is_nothing_made() -> None:
    async with serving(CREATED) as gone:
        pass
    async with calling(gone.url) as bench:
        with pytest.raises(errors.ConnectionFailed) as caught:
            await bench.client.create(BODY)
    assert caught.value.cause == "refused"
    assert len(bench.calls) == 1
    assert bench.calls[0].bytes_sent == 0


async def test_an_upload_that_is_cut_midway_is_told_as_such() -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 2**18

    async with scene(Reply(b"", "cut", before_body=True)) as (server, bench):
        with pytest.raises(AmbiguousCreate) as caught:
            await bench.client.create(endless(), content_length=2**40)
    assert not caught.value.is_body_complete
    assert "unlikely" in caught.value.hint
    assert server.connections == 1


async def test_an_early_refusal_is_heard_while_uploading() -> None:
    """A proxy that says 413 after the head, and does not wait for the rest."""
    refusal = Reply(reply(413, b"<html>").data, "stall", before_body=True)
    async with scene(refusal) as (_server, bench):
        with pytest.raises(errors.RequestTooLarge):
            await bench.client.create(b"x" * 3_000_000)


async def test_a_refusal_whose_explanation_is_cut_is_a_refusal() -> None:
    cut = Reply(reply(413, b"<html>", length=999).data, "cut", before_body=True)
    async with scene(cut) as (_server, bench):
        with pytest.raises(errors.RequestTooLarge):
            await bench.client.create(b"x")


async def test_silence_after_the_upload_is_ambiguous() -> None:
    async with serving(Reply(b"", "stall")) as server:
        connection = replace(connection_to(server.url), create_timeout=0.05)
        async with calling(connection) as bench:
            with pytest.raises(AmbiguousCreate) as caught:
                await bench.client.create(BODY)
    assert isinstance(caught.value.reason, errors.ConnectionFailed)
    assert caught.value.reason.cause == "timeout"


async def test_a_body_that_fails_says_so_itself() -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"x"
        raise OSError("disk gone")

    async with scene(CREATED) as (server, bench):
        with pytest.raises(OSError, match="disk gone"):
            await bench.client.create(broken(), content_length=10)
        await server.hung_up.wait()
    assert server.heard == []


@pytest.mark.parametrize("parts", [(b"x",), (), (b"x" * 4, b"x" * 7), (b"x" * 11,)])
async def test_a_body_that_is_not_as_announced_makes_no_batch(parts: tuple[bytes, ...]) -> None:
    async with scene(CREATED) as (server, bench):
        with pytest.raises(errors.InvalidUpload, match="10 bytes"):
            await bench.client.create(pieces(*parts), content_length=10)
        await server.hung_up.wait()
    assert server.heard == []


async def test_more_after_a_whole_body_is_ambiguous() -> None:
    async with scene(CREATED) as (_server, bench):
        with pytest.raises(AmbiguousCreate) as caught:
            await bench.client.create(pieces(b"x" * 10, b"x"), content_length=10)
    assert caught.value.is_body_complete


async def test_a_canceled_create_hangs_up() -> None:
    async with scene(Reply(b"", "stall")) as (server, bench):
        task = asyncio.create_task(bench.client.create(BODY))
        await server.heard_head.wait()
        task.cancel()
        await server.hung_up.wait()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert bench.calls[0].error == "stopped"
