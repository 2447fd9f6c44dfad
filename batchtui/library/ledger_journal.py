"""The journal of submissions: what is about to be sent is written down before it is sent.

With it, a submission that was interrupted at any moment continues without sending a part twice.
Every change of state names the states it may come from and says whether it took place, so that two
processes never both believe they own a part.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta

from batchtui.clock import Clock
from batchtui.library.ledger_database import (
    MICROSECOND,
    LedgerDatabase,
    storable,
    to_int,
    to_micros,
    to_text,
)
from batchtui.library.ledger_rows import (
    PARTS,
    PLANS,
    creation_of,
    insert_creation,
    insert_plan,
    to_submission,
)
from batchtui.library.ledger_values import (
    PartRecord,
    PartState,
    SubmissionPlan,
    SubmissionRecord,
)

_BEGIN = """
    UPDATE parts SET state = 'sending', detail = '', sending_at = ?, server_offset = ?,
        seen_before = ?
    WHERE submission_id = ? AND number = ? AND state IN ('planned', 'failed')"""
_MOVE = """
    UPDATE parts SET state = :state, detail = :detail, batch_id = :batch_id,
        sent_at = COALESCE(:sent_at, sent_at)
    WHERE submission_id = :id AND number = :number
        AND state IN (SELECT value FROM json_each(:sources))"""


_FOLLOWS: Mapping[PartState, Collection[PartState]] = {
    PartState.SENT: {PartState.SENDING},
    PartState.FAILED: {PartState.SENDING, PartState.SENT, PartState.REJECTED},
    PartState.REFUSED: {PartState.SENDING, PartState.SENT},
    PartState.REJECTED: {PartState.SENDING, PartState.SENT},
    PartState.AMBIGUOUS: {
        PartState.SENDING,
        PartState.SENT,
        PartState.REJECTED,
        PartState.PROBABLE,
    },
    PartState.PROBABLE: {PartState.SENT, PartState.AMBIGUOUS, PartState.REJECTED},
    PartState.PLANNED: {
        PartState.SENDING,
        PartState.SENT,
        PartState.AMBIGUOUS,
        PartState.PROBABLE,
        PartState.REJECTED,
    },
}
"""The states that each may follow, of those that a part is moved to with nothing else."""


class Journal:
    """Submissions and their parts, over the ledger's file."""

    def __init__(self, database: LedgerDatabase, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def plan(self, plan: SubmissionPlan, *, known: Collection[str] | None = None) -> bool:
        """Write down a submission, all parts ``planned``.

        Args:
            plan: The submission.
            known: The submissions of the same contents that the user knows of; None for any.

        Returns:
            False, and nothing is written, if there is another of the same contents by now.

        Raises:
            LedgerError: It cannot be written, or the id is taken.
        """
        with self._database.write() as connection:
            others = connection.execute(
                "SELECT submission_id FROM submissions WHERE source_sha256 = ?",
                (plan.source.sha256,),
            ).fetchall()
            if known is not None and any(to_text(row[0]) not in known for row in others):
                return False
            insert_plan(connection, plan, self._clock.now())
        return True

    def submission(self, submission_id: str) -> SubmissionRecord | None:
        """Return one submission, or ``None``."""
        found = self._read(PLANS + " WHERE submission_id = ?", submission_id)
        return found[0] if found else None

    def submissions(self, *, open_only: bool = False) -> tuple[SubmissionRecord, ...]:
        """Return all submissions, or those with something left to do; the latest first."""
        found = self._read(PLANS + " ORDER BY made_at DESC, submission_id")
        return tuple(record for record in found if record.is_open or not open_only)

    def submissions_of(self, sha256: str) -> tuple[SubmissionRecord, ...]:
        """Return the submissions of a file's contents, the latest first.

        Args:
            sha256: Of the file's bytes.
        """
        return self._read(
            PLANS + " WHERE source_sha256 = ? ORDER BY made_at DESC, submission_id", sha256
        )

    def unresolved_parts(self) -> tuple[PartRecord, ...]:
        """Return the parts of which nobody knows whether a batch was made."""
        return tuple(
            part
            for record in self.submissions()
            if record.given_up_at is None
            for part in record.parts
            if part.state.is_unresolved
        )

    def taken_ids(self) -> frozenset[str]:
        """Return the batches that stand for a part."""
        rows = self._database.read("SELECT batch_id FROM parts WHERE batch_id IS NOT NULL")
        return frozenset(to_text(row[0]) for row in rows)

    def begin_sending(
        self,
        submission_id: str,
        number: int,
        *,
        server_offset: timedelta | None = None,
        seen_before: Iterable[str] = (),
    ) -> bool:
        """Announce a part, before its first byte goes out.

        Args:
            submission_id: Of the submission.
            number: Of the part.
            server_offset: How far the server's clock is ahead now, where known.
            seen_before: Batches that cannot be the part's: they are in the list already.

        Returns:
            False if it is not ``planned`` or ``failed``: somebody else has it, or it is done.
        """
        values = (
            to_micros(self._clock.now()),
            None if server_offset is None else server_offset // MICROSECOND,
            json.dumps(sorted(seen_before)),
            submission_id,
            number,
        )
        with self._database.write() as connection:
            return connection.execute(_BEGIN, values).rowcount == 1

    def mark_sent(self, submission_id: str, number: int) -> bool:
        """Note that the body's last byte is about to go out; from here a batch may exist."""
        sent_at = to_micros(self._clock.now())
        return self._move(submission_id, number, PartState.SENT, sent_at=sent_at)

    def mark_failed(self, submission_id: str, number: int, detail: str) -> bool:
        """Note that no batch was made, for certain; the part may be sent again."""
        return self._move(submission_id, number, PartState.FAILED, detail=detail)

    def mark_refused(self, submission_id: str, number: int, detail: str) -> bool:
        """Note that the server refused a part for good: it made no batch, and never will."""
        return self._move(submission_id, number, PartState.REFUSED, detail=detail)

    def mark_rejected(self, submission_id: str, number: int, detail: str) -> bool:
        """Note that the API answered a part with an error of its own."""
        return self._move(submission_id, number, PartState.REJECTED, detail=detail)

    def mark_ambiguous(self, submission_id: str, number: int, detail: str) -> bool:
        """Note that a batch may have been made that nobody knows of."""
        return self._move(submission_id, number, PartState.AMBIGUOUS, detail=detail)

    def mark_probable(self, submission_id: str, number: int, batch_id: str) -> bool:
        """Note the one batch that may be a part's; others cannot be taken for it.

        Raises:
            LedgerError: Another part has this batch, or nothing can be written.
        """
        return self._move(submission_id, number, PartState.PROBABLE, batch_id=storable(batch_id))

    def release(self, submission_id: str, number: int) -> bool:
        """Put a part that is not done back to ``planned``: it made no batch."""
        return self._move(submission_id, number, PartState.PLANNED)

    def complete(
        self, submission_id: str, number: int, batch_id: str, *, adopted: bool = False
    ) -> bool:
        """Note the batch that stands for a part, and the batch's creation, in one transaction.

        Args:
            submission_id: Of the submission.
            number: Of the part.
            batch_id: The batch made, or found.
            adopted: It was found in the list rather than in the answer to the create.

        Returns:
            False if the part already has a batch.

        Raises:
            LedgerError: Another part has this batch, or nothing can be written.
        """
        record = self.submission(submission_id)
        if record is None:
            return False
        state = PartState.ADOPTED if adopted else PartState.CREATED
        with self._database.write() as connection:
            cursor = connection.execute(
                "UPDATE parts SET state = ?, batch_id = ?, detail = ''"
                " WHERE submission_id = ? AND number = ? AND (batch_id IS NULL OR state = ?)",
                (state.value, storable(batch_id), submission_id, number, PartState.PROBABLE.value),
            )
            if cursor.rowcount == 1:
                sent_at = record.parts[number - 1].sent_at if adopted else None
                made_at = sent_at or self._clock.now()
                insert_creation(connection, creation_of(record, number, batch_id, made_at))
            return cursor.rowcount == 1

    def note_canary(self, source_sha256: str, requests: int, canary_sha256: str) -> None:
        """Write down, before it is sent, that some requests of a file go first."""
        with self._database.write() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO canaries VALUES (?, ?, ?, ?)",
                (source_sha256, requests, canary_sha256, to_micros(self._clock.now())),
            )

    def canaries(self, source_sha256: str) -> tuple[tuple[int, str], ...]:
        """Return size and contents of the canaries that were written for a file, latest first."""
        rows = self._database.read(
            "SELECT requests, canary_sha256 FROM canaries WHERE source_sha256 = ?"
            " ORDER BY noted_at DESC",
            (source_sha256,),
        )
        return tuple((to_int(row[0]), to_text(row[1])) for row in rows)

    def mark_reported(self, submission_id: str) -> None:
        """Note that the user was shown all that a submission made."""
        with self._database.write() as connection:
            connection.execute(
                "UPDATE submissions SET reported_at = ?"
                " WHERE submission_id = ? AND reported_at IS NULL",
                (to_micros(self._clock.now()), submission_id),
            )

    def give_up(self, submission_id: str) -> None:
        """Note that the user will not continue a submission."""
        with self._database.write() as connection:
            connection.execute(
                "UPDATE submissions SET given_up_at = ? WHERE submission_id = ?",
                (to_micros(self._clock.now()), submission_id),
            )

    def _move(
        self,
        submission_id: str,
        number: int,
        target: PartState,
        *,
        detail: str = "",
        batch_id: str | None = None,
        sent_at: int | None = None,
    ) -> bool:
        """Change a part's state if it may follow the one it is in.

        Of the states that a part moves to here, only ``probable`` has a batch.
        """
        values = {
            "id": submission_id,
            "number": number,
            "sources": json.dumps([state.value for state in _FOLLOWS[target]]),
            "state": target.value,
            "detail": storable(detail),
            "batch_id": batch_id,
            "sent_at": sent_at,
        }
        with self._database.write() as connection:
            return connection.execute(_MOVE, values).rowcount == 1

    def _read(self, statement: str, *values: str) -> tuple[SubmissionRecord, ...]:
        """Read the submissions of a statement that begins with `PLANS`."""
        rows = self._database.read(statement, values)
        return tuple(
            to_submission(row, self._database.read(PARTS, (to_text(row[0]),))) for row in rows
        )
