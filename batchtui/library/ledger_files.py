"""The ledger's account of files: results that lie here complete, and what was removed."""

import os
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from batchtui.clock import Clock
from batchtui.library.ledger_database import (
    LedgerDatabase,
    Value,
    storable,
    to_int,
    to_micros,
    to_moment,
    to_text,
)
from batchtui.library.ledger_values import Download, Purge

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class LedgerFiles:
    """Downloads and purges, over the ledger's file."""

    def __init__(self, database: LedgerDatabase, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def record_download(self, download: Download) -> None:
        """Write down that results lie here complete; an older copy's entry is replaced."""
        with self._database.write() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO downloads"
                " (batch_id, path, size, lines, sha256, finished_at) VALUES (?, ?, ?, ?, ?, ?)",
                (
                    storable(download.batch_id),
                    os.fsencode(download.path),
                    download.size,
                    download.lines,
                    download.sha256,
                    to_micros(download.finished_at),
                ),
            )

    def downloads(self) -> Mapping[str, Download]:
        """Return every download by batch."""
        rows = self._database.read(
            "SELECT batch_id, path, size, lines, sha256, finished_at FROM downloads"
        )
        return {to_text(row[0]): _to_download(row) for row in rows}

    def download(self, batch_id: str) -> Download | None:
        """Return one batch's download, or ``None``."""
        rows = self._database.read(
            "SELECT batch_id, path, size, lines, sha256, finished_at FROM downloads"
            " WHERE batch_id = ?",
            (storable(batch_id),),
        )
        return _to_download(rows[0]) if rows else None

    def record_purges(self, purges: Iterable[Purge]) -> None:
        """Write down what was removed; the batches' downloads are forgotten with it."""
        rows = [
            (storable(p.batch_id), storable(p.what), p.size, to_micros(p.purged_at)) for p in purges
        ]
        with self._database.write() as connection:
            connection.executemany(
                "INSERT INTO purges (batch_id, what, size, purged_at) VALUES (?, ?, ?, ?)", rows
            )
            connection.executemany(
                "DELETE FROM downloads WHERE batch_id = ?", [(row[0],) for row in rows]
            )

    def purges(self, limit: int = 100) -> tuple[Purge, ...]:
        """Return what was removed, the latest first."""
        rows = self._database.read(
            "SELECT batch_id, what, size, purged_at FROM purges ORDER BY number DESC LIMIT ?",
            (limit,),
        )
        return tuple(
            Purge(to_text(row[0]), to_text(row[1]), to_int(row[2]), to_moment(row[3]) or _NEVER)
            for row in rows
        )


def _to_download(row: tuple[Value, ...]) -> Download:
    path = row[1] if isinstance(row[1], bytes) else b""
    return Download(
        batch_id=to_text(row[0]),
        path=Path(os.fsdecode(path)),
        size=to_int(row[2]),
        lines=to_int(row[3]),
        sha256=to_text(row[4]),
        finished_at=to_moment(row[5]) or _NEVER,
    )
