"""The little of HTTP and ASGI that the simulator needs."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias
from urllib.parse import parse_qsl, unquote

Message: TypeAlias = MutableMapping[str, object]
Scope: TypeAlias = MutableMapping[str, object]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Application: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

DROP: Final = "batchtui.drop"
"""The name of the ASGI extension, a function without arguments, that closes the connection."""


class DisconnectedError(Exception):
    """The client went away, or the connection was broken on purpose."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request, its body still to be received."""

    method: str
    """In capitals."""
    path: str
    """Still percent-encoded."""
    query: tuple[tuple[str, str], ...]
    """The pairs of the query."""
    raw_query: str
    """The query as it came."""
    headers: tuple[tuple[str, str], ...]
    """Names in lower case."""
    scheme: str
    """``http`` or ``https``."""
    receive: Receive
    """The ASGI function."""
    drop: Callable[[], None]
    """Closes the connection without a further word."""

    def header(self, name: str) -> str:
        """Return the first header of this name, or nothing."""
        return next((value for key, value in self.headers if key == name), "")

    def argument(self, name: str) -> str | None:
        """Return the last query argument of this name."""
        return next((value for key, value in reversed(self.query) if key == name), None)

    def segments(self) -> list[str]:
        """Return the parts of the path between slashes, decoded one by one."""
        return [unquote(part) for part in self.path.split("/")[1:]]

    async def body(self) -> AsyncIterator[bytes]:
        """Yield the body, piece by piece.

        Raises:
            DisconnectedError: The client went away.
        """
        more = True
        while more:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise DisconnectedError
            piece = message.get("body", b"")
            more = bool(message.get("more_body", False))
            if isinstance(piece, bytes) and piece:
                yield piece


@dataclass(frozen=True, slots=True)
class Response:
    """A response."""

    status: int = 200
    """The HTTP status."""
    body: bytes | AsyncIterator[bytes] = b""
    """All at once, or a stream."""
    headers: Sequence[tuple[str, str]] = field(default_factory=tuple)
    """Beyond those that every answer has."""


def read_request(scope: Scope, receive: Receive) -> Request:
    """Make sense of an ASGI scope.

    Raises:
        TypeError: The scope is not what ASGI says.
    """
    raw_path, raw_query = scope.get("raw_path"), scope.get("query_string", b"")
    path = raw_path if isinstance(raw_path, bytes) else str(scope["path"]).encode()
    if not isinstance(raw_query, bytes):
        raise TypeError("query_string must be bytes")
    query = raw_query.decode("latin-1")
    return Request(
        method=str(scope["method"]).upper(),
        path=path.split(b"?")[0].decode("latin-1"),
        query=tuple(parse_qsl(query, keep_blank_values=True)),
        raw_query=query,
        headers=tuple(_headers(scope.get("headers", ()))),
        scheme=str(scope.get("scheme", "http")),
        receive=receive,
        drop=_drop_function(scope.get("extensions")),
    )


def _headers(pairs: object) -> Iterable[tuple[str, str]]:
    if not isinstance(pairs, Iterable):
        raise TypeError("headers must be pairs")
    for name, value in pairs:
        yield name.decode("latin-1").lower(), value.decode("latin-1")


def _drop_function(extensions: object) -> Callable[[], None]:
    drop = extensions.get(DROP) if isinstance(extensions, dict) else None
    return drop if callable(drop) else _cannot_drop


def _cannot_drop() -> None:
    """What a server without the extension does: the answer just never starts."""
