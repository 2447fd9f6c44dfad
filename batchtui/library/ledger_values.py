"""What the ledger gives and takes: frozen values, nothing of SQLite."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Self

from msgspec import Struct

from batchtui.api.models import MessageBatch, decode_batch, encode_batch
from batchtui.filenames import shown_name


class SeenBatch(Struct, frozen=True):
    """A batch as a list or retrieve call last showed it."""

    batch_id: str
    """The id, of whatever format."""
    raw: bytes
    """The MessageBatch as ``api.models.encode_batch`` wrote it."""
    created_at: datetime | None
    """When the server says it was created."""
    ended_at: datetime | None
    """When it ended; ``None`` while it has not."""
    requests: int
    """The sum of its counts."""

    @classmethod
    def of(cls, batch: MessageBatch) -> Self:
        """Return what the ledger remembers of a batch as the API showed it."""
        return cls(
            batch_id=batch.id,
            raw=encode_batch(batch),
            created_at=batch.created_at,
            ended_at=batch.ended_at,
            requests=batch.request_counts.total,
        )


def decode_seen(seen: Iterable[SeenBatch]) -> Iterator[MessageBatch]:
    """Yield the batches that were seen; one that another version wrote is left out.

    It is not worth a message: the server is asked anyway.
    """
    for one in seen:
        try:
            yield decode_batch(one.raw)
        except ValueError:
            continue


class SourceFile(Struct, frozen=True):
    """The request file a batch was made from, as it was then."""

    path: Path
    """Absolute."""
    sha256: str
    """Of the file's bytes as they lie on disk, hexadecimal."""
    size: int
    """In bytes, as it lies on disk."""

    @property
    def name(self) -> str:
        """What a person knows it by; untrusted text."""
        return shown_name(self.path)

    @property
    def place(self) -> str:
        """Its path, after the name where the path alone says nothing; untrusted text."""
        return str(self.path) if self.name == self.path.name else f"{self.name} ({self.path})"


class Creation(Struct, frozen=True):
    """What is written down when a batch was made here."""

    batch_id: str
    """The id the server gave."""
    made_at: datetime
    """When the answer came."""
    made_from: str
    """User, host and folder it was made from."""
    source: SourceFile | None = None
    """The request file."""
    label: str = ""
    """The name to start with; untrusted text."""
    parents: tuple[str, ...] = ()
    """The batches whose rows this one sends again."""
    group_id: str | None = None
    """Set when it is one part of a file that was split."""
    part_number: int | None = None
    """Its number in the group, from 1."""


class BatchRecord(Struct, frozen=True):
    """All the ledger knows of one batch."""

    batch_id: str
    """The id."""
    label: str
    """The user's name for it, or ``""``; untrusted text."""
    note: str
    """The user's note, or ``""``; untrusted text of several lines."""
    source: SourceFile | None
    """The request file, by creation or by attaching one."""
    parents: tuple[str, ...]
    """The batches whose rows it sends again."""
    group_id: str | None
    """The group it is a part of."""
    part_number: int | None
    """Its number in the group, from 1."""
    made_at: datetime | None
    """When it was made here; ``None`` when it was made elsewhere."""
    made_from: str
    """User, host and folder it was made from, or ``""``."""
    created_at: datetime | None
    """When the server says it was created."""
    first_seen_at: datetime
    """When this ledger first heard of it."""


class SourceUse(Struct, frozen=True):
    """A batch that was made from a file."""

    record: BatchRecord
    """What is known of it."""
    raw: bytes
    """As it was seen last, like `SeenBatch.raw`; empty if it never was."""


class Lineage(Struct, frozen=True):
    """A line of tries: batches connected by sending again and by being parts of one file."""

    batch_id: str
    """The batch asked about."""
    tries: tuple[BatchRecord, ...]
    """The whole line with the batch itself, oldest first."""


class PartState(StrEnum):
    """Where one part of a submission stands.

    ``planned -> sending -> sent -> created``; from ``sending`` or ``sent`` also ``failed`` (nothing
    was made for certain, it may be sent again), ``refused`` (nothing was made, and never will be of
    these bytes), ``rejected`` (the API answered with an error: one look at the list settles it) or
    ``ambiguous`` (no answer came: it may have been made). From ``ambiguous`` to ``probable`` (one
    batch of the list may be its), to ``adopted`` (it is) or, by the user's word or proof of
    absence, back to ``planned``.
    """

    PLANNED = "planned"
    SENDING = "sending"
    """Announced, the last byte of the body is not out: a crash here has made nothing."""
    SENT = "sent"
    """The last byte is about to go out or gone: a crash here may have made a batch."""
    CREATED = "created"
    AMBIGUOUS = "ambiguous"
    PROBABLE = "probable"
    """One batch fits it; whether it is its own is decided by its results' ids, or by the user."""
    ADOPTED = "adopted"
    FAILED = "failed"
    REJECTED = "rejected"
    """The API itself said no for now; whether it made something anyway was not looked up."""
    REFUSED = "refused"
    """The server said no to what is in it: it closes the submission."""

    @property
    def is_done(self) -> bool:
        """Whether a batch stands for the part."""
        return self in {PartState.CREATED, PartState.ADOPTED}

    @property
    def is_unresolved(self) -> bool:
        """Whether a batch may exist that nobody knows of."""
        return self in {PartState.SENT, PartState.AMBIGUOUS}


class PlannedPart(Struct, frozen=True):
    """One batch to be made: a run of requests of the source."""

    number: int
    """From 1."""
    first_request: int
    """0-based position of its first request in the source."""
    requests: int
    """How many."""
    body_bytes: int
    """Exact size of the create body."""
    source_offset: int
    """Where its first request begins in the (decompressed) source, in bytes."""


class SubmissionPlan(Struct, frozen=True):
    """What is about to be sent, written down before anything is."""

    submission_id: str
    """Also the group's id when there are several parts."""
    label: str
    """The name the batches start with."""
    source: SourceFile
    """The request file."""
    parts: tuple[PlannedPart, ...]
    """At least one, in order."""
    parents: tuple[str, ...] = ()
    """The batches whose rows are sent again."""
    betas: tuple[str, ...] = ()
    """Beta headers to send along."""
    scope: str = ""
    """The account it belongs to, as in `SeenBatches.remember`."""
    made_from: str = ""
    """User, host and folder."""


class PartRecord(Struct, frozen=True):
    """One part and where it stands."""

    submission_id: str
    """Of the plan."""
    plan: PlannedPart
    """What it holds."""
    state: PartState
    """Where it stands."""
    sending_at: datetime | None
    """When its sending began, last."""
    sent_at: datetime | None
    """When its last byte was handed over, last."""
    batch_id: str | None
    """The batch that stands for it, for certain or (`PartState.PROBABLE`) most likely."""
    detail: str
    """Why it failed or is ambiguous; untrusted text."""
    server_offset: timedelta | None = None
    """How far the server's clock was ahead of ours when its sending began, where known."""
    seen_before: frozenset[str] = frozenset()
    """Batches of its size that were in the list before its sending began."""


class SubmissionRecord(Struct, frozen=True):
    """One submission as the journal has it."""

    plan: SubmissionPlan
    """What was planned."""
    made_at: datetime
    """When it was planned."""
    parts: tuple[PartRecord, ...]
    """In order."""
    given_up_at: datetime | None
    """When the user decided not to continue it."""
    reported_at: datetime | None = None
    """When the user was shown all that it made; None if the run that made it ended before that."""

    @property
    def is_done(self) -> bool:
        """Whether every part has its batch."""
        return all(part.state.is_done for part in self.parts)

    @property
    def is_refused(self) -> bool:
        """Whether the server refused a part for good, so that this file cannot be finished."""
        return any(part.state is PartState.REFUSED for part in self.parts)

    @property
    def is_open(self) -> bool:
        """Whether there is something left to do."""
        return self.given_up_at is None and not self.is_done and not self.is_refused

    @property
    def batch_ids(self) -> tuple[str, ...]:
        """The batches made so far for certain, in order of parts."""
        return tuple(part.batch_id for part in self.parts if part.batch_id and part.state.is_done)

    @property
    def probable(self) -> tuple[PartRecord, ...]:
        """The parts whose batch is not known for certain."""
        return tuple(part for part in self.parts if part.state is PartState.PROBABLE)


class TokenUseRecord(Struct, frozen=True):
    """What the requests of one batch came to: bytes sent, tokens billed."""

    batch_id: str
    """Which batch."""
    model: str
    """The one model of all its answers; untrusted text."""
    requests: int
    """Answers that were measured."""
    size: int
    """Bytes of their requests; 0 if they cannot serve as a measure."""
    input_tokens: int
    """Tokens of their requests, from the cache or not."""
    output_tokens: int
    """Tokens of the answers."""


def is_group(parts: Sequence[object]) -> bool:
    """Return whether a submission with these parts is shown as one group."""
    return len(parts) > 1


class Review(Struct, frozen=True):
    """What was said of one row."""

    custom_id: str
    """Of the row; untrusted text."""
    verdict: str = ""
    """One word, or "" where there is only a note."""
    note: str = ""
    """In the reviewer's own words; may have several lines."""
    reviewed_at: datetime | None = None
    """When, UTC; None for one that is to be kept now."""
