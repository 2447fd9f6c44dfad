"""The simulated service in process: an httpx transport that streams both ways, without a socket."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping

import httpx

from batchtui.simulator.http import DROP, Application, Message


class SimulatorTransport(httpx.AsyncBaseTransport):
    """Hands requests to an ASGI application in the running event loop.

    The application runs in a task of its own and no further ahead than one message: the next
    ``send`` waits until the last one was taken. Closing the response stops it.

    Args:
        app: What `app.create_app` made.
    """

    def __init__(self, app: Application) -> None:
        self._app = app

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request.

        Raises:
            httpx.RemoteProtocolError: The service broke the connection.
            httpx.ReadTimeout: It did not answer in the time the request allows.
        """
        exchange = _Exchange(self._app, request)
        try:
            start = await exchange.next_message()
        except BaseException:
            await exchange.aclose()
            raise
        if start is None:
            await exchange.aclose()
            raise httpx.RemoteProtocolError("Server disconnected without sending a response.")
        status, headers = start["status"], start["headers"]
        if not isinstance(status, int) or not isinstance(headers, list):
            raise TypeError("the application's response start is not what ASGI says")
        return httpx.Response(status, headers=headers, stream=_Body(exchange))


class _Exchange:
    """One request on its way through the application."""

    def __init__(self, app: Application, request: httpx.Request) -> None:
        if not isinstance(request.stream, httpx.AsyncByteStream):
            raise TypeError("an asynchronous transport needs an asynchronous request stream")
        self._upload = aiter(request.stream)
        self._upload_is_over = False
        self._pieces_sent = 0
        self._messages: asyncio.Queue[Message | None] = asyncio.Queue()
        self._taken = asyncio.Event()
        self._gone = asyncio.Event()
        self._timeout = _read_timeout(request.extensions)
        self._task = asyncio.ensure_future(
            app(_scope(request, self._gone.set), self._receive, self._send)
        )
        self._task.add_done_callback(lambda _: self._messages.put_nowait(None))

    async def next_message(self) -> Message | None:
        """Return what the application sends next; None when it is over.

        Raises:
            httpx.ReadTimeout: Nothing came in time.
        """
        while True:
            sent = self._pieces_sent
            try:
                async with asyncio.timeout(self._timeout):
                    message = await self._messages.get()
            except TimeoutError:
                if sent == self._pieces_sent:
                    raise httpx.ReadTimeout("The read operation timed out") from None
                continue  # The time to answer counts from the end of the upload.
            self._taken.set()
            if message is None:
                self._task.result()
            return message

    async def aclose(self) -> None:
        """Stop the application and wait until it has stopped."""
        self._gone.set()
        self._task.cancel()
        await asyncio.wait([self._task])
        if not self._task.cancelled():
            self._task.exception()
        if isinstance(self._upload, AsyncGenerator):
            await self._upload.aclose()

    async def _send(self, message: Message) -> None:
        self._taken.clear()
        self._messages.put_nowait(message)
        await self._taken.wait()

    async def _receive(self) -> Message:
        if self._upload_is_over or self._gone.is_set():
            await self._gone.wait()
            return {"type": "http.disconnect"}
        try:
            piece = await anext(self._upload)
        except StopAsyncIteration:
            self._upload_is_over = True
            return {"type": "http.request", "body": b"", "more_body": False}
        self._pieces_sent += 1
        return {"type": "http.request", "body": piece, "more_body": True}


class _Body(httpx.AsyncByteStream):
    """The body of an answer, taken from the application piece by piece."""

    def __init__(self, exchange: _Exchange) -> None:
        self._exchange = exchange

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while (message := await self._exchange.next_message()) is not None:
            piece = message.get("body", b"")
            if isinstance(piece, bytes) and piece:
                yield piece
            if not message.get("more_body", False):
                return
        raise httpx.RemoteProtocolError(
            "peer closed connection without sending complete message body"
        )

    async def aclose(self) -> None:
        await self._exchange.aclose()


def _read_timeout(extensions: Mapping[str, object]) -> float | None:
    timeouts = extensions.get("timeout")
    seconds = timeouts.get("read") if isinstance(timeouts, dict) else None
    return float(seconds) if isinstance(seconds, int | float) else None


def _scope(request: httpx.Request, drop: object) -> Message:
    path, _, query = request.url.raw_path.partition(b"?")
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": request.url.scheme,
        "path": request.url.path,
        "raw_path": path,
        "query_string": query,
        "root_path": "",
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "server": (request.url.host, request.url.port),
        "client": ("127.0.0.1", 0),
        "extensions": {DROP: drop},
    }
