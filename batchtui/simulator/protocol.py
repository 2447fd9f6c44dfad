"""An HTTP protocol for uvicorn whose connections the application can break."""

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol

from batchtui.simulator.http import DROP, Application, Receive, Scope, Send


class DroppableProtocol(H11Protocol):
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
