"""Why a request of a batch fails: the causes in the API's own words, and how often each happens."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

ANSWERED: Final = 0
TRUNCATED: Final = 1
FIRST_CAUSE: Final = 2
OWN_MISTAKE: Final = 253
CANCELED: Final = 254
EXPIRED: Final = 255


@dataclass(frozen=True, slots=True)
class FailureCause:
    """One reason for an errored row."""

    name: str
    """What scenarios call it."""
    type: str
    """The API's error type."""
    message: str
    """The API's message; ``%(number)s`` and ``%(model)s`` differ from row to row."""
    passes: bool = False
    """Whether the same request may well succeed when it is sent again."""


CAUSES: Final[tuple[FailureCause, ...]] = (
    FailureCause(
        "credit",
        "invalid_request_error",
        "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing"
        " to upgrade or purchase credits.",
        passes=True,
    ),
    FailureCause("overloaded", "overloaded_error", "Overloaded", passes=True),
    FailureCause(
        "rate_limit",
        "rate_limit_error",
        "This request would exceed your organization's rate limit of 400,000 input tokens per"
        " minute (model: %(model)s). Please reduce the prompt length or try again later.",
        passes=True,
    ),
    FailureCause("internal", "api_error", "Internal server error", passes=True),
    FailureCause("timeout", "timeout_error", "Request timed out after %(number)s ms.", passes=True),
    FailureCause(
        "max_tokens",
        "invalid_request_error",
        "max_tokens: 100000 > 64000, which is the maximum allowed number of output tokens for"
        " %(model)s",
    ),
    FailureCause(
        "prompt_too_long",
        "invalid_request_error",
        "prompt is too long: %(number)s tokens > 200000 maximum",
    ),
    FailureCause(
        "model",
        "not_found_error",
        "model: claude-3-sonnet-latest",
    ),
    FailureCause(
        "empty_text",
        "invalid_request_error",
        "messages.0: all messages must have non-empty content except for the optional final"
        " assistant message",
    ),
    FailureCause(
        "image",
        "invalid_request_error",
        "messages.0.content.1.image.source.base64.data: Image does not match the provided media"
        " type image/jpeg",
    ),
    FailureCause(
        "filtered",
        "invalid_request_error",
        "Output blocked by content filtering policy",
    ),
    FailureCause(
        "permission",
        "permission_error",
        "Your API key does not have permission to use the specified resource: [web_search]",
    ),
)

FATE_OF_CAUSE: Final[Mapping[str, int]] = {
    cause.name: FIRST_CAUSE + place for place, cause in enumerate(CAUSES)
}


@dataclass(frozen=True, slots=True)
class FailureMix:
    """How often the requests of batches made by POST fail, by cause.

    Raises:
        ValueError: A cause is unknown or the shares make more than 1.
    """

    rates: Mapping[str, float] = field(default_factory=dict)
    """Share of requests, 0.0 to 1.0, by the name of the cause; their sum is at most 1."""
    once: bool = True
    """Whether an id that failed of a cause that passes succeeds the next time."""

    def __post_init__(self) -> None:
        unknown = [name for name in self.rates if name not in FATE_OF_CAUSE]
        if unknown:
            raise ValueError(f"unknown causes {unknown}; known are {', '.join(FATE_OF_CAUSE)}")
        if sum(self.rates.values()) > 1:
            raise ValueError("the shares make more than 1")

    def fate(self, custom_id: str, seed: int) -> int:
        """Return what becomes of this request: `ANSWERED` or the number of a cause."""
        if not self.rates:
            return ANSWERED
        left = zlib.crc32(custom_id.encode(), seed & 0xFFFFFFFF) / 2**32
        for name, rate in self.rates.items():
            if left < rate:
                return FATE_OF_CAUSE[name]
            left -= rate
        return ANSWERED


def cause_of(fate: int) -> FailureCause | None:
    """Return the cause behind a fate, or None where it is not the number of one."""
    place = fate - FIRST_CAUSE
    return CAUSES[place] if 0 <= place < len(CAUSES) else None


NO_FAILURES: Final = FailureMix()
SOME_FAILURES: Final = FailureMix(
    {
        "overloaded": 0.02,
        "rate_limit": 0.01,
        "internal": 0.01,
        "prompt_too_long": 0.005,
        "filtered": 0.005,
    }
)
