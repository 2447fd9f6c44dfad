"""Rows of the ledger's ``submissions`` and ``parts`` tables to values and back."""

import json
import os
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from batchtui.library.ledger_database import (
    NEVER,
    Value,
    storable,
    to_int,
    to_micros,
    to_moment,
    to_text,
)
from batchtui.library.ledger_values import (
    Creation,
    PartRecord,
    PartState,
    PlannedPart,
    SourceFile,
    SubmissionPlan,
    SubmissionRecord,
    is_group,
)

PLANS = """
    SELECT submission_id, label, source_path, source_sha256, source_bytes, parents, betas, scope,
        made_from, made_at, given_up_at, reported_at FROM submissions"""
"""What `to_submission` reads, in its order."""
PARTS = """
    SELECT number, first_request, requests, body_bytes, source_offset, state, sending_at, sent_at,
        batch_id, detail, server_offset, seen_before FROM parts WHERE submission_id = ?
    ORDER BY number"""
"""What it reads besides."""
MICROSECOND = timedelta(microseconds=1)
"""The unit of lengths of time."""


def insert_plan(connection: sqlite3.Connection, plan: SubmissionPlan, now: datetime) -> None:
    """Write a submission, all parts ``planned``, within an open transaction."""
    connection.execute(
        "INSERT INTO submissions (submission_id, label, source_path, source_sha256,"
        " source_bytes, parents, betas, scope, made_from, made_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            plan.submission_id,
            storable(plan.label),
            os.fsencode(plan.source.path),
            plan.source.sha256,
            plan.source.size,
            json.dumps(plan.parents),
            json.dumps(plan.betas),
            plan.scope,
            storable(plan.made_from),
            to_micros(now),
        ),
    )
    connection.executemany(
        "INSERT INTO parts (submission_id, number, first_request, requests, body_bytes,"
        " source_offset, state) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (
                plan.submission_id,
                part.number,
                part.first_request,
                part.requests,
                part.body_bytes,
                part.source_offset,
                PartState.PLANNED.value,
            )
            for part in plan.parts
        ],
    )


def to_submission(row: Sequence[Value], part_rows: Iterable[Sequence[Value]]) -> SubmissionRecord:
    """Make a record of one row of `PLANS` and its rows of `PARTS`."""
    submission_id = to_text(row[0])
    parts = tuple(_to_part(submission_id, part) for part in part_rows)
    path = row[2] if isinstance(row[2], bytes) else b""
    plan = SubmissionPlan(
        submission_id=submission_id,
        label=to_text(row[1]),
        source=SourceFile(Path(os.fsdecode(path)), to_text(row[3]), to_int(row[4])),
        parts=tuple(part.plan for part in parts),
        parents=tuple(json.loads(to_text(row[5]) or "[]")),
        betas=tuple(json.loads(to_text(row[6]) or "[]")),
        scope=to_text(row[7]),
        made_from=to_text(row[8]),
    )
    return SubmissionRecord(
        plan, to_moment(row[9]) or NEVER, parts, to_moment(row[10]), to_moment(row[11])
    )


def creation_of(
    record: SubmissionRecord, number: int, batch_id: str, made_at: datetime
) -> Creation:
    """Return what is known of a batch from having made it.

    Args:
        record: The submission.
        number: Of the part that the batch stands for.
        batch_id: The batch.
        made_at: When it was made.
    """
    grouped = is_group(record.parts)
    return Creation(
        batch_id=batch_id,
        made_at=made_at,
        made_from=record.plan.made_from,
        source=record.plan.source,
        label=record.plan.label,
        parents=record.plan.parents,
        group_id=record.plan.submission_id if grouped else None,
        part_number=number if grouped else None,
    )


def _to_part(submission_id: str, row: Sequence[Value]) -> PartRecord:
    plan = PlannedPart(*(to_int(value) for value in row[:5]))
    return PartRecord(
        submission_id=submission_id,
        plan=plan,
        state=PartState(to_text(row[5])),
        sending_at=to_moment(row[6]),
        sent_at=to_moment(row[7]),
        batch_id=to_text(row[8]) or None,
        detail=to_text(row[9]),
        server_offset=row[10] * MICROSECOND if isinstance(row[10], int) else None,
        seen_before=frozenset(json.loads(to_text(row[11]) or "[]")),
    )
