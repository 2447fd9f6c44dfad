"""The ledger: what this disk knows of batches that the server does not.

Labels, notes, verdicts, lineage, source files, which ends were already announced, and the journal
of submissions. Synchronous and quick; a screen calls it through ``asyncio.to_thread``. Safe from
several threads and several processes at once. Every method may raise
`batchtui.library.ledger_database.LedgerError`.
"""

import os
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

from batchtui.clock import Clock, SystemClock
from batchtui.library.ledger_database import (
    LedgerDatabase,
    damaged_at,
    storable,
    to_micros,
    to_text,
)
from batchtui.library.ledger_journal import Journal
from batchtui.library.ledger_rows import (
    RECORDS,
    clean_label,
    ids_as_json,
    set_source,
    to_record,
    to_source,
)
from batchtui.library.ledger_values import (
    BatchRecord,
    Lineage,
    SourceFile,
    SourceUse,
)
from batchtui.library.reviews import Reviews
from batchtui.library.seen_batches import SeenBatches
from batchtui.library.token_uses import TokenUses

_SET_LABEL = """
    INSERT INTO batches (batch_id, first_seen_at, label) VALUES (?, ?, ?)
    ON CONFLICT (batch_id) DO UPDATE SET label = excluded.label"""
_SET_NOTE = """
    INSERT INTO batches (batch_id, first_seen_at, note) VALUES (?, ?, ?)
    ON CONFLICT (batch_id) DO UPDATE SET note = excluded.note"""
_LINE = """
    WITH RECURSIVE line (batch_id) AS (
        SELECT ?
        UNION SELECT parent_id FROM parents JOIN line USING (batch_id)
        UNION SELECT parents.batch_id FROM parents JOIN line ON parents.parent_id = line.batch_id
        UNION SELECT mate.batch_id FROM line JOIN batches AS self USING (batch_id)
            JOIN batches AS mate ON mate.group_id = self.group_id
    ) SELECT batch_id FROM line"""
_MOST_ALIKE = 10
"""Ids of one beginning that are told; more would help nobody."""


class Ledger:
    """What is known of batches, kept in one SQLite file per profile.

    Attributes:
        path: The file; None where everything is kept in memory.
        problem: What the user must know about the opening (a damaged file was set aside, nothing
            can be written), or "".
        refusal: Why nothing can be written, or "".
        seen: The batches as the server showed them.
        journal: The journal of submissions.
        token_uses: What requests came to in tokens.
        reviews: What was said of answers.
    """

    def __init__(
        self, path: Path | None, *, clock: Clock | None = None, must_write: bool = True
    ) -> None:
        """Open the ledger, making or migrating the file as needed.

        Args:
            path: The file; ``None`` keeps everything in memory, for when no file can be had.
            clock: What time it is.
            must_write: Whether to fail where nothing can be written. Otherwise what is there is
                read, what the server shows is not remembered, and all else refuses to be written.

        Raises:
            LedgerTooNewError: The file was written by a newer version of this program.
            LedgerError: The file cannot be opened, made or written.
        """
        self.path = path
        self._clock = clock or SystemClock()
        self._database = LedgerDatabase(path, must_write=must_write)
        self.problem = self._database.problem
        self.refusal = self._database.refusal
        self.seen = SeenBatches(self._database, self._clock)
        self.journal = Journal(self._database, self._clock)
        self.token_uses = TokenUses(self._database, self.journal)
        self.reviews = Reviews(self._database, self._clock)

    @property
    def damaged_at(self) -> datetime | None:
        """When a damaged file was set aside: what was sent before is not known. Else None."""
        return damaged_at(self.path) if self.path else None

    def close(self) -> None:
        """Close the file. The ledger cannot be used afterwards."""
        self._database.close()

    # What the user says

    def labels(self, batch_ids: Iterable[str] | None = None) -> Mapping[str, str]:
        """Return the labels that are not empty, of the ids asked for or of all batches."""
        rows = self._database.read(
            "SELECT batch_id, label FROM batches WHERE label != ''"
            " AND (?1 IS NULL OR batch_id IN (SELECT value FROM json_each(?1)))",
            (None if batch_ids is None else ids_as_json(batch_ids),),
        )
        return {to_text(row[0]): to_text(row[1]) for row in rows}

    def labeled(self, label: str) -> tuple[str, ...]:
        """Return the batches of a label, whatever its case, newest first.

        Those that are known to be gone count only where there is no other.
        """
        rows = self._database.read(
            "SELECT batch_id, gone_at FROM batches WHERE label = ? COLLATE NOCASE AND label != ''"
            " ORDER BY COALESCE(created_at, made_at, first_seen_at) DESC",
            (clean_label(label),),
        )
        there = [row for row in rows if row[1] is None]
        return tuple(to_text(row[0]) for row in there or rows)

    def ids_beginning(self, beginning: str) -> tuple[str, ...]:
        """Return some ids that begin so, of batches not known to be gone, newest first."""
        text = storable(beginning)
        rows = self._database.read(
            "SELECT batch_id FROM batches WHERE substr(batch_id, 1, ?) = ? AND gone_at IS NULL"
            " ORDER BY COALESCE(created_at, made_at, first_seen_at) DESC LIMIT ?",
            (len(text), text, _MOST_ALIKE),
        )
        return tuple(to_text(row[0]) for row in rows)

    def set_label(self, batch_id: str, label: str) -> str:
        """Name a batch; an empty label takes the name away.

        Returns:
            The label as kept: one line, at most `ledger_rows.MAX_LABEL` characters.
        """
        kept = clean_label(label)
        self._set_text(_SET_LABEL, batch_id, kept)
        return kept

    def set_note(self, batch_id: str, note: str) -> None:
        """Keep a note on a batch; an empty one takes it away."""
        self._set_text(_SET_NOTE, batch_id, note.strip())

    # What it was made from, and what from it

    def record(self, batch_id: str) -> BatchRecord | None:
        """Return all that is known of one batch, or ``None`` if it was never heard of."""
        return self.records((batch_id,)).get(batch_id)

    def records(self, batch_ids: Iterable[str]) -> Mapping[str, BatchRecord]:
        """Return all that is known of several batches; unknown ids are left out."""
        rows = self._database.read(RECORDS, (ids_as_json(batch_ids),))
        return {record.batch_id: record for record in map(to_record, rows)}

    def attach_source(self, batch_id: str, source: SourceFile) -> None:
        """Say which request file a batch was made from."""
        with self._database.write() as connection:
            set_source(connection, storable(batch_id), source, self._clock.now())

    def attach_to_file(self, subject: str, source: SourceFile) -> None:
        """Say which request file a results file answers.

        Args:
            subject: What the results file is named by; see `reviews.file_subject`.
            source: The requests.
        """
        with self._database.write() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO file_sources VALUES (?, ?, ?, ?)",
                (storable(subject), os.fsencode(source.path), source.sha256, source.size),
            )

    def source_of(self, subject: str) -> SourceFile | None:
        """Return the request file of a batch, by its id, or of a results file, by its subject."""
        record = self.record(subject)
        if record is not None:
            return record.source
        rows = self._database.read(
            "SELECT source_path, source_sha256, source_bytes FROM file_sources WHERE subject = ?",
            (storable(subject),),
        )
        return next((to_source(*row) for row in rows), None)

    def made_from(self, sha256: str) -> tuple[SourceUse, ...]:
        """Return the batches made from a file of these contents, the latest first.

        Those that are gone from the server are left out. What was sent from here stays known,
        whatever file was attached since.

        Args:
            sha256: Of the file's bytes.
        """
        rows = self._database.read(
            "SELECT batch_id, raw FROM batches WHERE gone_at IS NULL AND"
            " (source_sha256 = ?1 OR batch_id IN (SELECT parts.batch_id FROM parts"
            " JOIN submissions USING (submission_id) WHERE submissions.source_sha256 = ?1))"
            " ORDER BY COALESCE(made_at, created_at, first_seen_at) DESC, batch_id DESC",
            (sha256,),
        )
        records = self.records(to_text(row[0]) for row in rows)
        return tuple(
            SourceUse(records[batch_id], row[1] if isinstance(row[1], bytes) else b"")
            for row in rows
            if (batch_id := to_text(row[0])) in records
        )

    def lineage(self, batch_id: str) -> Lineage:
        """Return the whole line of tries a batch belongs to, oldest first.

        The line follows parents and children, and the parts of one split file.
        """
        rows = self._database.read(_LINE, (storable(batch_id),))
        records = self.records(to_text(row[0]) for row in rows)
        tries = sorted(records.values(), key=_age)
        return Lineage(batch_id, tuple(tries))

    # What was announced

    def claim_notification(self, batch_id: str) -> bool:
        """Ask for the right to announce that a batch ended.

        Returns:
            True exactly once per batch, over all processes and restarts; always where nothing can
            be written.
        """
        if self.refusal:
            return True
        with self._database.write() as connection:
            cursor = connection.execute(
                "INSERT OR IGNORE INTO notified (batch_id, claimed_at) VALUES (?, ?)",
                (storable(batch_id), to_micros(self._clock.now())),
            )
            return cursor.rowcount == 1

    def _set_text(self, statement: str, batch_id: str, text: str) -> None:
        with self._database.write() as connection:
            connection.execute(
                statement,
                (storable(batch_id), to_micros(self._clock.now()), storable(text)),
            )


def _age(record: BatchRecord) -> tuple[datetime, int, str]:
    moment = record.created_at or record.made_at or record.first_seen_at
    return moment, record.part_number or 0, record.batch_id
