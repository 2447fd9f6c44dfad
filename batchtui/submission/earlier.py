"""What became of a file before: sending it again makes and bills it twice."""

from collections.abc import Iterable
from contextlib import closing
from datetime import datetime
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from batchtui.api.models import decode_batch
from batchtui.filenames import OwnFile, own_kind
from batchtui.formatting import format_age, plural
from batchtui.library.errors import LibraryError
from batchtui.library.ledger import Ledger
from batchtui.library.ledger_values import SourceFile, SourceUse, SubmissionRecord
from batchtui.submission.canary import canary_of


class SentBefore(Struct, frozen=True):
    """The latest time that the contents of a file were sent."""

    sent_at: datetime
    """When."""
    label: str
    """The name of what was made; untrusted text."""
    batch_ids: tuple[str, ...]
    """What was made, the parts of a split file in their order; untrusted text."""
    parts: int = 1
    """How many batches the whole file would have become."""
    profile: str = ""
    """The folder of the profile that sent them, where it was another one; untrusted text."""

    @property
    def is_whole(self) -> bool:
        """Whether all of the file was sent then."""
        return len(self.batch_ids) >= self.parts

    def describe(self, name: str, now: datetime) -> str:
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
        by = f" from profile {self.profile}" if self.profile else ""
        return f"{what} {was} sent {format_age(now - self.sent_at)} ago as {named}{by}"


class Forgotten(Struct, frozen=True):
    """A ledger that was damaged: what was sent before is not known."""

    at: datetime
    """When that was found."""
    kept_as: str
    """The damaged file, as a pattern; without it, nobody asks any more."""

    def describe(self, name: str) -> str:
        """Say what that means for a file, without a full stop.

        Args:
            name: The file's; untrusted text.
        """
        return (
            f"The ledger was damaged {self.at:%Y-%m-%d %H:%M} UTC: whether {name} was sent before"
            " that is not known"
        )


class Earlier(Struct, frozen=True):
    """What this disk knows of earlier tries to send the same contents."""

    known: frozenset[str] = frozenset()
    """The submissions of these contents: any other began after this was looked up."""
    begun: SubmissionRecord | None = None
    """One that is not finished: with the same key, or else with another."""
    is_begun_by_other: bool = False
    """Whether that was with another key."""
    unreported: SubmissionRecord | None = None
    """One that was sent whole by a run that ended before it could say so."""
    sent: SentBefore | None = None
    """When they were sent last."""
    canary: SubmissionRecord | None = None
    """The canary of the file that was sent, or may have been."""
    canary_size: int = 0
    """Its requests."""
    forgotten: Forgotten | None = None
    """Set where they may have been sent without being known any more."""

    def describe(self, name: str, now: datetime) -> str:
        """Say without a full stop why it would be sent twice, or may be; "" where nothing says so.

        Args:
            name: The file's; untrusted text.
            now: What time it is.
        """
        if self.sent is not None:
            return self.sent.describe(name, now)
        if self.canary is not None:
            ids = ", ".join(self.canary.batch_ids) or "not known yet"
            return f"{plural(self.canary_size, 'request')} of {name} went as a canary ({ids})"
        return self.forgotten.describe(name) if self.forgotten is not None else ""


def look_up_earlier(
    ledger: Ledger, source: SourceFile, scope: str, others: Iterable[Path] = ()
) -> Earlier:
    """Find out what became of a file's contents before; works in a thread.

    Args:
        ledger: Read from.
        source: The file.
        scope: Whose key is used now.
        others: The ledgers of other profiles on the same server, which may have sent it too.

    Raises:
        LedgerError: It cannot be read.
    """
    records = ledger.journal.submissions_of(source.sha256)
    begun = [record for record in records if record.is_open]
    own = [record for record in begun if record.plan.scope == scope]
    unreported = (
        record
        for record in records
        if record.is_done and record.reported_at is None and record.plan.scope == scope
    )
    sent = sent_before(ledger, source.sha256)
    if sent is None and not records:
        sent = next(filter(None, (_sent_from(path, source, scope) for path in others)), None)
    canary_size, canary = canary_of(ledger, source.sha256) or (0, None)
    return Earlier(
        known=frozenset(record.plan.submission_id for record in records),
        begun=next(iter([*own, *begun]), None),
        is_begun_by_other=bool(begun) and not own,
        unreported=next(unreported, None),
        sent=sent,
        canary=canary,
        canary_size=canary_size,
        forgotten=None if records or sent is not None else _forgotten(ledger, source.path),
    )


def _sent_from(path: Path, source: SourceFile, scope: str) -> SentBefore | None:
    """Return when another profile sent a file with the same key; ``None`` if it did not."""
    try:
        with closing(Ledger(path, must_write=False)) as other:
            records = other.journal.submissions_of(source.sha256)
            if not any(record.plan.scope == scope for record in records):
                return None
            sent = sent_before(other, source.sha256)
    except LibraryError:
        # whoever opens that profile is told
        return None
    return None if sent is None else replace(sent, profile=path.parent.name.partition("@")[0])


def begun_retry(ledger: Ledger, batch_id: str) -> SubmissionRecord | None:
    """Return the latest retry of a batch that is not finished, if there is one.

    Raises:
        LedgerError: It cannot be read.
    """
    # the rest after a canary has the canary for a parent as well, and sends other rows
    return next(
        (
            record
            for record in ledger.journal.submissions(open_only=True)
            if batch_id in record.plan.parents
            and own_kind(record.plan.source.path) is OwnFile.RETRY
        ),
        None,
    )


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


def _parts(ledger: Ledger, group_id: str | None, made: int) -> int:
    record = ledger.journal.submission(group_id) if group_id is not None else None
    # a part that is deleted by now, or came to nothing, was sent anyway
    return made if record is None or record.is_done else len(record.parts)


def _came_to_nothing(use: SourceUse) -> bool:
    if not use.raw:
        return False
    try:
        batch = decode_batch(use.raw)
    except ValueError:
        return False
    return batch.has_ended and batch.request_counts.succeeded == 0


def _forgotten(ledger: Ledger, path: Path) -> Forgotten | None:
    """Return whether a file is older than the last damage of the ledger that was set aside."""
    at = ledger.damaged_at
    if at is None:
        return None
    try:
        is_newer = path.stat().st_mtime > at.timestamp()
    except OSError:
        is_newer = False
    return None if is_newer else Forgotten(at, f"{ledger.path}.damaged-*")
