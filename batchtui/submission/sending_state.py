"""How far a submission has come: one value, and how it follows from what happens."""

from enum import Enum, auto

from msgspec import Struct, field
from msgspec.structs import replace

from batchtui.api.models import MessageBatch
from batchtui.errors import BatchtuiError
from batchtui.library.ledger_values import (
    PlannedPart,
    SubmissionPlan,
    SubmissionRecord,
)
from batchtui.submission.events import Event, Made, Uploading


class SendPhase(Enum):
    """Where a submission stands."""

    SENDING = auto()
    STOPPING = auto()
    STOPPED = auto()
    """Stopped by the user; what is left can be sent later."""
    UNRESOLVED = auto()
    """A batch may have been made; a person has to say."""
    PROBABLE = auto()
    """All is sent, and of one batch or more it is only likely that it is ours."""
    BLOCKED = auto()
    """Another submission is unresolved; a person has to say."""
    FAILED = auto()
    """Refused for now, or not reachable; nothing is open."""
    REFUSED = auto()
    """Refused for what is in the file: there is nothing to go on with."""
    DONE = auto()


class SendState(Struct, frozen=True):
    """A moment of a submission."""

    label: str
    """Its name; untrusted text."""
    parts: tuple[PlannedPart, ...]
    """What it becomes."""
    phase: SendPhase = SendPhase.SENDING
    """Where it stands."""
    made: dict[int, str] = field(default_factory=dict)
    """The id of the batch of each part that has one, by the part's number."""
    batches: tuple[MessageBatch, ...] = ()
    """The batches that were made or found while being watched."""
    adopted: frozenset[int] = frozenset()
    """The numbers of the parts whose batch was found rather than answered."""
    probable: frozenset[int] = frozenset()
    """The numbers of the parts whose batch is only likely theirs."""
    event: Event | None = None
    """What was reported last."""
    started: float = 0.0
    """Of the part on its way: the monotonic seconds of its first byte."""
    now: float = 0.0
    """The monotonic seconds of this moment."""
    error: BatchtuiError | None = None
    """What happened, where somebody has to decide."""
    candidates: tuple[MessageBatch, ...] = ()
    """Batches that may be the one that was lost, newest first."""
    number: int = 0
    """The part that is open, from 1; 0 for none."""

    @property
    def requests(self) -> int:
        """Requests in all parts."""
        return sum(part.requests for part in self.parts)

    @property
    def message(self) -> str:
        """What happened; untrusted text."""
        return "" if self.error is None else self.error.message

    @property
    def hint(self) -> str:
        """What to do; untrusted text."""
        return "" if self.error is None else self.error.hint


def initial_state(submission: SubmissionPlan | SubmissionRecord) -> SendState:
    """Return the state before the first byte, or of a submission that goes on."""
    if isinstance(submission, SubmissionPlan):
        return SendState(submission.label, submission.parts)
    return SendState(
        submission.plan.label,
        submission.plan.parts,
        made={one.plan.number: one.batch_id for one in submission.parts if one.batch_id},
        probable=frozenset(one.plan.number for one in submission.probable),
    )


def after_event(state: SendState, event: Event, now: float) -> SendState:
    """Return the state after what was reported.

    Args:
        state: What was known.
        event: What happened.
        now: Monotonic seconds.
    """
    if isinstance(event, Made):
        own = {event.number}
        others = tuple(one for one in state.batches if one.id != event.batch.id)
        return replace(
            state,
            made={**state.made, event.number: event.batch.id},
            batches=(*others, event.batch),
            adopted=state.adopted | own if event.is_adopted else state.adopted,
            probable=state.probable | own if event.is_probable else state.probable - own,
            event=event,
            now=now,
        )
    before = state.event
    is_first = isinstance(event, Uploading) and not (
        isinstance(before, Uploading) and before.number == event.number
    )
    return replace(state, event=event, now=now, started=now if is_first else state.started)
