"""From a batch as the API showed it to what the ledger remembers of it."""

from batchtui.api.models import MessageBatch, encode_batch
from batchtui.library.ledger_values import SeenBatch


def as_seen(batch: MessageBatch) -> SeenBatch:
    """Return what `Ledger.remember_batches` takes."""
    return SeenBatch(
        batch_id=batch.id,
        raw=encode_batch(batch),
        created_at=batch.created_at,
        ended_at=batch.ended_at,
        requests=batch.request_counts.total,
    )
