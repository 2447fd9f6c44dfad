"""The batches as the server showed them last: for the next start, and for what expires soon."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from batchtui.clock import Clock
from batchtui.library.ledger_database import (
    LedgerDatabase,
    LedgerError,
    Value,
    storable,
    to_int,
    to_micros,
    to_moment,
    to_text,
)
from batchtui.library.ledger_rows import ids_as_json
from batchtui.library.ledger_values import SeenBatch

_UPSERT = """
    INSERT INTO batches (batch_id, scope, raw, created_at, ended_at, requests, first_seen_at)
    VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (batch_id) DO UPDATE SET scope = excluded.scope, raw = excluded.raw,
        created_at = excluded.created_at, ended_at = excluded.ended_at,
        requests = excluded.requests, gone_at = NULL
    WHERE raw IS NOT excluded.raw OR ended_at IS NOT excluded.ended_at
        OR scope IS NOT excluded.scope OR gone_at IS NOT NULL"""
_SEEN_EVER = (
    "SELECT batch_id, raw, created_at, ended_at, requests FROM batches"
    " WHERE scope = ? AND raw IS NOT NULL"
)
_SEEN_OF = (
    "SELECT batch_id, raw, created_at, ended_at, requests FROM batches"
    " WHERE raw IS NOT NULL AND batch_id IN (SELECT value FROM json_each(?))"
)
_SEEN = f"{_SEEN_EVER} AND gone_at IS NULL"
_LATEST = 500
"""Ended batches that are enough to tell what is typical."""


class SeenBatches:
    """What the server showed of batches, over the ledger's file.

    Remembering is never in the way: where it cannot be written, `unsaved` says why.
    """

    def __init__(self, database: LedgerDatabase, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self.unsaved = ""
        """Why what the server showed could not be remembered, or ""."""

    def remember(self, batches: Iterable[SeenBatch], *, scope: str = "") -> None:
        """Keep what a list showed; cheap when nothing changed.

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
            connection.executemany(_UPSERT, rows)

    def last_list(self, limit: int = 1000, *, scope: str = "") -> tuple[SeenBatch, ...]:
        """Return the batches as last seen, newest first, for the first frame at start."""
        rows = self._database.read(
            f"{_SEEN} ORDER BY created_at DESC, batch_id DESC LIMIT ?", (scope, limit)
        )
        return tuple(map(_to_seen, rows))

    def of(self, batch_ids: Iterable[str]) -> tuple[SeenBatch, ...]:
        """Return these batches as last seen, of any account; those never seen are left out."""
        rows = self._database.read(_SEEN_OF, (ids_as_json(batch_ids),))
        return tuple(map(_to_seen, rows))

    def between(
        self, start: datetime, end: datetime, *, scope: str = "", limit: int = 100_000
    ) -> tuple[SeenBatch, ...]:
        """Return the batches that were created between two moments as last seen, oldest first."""
        rows = self._database.read(
            f"{_SEEN} AND created_at BETWEEN ? AND ? ORDER BY created_at, batch_id LIMIT ?",
            (scope, to_micros(start), to_micros(end), limit),
        )
        return tuple(map(_to_seen, rows))

    def recent_ids(self, limit: int = 1000) -> tuple[str, ...]:
        """Return the ids of batches that are not known to be gone, newest first, of any account.

        One that was made here and that no list has shown yet is as new as its making.
        """
        rows = self._database.read(
            "SELECT batch_id FROM batches WHERE gone_at IS NULL"
            " ORDER BY COALESCE(created_at, made_at, first_seen_at) DESC, batch_id DESC LIMIT ?",
            (limit,),
        )
        return tuple(to_text(row[0]) for row in rows)

    def ended(self, *, scope: str = "") -> tuple[SeenBatch, ...]:
        """Return the latest batches that ended, newest first, those that are gone by now as well.

        Those whose times are garbage are left out.
        """
        rows = self._database.read(
            f"{_SEEN_EVER} AND ended_at >= created_at ORDER BY created_at DESC LIMIT ?",
            (scope, _LATEST),
        )
        return tuple(map(_to_seen, rows))

    def mark_gone(self, batch_ids: Iterable[str]) -> None:
        """Note that batches were deleted on the server; their labels and lineage stay."""
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
            (ids_as_json(batch_ids),),
        )
        return frozenset(to_text(row[0]) for row in rows)

    @contextmanager
    def _tolerant(self) -> Iterator[None]:
        try:
            yield
        except LedgerError as error:
            self.unsaved = error.message


def _to_seen(row: Sequence[Value]) -> SeenBatch:
    return SeenBatch(
        to_text(row[0]),
        row[1] if isinstance(row[1], bytes) else b"",
        to_moment(row[2]),
        to_moment(row[3]),
        to_int(row[4]),
    )
