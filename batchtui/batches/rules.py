"""What may be done with a batch, and what a person sees as its state.

Everything here is a pure function of one batch. "Ended" alone says nothing about success, so a
state carries the number that matters; and a refusal carries its reason, in a plain sentence.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from msgspec import Struct

from batchtui.api.models import MessageBatch, RequestCounts
from batchtui.formatting import format_count
from batchtui.untrusted import visible


class Availability(Struct, frozen=True):
    """Whether something is possible. True in a condition exactly when it is."""

    reason: str = ""
    """Why not, as a sentence with the next step; "" where it may be tried."""

    def __bool__(self) -> bool:
        return not self.reason


ALLOWED: Final = Availability()
READ_ONLY: Final = Availability("Read-only: the settings or the profile say so")
NOT_KEPT: Final = Availability(
    "keep_results is off: results can be read and exported, and none stay on this disk"
)


class StateKind(StrEnum):
    """What a person tells apart at a glance."""

    RUNNING = "running"
    CANCELING = "canceling"
    ALL_OK = "all ok"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELED = "canceled"
    MIXED = "mixed"
    ARCHIVED = "archived"
    UNKNOWN = "unknown"

    @property
    def for_scripts(self) -> str:
        """The name in JSON and in variables: without a space."""
        return self.name.lower()


class Glyph(Struct, frozen=True):
    """A sign of one cell, and its twin for terminals without Unicode."""

    unicode: str
    ascii: str


GLYPHS: Final[Mapping[StateKind, Glyph]] = {
    StateKind.RUNNING: Glyph("●", "*"),
    StateKind.CANCELING: Glyph("◐", "%"),
    StateKind.ALL_OK: Glyph("✓", "+"),
    StateKind.FAILED: Glyph("✗", "x"),
    StateKind.EXPIRED: Glyph("✗", "x"),
    StateKind.CANCELED: Glyph("⊘", "o"),
    StateKind.MIXED: Glyph("✗", "x"),
    StateKind.ARCHIVED: Glyph("–", "-"),
    StateKind.UNKNOWN: Glyph("?", "?"),
}


class BatchState(Struct, frozen=True):
    """A batch's state as shown."""

    kind: StateKind
    """Chooses the color, and the glyph by `GLYPHS`."""
    word: str
    """What stands beside the glyph: `412 failed`, `running`. Safe to show."""
    number: int
    """The number that matters: the failed, expired or canceled requests, else all of them."""

    @property
    def glyph(self) -> Glyph:
        """The sign of this state."""
        return GLYPHS[self.kind]


def can_cancel(batch: MessageBatch) -> Availability:
    """Return whether canceling can still do something."""
    if batch.has_ended:
        return Availability("It has ended: there is nothing left to cancel")
    if batch.is_canceling:
        return Availability("Already canceling: it ends when what is in flight is done")
    return ALLOWED


def can_delete(batch: MessageBatch) -> Availability:
    """Return whether the server would delete it: only after its end."""
    if batch.has_ended:
        return ALLOWED
    if batch.is_canceling:
        return Availability("Still canceling: delete it when it has ended")
    return Availability("Still running: cancel it first")


def can_view_results(batch: MessageBatch, *, is_here: bool = False) -> Availability:
    """Return whether its results can be opened.

    Args:
        batch: The batch.
        is_here: Whether a verified copy is on this disk, which outlives the server's.
    """
    if is_here:
        return ALLOWED
    if batch.is_live:
        word = "canceling" if batch.is_canceling else "running"
        return Availability(f"Still {word}: results come when it has ended")
    if batch.archived_at is not None:
        return Availability("Archived: the server keeps results 29 days from creation")
    if not batch.results_url:
        return Availability("It has ended, but has no results yet: refresh soon")
    return ALLOWED


def state_of(batch: MessageBatch) -> BatchState:
    """Return what a person sees as the state of ``batch``."""
    total = batch.request_counts.total
    if batch.is_live:
        return _live_state(batch.processing_status, total)
    if batch.archived_at is not None:
        return BatchState(StateKind.ARCHIVED, "archived", total)
    return _ended_state(batch.request_counts)


def _live_state(status: str, total: int) -> BatchState:
    if status == "in_progress":
        return BatchState(StateKind.RUNNING, "running", total)
    if status == "canceling":
        return BatchState(StateKind.CANCELING, "canceling", total)
    return BatchState(StateKind.UNKNOWN, visible(status) or "no status", total)


def _ended_state(counts: RequestCounts) -> BatchState:
    failed, canceled = counts.failed, counts.canceled
    if failed:
        if counts.errored == 0 and canceled == 0:
            return BatchState(StateKind.EXPIRED, f"{format_count(failed)} expired", failed)
        kind = StateKind.MIXED if canceled else StateKind.FAILED
        return BatchState(kind, f"{format_count(failed)} failed", failed)
    if canceled:
        # the word alone: how many it was stands in the bar and in the detail
        return BatchState(StateKind.CANCELED, "canceled", canceled)
    if counts.processing:
        # against the documentation; never shown as a success
        left = counts.processing
        return BatchState(StateKind.UNKNOWN, f"{format_count(left)} unfinished", left)
    if counts.succeeded:
        return BatchState(StateKind.ALL_OK, "all ok", counts.succeeded)
    return BatchState(StateKind.UNKNOWN, "no counts", 0)


def is_all_ok(batch: MessageBatch) -> bool:
    """Return whether it has ended and every request of it was answered."""
    counts = batch.request_counts
    return batch.has_ended and counts.total > 0 and counts.succeeded == counts.total


def describe_outcome(batch: MessageBatch) -> str:
    """Return the counts in words: ``7,588 succeeded, 388 errored, 24 expired``.

    Kinds with no request are left out. While a batch is live, zeros claim nothing: only what has
    been said is repeated.
    """
    counts = batch.request_counts
    parts = (
        (counts.succeeded, "succeeded"),
        (counts.errored, "errored"),
        (counts.expired, "expired"),
        (counts.canceled, "canceled"),
        (counts.processing, "processing"),
    )
    said = [f"{format_count(number)} {word}" for number, word in parts if number]
    return ", ".join(said) or "no requests counted"
