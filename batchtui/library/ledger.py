"""The ledger: what this disk knows of batches that the server does not.

Labels, notes, lineage, source files, which ends were already told, and the journal of
submissions. Synchronous and quick; a screen calls it through ``asyncio.to_thread``. Safe from
several threads and several processes at once. Every method may raise
`batchtui.library.ledger_database.LedgerError`.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from batchtui.clock import Clock, SystemClock
from batchtui.library.ledger_database import (
    NEVER,
    LedgerDatabase,
    LedgerError,
    Value,
    damaged_at,
    storable,
    to_int,
    to_micros,
    to_moment,
    to_text,
)
from batchtui.library.ledger_journal import Journal
from batchtui.library.ledger_rows import RECORDS, clean_label, set_source, to_record
from batchtui.library.ledger_values import (
    BatchRecord,
    EndedBatch,
    Lineage,
    Purge,
    SeenBatch,
    SourceFile,
    SourceUse,
)
from batchtui.library.reviews import Reviews
from batchtui.library.token_uses import TokenUses

_UPSERT_SEEN = """
    INSERT INTO batches (batch_id, scope, raw, created_at, ended_at, requests, first_seen_at)
    VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (batch_id) DO UPDATE SET scope = excluded.scope, raw = excluded.raw,
        created_at = excluded.created_at, ended_at = excluded.ended_at,
        requests = excluded.requests, gone_at = NULL
    WHERE raw IS NOT excluded.raw OR ended_at IS NOT excluded.ended_at
        OR scope IS NOT excluded.scope OR gone_at IS NOT NULL"""
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


_SEEN = (
    "SELECT batch_id, raw, created_at, ended_at, requests FROM batches"
    " WHERE scope = ? AND raw IS NOT NULL AND gone_at IS NULL"
)


class Ledger:
    """What is known of batches, kept in one SQLite file per profile.

    Attributes:
        path: The file; None where everything is kept in memory.
        problem: What the user must be told about the opening (a damaged file was set aside, nothing
            can be written), or "".
        refusal: Why nothing can be written, or "".
        unsaved: Why what the server showed could not be remembered, or "".
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
        self.unsaved = ""
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

    # What the server showed

    def remember_batches(self, batches: Iterable[SeenBatch], *, scope: str = "") -> None:
        """Keep what a list showed; cheap when nothing changed.

        Never in the way: where it cannot be written, `unsaved` says why.

        Args:
            batches: As seen just now. One that was thought gone is back.
            scope: The account they belong to (base URL and workspace, say), so that `last_list`
                never shows another account's batches.
        """
        now = to_micros(self._clock.now())
        rows = [
            (
                storable(batch.batch_id),
                scope,
                batch.raw,
                to_micros(batch.created_at),
                to_micros(batch.ended_at),
                batch.requests,
                now,
            )
            for batch in batches
        ]
        with self._tolerant(), self._database.write() as connection:
            connection.executemany(_UPSERT_SEEN, rows)

    def last_list(self, limit: int = 1000, *, scope: str = "") -> tuple[SeenBatch, ...]:
        """Return the batches as last seen, newest first, for the first frame at start."""
        rows = self._database.read(
            f"{_SEEN} ORDER BY created_at DESC, batch_id DESC LIMIT ?", (scope, limit)
        )
        return tuple(map(_to_seen, rows))

    def seen_between(
        self, start: datetime, end: datetime, *, scope: str = "", limit: int = 100_000
    ) -> tuple[SeenBatch, ...]:
        """Return the batches that were created between two moments as last seen, oldest first."""
        rows = self._database.read(
            f"{_SEEN} AND created_at BETWEEN ? AND ? ORDER BY created_at, batch_id LIMIT ?",
            (scope, to_micros(start), to_micros(end), limit),
        )
        return tuple(map(_to_seen, rows))

    def recent_ids(self, limit: int = 1000) -> tuple[str, ...]:
        """Return the ids of batches that are not known to be gone, newest first, of any account."""
        rows = self._database.read(
            "SELECT batch_id FROM batches WHERE gone_at IS NULL"
            " ORDER BY created_at DESC, batch_id DESC LIMIT ?",
            (limit,),
        )
        return tuple(to_text(row[0]) for row in rows)

    def ended_durations(self, limit: int = 500, *, scope: str = "") -> tuple[EndedBatch, ...]:
        """Return how long ended batches took, the latest first; garbage times are left out."""
        rows = self._database.read(
            "SELECT requests, created_at, ended_at FROM batches"
            " WHERE scope = ? AND ended_at >= created_at ORDER BY created_at DESC LIMIT ?",
            (scope, limit),
        )
        found = []
        for requests, created, ended in rows:
            began, over = to_moment(created), to_moment(ended)
            if began is not None and over is not None:
                found.append(EndedBatch(to_int(requests), over - began))
        return tuple(found)

    def mark_gone(self, batch_ids: Iterable[str]) -> None:
        """Note that batches were deleted on the server; their labels and lineage stay.

        Like `remember_batches` it is never in the way.
        """
        now = to_micros(self._clock.now())
        with self._tolerant(), self._database.write() as connection:
            connection.executemany(
                "UPDATE batches SET gone_at = ? WHERE batch_id = ? AND gone_at IS NULL",
                [(now, storable(batch_id)) for batch_id in batch_ids],
            )

    def known_ids(self, batch_ids: Iterable[str]) -> frozenset[str]:
        """Return those of the ids that were seen or made before."""
        rows = self._database.read(
            "SELECT batch_id FROM batches WHERE batch_id IN (SELECT value FROM json_each(?))",
            (_as_list(batch_ids),),
        )
        return frozenset(to_text(row[0]) for row in rows)

    # What the user says

    def labels(self, batch_ids: Iterable[str] | None = None) -> Mapping[str, str]:
        """Return the labels that are not empty, of the ids asked for or of all batches."""
        rows = self._database.read(
            "SELECT batch_id, label FROM batches WHERE label != ''"
            " AND (?1 IS NULL OR batch_id IN (SELECT value FROM json_each(?1)))",
            (None if batch_ids is None else _as_list(batch_ids),),
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

    def ids_beginning(self, beginning: str, limit: int = 10) -> tuple[str, ...]:
        """Return ids that begin so, of batches that are not known to be gone, newest first."""
        text = storable(beginning)
        rows = self._database.read(
            "SELECT batch_id FROM batches WHERE substr(batch_id, 1, ?) = ? AND gone_at IS NULL"
            " ORDER BY COALESCE(created_at, made_at, first_seen_at) DESC LIMIT ?",
            (len(text), text, limit),
        )
        return tuple(to_text(row[0]) for row in rows)

    def set_label(self, batch_id: str, label: str) -> str:
        """Name a batch; an empty label takes the name away.

        Returns:
            The label as kept: one line, at most `ledger_rows.MAX_LABEL` characters.
        """
        kept = clean_label(label)
        self._say(_SET_LABEL, batch_id, kept)
        return kept

    def set_note(self, batch_id: str, note: str) -> None:
        """Keep a note on a batch; an empty one takes it away."""
        self._say(_SET_NOTE, batch_id, note.strip())

    # What it was made from, and what from it

    def record(self, batch_id: str) -> BatchRecord | None:
        """Return all that is known of one batch, or ``None`` if it was never heard of."""
        return self.records((batch_id,)).get(batch_id)

    def records(self, batch_ids: Iterable[str]) -> Mapping[str, BatchRecord]:
        """Return all that is known of several batches; unknown ids are left out."""
        rows = self._database.read(RECORDS, (_as_list(batch_ids),))
        return {record.batch_id: record for record in map(to_record, rows)}

    def attach_source(self, batch_id: str, source: SourceFile) -> None:
        """Say which request file a batch was made from."""
        with self._database.write() as connection:
            set_source(connection, storable(batch_id), source, self._clock.now())

    def made_from(self, sha256: str) -> tuple[SourceUse, ...]:
        """Return the batches made from a file of these contents, the latest first.

        Those that are gone from the server are left out.

        Args:
            sha256: Of the file's bytes.
        """
        rows = self._database.read(
            "SELECT batch_id, raw FROM batches WHERE source_sha256 = ? AND gone_at IS NULL"
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

    def groups(self, batch_ids: Iterable[str]) -> Mapping[str, tuple[str, int]]:
        """Return, for the ids that are parts of a split file, the group's id and part number."""
        rows = self._database.read(
            "SELECT batch_id, group_id, COALESCE(part_number, 0) FROM batches"
            " WHERE group_id != '' AND batch_id IN (SELECT value FROM json_each(?))",
            (_as_list(batch_ids),),
        )
        return {to_text(row[0]): (to_text(row[1]), to_int(row[2])) for row in rows}

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

    # What was removed from this disk

    def record_purges(self, purges: Iterable[Purge]) -> None:
        """Write down what was removed."""
        rows = [
            (storable(p.batch_id), storable(p.what), p.size, to_micros(p.purged_at)) for p in purges
        ]
        with self._database.write() as connection:
            connection.executemany(
                "INSERT INTO purges (batch_id, what, size, purged_at) VALUES (?, ?, ?, ?)", rows
            )

    def purges(self, limit: int = 100) -> tuple[Purge, ...]:
        """Return what was removed, the latest first."""
        rows = self._database.read(
            "SELECT batch_id, what, size, purged_at FROM purges ORDER BY number DESC LIMIT ?",
            (limit,),
        )
        return tuple(
            Purge(to_text(row[0]), to_text(row[1]), to_int(row[2]), to_moment(row[3]) or NEVER)
            for row in rows
        )

    @contextmanager
    def _tolerant(self) -> Iterator[None]:
        try:
            yield
        except LedgerError as error:
            self.unsaved = error.message

    def _say(self, statement: str, batch_id: str, text: str) -> None:
        with self._database.write() as connection:
            connection.execute(
                statement,
                (storable(batch_id), to_micros(self._clock.now()), storable(text)),
            )


def _to_seen(row: Sequence[Value]) -> SeenBatch:
    return SeenBatch(
        to_text(row[0]),
        row[1] if isinstance(row[1], bytes) else b"",
        to_moment(row[2]),
        to_moment(row[3]),
        to_int(row[4]),
    )


def _as_list(batch_ids: Iterable[str]) -> str:
    """Write ids as one value of a statement, so that it reads the same for any number of them."""
    return json.dumps([storable(batch_id) for batch_id in batch_ids])


def _age(record: BatchRecord) -> tuple[datetime, int, str]:
    moment = record.created_at or record.made_at or record.first_seen_at
    return moment, record.part_number or 0, record.batch_id
