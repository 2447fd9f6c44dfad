"""Which calls are repeated, how often, and what a repeated answer means."""

import pytest

from batchtui.api import errors
from batchtui.api.models import DeletedMessageBatch
from tests.api.scripted import Reply, batch_json, error_reply, json_reply, reply, scene

FOUND = json_reply(batch_json("x"))
OVERLOADED = error_reply(529, "overloaded_error", "busy")
CUT = reply(200, b"", length=50, after="cut")
MISSING = error_reply(404, "not_found_error", "no such batch")


async def test_a_get_is_repeated_twice_with_growing_waits() -> None:
    async with scene(OVERLOADED, OVERLOADED, FOUND) as (_server, bench):
        assert (await bench.client.retrieve("x")).id == "x"
    assert bench.clock.slept == [0.5, 1.0]
    assert [call.attempt for call in bench.calls] == [1, 2, 3]
    assert [call.status for call in bench.calls] == [529, 529, 200]


async def test_then_it_is_given_up_and_all_is_told() -> None:
    async with scene(OVERLOADED) as (server, bench):
        with pytest.raises(errors.ServerError) as caught:
            await bench.client.retrieve("x")
    assert len(server.heard) == 3
    assert [type(each) for each in caught.value.earlier] == [errors.ServerError] * 2


@pytest.mark.parametrize(
    "broken", [CUT, Reply(b"", "cut"), Reply(b"HTTP/1.1 200", "cut"), Reply(b"hello", "cut")]
)
async def test_a_connection_that_breaks_is_tried_again(broken: Reply) -> None:
    async with scene(broken, FOUND) as (_server, bench):
        assert (await bench.client.retrieve("x")).id == "x"
    assert bench.calls[0].error
    assert bench.calls[1].error == ""


async def test_retry_after_is_waited_for_up_to_a_minute() -> None:
    limited = error_reply(429, "rate_limit_error", "slow", ("retry-after", "60"))
    async with scene(limited, FOUND) as (_server, bench):
        await bench.client.retrieve("x")
    assert bench.clock.slept == [60.0]


async def test_a_longer_wait_is_the_callers_business() -> None:
    limited = error_reply(429, "rate_limit_error", "slow", ("retry-after", "3600"))
    async with scene(limited, FOUND) as (_server, bench):
        with pytest.raises(errors.RateLimited) as caught:
            await bench.client.retrieve("x")
    assert caught.value.retry_after == 3600.0
    assert bench.clock.slept == []


@pytest.mark.parametrize(
    ("answer", "times"),
    [
        (error_reply(429, "rate_limit_error", "spend"), 1),
        (error_reply(429, "rate_limit_error", "x", ("x-should-retry", "true")), 3),
        (error_reply(529, "overloaded_error", "x", ("x-should-retry", "false")), 1),
        (error_reply(400, "invalid_request_error", "x"), 1),
        (error_reply(409, "conflict_error", "x"), 1),
        (error_reply(408, "timeout", "x"), 3),
        (error_reply(401, "authentication_error", "x"), 1),
    ],
)
async def test_what_is_repeated(answer: Reply, times: int) -> None:
    async with scene(answer) as (server, bench):
        with pytest.raises(errors.ApiError):
            await bench.client.retrieve("x")
    assert len(server.heard) == times


@pytest.mark.parametrize("lost", [CUT, error_reply(502, "api_error", "gateway")])
async def test_a_delete_whose_answer_was_lost_has_deleted(lost: Reply) -> None:
    async with scene(lost, MISSING) as (_server, bench):
        assert await bench.client.delete("x") == DeletedMessageBatch("x")


async def test_a_delete_of_what_is_not_there_says_so() -> None:
    async with scene(MISSING) as (_server, bench):
        with pytest.raises(errors.NotFound):
            await bench.client.delete("x")


async def test_a_delete_is_not_taken_for_heard_by_words() -> None:
    guessed = error_reply(400, "invalid_request_error", "Batch not found")
    async with scene(CUT, guessed) as (_server, bench):
        with pytest.raises(errors.NotFound):
            await bench.client.delete("x")


REFUSED = error_reply(409, "conflict_error", "already ended")


@pytest.mark.parametrize(
    "refused", [REFUSED, error_reply(400, "invalid_request_error", "Batch not found")]
)
async def test_a_cancel_whose_answer_was_lost_is_looked_up(refused: Reply) -> None:
    canceled = batch_json("x", cancel_initiated_at="2026-01-02T03:04:06Z")
    async with scene(CUT, refused, json_reply(canceled)) as (_server, bench):
        assert (await bench.client.cancel("x")).cancel_initiated_at is not None


async def test_a_cancel_that_came_too_late_says_so() -> None:
    async with scene(CUT, REFUSED, FOUND) as (server, bench):
        with pytest.raises(errors.Conflict):
            await bench.client.cancel("x")
    async with scene(REFUSED) as (server, bench):
        with pytest.raises(errors.Conflict):
            await bench.client.cancel("x")
    assert len(server.heard) == 1
