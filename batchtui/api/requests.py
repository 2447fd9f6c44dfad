"""What is to be sent: a request without its key, and the body of a create."""

from collections.abc import AsyncIterable, AsyncIterator, Mapping
from typing import Final

import httpx
import msgspec

from batchtui.api.clients import Role
from batchtui.api.errors import InvalidUpload

_UPLOAD_SLICE: Final = 256 * 2**10


class Upload:
    """The body of a create, which knows how much of it has left.

    Args:
        body: The whole body, or its pieces.
        content_length: Bytes of all pieces, where known; else it is sent in chunks.
    """

    def __init__(self, body: bytes | AsyncIterable[bytes], content_length: int | None) -> None:
        self._body = body
        self.content_length = len(body) if isinstance(body, bytes) else content_length
        self.sent = 0
        self.has_started = False
        self.is_complete = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield the pieces, each counted as sent when the next is asked for.

        Raises:
            InvalidUpload: If they are not as long as announced.
        """
        self.has_started = True
        announced = self.content_length
        async for piece in self._pieces():
            if announced is not None and self.sent + len(piece) > announced:
                self.is_complete = self.sent == announced
                raise InvalidUpload(f"The body is longer than the {announced} bytes announced.")
            yield piece
            self.sent += len(piece)
        if announced is not None and self.sent < announced:
            raise InvalidUpload(f"The body ended after {self.sent} of {announced} bytes announced.")
        self.is_complete = True

    async def _pieces(self) -> AsyncIterator[bytes]:
        if isinstance(self._body, bytes):
            for start in range(0, len(self._body), _UPLOAD_SLICE):
                yield self._body[start : start + _UPLOAD_SLICE]
        else:
            async for piece in self._body:
                if piece:
                    yield piece


class ApiRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What to send, but for the key and the account's headers."""

    method: str
    """HTTP method."""
    url: httpx.URL
    """Where to."""
    role: Role = "base"
    """Which client sends it."""
    accept: str = "application/json"
    """The `accept` header."""
    headers: Mapping[str, str] = msgspec.field(default_factory=dict)
    """Headers of this request alone."""
    betas: tuple[str, ...] = ()
    """Beta features of this request alone."""
    upload: Upload | None = None
    """The body, for a create."""
    may_leave: bool = False
    """Whether a redirect to another origin is followed (without the key)."""

    @property
    def is_foreign(self) -> bool:
        """Whether it goes to another host than the API's, without a key."""
        return self.role == "foreign"

    @property
    def path(self) -> str:
        """Path and query; of a foreign link the path alone, since its query may be a signature."""
        target = self.url.raw_path.decode("ascii", "replace")
        return target.partition("?")[0] if self.is_foreign else target

    @property
    def host(self) -> str:
        """The host as a person would write it."""
        return self.url.netloc.decode("ascii", "replace")
