"""How far a submission is: events in, a state out, and the lines that show it. Pure."""

from collections.abc import Iterator
from datetime import timedelta
from enum import Enum, auto

from msgspec import Struct, field
from msgspec.structs import replace

from batchtui.api.models import MessageBatch
from batchtui.formatting import cut_middle, format_duration, format_size, plural
from batchtui.library.ledger_values import PlannedPart, SubmissionPlan, SubmissionRecord
from batchtui.submission.pace import Event, Looking, Made, Uploading, Waiting
from batchtui.tui.glyphs import Glyphs
from batchtui.tui.lines import BLANK, Line, Span, line
from batchtui.tui.screens.submission.words import paragraph, progress_bar
from batchtui.untrusted import visible

_BAR = 20


class Phase(Enum):
    """Where a submission stands."""

    SENDING = auto()
    STOPPING = auto()
    UNRESOLVED = auto()
    """A batch may have been made; a person has to say."""
    BLOCKED = auto()
    """Another submission is unresolved; a person has to say."""
    FAILED = auto()
    """Refused for now, or not reachable; nothing is open."""
    REFUSED = auto()
    """Refused for what is in the file: there is nothing to go on with."""
    DONE = auto()


class SendState(Struct, frozen=True):
    """A moment of a submission.

    Attributes:
        label: Its name; untrusted text.
        parts: What it becomes.
        phase: Where it stands.
        made: The batch of each part that has one, by number; an id where only that is known.
        batches: The batches that were made or adopted while being watched.
        adopted: The numbers of those that were found rather than answered.
        event: What was told last.
        started: Of the part on its way: the monotonic seconds of its first byte.
        now: The monotonic seconds of this moment.
        message: What happened, where somebody has to decide; untrusted text.
        hint: What to do; untrusted text.
        candidates: Batches that may be the one that was lost, newest first.
        number: The part that is open, from 1.
    """

    label: str
    parts: tuple[PlannedPart, ...]
    phase: Phase = Phase.SENDING
    made: dict[int, str] = field(default_factory=dict)
    batches: tuple[MessageBatch, ...] = ()
    adopted: frozenset[int] = frozenset()
    event: Event | None = None
    started: float = 0.0
    now: float = 0.0
    message: str = ""
    hint: str = ""
    candidates: tuple[MessageBatch, ...] = ()
    number: int = 0

    @property
    def requests(self) -> int:
        """Requests in all parts."""
        return sum(part.requests for part in self.parts)


def state_of_plan(plan: SubmissionPlan) -> SendState:
    """The state before the first byte."""
    return SendState(plan.label, plan.parts)


def state_of_record(record: SubmissionRecord) -> SendState:
    """The state of a submission that goes on."""
    made = {part.plan.number: part.batch_id for part in record.parts if part.batch_id}
    return SendState(record.plan.label, record.plan.parts, made=made)


def take(state: SendState, event: Event, now: float) -> SendState:
    """Take in what the runner tells.

    Args:
        state: What was known.
        event: What happened.
        now: Monotonic seconds.
    """
    before = state.event
    if isinstance(event, Made):
        return replace(
            state,
            made={**state.made, event.number: event.batch.id},
            batches=(*state.batches, event.batch),
            adopted=state.adopted | {event.number} if event.is_adopted else state.adopted,
            event=event,
            now=now,
        )
    is_first = isinstance(event, Uploading) and not (
        isinstance(before, Uploading) and before.number == event.number
    )
    return replace(state, event=event, now=now, started=now if is_first else state.started)


def sending_lines(state: SendState, glyphs: Glyphs, width: int) -> tuple[Line, ...]:
    """Write how far it is."""
    return tuple(_sending(state, glyphs, width))


def _sending(state: SendState, glyphs: Glyphs, width: int) -> Iterator[Line]:
    yield line((visible(state.label), "heading"))
    parts = f" in {plural(len(state.parts), 'batch', 'batches')}" if len(state.parts) > 1 else ""
    yield line((f"{plural(state.requests, 'request')}{parts}", "muted"))
    yield BLANK
    for part in state.parts:
        yield _part(state, part, glyphs, width)
    yield BLANK
    yield from _situation(state, width)


def _part(state: SendState, part: PlannedPart, glyphs: Glyphs, width: int) -> Line:
    is_alone = len(state.parts) == 1
    title = "" if is_alone else f"{part.number:>3}  {plural(part.requests, 'request'):<18}"
    left = [Span(title), *_part_state(state, part, glyphs, max(8, width - len(title) - 12))]
    return Line(tuple(left))


def _part_state(state: SendState, part: PlannedPart, glyphs: Glyphs, room: int) -> tuple[Span, ...]:
    made = state.made.get(part.number)
    if made is not None:
        found = "found  " if part.number in state.adopted else "made  "
        return Span(found, "ok"), Span(cut_middle(visible(made), room, glyphs.ellipsis))
    if state.phase is Phase.REFUSED:
        return (Span("not sent", "muted"),)
    if state.number == part.number:
        return (Span("not known whether it was made", "problem"),)
    event = state.event
    is_its = event is not None and event.number == part.number and state.phase is Phase.SENDING
    if is_its and isinstance(event, Uploading):
        return _upload(event, state, glyphs, room)
    if is_its and isinstance(event, Looking):
        return (Span("sent, but no answer came", "warning"),)
    waits = "  waits" if is_its and isinstance(event, Waiting) else ""
    return Span(f"{format_size(part.body_bytes)} to send", "muted"), Span(waits, "warning")


def _upload(event: Uploading, state: SendState, glyphs: Glyphs, room: int) -> tuple[Span, ...]:
    if event.sent >= event.total:
        return (Span(f"{format_size(event.total)} sent: waiting for the answer", "accent"),)
    bar = progress_bar(event.sent, event.total, _BAR if room > 50 else 10, glyphs)
    done = f"  {format_size(event.sent)} of {format_size(event.total)}"
    seconds = state.now - state.started
    speed = f"  {format_size(event.sent / seconds)}/s" if seconds > 1 else ""
    return (*bar, Span(done), Span(speed, "muted"))


def _situation(state: SendState, width: int) -> Iterator[Line]:
    """Say what is going on, in words."""
    event = state.event
    if state.phase is Phase.STOPPING:
        yield line(("Stopping", "warning"))
    elif state.phase in {Phase.FAILED, Phase.REFUSED}:
        yield from paragraph(visible(state.message), width, "problem")
        yield from paragraph(visible(state.hint), width) if state.hint else ()
        if state.phase is Phase.FAILED:  # a hint about what is refused says what is left of it
            yield BLANK
            yield from _what_is_kept(state, width)
    elif isinstance(event, Looking):
        left = format_duration(timedelta(seconds=event.seconds_left))
        yield line(("The connection broke after everything was sent.", "warning"))
        words = (
            "It is never sent again by itself. The list is looked at for the batch it may have"
            f" made, for {left} at most."
        )
        yield from paragraph(words, width)
    elif isinstance(event, Waiting) and event.why:
        yield from paragraph(visible(event.why), width, "warning")
        words = f"Nothing was made of it: it tries again in {event.seconds:.0f} s."
        yield from paragraph(words, width)
    elif state.phase is Phase.SENDING:
        words = "Every step is written down first: it can be stopped and continued at any time."
        yield from paragraph(words, width, "muted")


def _what_is_kept(state: SendState, width: int) -> Iterator[Line]:
    if state.number:
        words = "Whether the batch was made is not known yet: r looks again, now or later."
    elif state.made:
        count = plural(len(state.made), "batch", "batches")
        words = f"{count} of {len(state.parts)} made: r goes on with the rest, now or later."
    else:
        words = "Nothing was made. r tries again."
    yield from paragraph(words, width, "muted")
