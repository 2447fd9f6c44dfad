"""A split file's batches as one: how far it is, and summed counts."""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from batchtui.api.models import MessageBatch, RequestCounts
from batchtui.library.ledger_values import SubmissionRecord


class GroupSummary(Struct, frozen=True):
    """What is shown of a group in one line."""

    group_id: str
    """Also the submission's id."""
    label: str
    """Untrusted text."""
    parts: int
    """Batches it is meant to become."""
    made: int
    """Batches that stand for a part."""
    unresolved: int
    """Parts of which it is not known whether they made a batch."""
    requests: int
    """In all parts, sent or not."""
    counts: RequestCounts
    """Summed over the batches that are known."""
    unseen: tuple[str, ...]
    """Batches of the group that were not among those given (deleted, or not loaded yet)."""
    has_ended: bool
    """Whether every part has its batch and every batch has ended."""


def sum_counts(counts: Iterable[RequestCounts]) -> RequestCounts:
    """Add up the counts of several batches."""
    rows = list(counts)
    return RequestCounts(
        processing=sum(row.processing for row in rows),
        succeeded=sum(row.succeeded for row in rows),
        errored=sum(row.errored for row in rows),
        canceled=sum(row.canceled for row in rows),
        expired=sum(row.expired for row in rows),
    )


def summarize_group(record: SubmissionRecord, batches: Mapping[str, MessageBatch]) -> GroupSummary:
    """Sum up a submission.

    Args:
        record: As the journal has it.
        batches: The batches that are known, by id; others may be among them.
    """
    ids = record.batch_ids
    known = [batches[batch_id] for batch_id in ids if batch_id in batches]
    return GroupSummary(
        group_id=record.plan.submission_id,
        label=record.plan.label,
        parts=len(record.parts),
        made=len(ids),
        unresolved=sum(part.state.is_unresolved for part in record.parts),
        requests=sum(part.plan.requests for part in record.parts),
        counts=sum_counts(batch.request_counts for batch in known),
        unseen=tuple(batch_id for batch_id in ids if batch_id not in batches),
        has_ended=len(known) == len(record.parts) and all(batch.has_ended for batch in known),
    )
