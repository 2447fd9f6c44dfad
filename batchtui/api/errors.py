"""What can go wrong between this program and the API: one tree, mapped in one place.

::

    BatchtuiError
    └── ApiError                  status, type, request_id, retry_after, method, path
        ├── InvalidConnection     base URL, key or proxy settings that cannot be used   permanent
        ├── InvalidBatchId        an id no path can be made of; nothing was sent
        ├── InvalidUpload         a body that is not as long as announced: there is no batch
        ├── ConnectionFailed      no complete answer arrived; `.cause` says where it broke
        ├── UnexpectedAnswer      an answer that is not the API's (HTML with 200, a redirect, ...)
        ├── ResultsUnavailable    the results are not there (yet, any more, or at all)
        ├── AmbiguousCreate       a create broke off after sending began: there may be a batch
        └── StatusError           the API (or a proxy before it) refused
            ├── BadRequest            400 (and any other 4xx without a class of its own)
            ├── AuthenticationFailed  401   permanent
            ├── BillingProblem        402, or 400 "credit balance is too low"   permanent
            ├── PermissionDenied      403   permanent
            ├── NotFound              404, or 410 or 400 that says there is no such batch
            ├── Conflict              409
            ├── RequestTooLarge       413
            ├── RateLimited           429
            │   └── SpendCapReached   429 whose message says so   permanent
            └── ServerError           500 and above

Permanent means: asking again gives the same answer until a person does something, so polling stops.
Messages may quote untrusted text (cut short, not cleaned): whoever shows one passes it through
`untrusted.visible`. No message ever holds a key.
"""

from typing import Literal, TypedDict, Unpack

from batchtui.errors import BatchtuiError

ConnectionCause = Literal[
    "dns", "refused", "tls", "proxy", "timeout", "stalled", "protocol", "other"
]


class ErrorFacts(TypedDict, total=False):
    """What is known of the response (or of the request, where there was none)."""

    status: int | None
    is_from_api: bool
    type: str | None
    request_id: str | None
    retry_after: float | None
    should_retry: bool | None
    method: str
    path: str


def with_request_id(message: str, request_id: str | None) -> str:
    """Return what went wrong with the request's id behind it, where there is one."""
    if not request_id or request_id in message:
        return message
    return f"{message.rstrip('.')}. Request id: {request_id}."


class ApiError(BatchtuiError):
    """A call that did not give what was asked.

    The message ends with the request's id, where the response named one.

    Attributes:
        status: HTTP status, None where no response came.
        is_from_api: Whether the response was an error of the API's own shape: it was read there and
            refused, and no proxy or gateway spoke in its place.
        type: The API's `error.type`, None where the body had none; new ones may appear.
        request_id: What the vendor's support asks for, None where the answer named none.
        what_happened: The message without the request's id: the same when it happens again.
        retry_after: Seconds the server asked to wait, None where it did not say.
        should_retry: What the server's `x-should-retry` said, None where it did not.
        method: HTTP method of the call, "" where none was made.
        path: Path and query of the call, "" where none was made.
        earlier: What the attempts before this one gave, where the call was repeated.
    """

    def __init__(self, message: str, *, hint: str = "", **facts: Unpack[ErrorFacts]) -> None:
        self.what_happened = message
        super().__init__(with_request_id(message, facts.get("request_id")), hint=hint)
        self.status = facts.get("status")
        self.is_from_api = facts.get("is_from_api", False)
        self.type = facts.get("type")
        self.request_id = facts.get("request_id")
        self.retry_after = facts.get("retry_after")
        self.should_retry = facts.get("should_retry")
        self.method = facts.get("method", "")
        self.path = facts.get("path", "")
        self.earlier: tuple[ApiError, ...] = ()

    @property
    def facts(self) -> ErrorFacts:
        """What is known of the answer, to make another error about it."""
        return ErrorFacts(
            status=self.status,
            is_from_api=self.is_from_api,
            type=self.type,
            request_id=self.request_id,
            retry_after=self.retry_after,
            should_retry=self.should_retry,
            method=self.method,
            path=self.path,
        )

    @property
    def is_permanent(self) -> bool:
        """Whether repeating the call is pointless until a person changes something."""
        return False


class InvalidConnection(ApiError):
    """A base URL, key or proxy setting that cannot be used: nothing was sent."""

    @property
    def is_permanent(self) -> bool:
        """Always: the settings have to change first."""
        return True


class InvalidBatchId(ApiError):
    """An id that cannot name a batch: nothing was sent."""


class InvalidUpload(ApiError):
    """A body that was not as long as announced (a file that changed meanwhile, perhaps)."""


class ConnectionFailed(ApiError):
    """No complete answer arrived.

    Attributes:
        cause: Where it broke: finding the host (dns), reaching it (refused), trusting it (tls), the
            proxy on the way, waiting (timeout), a stream that went silent (stalled), a connection
            that was cut or did not speak HTTP (protocol), or something else (other).
    """

    def __init__(
        self,
        message: str,
        *,
        cause: ConnectionCause = "other",
        hint: str = "",
        **facts: Unpack[ErrorFacts],
    ) -> None:
        super().__init__(message, hint=hint, **facts)
        self.cause: ConnectionCause = cause


class UnexpectedAnswer(ApiError):
    """An answer the API would not give: HTML with 200, a redirect, JSON of another shape."""


class ResultsUnavailable(ApiError):
    """The results of this batch cannot be had: not ended, archived, deleted, or a dead link."""


class AmbiguousCreate(ApiError):
    """A create broke off after sending began: a batch may exist. Never repeated by this program.

    Attributes:
        reason: The failure itself.
        is_body_complete: Whether the whole body had been handed to the connection. If not, a batch
            is very unlikely, since no server could have read the request to its end.
    """

    def __init__(self, reason: ApiError, *, is_body_complete: bool) -> None:
        message = f"The batch may or may not have been created: {reason.message}"
        if reason.is_from_api:
            message = f"The API answered the create with an error: {reason.message}"
            hint = "A batch is unlikely; check the list once, then send again."
        elif is_body_complete:
            hint = (
                "Look for a batch made in the last minutes with the same number of requests before "
                "sending again."
            )
        else:
            hint = (
                "The upload broke off midway, so a batch is unlikely; check the list, then send "
                "again."
            )
        super().__init__(message, hint=hint, **reason.facts)
        self.reason = reason
        self.is_body_complete = is_body_complete


class StatusError(ApiError):
    """The API, or a proxy in front of it, refused the call with a status."""


class BadRequest(StatusError):
    """400, and any other 4xx that has no class of its own."""


class AuthenticationFailed(StatusError):
    """401: the key is missing, wrong or revoked."""

    @property
    def is_permanent(self) -> bool:
        """Always: another key is needed."""
        return True


class BillingProblem(StatusError):
    """402, or a 400 that says the credit balance is too low."""

    @property
    def is_permanent(self) -> bool:
        """Always: the account has to be topped up."""
        return True


class PermissionDenied(StatusError):
    """403: the key is known but may not do this."""

    @property
    def is_permanent(self) -> bool:
        """Always: the key or the workspace's permissions have to change."""
        return True


class NotFound(StatusError):
    """404, or what a gateway says in its place: deleted, of another workspace, or never there."""


class Conflict(StatusError):
    """409: the batch is not in a state that allows this."""


class RequestTooLarge(StatusError):
    """413: more than the API, or a proxy before it, takes in one request."""


class RateLimited(StatusError):
    """429: too many calls for now."""


class SpendCapReached(RateLimited):
    """429 whose message speaks of a spend limit, which waiting does not lift."""

    @property
    def is_permanent(self) -> bool:
        """Always: the limit has to be raised, or its month to end."""
        return True


class ServerError(StatusError):
    """500 and above: the API or a gateway before it failed."""
