"""Whether what a file holds was sent before: sending it again makes and bills it twice."""

from datetime import datetime

from msgspec import Struct

from batchtui.api.models import decode_batch
from batchtui.formatting import format_age
from batchtui.library.ledger import Ledger
from batchtui.library.ledger_values import SourceFile, SourceUse


class SentBefore(Struct, frozen=True):
    """The latest time that the contents of a file were sent.

    Attributes:
        sent_at: When.
        label: The name of what was made; untrusted text.
        batch_ids: What was made, the parts of a split file in their order; untrusted text.
        parts: How many batches the whole file would have become.
    """

    sent_at: datetime
    label: str
    batch_ids: tuple[str, ...]
    parts: int = 1

    @property
    def is_whole(self) -> bool:
        """Whether all of the file was sent then."""
        return len(self.batch_ids) >= self.parts

    def told(self, name: str, now: datetime) -> str:
        """Say it without a full stop, as ``good.jsonl was sent 3 m ago as good (msgbatch_1)``.

        Args:
            name: The file's; untrusted text.
            now: What time it is.
        """
        first, *others = self.batch_ids
        ids = f"{first} and {len(others)} more" if others else first
        named = f"{self.label} ({ids})" if self.label else ids
        what = name if self.is_whole else f"{len(self.batch_ids)} of {self.parts} parts of {name}"
        was = "was" if self.is_whole or len(self.batch_ids) == 1 else "were"
        return f"{what} {was} sent {format_age(now - self.sent_at)} ago as {named}"


def sent_before(ledger: Ledger, sha256: str) -> SentBefore | None:
    """Return when a file of these contents was sent last, with whatever key.

    What is known to be deleted, or to have ended without one answer, does not count.

    Args:
        ledger: Read from.
        sha256: Of the file's bytes.

    Raises:
        LedgerError: It cannot be read.
    """
    uses = [use for use in ledger.made_from(sha256) if not _came_to_nothing(use)]
    if not uses:
        return None
    latest = uses[0].record
    # the parts of a split file were sent as one
    mates = [
        use.record
        for use in uses
        if use.record is latest
        or (latest.group_id is not None and use.record.group_id == latest.group_id)
    ]
    mates.sort(key=lambda one: one.part_number or 0)
    return SentBefore(
        sent_at=latest.made_at or latest.created_at or latest.first_seen_at,
        label=latest.label,
        batch_ids=tuple(one.batch_id for one in mates),
        parts=_parts(ledger, latest.group_id, len(mates)),
    )


def forgotten_at(ledger: Ledger, source: SourceFile) -> datetime | None:
    """Return when the ledger lost what it knew of a file, or ``None`` if it cannot have.

    A file that was changed after the ledger was found damaged cannot have been sent before.

    Args:
        ledger: Read from.
        source: The file; no batch of it is known.
    """
    moment = ledger.damaged_at
    if moment is None:
        return None
    try:
        is_newer = source.path.stat().st_mtime > moment.timestamp()
    except OSError:
        is_newer = False
    return None if is_newer else moment


def _parts(ledger: Ledger, group_id: str | None, made: int) -> int:
    record = ledger.journal.submission(group_id) if group_id is not None else None
    # a part that is deleted by now, or came to nothing, was sent all the same
    return made if record is None or record.is_done else len(record.parts)


def _came_to_nothing(use: SourceUse) -> bool:
    if not use.raw:
        return False
    try:
        batch = decode_batch(use.raw)
    except ValueError:
        return False
    return batch.has_ended and batch.request_counts.succeeded == 0
