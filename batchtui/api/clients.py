"""The httpx clients of one connection, each made when it is first needed.

Three, because they must differ:

- `base` keeps connections alive and only ever speaks to the base URL's origin.
- `create` opens a connection for each upload: on a kept one that the server is just closing, a
  create would fail after sending began and look ambiguous without need.
- `foreign` speaks to other hosts (links to results) and knows no key.
"""

import os
import ssl
from typing import Final, Literal
from urllib.request import getproxies

import httpx

from batchtui.api.connection import Connection
from batchtui.api.errors import ConnectionFailed, InvalidConnection

Role = Literal["base", "create", "foreign"]

_LIMITS: Final = httpx.Limits(max_connections=64, max_keepalive_connections=8)
_READ_BYTES: Final = 256 * 1024
"""How much is taken off a socket at once. httpcore's own 64 kB cost results of gigabytes a third
of their speed; for answers of a few kilobytes it makes no difference."""
_LIMITS_WITHOUT_REUSE: Final = httpx.Limits(max_connections=8, max_keepalive_connections=0)


class HttpClients:
    """Where requests leave this program.

    Args:
        connection: Gives the timeouts, and whether certificates are needed at all.
        transport: Used instead of the network, for all three roles.
    """

    def __init__(
        self, connection: Connection, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._connection = connection
        self._transport = transport
        self._clients: dict[Role, httpx.AsyncClient] = {}

    @property
    def guard(self) -> float | None:
        """Seconds after which the caller has to give up itself.

        A socket's timeouts are httpx's business (None); a given transport may know none.
        """
        return None if self._transport is None else self._connection.read_timeout

    def client(self, role: Role) -> httpx.AsyncClient:
        """Return the client for a role.

        Raises:
            InvalidConnection: If the proxy variables of the environment cannot be used.
            ConnectionFailed: If the certificates named by the environment cannot be read.
        """
        client = self._clients.get(role)
        if client is None:
            client = self._clients[role] = self._make(role)
        return client

    async def aclose(self) -> None:
        """Close every connection."""
        clients = list(self._clients.values())
        self._clients.clear()
        for client in clients:
            await client.aclose()

    def _make(self, role: Role) -> httpx.AsyncClient:
        connection = self._connection
        if self._transport is None:
            _read_in_large_pieces()
        seconds = connection.create_timeout if role == "create" else connection.read_timeout
        needs_certificates = role == "foreign" or self._connection.origin.startswith("https:")
        try:
            return httpx.AsyncClient(
                transport=self._transport,
                verify=_certificates(is_needed=needs_certificates or bool(getproxies())),
                timeout=httpx.Timeout(seconds, connect=self._connection.connect_timeout, pool=None),
                limits=_LIMITS_WITHOUT_REUSE if role == "create" else _LIMITS,
                follow_redirects=False,
            )
        except ImportError as error:
            raise InvalidConnection(
                "The environment names a SOCKS proxy, which needs one more package.",
                hint="Install it (pip install socksio), or unset ALL_PROXY and the like.",
            ) from error
        except (ValueError, httpx.InvalidURL) as error:
            raise _unusable_proxy() from error


def _unusable_proxy() -> InvalidConnection:
    """Return the error for proxy settings that httpx cannot use."""
    for kind, proxy in getproxies().items():
        scheme = proxy.partition("://")[0].lower() if "://" in proxy else ""
        if kind in {"http", "https", "all"} and scheme.startswith("socks"):
            return InvalidConnection(
                f"The environment's proxy for {kind} begins with {scheme[:20]}://, which is not "
                "supported.",
                hint=f"Begin {kind.upper()}_PROXY with socks5://, socks5h:// or http:// instead.",
            )
    return InvalidConnection(
        "The environment's proxy setting is not a URL.",
        hint="Look at HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY.",
    )


def _read_in_large_pieces() -> None:
    from httpcore import AsyncHTTP11Connection

    AsyncHTTP11Connection.READ_NUM_BYTES = _READ_BYTES


def _certificates(*, is_needed: bool) -> ssl.SSLContext:
    """Return what to trust: the system's certificates, and those of SSL_CERT_FILE.

    Where no TLS can happen the context is empty, which costs nothing and would trust nobody.

    Raises:
        ConnectionFailed: If SSL_CERT_FILE cannot be read.
    """
    if not is_needed:
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    import truststore

    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    extra = os.environ.get("SSL_CERT_FILE")
    if extra:
        try:
            context.load_verify_locations(cafile=extra)
        except OSError as error:  # ssl.SSLError is one
            raise ConnectionFailed(
                "The certificates named by SSL_CERT_FILE cannot be read.",
                cause="tls",
                hint="Correct the variable, or unset it to use the system's certificates.",
            ) from error
    return context
