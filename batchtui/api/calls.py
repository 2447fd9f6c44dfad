"""The calls that were made: what "show me the call" and the log show of each."""

import shlex
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from msgspec import Struct

from batchtui.api.connection import Connection
from batchtui.api.decoding import as_text
from batchtui.clock import Clock

if TYPE_CHECKING:  # the app shows calls before it makes one
    import httpx

    from batchtui.api.requests import ApiRequest


class Call(Struct, frozen=True, kw_only=True):
    """One HTTP request as it was made.

    Holds no secret: headers that carry the key are left out, and of a link to another host (which
    may be signed) the query.
    """

    method: str
    """HTTP method."""
    path: str
    """Path and query from the host's root on."""
    started_at: datetime
    """When it was sent (UTC)."""
    seconds: float
    """How long it took, to the end of the response's body."""
    attempt: int = 1
    """1 for the first try, 2 for its first repetition, ..."""
    status: int | None = None
    """HTTP status, None where no response came."""
    request_id: str | None = None
    """As the response named it."""
    bytes_sent: int = 0
    """Bytes of the request's body."""
    bytes_received: int = 0
    """Bytes of the response's body as they came (compressed or not)."""
    error: str = ""
    """Why it failed, or ""."""
    origin: str = ""
    """Scheme, host and port where that is not the connection's own, else ""."""
    headers: tuple[tuple[str, str], ...] = ()
    """The headers that shape the response, without any key."""


class CallRecord:
    """A call under way, to become a `Call`.

    Attributes:
        started_at: When it began (UTC).
        received: Bytes of the response's body so far.
    """

    def __init__(
        self,
        request: "ApiRequest",
        attempt: int,
        clock: Clock,
        on_call: Callable[[Call], None] | None,
        headers: tuple[tuple[str, str], ...],
    ) -> None:
        self._request = request
        self._attempt = attempt
        self._clock = clock
        self._on_call = on_call
        self._headers = headers
        self._started = clock.monotonic()
        self.started_at = clock.now()
        self.received = 0

    def close(self, error: str, response: "httpx.Response | None" = None) -> None:
        """Tell the listener."""
        if self._on_call is None:
            return
        request = self._request
        call = Call(
            method=request.method,
            path=request.path,
            started_at=self.started_at,
            seconds=self._clock.monotonic() - self._started,
            attempt=self._attempt,
            status=response.status_code if response is not None else None,
            request_id=request_id_of(response.headers) if response is not None else None,
            bytes_sent=request.upload.sent if request.upload else 0,
            bytes_received=self.received,
            error=error,
            origin=f"{request.url.scheme}://{request.host}" if request.is_foreign else "",
            headers=self._headers,
        )
        self._on_call(call)


def request_id_of(headers: Mapping[str, str]) -> str | None:
    """Return the id under which the server knows a call."""
    return as_text(headers.get("request-id", headers.get("x-request-id", ""))[:200])


def as_curl(call: Call, connection: Connection) -> str:
    """Return the call as a shell command, the key as a variable of the environment."""
    parts = ["curl", "--silent", "--show-error"]
    if call.method != "GET":
        parts += ["--request", call.method]
    parts.append(shlex.quote((call.origin or connection.origin) + call.path))
    if not call.origin and connection.credential:
        is_key = connection.credential.kind == "api_key"
        parts += [
            "--header",
            '"x-api-key: $ANTHROPIC_API_KEY"'
            if is_key
            else '"Authorization: Bearer $ANTHROPIC_AUTH_TOKEN"',
        ]
    for name, value in call.headers:
        if (name, value) == ("accept-encoding", "gzip"):
            parts.append("--compressed")
        else:
            parts += ["--header", shlex.quote(f"{name}: {value}")]
    if call.bytes_sent:
        parts += ["--data-binary", "@BODY.json"]
    return " ".join(parts)
