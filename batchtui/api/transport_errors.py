"""From what httpx raises to `ConnectionFailed`: the one place that knows how connections break.

httpx wraps httpcore's error, which wraps anyio's, which may be a group of errors of the operating
system (one per address tried): what happened stands at the end of that chain.
"""

import contextlib
import socket
import ssl
from collections.abc import Iterator
from typing import Final
from urllib.request import getproxies, proxy_bypass

import httpx

from batchtui.api.decoding import shorten
from batchtui.api.errors import ConnectionCause, ConnectionFailed, ErrorFacts
from batchtui.api.requests import ApiRequest

_PROXY_HINT: Final = "A proxy is set in the environment (HTTPS_PROXY and the like): is it right?"


@contextlib.contextmanager
def translated(
    request: ApiRequest, *, is_streaming: bool = False, request_id: str | None = None
) -> Iterator[None]:
    """Turn every failure of the connection into `ConnectionFailed`.

    Args:
        request: The call.
        is_streaming: Whether an answer had begun, so that silence is a stall.
        request_id: What its head named, if anything.

    Raises:
        ConnectionFailed: Instead of what httpx, or a timeout around it, raised.
    """
    try:
        yield
    except (httpx.HTTPError, httpx.StreamError, TimeoutError) as error:
        cause = _cause_of(error, is_streaming=is_streaming)
        message, hint = _explain(cause, error, request)
        facts = ErrorFacts(request_id=request_id, method=request.method, path=request.path)
        _forget_frames(error)
        raise ConnectionFailed(message, cause=cause, hint=hint, **facts) from error


def _forget_frames(error: BaseException | None) -> None:
    """Drop the tracebacks of a chain: the frames of the HTTP library hold the request's key.

    A crash report that shows local variables would show it.
    """
    while error is not None:
        error.__traceback__ = None
        if isinstance(error, BaseExceptionGroup):
            for each in error.exceptions:
                _forget_frames(each)
        error = error.__cause__ or error.__context__


def _cause_of(error: Exception, *, is_streaming: bool) -> ConnectionCause:
    if isinstance(error, httpx.ProxyError):
        return "proxy"
    if isinstance(error, httpx.TimeoutException | TimeoutError):
        return "stalled" if is_streaming else "timeout"
    if isinstance(error, httpx.ConnectError):
        return _connect_cause(error)
    return "protocol"


def _connect_cause(error: httpx.ConnectError) -> ConnectionCause:
    if _find(error, socket.gaierror):
        return "dns"
    if _find(error, ssl.SSLError):
        return "tls"
    if _find(error, ConnectionRefusedError):
        return "refused"
    return "other"


def _find(error: BaseException | None, kind: type[BaseException]) -> BaseException | None:
    """Return the error of that kind in the chain of causes, groups included."""
    if error is None or isinstance(error, kind):
        return error
    if isinstance(error, BaseExceptionGroup):
        return next(filter(None, (_find(each, kind) for each in error.exceptions)), None)
    return _find(error.__cause__ or error.__context__, kind)


def _explain(cause: ConnectionCause, error: Exception, request: ApiRequest) -> tuple[str, str]:
    """Return what happened, to whom, and what to do."""
    proxy = _proxy_of(request.url)
    if cause == "tls":
        return _explain_tls(_find(error, ssl.SSLError), request.host)
    if isinstance(error, httpx.DecodingError):
        text = f"What {request.host} sent cannot be unpacked: its gzip encoding is damaged."
        return text, "Try again; if it persists, a proxy on the way may damage it."
    message, hint = _TEXTS[cause]
    host = request.host
    if proxy and cause in {"dns", "refused"}:  # with a proxy nothing else is looked up and reached
        host, hint = f"The proxy {proxy}", _PROXY_HINT
    elif proxy and cause in {"other", "timeout"}:
        hint = f"{hint} {_PROXY_HINT}"
    detail = shorten(str(error), 160)
    has_detail = cause in {"protocol", "other", "proxy"} and detail
    text = message.format(host=host, proxy=proxy)
    return text + (f": {detail}." if has_detail else "."), hint


def _proxy_of(url: httpx.URL) -> str:
    """Return the proxy named for a URL, without user and password; "" where there is none."""
    proxies = getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all") or ""
    if not proxy or proxy_bypass(url.host):
        return ""
    return shorten(proxy.rpartition("@")[2].rpartition("://")[2], 80)


_TEXTS: Final[dict[ConnectionCause, tuple[str, str]]] = {
    "dns": (
        "{host} cannot be found (DNS)",
        "Is this machine online, and the base URL spelled right?",
    ),
    "refused": (
        "{host} refused the connection",
        "Is a server running there, and the port of the base URL right?",
    ),
    "proxy": (
        "The proxy {proxy} on the way to {host} refused",
        "Does it want a user and password? They go into the proxy's variable; see NO_PROXY too.",
    ),
    "timeout": (
        "{host} did not answer in time",
        "Try again; if it persists, look at the network, VPN or firewall.",
    ),
    "stalled": (
        "The answer of {host} stopped coming",
        "What arrived is kept; try again.",
    ),
    "protocol": (
        "The connection to {host} broke off",
        "Try again; if it persists, something between here and there cuts it.",
    ),
    "other": (
        "{host} cannot be reached",
        "Is this machine online?",
    ),
}


def _explain_tls(error: BaseException | None, host: str) -> tuple[str, str]:
    if isinstance(error, ssl.SSLCertVerificationError):
        reason = _said(error, "verify_message") or "not trusted"
        for words, message, hint in _CERTIFICATE_FAULTS:
            if words in reason.lower():
                return message.format(host=host, reason=reason), hint
        return _NOT_TRUSTED.format(host=host, reason=reason), _NOT_TRUSTED_HINT
    return (
        f"No secure connection to {host} could be made ({_said(error, 'reason') or 'TLS failed'}).",
        "Does the host speak https on that port? A base URL of http:// may be meant.",
    )


def _said(error: BaseException | None, name: str) -> str:
    """Return a text that OpenSSL's errors have, and those made elsewhere may not."""
    value: object = getattr(error, name, None)
    return shorten(value, 120) if isinstance(value, str) else ""


_CERTIFICATE_FAULTS: Final = (
    (
        "expired",
        "The certificate of {host} has expired.",
        "Is this machine's clock right? If it is, whoever runs the host has to renew it.",
    ),
    (
        "not yet valid",
        "The certificate of {host} is not valid yet.",
        "Is this machine's clock right?",
    ),
    (
        "mismatch",
        "The certificate of {host} is for another host ({reason}).",
        "Is the base URL spelled right? A proxy or captive portal may answer in its place.",
    ),
)
_NOT_TRUSTED: Final = (
    "The certificate of {host} is not trusted (CERTIFICATE_VERIFY_FAILED: {reason})."
)
_NOT_TRUSTED_HINT: Final = (
    "Often a company proxy that inspects TLS: set SSL_CERT_FILE to a file with its certificate, "
    "or have it installed in the system."
)
