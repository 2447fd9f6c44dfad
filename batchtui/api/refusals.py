"""From a response that is a refusal to its error: the one place that knows what statuses mean.

Bodies are untrusted and may be the API's JSON envelope, a gateway's HTML page, or nothing; what is
quoted of them is cut to a few hundred characters.
"""

import re
from typing import Final

import msgspec

from batchtui.api import errors
from batchtui.api.calls import request_id_of
from batchtui.api.connection import AccountIds
from batchtui.api.decoding import (
    QUOTED_CHARACTERS,
    WireError,
    WireErrorBody,
    as_text,
    decode_json,
    shorten,
)
from batchtui.api.errors import (
    ApiError,
    ConnectionFailed,
    ErrorFacts,
    StatusError,
    UnexpectedAnswer,
)
from batchtui.api.responses import ApiResponse
from batchtui.api.retry import parse_retry_after, parse_should_retry

_TITLE = re.compile(rb"<title[^>]*>(.*?)</title", re.IGNORECASE | re.DOTALL)
_STATUS_OF_TYPE: Final = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "conflict_error": 409,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}
_SPEND_WORDS: Final = re.compile(
    r"\b(spend|spending|budget|billing|usage limits?)\b", re.IGNORECASE
)
_PASSING: Final = re.compile(
    r"\b(per|/) ?(s|sec|second|min|minute|h|hour)\b|\btry again in\b", re.IGNORECASE
)
"""What is limited in a short time is no spend limit, even if its message names a billing page."""
_BILLING_PHRASES: Final = ("credit balance is too low", "api usage limits")


class _Envelope(msgspec.Struct, frozen=True):
    """What an error body says, as far as it says anything."""

    type: str | None = None
    message: str = ""
    request_id: str | None = None
    is_json: bool = False
    is_from_api: bool = False


def error_of(response: ApiResponse, account: AccountIds) -> ApiError:
    """Return the error that a status of 300 and above means."""
    envelope = _read_envelope(response)
    facts = _facts(response, envelope)
    if response.status < 400:
        return _redirected(response, facts)
    if response.status == 407:
        return ConnectionFailed(
            "The proxy asks for a user name and password (407).",
            cause="proxy",
            hint="Put them into the proxy's variable: HTTPS_PROXY=http://user:password@host:port.",
            **facts,
        )
    return _refusal(response, envelope, account, facts)


def disguised_error(response: ApiResponse, account: AccountIds) -> ApiError | None:
    """Return the error inside a response whose status says success, None where it is none."""
    if response.body.strip() and response.is_html:
        return UnexpectedAnswer(
            f"{response.host} answered with {_quote_html(response.body)} instead of data.",
            hint="A login page of the network (captive portal), a proxy, or a base URL that leads "
            "to a website: open it in a browser to see.",
            **_facts(response, _Envelope()),
        )
    envelope = _read_envelope(response)
    if not envelope.is_json:
        return None
    status = _STATUS_OF_TYPE.get(envelope.type or "", 500)
    disguised = msgspec.structs.replace(response, status=status)
    return _refusal(disguised, envelope, account, _facts(response, envelope))


def unreadable_response(response: ApiResponse, wanted: str, detail: str = "") -> UnexpectedAnswer:
    """Return the error for a success whose body is not what was asked for.

    Args:
        response: What came.
        wanted: What should have come: "a batch", "a page of batches".
        detail: Why it could not be read.
    """
    found = (
        f"{len(response.body)} bytes that are not"
        if response.body.strip()
        else "nothing instead of"
    )
    reason = f" ({shorten(detail, 120)})" if detail and response.body.strip() else ""
    return UnexpectedAnswer(
        f"{response.host} answered {response.status} with {found} {wanted}{reason}.",
        hint="Is the base URL that of the API, and not of something else on that host?",
        **_facts(response, _Envelope()),
    )


def _facts(response: ApiResponse, envelope: _Envelope) -> ErrorFacts:
    return ErrorFacts(
        status=response.status,
        is_from_api=envelope.is_from_api,
        type=envelope.type,
        request_id=envelope.request_id or request_id_of(response.headers),
        retry_after=parse_retry_after(response.headers, response.received_at),
        should_retry=parse_should_retry(response.headers),
        method=response.request.method,
        path=response.request.path,
    )


def _read_envelope(response: ApiResponse) -> _Envelope:
    """Return what the body says as `{"type": "error", "error": {...}}`, as far as it does."""
    try:
        wire = decode_json(response.body, WireError)
    except ValueError:
        return _Envelope(message=_quote_body(response))
    body = wire.error if isinstance(wire.error, WireErrorBody) else WireErrorBody()
    said = wire.error if isinstance(wire.error, str) else body.message or wire.message
    message = as_text(said)
    is_error = wire.error is not None or wire.type == "error"
    return _Envelope(
        type=shorten(as_text(body.type) or "", 100) or None,
        message=shorten(message) if message else _quote_body(response),
        request_id=shorten(as_text(wire.request_id) or "", 200) or None,
        is_json=is_error,
        is_from_api=wire.type == "error" and bool(as_text(body.type)),
    )


def _quote_body(response: ApiResponse) -> str:
    if not response.body.strip():
        return "no explanation was given"
    if response.is_html:
        return f"the response was {_quote_html(response.body)}"
    return shorten(response.body[: QUOTED_CHARACTERS * 8].decode("utf-8", "replace"))


def _quote_html(body: bytes) -> str:
    title = _TITLE.search(body[:20_000])
    text = shorten(title.group(1).decode("utf-8", "replace"), 100) if title else ""
    return f"an HTML page titled “{text}”" if text else "an HTML page"


def _redirected(response: ApiResponse, facts: ErrorFacts) -> UnexpectedAnswer:
    target = response.headers.get("location", "").partition("?")[0]
    return UnexpectedAnswer(
        f"{response.host} sent us elsewhere ({response.status})"
        + (f": {shorten(target, 200)}." if target else "."),
        hint="Set the base URL to where the API really is (https instead of http, perhaps).",
        **facts,
    )


def _refusal(
    response: ApiResponse, envelope: _Envelope, account: AccountIds, facts: ErrorFacts
) -> StatusError:
    kind = _class_of(response, envelope, facts)
    title = _title(kind, response, envelope)
    return kind(
        f"{title} ({response.status}): {envelope.message}",
        hint=_hint(kind, response, account, facts),
        **facts,
    )


def _class_of(response: ApiResponse, envelope: _Envelope, facts: ErrorFacts) -> type[StatusError]:
    said = envelope.message.lower()
    if envelope.type == "billing_error" or any(phrase in said for phrase in _BILLING_PHRASES):
        return errors.BillingProblem
    if response.status == 429:
        return (
            errors.SpendCapReached if _is_spend_cap(response, said, facts) else errors.RateLimited
        )
    if response.status >= 500:
        return errors.ServerError
    if _is_of_a_batch(response) and _says_missing(response.status, envelope.type, said):
        return errors.NotFound
    return _CLASSES.get(response.status, errors.BadRequest)


_BATCH_PATH = re.compile(r"/batches/[^/?]|[?&](after|before)_id=")
_BATCH = (
    r"(?:\b(?:the|a|any|this|that|your|such|requested|specified|given|message)\s+)*"
    r"\b(?:batch(?:[ _-]?id)?|msgbatch_\w*|resource|object)\b"
)
_NAME = r"(?:\W+(?:job|with|the|id|named?)\b)*(?:\W+[\w./-]*[\d_][\w./-]*)?"
_ABSENT = (
    r"\W+(?:(?:is|was|has|does|did|could|can)\s*)?"
    r"(?:not found|deleted|been deleted|(?:not|n't) (?:exist|be found))\b"
)
_MISSING = re.compile(
    rf"^\W*not found\W*$|\bno such {_BATCH}"
    rf"|\b(?:unknown|invalid) (?:message )?batch(?:[ _-]?id\b|{_NAME}\W*$)"
    rf"|(?:^|[^\w\s])\s*{_BATCH}{_NAME}{_ABSENT}"
    rf"|(?:not|n't|unable to) find\s+{_BATCH}{_NAME}(?=\W*$|[.;,]|\s+(?:in|for|by)\b)"
)
"""Words of a refusal, in lower case, that say that there is no such batch.

What is missing must be the batch itself: its results may be, and its state may be invalid.
"""


def _is_spend_cap(response: ApiResponse, said: str, facts: ErrorFacts) -> bool:
    """Return whether a 429 says that money is the limit, so that waiting does not help."""
    is_to_wait = facts.get("retry_after") is not None or facts.get("should_retry") is True
    if is_to_wait or response.is_html or _PASSING.search(said):
        return False
    return _SPEND_WORDS.search(said) is not None


_CLASSES: Final[dict[int, type[StatusError]]] = {
    401: errors.AuthenticationFailed,
    402: errors.BillingProblem,
    403: errors.PermissionDenied,
    404: errors.NotFound,
    409: errors.Conflict,
    413: errors.RequestTooLarge,
}

_TITLES: Final[dict[type[StatusError], str]] = {
    errors.AuthenticationFailed: "The key was not accepted",
    errors.BillingProblem: "The account cannot pay for this",
    errors.PermissionDenied: "Not allowed",
    errors.NotFound: "Not found",
    errors.Conflict: "The batch's state does not allow this",
    errors.RequestTooLarge: "Too large",
    errors.RateLimited: "Too many calls",
    errors.SpendCapReached: "A spend limit is reached",
}


def _title(kind: type[StatusError], response: ApiResponse, envelope: _Envelope) -> str:
    """Return what happened, and to whom: a gateway's failure is not the API's."""
    status = response.status
    if kind is errors.ServerError and status == 529:
        return "The API is overloaded"
    if kind is errors.ServerError:
        is_gateway = status in {502, 503, 504} or 520 <= status <= 527
        is_gateways = is_gateway and not envelope.is_from_api
        return f"A gateway before {response.host} failed" if is_gateways else "The API failed"
    if kind is errors.RequestTooLarge and not envelope.is_from_api:
        return f"A gateway before {response.host} takes no request this large"
    if kind is errors.RateLimited and response.is_html:
        return f"A proxy or gateway before {response.host} takes no more calls for now"
    return _TITLES.get(kind, "The request was refused")


def _hint(
    kind: type[StatusError], response: ApiResponse, account: AccountIds, facts: ErrorFacts
) -> str:
    """Return what to do next, in a sentence."""
    key = f"the key ending in {account.key_last_four}" if account.key_last_four else "this key"
    workspace = account.workspace_id and shorten(account.workspace_id, 80)
    place = f"workspace {workspace}" if workspace else "this key's workspace"
    if kind is errors.NotFound and _is_of_the_list(response):
        return f"Is this the API's base URL? {response.host} knows no batches at that path."
    if kind is errors.NotFound:
        return f"It was deleted, or belongs to another workspace or key: {key} sees only {place}."
    if kind is errors.AuthenticationFailed:
        return f"Check {key}: mistyped, revoked, or meant for another host than {response.host}?"
    if kind is errors.PermissionDenied and response.is_html:
        return f"A proxy or firewall before {response.host} refused this, not the API."
    if kind is errors.PermissionDenied:
        return f"In {place}, {key} may not do this: ask its administrator, or use another key."
    return _plain_hint(kind, response, facts)


def _says_missing(status: int, kind: str | None, said: str) -> bool:
    """Return whether a gateway says in its own way what the API says by 404.

    A 400 may be about anything, so only its type or its words tell.
    """
    if status == 400:
        return kind == "not_found_error" or _MISSING.search(said) is not None
    return status == 410


def _is_of_a_batch(response: ApiResponse) -> bool:
    """Return whether a call names a batch, as what it is about or as a cursor."""
    return _BATCH_PATH.search(response.request.path) is not None


def _is_of_the_list(response: ApiResponse) -> bool:
    """Return whether a call names no batch, so that what is missing must be the path itself."""
    path, _, query = response.request.path.partition("?")
    return path.endswith("/batches") and "_id=" not in query


def _plain_hint(kind: type[StatusError], response: ApiResponse, facts: ErrorFacts) -> str:
    if kind is errors.RateLimited:
        wait = facts.get("retry_after")
        if wait:
            return f"Wait {wait:.0f} s, as the server asks."
        return "How long to wait was not said: try again in a while, with longer and longer waits."
    if response.status == 405:
        return f"What answers at {response.host} does not offer this call."
    return _HINTS.get(kind, "")


_HINTS: Final[dict[type[StatusError], str]] = {
    errors.BillingProblem: "Top up the credit, or raise the limit, in the Console under Billing.",
    errors.Conflict: "Refresh the batch and see in which state it is.",
    errors.RequestTooLarge: "A batch takes 256 MB and 100,000 requests, files it refers to "
    "included; a gateway may take less. Split it into several.",
    errors.SpendCapReached: "Raise the workspace's spend limit in the Console; waiting does not "
    "help before its period starts again.",
    errors.ServerError: "Try again in a while; if it persists, quote the request id to support.",
}
