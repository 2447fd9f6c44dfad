"""Rows of the ledger's tables to values and back: batches, submissions and their parts."""

import json
import os
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

import msgspec

from batchtui.library.ledger_database import (
    MICROSECOND,
    NEVER,
    Value,
    storable,
    to_int,
    to_micros,
    to_moment,
    to_text,
)
from batchtui.library.ledger_values import (
    BatchRecord,
    Creation,
    PartRecord,
    PartState,
    PlannedPart,
    SourceFile,
    SubmissionPlan,
    SubmissionRecord,
    is_group,
)

RECORDS = """
    SELECT batch_id, label, note, source_path, source_sha256, source_bytes, group_id, part_number,
        made_at, made_from, created_at, first_seen_at,
        (SELECT json_group_array(parent_id) FROM parents
            WHERE parents.batch_id = batches.batch_id)
    FROM batches WHERE batch_id IN (SELECT value FROM json_each(?))"""
"""What `to_record` reads, in its order, of a list of ids as JSON."""
PLANS = """
    SELECT submission_id, label, source_path, source_sha256, source_bytes, parents, betas, scope,
        made_from, made_at, given_up_at, reported_at FROM submissions"""
"""What `to_submission` reads, in its order."""
PARTS = """
    SELECT number, first_request, requests, body_bytes, source_offset, state, sending_at, sent_at,
        batch_id, detail, server_offset, seen_before FROM parts WHERE submission_id = ?
    ORDER BY number"""
"""What it reads besides."""


_decode_texts = msgspec.json.Decoder(tuple[str, ...]).decode
MAX_LABEL = 200
"""Characters of a label that are kept."""


def clean_label(text: str) -> str:
    """Return a label as it is kept: one line, at most `MAX_LABEL` characters, storable."""
    return storable(" ".join(text.split()))[:MAX_LABEL]


def to_record(row: Sequence[Value]) -> BatchRecord:
    """Make a record of one row of `RECORDS`."""
    return BatchRecord(
        batch_id=to_text(row[0]),
        label=to_text(row[1]),
        note=to_text(row[2]),
        source=to_source(row[3], row[4], row[5]),
        group_id=to_text(row[6]) or None,
        part_number=row[7] if isinstance(row[7], int) else None,
        made_at=to_moment(row[8]),
        made_from=to_text(row[9]),
        created_at=to_moment(row[10]),
        first_seen_at=to_moment(row[11]) or NEVER,
        parents=tuple(sorted(_to_texts(row[12]))),
    )


def to_source(path: Value, sha256: Value, size: Value) -> SourceFile | None:
    """Make a source file of its three columns; ``None`` where there is none."""
    if not isinstance(path, bytes):
        return None
    return SourceFile(Path(os.fsdecode(path)), to_text(sha256), to_int(size))


def insert_creation(connection: sqlite3.Connection, creation: Creation) -> None:
    """Write a creation within an open transaction; what the user named stays."""
    batch_id = storable(creation.batch_id)
    made_at = to_micros(creation.made_at)
    connection.execute(
        "INSERT INTO batches (batch_id, first_seen_at, label, group_id, part_number, made_at,"
        " made_from) VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (batch_id) DO UPDATE SET"
        " label = CASE label WHEN '' THEN excluded.label ELSE label END,"
        " group_id = excluded.group_id, part_number = excluded.part_number,"
        " made_at = COALESCE(made_at, excluded.made_at), made_from = excluded.made_from",
        (
            batch_id,
            made_at,
            clean_label(creation.label),
            creation.group_id,
            creation.part_number,
            made_at,
            storable(creation.made_from),
        ),
    )
    connection.executemany(
        "INSERT OR IGNORE INTO parents (batch_id, parent_id) VALUES (?, ?)",
        [(batch_id, storable(parent)) for parent in creation.parents],
    )
    if creation.source is not None:
        set_source(connection, batch_id, creation.source, creation.made_at)


def set_source(
    connection: sqlite3.Connection, batch_id: str, source: SourceFile, now: datetime
) -> None:
    """Write a source file within an open transaction."""
    connection.execute(
        "INSERT INTO batches (batch_id, first_seen_at, source_path, source_sha256, source_bytes)"
        " VALUES (?, ?, ?, ?, ?) ON CONFLICT (batch_id) DO UPDATE SET"
        " source_path = excluded.source_path, source_sha256 = excluded.source_sha256,"
        " source_bytes = excluded.source_bytes",
        (batch_id, to_micros(now), os.fsencode(source.path), source.sha256, source.size),
    )


def ids_as_json(batch_ids: Iterable[str]) -> str:
    """Write ids as one value of a statement, so that it reads the same for any number of them."""
    return json.dumps([storable(batch_id) for batch_id in batch_ids])


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
        parents=_to_texts(row[5]),
        betas=_to_texts(row[6]),
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


def _to_texts(value: Value) -> tuple[str, ...]:
    """Turn a column that holds texts as JSON into them; a damaged one holds none."""
    try:
        return _decode_texts(to_text(value) or "[]")
    except (msgspec.MsgspecError, ValueError):
        return ()


def _to_state(value: Value) -> PartState:
    """Turn a column into a state; of a part with a damaged one a batch may have been made."""
    try:
        return PartState(to_text(value))
    except ValueError:
        return PartState.AMBIGUOUS


def _to_part(submission_id: str, row: Sequence[Value]) -> PartRecord:
    plan = PlannedPart(*(to_int(value) for value in row[:5]))
    return PartRecord(
        submission_id=submission_id,
        plan=plan,
        state=_to_state(row[5]),
        sending_at=to_moment(row[6]),
        sent_at=to_moment(row[7]),
        batch_id=to_text(row[8]) or None,
        detail=to_text(row[9]),
        server_offset=row[10] * MICROSECOND if isinstance(row[10], int) else None,
        seen_before=frozenset(_to_texts(row[11])),
    )
