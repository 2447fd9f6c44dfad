"""Where the API is and who asks: plain values, checked when they are made.

A secret lives in `Credential.secret` alone, and never in a repr, a `calls.Call` or an error.
"""

import dataclasses
import ipaddress
from typing import Final, Literal
from urllib.parse import urlsplit

from msgspec import Struct

from batchtui.api.errors import InvalidConnection
from batchtui.endpoint import STANDARD_URL, STANDARD_VERSION, find_key_fault, find_url_fault

CredentialKind = Literal["api_key", "auth_token"]

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


@dataclasses.dataclass(frozen=True, slots=True)
class Credential:
    """A key (sent as `x-api-key`) or a token (sent as `Authorization: Bearer`)."""

    kind: CredentialKind
    secret: str = dataclasses.field(repr=False)

    def __post_init__(self) -> None:
        fault = find_key_fault(self.secret)
        if fault is not None:
            noun = "API key" if self.kind == "api_key" else "auth token"
            raise InvalidConnection(f"The {noun} cannot be used: {fault.what}.", hint=fault.hint)

    @property
    def last_four(self) -> str:
        """Its last four characters, or "" where that would tell half of it."""
        return self.secret[-4:] if len(self.secret) >= 8 else ""


class AccountIds(Struct, frozen=True):
    """Whose workspace answered, as response headers last said. Untrusted text."""

    organization_id: str | None = None
    workspace_id: str | None = None
    key_last_four: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Connection:
    """Where and how to call."""

    base_url: str = STANDARD_URL
    """With http or https, perhaps with a path prefix; kept without a trailing slash."""
    credential: Credential | None = None
    """None sends no key (a gateway may add its own)."""
    betas: tuple[str, ...] = ()
    """`anthropic-beta` values sent before the one of the batches API."""
    version: str = STANDARD_VERSION
    """`anthropic-version`."""
    workspace_id: str = ""
    """`anthropic-workspace-id`, or "" to send none."""
    use_beta_endpoints: bool = True
    """Whether `?beta=true` is added to every path."""
    connect_timeout: float = 10.0
    """Seconds to reach the host."""
    read_timeout: float = 60.0
    """Seconds without a byte after which an answer counts as stalled."""
    create_timeout: float = 600.0
    """The same for a create, whose answer may take long after a large upload."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "base_url", self.base_url.strip().rstrip("/"))
        problem = find_url_fault(self.base_url)
        if problem:
            raise InvalidConnection(
                f"The base URL cannot be used: {problem}.",
                hint=f"Give it as http(s)://host[:port][/prefix], such as {STANDARD_URL}.",
            )
        tokens = [("version", self.version), *(("beta", beta) for beta in self.betas)]
        if self.workspace_id:
            tokens.append(("workspace", self.workspace_id))
        for name, value in tokens:
            if not _is_header_token(value):
                raise InvalidConnection(f"The {name} header value {value!r} cannot be sent.")

    @property
    def origin(self) -> str:
        """Scheme, host and port (the default port left out), in lower case."""
        return origin_of(self.base_url)

    @property
    def host(self) -> str:
        """Host, and port where it is not the scheme's own."""
        return self.origin.partition("://")[2]

    @property
    def prefix(self) -> str:
        """The base URL's path without a trailing slash: "" or "/something"."""
        return urlsplit(self.base_url).path.rstrip("/")

    @property
    def is_readable_on_the_way(self) -> bool:
        """Whether a key would go to another machine without encryption."""
        parts = urlsplit(self.base_url)
        return (
            parts.scheme == "http"
            and self.credential is not None
            and not _is_loopback(parts.hostname or "")
        )

    @property
    def warning(self) -> str:
        """What the user should know about this base URL before a key is sent, or ""."""
        if self.is_readable_on_the_way:
            return (
                f"{self.host} is reached over plain http: the key and all data can be read on the "
                "way. Use https if the host offers it."
            )
        if self.prefix.endswith("/v1"):
            return "The base URL ends in /v1, which is added to every path anyway: leave it out."
        return ""


def origin_of(url: str) -> str:
    """Return scheme, host and port of an absolute URL, comparable; "" where it has none."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ""
    if not (parts.scheme and parts.hostname):
        return ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    suffix = f":{port}" if port and port != _DEFAULT_PORTS.get(parts.scheme) else ""
    return f"{parts.scheme}://{host.rstrip('.')}{suffix}"


def _is_header_token(value: str) -> bool:
    """Return whether `value` can be one element of a header list."""
    return bool(value) and value.isascii() and value.isprintable() and not set(value) & set(" ,\"'")


def _is_loopback(host: str) -> bool:
    """Return whether `host` names this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
