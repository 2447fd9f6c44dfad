"""The journal of submissions: what is about to be sent is written down before it is sent.

With it, a submission that was interrupted at any moment continues without sending a part twice.
Every change of state names the states it may come from and says whether it took place, so that two
processes never both believe they own a part.
"""

import json
import os
from collections.abc import Iterable
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
    is_group,
)

_PLANS = (
    "SELECT submission_id, label, source_path, source_sha256, source_bytes, parents, betas, scope,"
    " made_from, made_at, given_up_at FROM submissions"
)
_PARTS = (
    "SELECT number, first_request, requests, body_bytes, source_offset, state, sending_at, sent_at,"
    " batch_id, detail FROM parts WHERE submission_id = ? ORDER BY number"
)


class Journal:
    """Submissions and their parts, over the ledger's file."""

    def __init__(self, database: LedgerDatabase, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def plan(self, plan: SubmissionPlan) -> None:
        """Write down a submission, all parts ``planned``.

        Raises:
            LedgerError: It cannot be written, or the id is taken.
        """
        with self._database.write() as connection:
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

    def submission(self, submission_id: str) -> SubmissionRecord | None:
        """Return one submission, or ``None``."""
        rows = self._database.read(_PLANS + " WHERE submission_id = ?", (submission_id,))
        return self._to_submission(rows[0]) if rows else None

    def submissions(self, *, open_only: bool = False) -> tuple[SubmissionRecord, ...]:
        """Return all submissions, or those with something left to do; the latest first."""
        rows = self._database.read(_PLANS + " ORDER BY made_at DESC, submission_id")
        found = (self._to_submission(row) for row in rows)
        return tuple(record for record in found if record.is_open or not open_only)

    def open_submission_of(self, sha256: str, *, scope: str | None = "") -> SubmissionRecord | None:
        """Return the latest open submission of the same file's contents, or ``None``.

        Args:
            sha256: Of the file's bytes.
            scope: Whose; ``None`` for anybody's, for who asks the user about another key's.
        """
        for record in self.submissions(open_only=True):
            if record.plan.source.sha256 == sha256 and scope in {None, record.plan.scope}:
                return record
        return None

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

    def begin_sending(self, submission_id: str, number: int) -> bool:
        """Announce a part, before its first byte goes out.

        Returns:
            False if it is not ``planned`` or ``failed``: somebody else has it, or it is done.
        """
        return self._move(
            submission_id,
            number,
            (PartState.PLANNED, PartState.FAILED),
            PartState.SENDING,
            moment_column="sending_at",
        )

    def mark_sent(self, submission_id: str, number: int) -> bool:
        """Note that the body's last byte is about to go out; from here a batch may exist."""
        return self._move(
            submission_id, number, (PartState.SENDING,), PartState.SENT, moment_column="sent_at"
        )

    def mark_failed(self, submission_id: str, number: int, detail: str) -> bool:
        """Note that no batch was made, for certain; the part may be sent again."""
        states = (PartState.SENDING, PartState.SENT)
        return self._move(submission_id, number, states, PartState.FAILED, detail=detail)

    def mark_refused(self, submission_id: str, number: int, detail: str) -> bool:
        """Note that the server refused a part for good: it made no batch, and never will."""
        states = (PartState.SENDING, PartState.SENT)
        return self._move(submission_id, number, states, PartState.REFUSED, detail=detail)

    def mark_ambiguous(self, submission_id: str, number: int, detail: str) -> bool:
        """Note that a batch may have been made that nobody knows of."""
        states = (PartState.SENDING, PartState.SENT)
        return self._move(submission_id, number, states, PartState.AMBIGUOUS, detail=detail)

    def release(self, submission_id: str, number: int, detail: str = "") -> bool:
        """Put an interrupted or ambiguous part back to ``planned``: it made no batch."""
        states = (PartState.SENDING, PartState.SENT, PartState.AMBIGUOUS)
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
                " WHERE submission_id = ? AND number = ? AND batch_id IS NULL",
                (state.value, storable(batch_id), submission_id, number),
            )
            if cursor.rowcount == 1:
                insert_creation(connection, self._creation(record, number, batch_id))
            return cursor.rowcount == 1

    def give_up(self, submission_id: str) -> None:
        """Note that the user will not continue a submission."""
        with self._database.write() as connection:
            connection.execute(
                "UPDATE submissions SET given_up_at = ? WHERE submission_id = ?",
                (to_micros(self._clock.now()), submission_id),
            )

    def _creation(self, record: SubmissionRecord, number: int, batch_id: str) -> Creation:
        grouped = is_group(record.parts)
        return Creation(
            batch_id=batch_id,
            made_at=self._clock.now(),
            made_from=record.plan.made_from,
            source=record.plan.source,
            label=record.plan.label,
            parents=record.plan.parents,
            group_id=record.plan.submission_id if grouped else None,
            part_number=number if grouped else None,
        )

    def _move(
        self,
        submission_id: str,
        number: int,
        sources: Iterable[PartState],
        target: PartState,
        *,
        detail: str = "",
        moment_column: str = "",
    ) -> bool:
        moment = f", {moment_column} = :now" if moment_column else ""
        allowed = ",".join(f"'{state.value}'" for state in sources)
        with self._database.write() as connection:
            cursor = connection.execute(
                f"UPDATE parts SET state = :state, detail = :detail{moment}"  # noqa: S608 - names of columns and states of ours, no value
                f" WHERE submission_id = :id AND number = :number AND state IN ({allowed})",
                {
                    "state": target.value,
                    "detail": storable(detail),
                    "now": to_micros(self._clock.now()),
                    "id": submission_id,
                    "number": number,
                },
            )
            return cursor.rowcount == 1

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
        return SubmissionRecord(plan, to_moment(row[9]) or NEVER, parts, to_moment(row[10]))


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
    )
