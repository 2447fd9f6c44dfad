"""When to ask again: a table."""

from datetime import UTC, datetime

import pytest

from batchtui.api.errors import (
    ApiError,
    Conflict,
    ConnectionFailed,
    NotFound,
    RateLimited,
    ServerError,
    SpendCapReached,
)
from batchtui.api.retry import (
    decide,
    parse_retry_after,
    parse_should_retry,
    was_answer_lost,
)

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("attempt", "outcome", "wait"),
    [
        (1, ServerError("", status=500), 0.5),
        (2, ServerError("", status=529), 1.0),
        (3, ServerError("", status=500), None),
        (1, ApiError("", status=408), 0.5),
        (1, ApiError("", status=400), None),
        (1, NotFound("", status=404), None),
        (1, Conflict("", status=409), None),
        (1, Conflict("", status=409, should_retry=True), 0.5),
        (1, ServerError("", status=500, should_retry=False), None),
        (1, RateLimited("", status=429, retry_after=7.0), 7.0),
        (1, RateLimited("", status=429, retry_after=0.0), 0.0),
        (1, RateLimited("", status=429, retry_after=60.0), 60.0),
        (1, RateLimited("", status=429, retry_after=60.1), None),
        (1, ServerError("", status=503, retry_after=3.0), 3.0),
        (1, SpendCapReached("", status=429), None),
        (1, ConnectionFailed("", cause="dns"), 0.5),
        (1, ConnectionFailed("", cause="refused"), 0.5),
        (1, ConnectionFailed("", cause="timeout"), 0.5),
        (1, ConnectionFailed("", cause="protocol"), 0.5),
        (1, ConnectionFailed("", cause="tls"), None),
        (1, ConnectionFailed("", cause="proxy"), None),
        (1, ApiError(""), None),
    ],
)
def test_when_to_ask_again(attempt: int, outcome: ApiError, wait: float | None) -> None:
    assert decide(attempt, outcome) == wait


def test_jitter_only_shortens_waits_nobody_named() -> None:
    assert decide(2, ServerError("", status=500), jitter=1.0) == 0.75
    assert decide(2, RateLimited("", status=429, retry_after=4.0), jitter=1.0) == 4.0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after": "99999"}, 99999.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "1e999"}, None),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after-ms": "x", "retry-after": "9"}, 9.0),
        ({"retry-after": "Fri, 02 Jan 2026 03:04:15 GMT"}, 10.0),
        ({"retry-after": "Fri, 02 Jan 2026 03:00:00 GMT"}, 0.0),
        (
            {
                "retry-after": "Fri, 02 Jan 2026 04:00:30 GMT",
                "date": "Fri, 02 Jan 2026 04:00:00 GMT",
            },
            30.0,
        ),
        ({"retry-after": "Fri, 99 Jan 2026 04:00:30 GMT"}, None),
    ],
)
def test_what_the_server_asks_for(headers: dict[str, str], seconds: float | None) -> None:
    assert parse_retry_after(headers, NOW) == seconds


def test_should_retry() -> None:
    assert parse_should_retry({"x-should-retry": "true"}) is True
    assert parse_should_retry({"x-should-retry": "FALSE "}) is False
    assert parse_should_retry({"x-should-retry": "maybe"}) is None
    assert parse_should_retry({}) is None


@pytest.mark.parametrize(
    ("outcome", "is_lost"),
    [
        (ConnectionFailed("", cause="dns"), False),
        (ConnectionFailed("", cause="refused"), False),
        (ConnectionFailed("", cause="tls"), False),
        (ConnectionFailed("", cause="timeout"), True),
        (ConnectionFailed("", cause="protocol"), True),
        (ServerError("", status=502), True),
        (RateLimited("", status=429), False),
        (NotFound("", status=404), False),
    ],
)
def test_what_may_have_been_heard(outcome: ApiError, is_lost: bool) -> None:
    assert was_answer_lost(outcome) is is_lost
