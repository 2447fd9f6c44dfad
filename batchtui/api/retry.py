"""When to ask again, as pure functions: no clock, no randomness, no network.

Only calls that may be repeated get here, which are all but create:

- list, retrieve and results change nothing.
- cancel asks for a state the batch keeps: a second one finds it canceling (and gets the batch) or
  ended (and is refused, although the first may have been what ended it; the client looks then).
- delete leaves the batch gone: a second one gets 404, which means done if the first one's answer
  was lost, and "it was not there" if there was no first.

A 409 is about the batch's state, which a second later is the same: it is only repeated where
`x-should-retry` says so. A TLS or proxy failure, a spend cap and a wait of more than a minute are
never worth the wait here.
"""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from batchtui.api.errors import ApiError, ConnectionFailed, RateLimited

MAX_RETRIES: Final = 2
FIRST_WAIT: Final = 0.5
LONGEST_WAIT: Final = 8.0
LONGEST_RETRY_AFTER: Final = 60.0

_LASTING_CAUSES: Final = frozenset({"tls", "proxy"})


def decide(attempt: int, outcome: ApiError, *, jitter: float = 0.0) -> float | None:
    """Return seconds to wait before asking again, or None to give up.

    Args:
        attempt: How many attempts were made, 1 or more.
        outcome: What the last one gave.
        jitter: 0 to 1; takes up to a quarter off a wait that the server did not name.
    """
    if attempt > MAX_RETRIES or not _is_worth_repeating(outcome):
        return None
    if outcome.retry_after is not None:
        return outcome.retry_after if outcome.retry_after <= LONGEST_RETRY_AFTER else None
    return min(FIRST_WAIT * 2.0 ** (attempt - 1), LONGEST_WAIT) * (1 - 0.25 * jitter)


def _is_worth_repeating(outcome: ApiError) -> bool:
    if outcome.should_retry is not None:
        return outcome.should_retry
    if isinstance(outcome, ConnectionFailed):
        return outcome.cause not in _LASTING_CAUSES
    if isinstance(outcome, RateLimited):
        return not outcome.is_permanent
    return outcome.status is not None and (outcome.status == 408 or outcome.status >= 500)


def was_answer_lost(outcome: ApiError) -> bool:
    """Return whether the server may have done what was asked although this is what came back."""
    if isinstance(outcome, ConnectionFailed):
        return outcome.cause not in {"dns", "refused", *_LASTING_CAUSES}
    return outcome.status is not None and (outcome.status == 408 or outcome.status >= 500)


def parse_should_retry(headers: Mapping[str, str]) -> bool | None:
    """Return what `x-should-retry` says, None where it says nothing."""
    return {"true": True, "false": False}.get(headers.get("x-should-retry", "").strip().lower())


def parse_retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return seconds the server asks to wait, None where it does not or is not understood.

    Args:
        headers: The answer's headers.
        now: The moment a date in `retry-after` is measured from, where the answer's own `Date`
            does not tell.
    """
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    text = headers.get("retry-after")
    seconds = _number(text)
    if seconds is not None:
        return seconds
    moment = parse_http_date(text)
    if moment is None:
        return None
    return max((moment - (parse_http_date(headers.get("date")) or now)).total_seconds(), 0.0)


def parse_http_date(text: str | None) -> datetime | None:
    """Return an HTTP date in UTC, None where there is none."""
    if not text:
        return None
    try:
        moment = parsedate_to_datetime(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return max(number, 0.0) if math.isfinite(number) else None
