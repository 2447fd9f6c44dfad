"""Rows of the ledger's ``batches`` table to values and back."""

import json
import os
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime
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
from batchtui.library.ledger_values import BatchRecord, Creation, SourceFile

RECORDS = """
    SELECT batch_id, label, note, source_path, source_sha256, source_bytes, group_id, part_number,
        made_at, made_from, created_at, first_seen_at, gone_at,
        (SELECT json_group_array(parent_id) FROM parents
            WHERE parents.batch_id = batches.batch_id)
    FROM batches WHERE batch_id IN (SELECT value FROM json_each(?))"""
"""What `to_record` reads, in its order, of a list of ids as JSON."""


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
        gone_at=to_moment(row[12]),
        parents=tuple(sorted(json.loads(to_text(row[13]) or "[]"))),
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
