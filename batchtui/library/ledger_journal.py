"""The journal of submissions: what is about to be sent is written down before it is sent.

With it, a submission that was interrupted at any moment continues without sending a part twice.
Every change of state names the states it may come from and says whether it took place, so that two
processes never both believe they own a part.
"""

import json
import os
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from pathlib import Path

from batchtui.clock import Clock
from batchtui.library.ledger_database import (
    NEVER,
    LedgerDatabase,
    Value,
    storable,
    to_int,
    to_micros,
    to_moment,
    to_text,
)
from batchtui.library.ledger_rows import insert_creation
from batchtui.library.ledger_values import (
    Creation,
    PartRecord,
    PartState,
    PlannedPart,
    SourceFile,
    SubmissionPlan,
    SubmissionRecord,
    TokenUseRecord,
    is_group,
)

_PLANS = (
    "SELECT submission_id, label, source_path, source_sha256, source_bytes, parents, betas, scope,"
    " made_from, made_at, given_up_at, reported_at FROM submissions"
)
_PARTS = (
    "SELECT number, first_request, requests, body_bytes, source_offset, state, sending_at, sent_at,"
    " batch_id, detail, server_offset, seen_before FROM parts WHERE submission_id = ?"
    " ORDER BY number"
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

_MICROSECOND = timedelta(microseconds=1)


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
                    to_micros(self._clock.now()),
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
        return True

    def submission(self, submission_id: str) -> SubmissionRecord | None:
        """Return one submission, or ``None``."""
        rows = self._database.read(_PLANS + " WHERE submission_id = ?", (submission_id,))
        return self._to_submission(rows[0]) if rows else None

    def submissions(self, *, open_only: bool = False) -> tuple[SubmissionRecord, ...]:
        """Return all submissions, or those with something left to do; the latest first."""
        rows = self._database.read(_PLANS + " ORDER BY made_at DESC, submission_id")
        found = (self._to_submission(row) for row in rows)
        return tuple(record for record in found if record.is_open or not open_only)

    def submissions_of(self, sha256: str) -> tuple[SubmissionRecord, ...]:
        """Return the submissions of a file's contents, the latest first.

        Args:
            sha256: Of the file's bytes.
        """
        rows = self._database.read(
            _PLANS + " WHERE source_sha256 = ? ORDER BY made_at DESC, submission_id", (sha256,)
        )
        return tuple(self._to_submission(row) for row in rows)

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
            None if server_offset is None else server_offset // _MICROSECOND,
            json.dumps(sorted(seen_before)),
            submission_id,
            number,
        )
        with self._database.write() as connection:
            return connection.execute(_BEGIN, values).rowcount == 1

    def mark_sent(self, submission_id: str, number: int) -> bool:
        """Note that the body's last byte is about to go out; from here a batch may exist."""
        sent_at = to_micros(self._clock.now())
        return self._move(
            submission_id, number, (PartState.SENDING,), PartState.SENT, sent_at=sent_at
        )

    def mark_failed(self, submission_id: str, number: int, detail: str) -> bool:
        """Note that no batch was made, for certain; the part may be sent again."""
        states = (PartState.SENDING, PartState.SENT, PartState.REJECTED)
        return self._move(submission_id, number, states, PartState.FAILED, detail=detail)

    def mark_refused(self, submission_id: str, number: int, detail: str) -> bool:
        """Note that the server refused a part for good: it made no batch, and never will."""
        states = (PartState.SENDING, PartState.SENT)
        return self._move(submission_id, number, states, PartState.REFUSED, detail=detail)

    def mark_rejected(self, submission_id: str, number: int, detail: str) -> bool:
        """Note that the API answered a part with an error of its own."""
        states = (PartState.SENDING, PartState.SENT)
        return self._move(submission_id, number, states, PartState.REJECTED, detail=detail)

    def mark_ambiguous(self, submission_id: str, number: int, detail: str) -> bool:
        """Note that a batch may have been made that nobody knows of."""
        states = (PartState.SENDING, PartState.SENT, PartState.REJECTED, PartState.PROBABLE)
        return self._move(submission_id, number, states, PartState.AMBIGUOUS, detail=detail)

    def mark_probable(self, submission_id: str, number: int, batch_id: str) -> bool:
        """Note the one batch that may be a part's; others cannot be taken for it.

        Raises:
            LedgerError: Another part has this batch, or nothing can be written.
        """
        states = (PartState.SENT, PartState.AMBIGUOUS, PartState.REJECTED)
        return self._move(
            submission_id, number, states, PartState.PROBABLE, batch_id=storable(batch_id)
        )

    def release(self, submission_id: str, number: int, detail: str = "") -> bool:
        """Put a part that is not done back to ``planned``: it made no batch."""
        states = (
            PartState.SENDING,
            PartState.SENT,
            PartState.AMBIGUOUS,
            PartState.PROBABLE,
            PartState.REJECTED,
        )
        return self._move(submission_id, number, states, PartState.PLANNED, detail=detail)

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
                insert_creation(connection, _creation(record, number, batch_id, made_at))
            return cursor.rowcount == 1

    def unmeasured_parts(self, scope: str | None) -> tuple[PartRecord, ...]:
        """Return the parts with a batch whose tokens were not measured, the latest first.

        Args:
            scope: Whose; ``None`` for anybody's.
        """
        rows = self._database.read(
            "SELECT parts.batch_id FROM parts JOIN submissions USING (submission_id)"
            " WHERE (? IS NULL OR scope = ?) AND batch_id IS NOT NULL"
            " AND batch_id NOT IN (SELECT batch_id FROM token_uses)",
            (scope, scope),
        )
        wanted = {to_text(row[0]) for row in rows}
        if not wanted:
            return ()
        return tuple(
            part
            for record in self.submissions()
            for part in record.parts
            if part.batch_id in wanted and part.state.is_done
        )

    def note_token_use(self, use: TokenUseRecord) -> None:
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

    def token_uses(self, scope: str | None) -> list[TokenUseRecord]:
        """Return what was measured on the batches of an account.

        Args:
            scope: Whose; ``None`` for anybody's.
        """
        rows = self._database.read(
            "SELECT batch_id, model, token_uses.requests, size, input_tokens, output_tokens"
            " FROM token_uses JOIN parts USING (batch_id) JOIN submissions USING (submission_id)"
            " WHERE (? IS NULL OR scope = ?) AND size > 0",
            (scope, scope),
        )
        return [
            TokenUseRecord(to_text(row[0]), to_text(row[1]), *map(to_int, row[2:])) for row in rows
        ]

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
        sources: Iterable[PartState],
        target: PartState,
        *,
        detail: str = "",
        batch_id: str | None = None,
        sent_at: int | None = None,
    ) -> bool:
        """Change a part's state if it is in one of some states.

        Of the states that a part moves to here, only ``probable`` has a batch.
        """
        values = {
            "id": submission_id,
            "number": number,
            "sources": json.dumps([state.value for state in sources]),
            "state": target.value,
            "detail": storable(detail),
            "batch_id": batch_id,
            "sent_at": sent_at,
        }
        with self._database.write() as connection:
            return connection.execute(_MOVE, values).rowcount == 1

    def _to_submission(self, row: tuple[Value, ...]) -> SubmissionRecord:
        submission_id = to_text(row[0])
        parts = tuple(
            _to_part(submission_id, part) for part in self._database.read(_PARTS, (submission_id,))
        )
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


def _to_part(submission_id: str, row: tuple[Value, ...]) -> PartRecord:
    plan = PlannedPart(*(to_int(value) for value in row[:5]))
    return PartRecord(
        submission_id=submission_id,
        plan=plan,
        state=PartState(to_text(row[5])),
        sending_at=to_moment(row[6]),
        sent_at=to_moment(row[7]),
        batch_id=to_text(row[8]) or None,
        detail=to_text(row[9]),
        server_offset=row[10] * _MICROSECOND if isinstance(row[10], int) else None,
        seen_before=frozenset(json.loads(to_text(row[11]) or "[]")),
    )


def _creation(record: SubmissionRecord, number: int, batch_id: str, made_at: datetime) -> Creation:
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
