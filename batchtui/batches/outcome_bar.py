"""The proportional bar of a batch's outcome, as whole cells.

Cells are shared out by largest remainder, and a kind that has any request never vanishes: one
failure among 100,000 is still one cell. Before the end the four final counts are zero by
documentation, so zeros claim nothing then; counts that do move are shown.
"""

from enum import StrEnum
from typing import Final

from msgspec import Struct

from batchtui.api.models import MessageBatch


class SegmentKind(StrEnum):
    """What a part of the bar stands for; the order is the order of painting."""

    SUCCEEDED = "succeeded"
    ERRORED = "errored"
    EXPIRED = "expired"
    CANCELED = "canceled"
    PROCESSING = "processing"
    UNSAID = "unsaid"
    """The server has said nothing yet of these requests."""


class Segment(Struct, frozen=True):
    """A run of cells of one kind."""

    kind: SegmentKind
    cells: int


_LOUDEST_FIRST: Final = (
    SegmentKind.ERRORED,
    SegmentKind.EXPIRED,
    SegmentKind.CANCELED,
    SegmentKind.PROCESSING,
    SegmentKind.SUCCEEDED,
)
"""Who stays where there are fewer cells than kinds."""


def outcome_bar(batch: MessageBatch, width: int) -> tuple[Segment, ...]:
    """Share ``width`` cells out among the outcomes of ``batch``.

    Returns:
        Segments in painting order, none empty, whose cells sum to ``width``; nothing where
        ``width`` is not positive.
    """
    if width <= 0:
        return ()
    counts = batch.request_counts
    amounts = {
        SegmentKind.SUCCEEDED: counts.succeeded,
        SegmentKind.ERRORED: counts.errored,
        SegmentKind.EXPIRED: counts.expired,
        SegmentKind.CANCELED: counts.canceled,
        SegmentKind.PROCESSING: counts.processing,
    }
    amounts = {kind: number for kind, number in amounts.items() if number > 0}
    has_moved = any(kind is not SegmentKind.PROCESSING for kind in amounts)
    if not amounts or (batch.is_live and not has_moved):
        return (Segment(SegmentKind.UNSAID, width),)
    cells = share_cells(amounts, width)
    return tuple(Segment(kind, cells[kind]) for kind in SegmentKind if cells.get(kind))


def share_cells(amounts: dict[SegmentKind, int], width: int) -> dict[SegmentKind, int]:
    """Share ``width`` cells out in proportion, by largest remainder, at least one cell each.

    Args:
        amounts: Positive amounts by kind.
        width: Cells to share; where there are fewer than kinds, the loudest kinds get one each.
    """
    if width <= len(amounts):
        kept = [kind for kind in _LOUDEST_FIRST if kind in amounts][:width]
        return dict.fromkeys(kept, 1)
    total = sum(amounts.values())
    cells = {kind: number * width // total for kind, number in amounts.items()}
    by_remainder = sorted(
        amounts, key=lambda kind: (-(amounts[kind] * width % total), _LOUDEST_FIRST.index(kind))
    )
    for kind in by_remainder[: width - sum(cells.values())]:
        cells[kind] += 1
    for kind in amounts:
        if cells[kind] == 0:
            cells[max(cells, key=cells.__getitem__)] -= 1
            cells[kind] = 1
    return cells
