"""Sending requests: headers and key, redirects, repetition, and refusals as errors.

The key is added here and nowhere else, after looking at where the request goes.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final, TypeVar

import httpx
from msgspec.structs import replace

import batchtui
from batchtui.api.calls import Call, CallRecord
from batchtui.api.clients import HttpClients
from batchtui.api.connection import AccountIds, Connection
from batchtui.api.errors import ApiError, InvalidConnection
from batchtui.api.refusals import disguised_error, error_of
from batchtui.api.requests import ApiRequest
from batchtui.api.responses import ApiResponse, StreamingResponse, clean_headers
from batchtui.api.retry import decide, parse_http_date
from batchtui.api.transport_errors import translated
from batchtui.clock import Clock

BATCHES_BETA: Final = "message-batches-2024-09-24"
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS: Final = 5
_LONGEST_HEADER: Final = 200
_LONGEST_ROUND_TRIP: Final = timedelta(seconds=10)
"""From request to response, when the response's date is to tell the server's time."""

Result = TypeVar("Result")


class RetryingSender:
    """Sends requests and remembers what responses say of account and time.

    Args:
        connection: Where and as whom.
        transport: Takes the requests instead of the network.
        clock: For waits and the times of calls.
        random: 0 to 1, spreads the waits between attempts.
        on_call: Called with every attempt when it is over.

    Attributes:
        account: Whose workspace answered, as far as responses said.
        server_offset: Server clock minus local clock; None if unknown.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        transport: httpx.AsyncBaseTransport | None,
        clock: Clock,
        random: Callable[[], float],
        on_call: Callable[[Call], None] | None,
    ) -> None:
        self._connection = connection
        self._clients = HttpClients(connection, transport)
        self._clock = clock
        self._random = random
        self._on_call = on_call
        self._origin = _origin(self.url("/"))
        key = connection.credential.last_four if connection.credential else ""
        self.account = AccountIds(key_last_four=key)
        self.server_offset: timedelta | None = None

    def url(self, path: str) -> httpx.URL:
        """Return a path below the base URL.

        Raises:
            InvalidConnection: If httpx cannot make a URL of it.
        """
        try:
            return httpx.URL(self._connection.base_url + path)
        except httpx.InvalidURL as error:
            raise InvalidConnection(f"The base URL cannot be used: {error}.") from error

    def is_home(self, url: httpx.URL) -> bool:
        """Return whether a URL is of the base URL's origin, so that the key may go there."""
        return _origin(url) == self._origin

    async def send(self, request: ApiRequest) -> ApiResponse:
        """Return the whole response, repeating where that may help.

        Raises:
            ApiError: The last attempt's, with those before it in `earlier`.
        """

        async def once(attempt: int) -> ApiResponse:
            return await self._read(await self._open(request, attempt))

        return await self._repeat(once)

    async def send_once(self, request: ApiRequest) -> ApiResponse:
        """Return the whole response to a single attempt.

        Raises:
            ApiError: What that attempt gave.
        """
        return await self._read(await self._open(request, 1))

    async def open(self, request: ApiRequest) -> StreamingResponse:
        """Return the head of a successful response, repeating where that may help.

        Raises:
            ApiError: The last attempt's, with those before it in `earlier`.
        """

        async def once(attempt: int) -> StreamingResponse:
            return await self._open(request, attempt)

        return await self._repeat(once)

    async def aclose(self) -> None:
        """Close every connection."""
        await self._clients.aclose()

    async def _repeat(self, once: Callable[[int], Awaitable[Result]]) -> Result:
        failures: list[ApiError] = []
        while True:
            attempt = len(failures) + 1
            try:
                return await once(attempt)
            except ApiError as error:
                wait = decide(attempt, error, jitter=self._random())
                if wait is None:
                    error.earlier = tuple(failures)
                    raise
                failures.append(error)
            await self._clock.sleep(wait)

    async def _read(self, response: StreamingResponse) -> ApiResponse:
        whole = await response.read()
        error = disguised_error(whole, self.account)
        if error is not None:
            raise error
        return whole

    async def _open(self, request: ApiRequest, attempt: int) -> StreamingResponse:
        """Make one attempt, along its redirects."""
        for _ in range(_MOST_REDIRECTS):
            response = await self._attempt(request, attempt)
            if response.status < 300:
                return response
            following = self._following(response)
            whole = await response.read()
            if following is None:
                break
            request = following
        raise error_of(whole, self.account)

    def _following(self, response: StreamingResponse) -> ApiRequest | None:
        """Return where a redirect leads, if it may be followed there.

        Only GETs are; to another origin only where the request allows it, and then for good
        without a key, even if the next redirect leads back.
        """
        request = response.request
        location = response.headers.get("location", "")
        if request.method != "GET" or response.status not in _REDIRECTS or not location:
            return None
        try:
            url = request.url.join(location).copy_with(fragment=None)
        except httpx.InvalidURL:
            return None
        if url.scheme not in {"http", "https"} or not url.host:
            return None
        if request.is_foreign or self.is_home(url):
            return replace(request, url=url)
        return replace(request, url=url, role="foreign") if request.may_leave else None

    async def _attempt(self, request: ApiRequest, attempt: int) -> StreamingResponse:
        """Send once and wait for the head of the response, whatever its status.

        Raises:
            ConnectionFailed: If none came.
            InvalidConnection: If the environment's proxy settings cannot be used.
        """
        shown = tuple(self._shown_headers(request).items())
        record = CallRecord(request, attempt, self._clock, self._on_call, shown)
        message = "stopped"
        response: httpx.Response | None = None
        try:
            response = await self._exchange(request, shown)
        except ApiError as error:
            message = error.message
            raise
        finally:
            if response is None:
                record.close(message)
        if not request.is_foreign:
            self._learn(response, record.started_at)
        guard = self._clients.guard
        return StreamingResponse(request, response, record=record, guard=guard, clock=self._clock)

    async def _exchange(
        self, request: ApiRequest, headers: tuple[tuple[str, str], ...]
    ) -> httpx.Response:
        client = self._clients.client(request.role)
        prepared = self._prepare(client, request, dict(headers))
        guard = self._clients.guard if request.upload is None else None
        with translated(request):
            async with asyncio.timeout(guard):
                response = await client.send(prepared, stream=True)
        clean_headers(response)
        return response

    def _prepare(
        self, client: httpx.AsyncClient, request: ApiRequest, headers: dict[str, str]
    ) -> httpx.Request:
        """Return the request with its key, which no frame that waits holds in a variable."""
        headers["user-agent"] = f"batchtui/{batchtui.__version__}"
        upload = request.upload
        if upload is not None and upload.content_length is not None:
            headers["content-length"] = str(upload.content_length)
        return client.build_request(
            request.method, request.url, headers=headers | self._key_header(request), content=upload
        )

    def _shown_headers(self, request: ApiRequest) -> dict[str, str]:
        """Return the headers that may be shown; the account's only where they are meant to go."""
        headers = {"accept": request.accept, "accept-encoding": "gzip"}
        if not request.is_foreign:
            betas = (*self._connection.betas, *request.betas, BATCHES_BETA)
            headers["anthropic-version"] = self._connection.version
            headers["anthropic-beta"] = ",".join(dict.fromkeys(betas))
            if self._connection.workspace_id:
                headers["anthropic-workspace-id"] = self._connection.workspace_id
        if request.upload is not None:
            headers["content-type"] = "application/json"
        return headers | dict(request.headers)

    def _key_header(self, request: ApiRequest) -> dict[str, str]:
        credential = self._connection.credential
        if credential is None or request.is_foreign or not self.is_home(request.url):
            return {}
        if credential.kind == "auth_token":
            return {"authorization": f"Bearer {credential.secret}"}
        return {"x-api-key": credential.secret}

    def _learn(self, response: httpx.Response, asked_at: datetime) -> None:
        headers = response.headers
        organization = headers.get("anthropic-organization-id", "")[:_LONGEST_HEADER]
        workspace = headers.get("anthropic-workspace-id", "")[:_LONGEST_HEADER]
        self.account = replace(
            self.account,
            organization_id=organization or self.account.organization_id,
            workspace_id=workspace or self.account.workspace_id,
        )
        date = parse_http_date(headers.get("date"))
        took = self._clock.now() - asked_at
        # After a long upload, or a machine that slept, nobody knows when the server said it.
        if date is not None and timedelta(0) <= took <= _LONGEST_ROUND_TRIP:
            # A date names the second that has begun: on average it is half a second later.
            self.server_offset = date + timedelta(seconds=0.5) - (asked_at + took / 2)


def _origin(url: httpx.URL) -> tuple[str, bytes, int | None]:
    default = {"http": 80, "https": 443}.get(url.scheme)
    return url.scheme, url.raw_host.rstrip(b"."), url.port or default
