"""What the API says, as frozen values.

Decoding is tolerant (`api.decoding`): fields may be missing, null, unknown or odd; only an entry
without a usable id is given up.
"""

from datetime import datetime
from typing import Final

import msgspec

from batchtui.api.decoding import (
    WireBatch,
    WireDeleted,
    WirePage,
    as_count,
    as_moment,
    as_text,
    decode_json,
)

LARGEST_PAGE: Final = 1000
"""Batches that one list call gives at most."""
KNOWN_STATUSES: Final = frozenset({"in_progress", "canceling", "ended"})


class RequestCounts(msgspec.Struct, frozen=True):
    """How many requests of a batch are in which state; their sum is the number of requests.

    The four final counts are documented as zero until the whole batch has ended.
    """

    processing: int = 0
    """Requests not finished yet."""
    succeeded: int = 0
    """Requests answered by a message."""
    errored: int = 0
    """Requests that failed."""
    canceled: int = 0
    """Requests not made because the batch was canceled."""
    expired: int = 0
    """Requests not made within the batch's 24 hours."""

    @property
    def total(self) -> int:
        """The number of requests in the batch."""
        return self.processing + self.succeeded + self.errored + self.canceled + self.expired

    @property
    def failed(self) -> int:
        """Requests that should have been answered and were not: errored and expired."""
        return self.errored + self.expired


class MessageBatch(msgspec.Struct, frozen=True, kw_only=True):
    """One batch as the server described it last. Every text in it is untrusted."""

    id: str
    """Its name on the server; format and length may change."""
    processing_status: str = ""
    """`in_progress`, `canceling`, `ended`, or one this program does not know yet."""
    request_counts: RequestCounts = RequestCounts()
    """Its requests by state."""
    created_at: datetime | None = None
    """When it was created (UTC), as all the moments below."""
    expires_at: datetime | None = None
    """When it ends, ready or not: 24 hours after creation."""
    ended_at: datetime | None = None
    """When its last request was finished; None while it runs."""
    cancel_initiated_at: datetime | None = None
    """When canceling was asked for; None where it was not."""
    archived_at: datetime | None = None
    """When its results went away; None while they are there."""
    results_url: str | None = None
    """Where its results are; None until it ended, and again once archived."""

    @property
    def has_ended(self) -> bool:
        """Whether its requests are all finished, so that it changes no more but by archiving."""
        if self.processing_status in KNOWN_STATUSES:
            return self.processing_status == "ended"
        return self.ended_at is not None or self.archived_at is not None

    @property
    def is_canceling(self) -> bool:
        """Whether it was asked to stop, and ends when what is in flight is done."""
        return self.processing_status == "canceling"

    @property
    def is_live(self) -> bool:
        """Whether it may still change, so that it is worth asking for again."""
        return not self.has_ended


class BatchPage(msgspec.Struct, frozen=True, kw_only=True):
    """One page of the list, in the server's order."""

    data: tuple[MessageBatch, ...] = ()
    """The batches that could be read."""
    has_more: bool = False
    """Whether there are more in the direction asked for."""
    last_id: str | None = None
    """Cursor for `after_id`: None on an empty page."""
    unreadable: int = 0
    """Entries of the page that could not be read and are missing from `data`."""


class DeletedMessageBatch(msgspec.Struct, frozen=True):
    """The answer to a delete."""

    id: str
    """The batch that is gone."""
    type: str = "message_batch_deleted"
    """The object's type as the server named it."""


def encode_batch(batch: MessageBatch) -> bytes:
    """Return a batch as JSON in the API's own form, for the disk."""
    return msgspec.json.encode(batch)


def decode_batch(data: bytes) -> MessageBatch:
    """Return a batch from the API's JSON or from `encode_batch`.

    Raises:
        ValueError: If it is not a JSON object with an id.
    """
    wire = decode_json(data, WireBatch)
    if not isinstance(wire.id, str) or not wire.id:
        raise ValueError("not a batch: it has no id")
    counts = wire.request_counts
    return MessageBatch(
        id=wire.id,
        processing_status=as_text(wire.processing_status) or "",
        request_counts=_counts(counts if isinstance(counts, dict) else {}),
        created_at=as_moment(wire.created_at),
        expires_at=as_moment(wire.expires_at),
        ended_at=as_moment(wire.ended_at),
        cancel_initiated_at=as_moment(wire.cancel_initiated_at),
        archived_at=as_moment(wire.archived_at),
        results_url=as_text(wire.results_url),
    )


def decode_page(data: bytes) -> BatchPage:
    """Return a page of the list; entries that cannot be read are counted and left out.

    Where the page does not name its cursor, that is its last batch.

    Raises:
        ValueError: If it is not a JSON object with a list of `data`.
    """
    wire = decode_json(data, WirePage)
    if wire.data is msgspec.UNSET:
        raise ValueError("not a page: it has no data")
    entries = wire.data or []
    batches = tuple(filter(None, map(_decode_entry, entries)))
    return BatchPage(
        data=batches,
        has_more=wire.has_more is True,
        last_id=as_text(wire.last_id) or (batches[-1].id if batches else None),
        unreadable=len(entries) - len(batches),
    )


def decode_deleted(data: bytes, batch_id: str) -> DeletedMessageBatch:
    """Return the answer to a delete that succeeded, whatever its body says or does not say."""
    try:
        wire = decode_json(data, WireDeleted)
    except ValueError:
        return DeletedMessageBatch(batch_id)
    deleted = DeletedMessageBatch(as_text(wire.id) or batch_id)
    kind = as_text(wire.type)
    return DeletedMessageBatch(deleted.id, kind) if kind else deleted


def _decode_entry(entry: msgspec.Raw) -> MessageBatch | None:
    try:
        return decode_batch(bytes(entry))
    except ValueError:
        return None


def _counts(values: dict[object, object]) -> RequestCounts:
    return RequestCounts(
        processing=as_count(values.get("processing")),
        succeeded=as_count(values.get("succeeded")),
        errored=as_count(values.get("errored")),
        canceled=as_count(values.get("canceled")),
        expired=as_count(values.get("expired")),
    )
