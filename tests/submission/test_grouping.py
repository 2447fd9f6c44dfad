"""The batches of a split file as one."""

from datetime import UTC, datetime
from pathlib import Path

from batchtui.api.models import MessageBatch, RequestCounts
from batchtui.library.ledger_values import (
    PartRecord,
    PartState,
    PlannedPart,
    SourceFile,
    SubmissionPlan,
    SubmissionRecord,
)
from batchtui.submission.grouping import sum_counts, summarize_group


def record(*states: PartState) -> SubmissionRecord:
    parts = tuple(
        PartRecord(
            "s1",
            PlannedPart(number, 0, 10, 500, 0),
            state,
            None,
            None,
            f"b{number}" if state.is_done else None,
            "",
        )
        for number, state in enumerate(states, start=1)
    )
    source = SourceFile(Path("/x"), "00", 1)
    plan = SubmissionPlan("s1", "big", source, tuple(part.plan for part in parts))
    return SubmissionRecord(plan, datetime(2026, 3, 1, tzinfo=UTC), parts, None)


def batch(name: str, status: str, counts: RequestCounts) -> MessageBatch:
    return MessageBatch(id=name, processing_status=status, request_counts=counts)


def test_counts_are_summed_over_what_is_known() -> None:
    known = {
        "b1": batch("b1", "ended", RequestCounts(succeeded=9, errored=1)),
        "b2": batch("b2", "in_progress", RequestCounts(processing=10)),
        "other": batch("other", "ended", RequestCounts(succeeded=5)),
    }
    summary = summarize_group(
        record(PartState.CREATED, PartState.ADOPTED, PartState.CREATED, PartState.SENT), known
    )
    assert summary.counts == RequestCounts(processing=10, succeeded=9, errored=1)
    assert (summary.parts, summary.made, summary.unresolved, summary.requests) == (4, 3, 1, 40)
    assert summary.unseen == ("b3",)
    assert not summary.has_ended


def test_a_group_has_ended_when_every_part_has() -> None:
    done = record(PartState.CREATED, PartState.CREATED)
    ended = {name: batch(name, "ended", RequestCounts(succeeded=10)) for name in ("b1", "b2")}
    assert summarize_group(done, ended).has_ended
    assert not summarize_group(record(PartState.CREATED, PartState.PLANNED), ended).has_ended


def test_no_counts_sum_to_nothing() -> None:
    assert sum_counts([]).total == 0
