"""What the requests of batches came to in tokens, as measured on their results."""

from batchtui.library.ledger_database import LedgerDatabase, storable, to_int, to_text
from batchtui.library.ledger_journal import Journal
from batchtui.library.ledger_values import PartRecord, TokenUseRecord


class TokenUses:
    """Measurements of the batches that submissions made, over the ledger's file."""

    def __init__(self, database: LedgerDatabase, journal: Journal) -> None:
        self._database = database
        self._journal = journal

    def unmeasured_parts(self) -> tuple[PartRecord, ...]:
        """Return the parts with a batch whose tokens were not measured, the latest first."""
        rows = self._database.read(
            "SELECT batch_id FROM parts WHERE batch_id IS NOT NULL"
            " AND batch_id NOT IN (SELECT batch_id FROM token_uses)"
        )
        wanted = {to_text(row[0]) for row in rows}
        if not wanted:
            return ()
        return tuple(
            part
            for record in self._journal.submissions()
            for part in record.parts
            if part.batch_id in wanted and part.state.is_done
        )

    def note(self, use: TokenUseRecord) -> None:
        """Keep what the requests of a batch came to."""
        with self._database.write() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO token_uses VALUES (?, ?, ?, ?, ?, ?)",
                (
                    storable(use.batch_id),
                    storable(use.model),
                    use.requests,
                    use.size,
                    use.input_tokens,
                    use.output_tokens,
                ),
            )

    def known(self) -> list[TokenUseRecord]:
        """Return what was measured, with whatever key: how long a text is depends on none."""
        rows = self._database.read(
            "SELECT batch_id, model, requests, size, input_tokens, output_tokens"
            " FROM token_uses WHERE size > 0"
        )
        return [
            TokenUseRecord(to_text(row[0]), to_text(row[1]), *map(to_int, row[2:])) for row in rows
        ]
