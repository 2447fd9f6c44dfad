"""From JSON whose every field may be missing, null or odd to plain values.

The structs here name the fields that are looked at and leave their types open (`object`): one odd
field must not cost the batch, so each is judged on its own by the functions below.
"""

from datetime import UTC, datetime
from typing import Final, TypeVar

import msgspec

Decoded = TypeVar("Decoded")

QUOTED_CHARACTERS: Final = 500
"""How much of a server's text an error quotes at most."""
_LARGEST_COUNT: Final = 2**53  # what every JSON reader and SQLite hold exactly
_PLAUSIBLE_YEARS: Final = range(1970, 9999)
"""Outside these a time means "none" (year 1 is Go's zero) and breaks local time arithmetic."""


class WireBatch(msgspec.Struct):
    """The fields of a batch as they came."""

    id: object = None
    processing_status: object = None
    request_counts: object = None
    created_at: object = None
    expires_at: object = None
    ended_at: object = None
    cancel_initiated_at: object = None
    archived_at: object = None
    results_url: object = None


class WirePage(msgspec.Struct):
    """A page of the list as it came; its entries undecoded, so that each can fail alone."""

    data: list[msgspec.Raw] | msgspec.UnsetType | None = msgspec.UNSET
    has_more: object = None
    last_id: object = None


class WireDeleted(msgspec.Struct):
    """The answer to a delete as it came."""

    id: object = None
    type: object = None


class WireErrorBody(msgspec.Struct):
    """The inner object of an error envelope."""

    type: object = None
    message: object = None


class WireError(msgspec.Struct):
    """An error envelope as it came: `error` may also be a bare string at a gateway."""

    type: object = None
    error: WireErrorBody | str | None = None
    message: object = None
    request_id: object = None


def decode_json(data: bytes, kind: type[Decoded]) -> Decoded:
    """Decode JSON into `kind`.

    Raises:
        ValueError: If it is not JSON, or not of that shape.
    """
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(str(error)) from error


def as_text(value: object) -> str | None:
    """Return a non-empty text, or None."""
    return value if isinstance(value, str) and value else None


def shorten(text: str, limit: int = QUOTED_CHARACTERS) -> str:
    """Return text on one line, cut to `limit` characters."""
    line = " ".join(text[: limit * 8].split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def as_count(value: object) -> int:
    """Return a number of things: 0 for whatever is none, and at most 2**53."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0
    return int(min(max(0, value), _LARGEST_COUNT))  # in this order NaN becomes 0


def as_moment(value: object) -> datetime | None:
    """Return an RFC 3339 time in UTC; None for anything else.

    `Z`, offsets, any number of fraction digits (cut at microseconds) and none are accepted; a time
    without offset is taken as UTC.
    """
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value.strip().upper())
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if moment.year in _PLAUSIBLE_YEARS else None
