"""Short ways to make batches and pages."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from batchtui.api.models import BatchPage, MessageBatch, RequestCounts

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def make_batch(
    batch_id: str = "msgbatch_1",
    *,
    status: str = "in_progress",
    minutes: float | None = 0.0,
    ran: float | None = 30.0,
    counts: RequestCounts | None = None,
    archived: bool = False,
    has_url: bool = True,
) -> MessageBatch:
    """A batch created ``minutes`` after START, ended ``ran`` minutes later if it has ended."""
    created = None if minutes is None else START + timedelta(minutes=minutes)
    has_ended = status == "ended"
    ended = created + timedelta(minutes=ran) if has_ended and created and ran is not None else None
    default = RequestCounts(succeeded=10) if has_ended else RequestCounts(processing=10)
    return MessageBatch(
        id=batch_id,
        processing_status=status,
        request_counts=counts or default,
        created_at=created,
        expires_at=created + timedelta(hours=24) if created else None,
        ended_at=ended,
        archived_at=START + timedelta(days=30) if archived else None,
        results_url="https://x.test/r" if has_ended and has_url and not archived else None,
    )


def make_page(batches: Sequence[MessageBatch], *, has_more: bool = False) -> BatchPage:
    """A page as the server would answer it."""
    return BatchPage(
        data=tuple(batches),
        has_more=has_more,
        last_id=batches[-1].id if batches else None,
    )


def make_history(count: int, *, newest: int = 0) -> list[MessageBatch]:
    """``count`` ended batches, newest first, one a minute; ids count upwards with time."""
    return [
        make_batch(f"b{newest + count - 1 - i:05}", status="ended", minutes=newest + count - 1 - i)
        for i in range(count)
    ]
