"""What one batch takes, and how a file is cut into parts that fit."""

from collections.abc import Iterator

from msgspec import Struct

from batchtui.library.ledger_values import PlannedPart
from batchtui.submission.body import CLOSING, OPENING
from batchtui.submission.index import RequestIndex


class Limits(Struct, frozen=True):
    """The largest batch.

    256 MB may mean 256,000,000 bytes or 268,435,456. Parts are cut at the smaller, a single file is
    refused above the larger and warned about in between.
    """

    requests: int = 100_000
    """Requests."""
    body_bytes: int = 256_000_000
    """Bytes of a body that certainly fits."""
    refused_bytes: int = 268_435_456
    """Bytes above which a body certainly does not fit."""


def plan_parts(index: RequestIndex, limits: Limits) -> tuple[PlannedPart, ...]:
    """Cut a file into runs of requests that fit one batch each, as few as its order allows.

    A single request that is larger than a batch gets a part of its own (validation tells of it).
    """
    return tuple(
        PlannedPart(
            number=number,
            first_request=first,
            requests=count,
            body_bytes=size,
            source_offset=index.offsets[first],
        )
        for number, (first, count, size) in enumerate(_runs(index, limits), start=1)
    )


def _runs(index: RequestIndex, limits: Limits) -> Iterator[tuple[int, int, int]]:
    """Yield first request, number of requests and body bytes of each part."""
    empty = len(OPENING) + len(CLOSING)
    first, count, size = 0, 0, empty
    for number, element in enumerate(index.sizes):
        added = element + 1 if count else element
        if count and (count == limits.requests or size + added > limits.body_bytes):
            yield first, count, size
            first, count, size, added = number, 0, empty, element
        count += 1
        size += added
    if count:
        yield first, count, size
