"""The ledger's account of what was removed from this disk; what is there, the store knows."""

from collections.abc import Iterable

from batchtui.clock import Clock
from batchtui.library.ledger_database import (
    NEVER,
    LedgerDatabase,
    storable,
    to_int,
    to_micros,
    to_moment,
    to_text,
)
from batchtui.library.ledger_values import Purge


class LedgerFiles:
    """Purges, over the ledger's file."""

    def __init__(self, database: LedgerDatabase, clock: Clock) -> None:
        self._database = database
        self._clock = clock

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
