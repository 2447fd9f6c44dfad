"""What to do about errors: plain advice for each known cause, tried in this order."""

import re
from typing import Literal, TypeAlias

from msgspec import Struct

from batchtui.results.index import ErrorCause

Remedy: TypeAlias = Literal["fix the request", "send again", "account", "look"]
"""What kind of step helps. ``look``: nobody but the reader can tell."""

_INVALID = r"invalid_request_error|not_found_error|conflict_error"


class Advice(Struct, frozen=True):
    """What to do about errors of some type with some words in their message."""

    types: str
    """A pattern the error's type must match."""
    words: str
    """A pattern found in the message, in any case; empty for any message."""
    remedy: Remedy
    advice: str


_ALL = (
    Advice(
        r"unreadable", "", "look",
        "These lines are no results. If the download is whole, open one and see what it is.",
    ),
    Advice(
        r".*", r"credit balance|billing|payment", "account",
        "The account has no credit: add credit or check billing in the Console, then send these "
        "again. The requests themselves are fine.",
    ),
    Advice(
        r".*", r"usage limit|spend(?:ing)? (?:limit|cap)|monthly limit|quota", "account",
        "A spend limit is reached: raise it in the Console or wait until it resets, then send "
        "these again.",
    ),
    Advice(
        r"billing_error", "", "account",
        "Billing stopped these: check billing in the Console, then send them again.",
    ),
    Advice(
        r"authentication_error", "", "account",
        "The key was refused while the batch ran: it may have been revoked. Check it in the "
        "Console, then send these again.",
    ),
    Advice(
        r"permission_error", "", "account",
        "The key's workspace may not use something asked for, such as the model or a beta: ask "
        "for access or change the request.",
    ),
    Advice(
        r"overloaded_error", "", "send again",
        "The API was too busy. Nothing is wrong with the requests: send them again, perhaps later.",
    ),
    Advice(
        r"rate_limit_error", "", "send again",
        "A rate limit was met: send these again, in smaller batches if it comes back.",
    ),
    Advice(
        r"timeout_error", "", "send again",
        "The request took too long: send it again; if it comes back, ask for less at once.",
    ),
    Advice(
        r"api_error|internal_server_error", "", "send again",
        "Something failed inside the API: send these again. If it comes back, give the request id "
        "to the vendor's support.",
    ),
    Advice(
        r"not_found_error", r"model", "fix the request",
        "There is no such model for this account: correct the model's name, then send these again.",
    ),
    Advice(
        _INVALID, r"model.*(?:not found|does not exist|not supported|deprecated|retired)",
        "fix the request",
        "The model cannot be used: choose another one, then send these again.",
    ),
    Advice(
        _INVALID, r"prompt is too long|too many tokens|context (?:window|length|limit)",
        "fix the request",
        "The prompt does not fit the model's context window: shorten it or use a model with a "
        "larger one.",
    ),
    Advice(
        _INVALID, r"content filter|blocked", "fix the request",
        "The content was blocked: sending it again will not help. Change the request.",
    ),
    Advice(
        _INVALID, r"budget_tokens|thinking", "fix the request",
        "The thinking settings do not fit the model or max_tokens: correct them.",
    ),
    Advice(
        _INVALID, r"max_tokens", "fix the request",
        "max_tokens does not fit the model: correct it. Sending it unchanged will fail again.",
    ),
    Advice(
        _INVALID, r"tool_result|tool_use", "fix the request",
        "Calls and results of tools do not match in the messages: each call needs its result in "
        "the next message.",
    ),
    Advice(
        _INVALID, r"image|base64|media[ _]type|pdf|document", "fix the request",
        "An image or a document cannot be used: check its format, size and encoding.",
    ),
    Advice(
        _INVALID, r"temperature|top_p|top_k|stop_sequences|metadata|system|tools?\b|messages?\b",
        "fix the request",
        "A parameter is wrong; the message names it. Correct it: sent unchanged, it fails again.",
    ),
    Advice(
        r"request_too_large", "", "fix the request",
        "The request is larger than the API takes: shorten it.",
    ),
    Advice(
        _INVALID, "", "fix the request",
        "The request is wrong as it is; the message says why. Sent unchanged, it fails again.",
    ),
    Advice(
        r"unknown", "", "look",
        "The API sent something this version does not know: open one and see what it is.",
    ),
)  # fmt: skip

_OTHERWISE = Advice(
    r".*", "", "look", "This version has no advice for this error: read the message of one of them."
)


def find_advice(cause: ErrorCause) -> Advice:
    """Return what to do about an error."""
    text = f"{cause.message_pattern}\n{cause.example}"
    for advice in _ALL:
        if re.fullmatch(advice.types, cause.type) and re.search(advice.words, text, re.IGNORECASE):
            return advice
    return _OTHERWISE
