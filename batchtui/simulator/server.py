"""The simulated service on a socket; importing this imports uvicorn, the extra ``simulator``."""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

from uvicorn import Config, Server
from uvicorn.protocols.http.h11_impl import H11Protocol

from batchtui.simulator.app import create_app
from batchtui.simulator.control import control_answer
from batchtui.simulator.http import DROP, Application, Receive, Scope, Send
from batchtui.simulator.world import World


def serve(
    host: str, port: int, world: World, announce: Callable[[str], None], *, control: bool = False
) -> None:
    """Serve a world until SIGINT or SIGTERM.

    Args:
        host: The address to bind to.
        port: The port to bind to; 0 for any that is free.
        world: What is served.
        announce: Called with "listening on http://HOST:PORT" once connections are accepted.
        control: Whether ``/_simulator/`` is served, see `control`.

    Raises:
        OSError: The address cannot be bound to.
    """
    asyncio.run(_serve(host, port, world, announce, control=control))


async def _serve(
    host: str, port: int, world: World, announce: Callable[[str], None], *, control: bool
) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    try:
        async with listening(world, host=host, port=port, control=control) as url:
            announce(f"listening on {url}")
            await stop.wait()
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


@asynccontextmanager
async def listening(
    world: World, *, host: str = "127.0.0.1", port: int = 0, control: bool = False
) -> AsyncIterator[str]:
    """Serve a world in the running event loop for as long as the context lasts.

    Yields:
        The base URL.

    Raises:
        OSError: The address cannot be bound to.
    """
    with _bind(host, port) as bound:
        url = _url(bound)
        server = _QuietServer(_config(world, control=control))
        running = asyncio.create_task(server.serve(sockets=[bound]))
        try:
            await server.is_up.wait()
            yield url
        finally:
            server.should_exit = True
            await running


class _QuietServer(Server):
    """Says when it is up, and leaves the signals to the program that it is a part of.

    Args:
        config: uvicorn's settings.
    """

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.is_up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to accept connections."""
        await super().startup(sockets)
        self.is_up.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


def _config(world: World, *, control: bool) -> Config:
    return Config(
        create_app(world, control=control_answer if control else None),
        http=_DroppableProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        date_header=False,
        server_header=False,
        timeout_graceful_shutdown=1,
    )


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
    except OSError:
        bound.close()
        raise
    return bound


def _url(bound: socket.socket) -> str:
    host, port = bound.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class _DroppableProtocol(H11Protocol):
    """Offers the ASGI extension `DROP`: closing the connection without a further word."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take a connection and remember how to break it.

        Raises:
            TypeError: The connection is not one of TCP.
        """
        if not isinstance(transport, asyncio.Transport):
            raise TypeError("HTTP needs a stream")
        super().connection_made(transport)
        self.app = _with_drop(self.app, transport)


def _with_drop(app: Application, transport: asyncio.Transport) -> Application:
    async def droppable(scope: Scope, receive: Receive, send: Send) -> None:
        extensions = scope.get("extensions")
        known = extensions if isinstance(extensions, dict) else {}
        scope["extensions"] = {**known, DROP: transport.close}
        await app(scope, receive, send)

    return droppable
