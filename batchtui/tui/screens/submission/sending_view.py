"""How far a submission is, and what is open, as the lines that show it. Pure."""

from collections.abc import Iterator
from datetime import timedelta

from batchtui.api.models import MessageBatch
from batchtui.formatting import (
    format_age,
    format_count,
    format_duration,
    format_size,
    plural,
)
from batchtui.library.ledger_values import PlannedPart
from batchtui.submission.events import Looking, Uploading, Waiting
from batchtui.submission.sending_state import SendPhase, SendState
from batchtui.tui.commands.batches import FinishSending
from batchtui.tui.commands.command import KeyOf
from batchtui.tui.commands.submission import (
    AdoptBatch,
    FinishOther,
    SendKnowingly,
    StopSending,
    TryOnce,
)
from batchtui.tui.glyphs import Glyphs
from batchtui.tui.lines import BLANK, Line, Span, line
from batchtui.tui.screens.submission.words import paragraph, progress_bar
from batchtui.tui.widgets.painting import cut_cells
from batchtui.untrusted import visible

_BAR = 20


def sending_lines(state: SendState, glyphs: Glyphs, key: KeyOf, width: int) -> Iterator[Line]:
    """Write how far it is."""
    yield line((visible(state.label), "heading"))
    parts = f" in {plural(len(state.parts), 'batch', 'batches')}" if len(state.parts) > 1 else ""
    yield line((f"{plural(state.requests, 'request')}{parts}", "muted"))
    yield BLANK
    for part in state.parts:
        yield _part(state, part, glyphs, width)
    yield BLANK
    yield from _situation(state, key, width)


def _part(state: SendState, part: PlannedPart, glyphs: Glyphs, width: int) -> Line:
    is_alone = len(state.parts) == 1
    title = "" if is_alone else f"{part.number:>3}  {plural(part.requests, 'request'):<18}"
    left = [Span(title), *_part_state(state, part, glyphs, max(8, width - len(title) - 12))]
    return Line(tuple(left))


def _part_state(state: SendState, part: PlannedPart, glyphs: Glyphs, room: int) -> tuple[Span, ...]:
    made = state.made.get(part.number)
    if made is not None:
        found = "found  " if part.number in state.adopted else "made  "
        is_probable = part.number in state.probable
        how = Span("probably  ", "warning") if is_probable else Span(found, "ok")
        return how, Span(cut_cells(visible(made), room, glyphs.ellipsis))
    if state.phase is SendPhase.REFUSED:
        return (Span("not sent", "muted"),)
    if state.number == part.number:
        return (Span("not known whether it was made", "problem"),)
    event = state.event
    is_its = event is not None and event.number == part.number and state.phase is SendPhase.SENDING
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


def _situation(state: SendState, key: KeyOf, width: int) -> Iterator[Line]:
    """Say what is going on, in words."""
    event = state.event
    if state.phase is SendPhase.STOPPING:
        yield line(("Stopping", "warning"))
    elif state.phase in {SendPhase.FAILED, SendPhase.REFUSED}:
        yield from paragraph(visible(state.message), width, "problem")
        yield from paragraph(visible(state.hint), width) if state.hint else ()
        if state.phase is SendPhase.FAILED:  # a hint about what is refused says what is left of it
            yield BLANK
            yield from _what_is_kept(state, key, width)
    elif isinstance(event, Looking):
        left = format_duration(timedelta(seconds=event.seconds_left))
        why = event.why or "The connection broke after everything was sent."
        yield from paragraph(visible(why), width, "warning")
        words = (
            "It is never sent again by itself. The list is looked at for the batch it may have"
            f" made, for {left} at most."
        )
        yield from paragraph(words, width)
    elif isinstance(event, Waiting) and event.why:
        yield from paragraph(visible(event.why), width, "warning")
        words = f"Nothing was made of it: it tries again in {event.seconds:.0f} s."
        yield from paragraph(words, width)
    elif state.phase is SendPhase.SENDING:
        words = "Every step is written down first: it can be stopped and continued at any time."
        yield from paragraph(words, width, "muted")


def _what_is_kept(state: SendState, key: KeyOf, width: int) -> Iterator[Line]:
    again = key(TryOnce)
    if state.number:
        words = f"Whether the batch was made is not known yet: {again} looks again, now or later."
    elif state.made:
        count = plural(len(state.made), "batch", "batches")
        words = f"{count} of {len(state.parts)} made: {again} goes on with the rest, now or later."
    else:
        words = f"Nothing was made. {again} tries again."
    yield from paragraph(words, width, "muted")


def unresolved_lines(state: SendState, key: KeyOf, width: int) -> Iterator[Line]:
    """Say what is open, and what can be done about it."""
    if state.phase is SendPhase.BLOCKED:
        yield line(("An earlier batch is not accounted for", "heading"))
        yield BLANK
        yield from paragraph(visible(state.message), width)
        words = (
            "If you send this now, the two cannot be told apart in the list. Finish that one"
            f" first ({key(FinishOther)}), or send this one anyway ({key(SendKnowingly)})."
        )
        yield from paragraph(words, width)
        return
    if state.phase is SendPhase.PROBABLE:
        yield from _probable(state, key, width)
        return
    yield line(("It may have been made, or not", "heading"))
    yield BLANK
    requests = state.parts[state.number - 1].requests if state.number else state.requests
    which = f"Part {state.number}: " if len(state.parts) > 1 else ""
    words = (
        f"{which}{plural(requests, 'request')} of {visible(state.label)} went out to the last byte,"
        " but no answer came. It was not sent again."
    )
    yield from paragraph(words, width)
    yield BLANK
    if not state.candidates:
        yield line(("No batch of that size has appeared in the list.", "warning"))
        words = (
            f"It most likely was not made. {key(TryOnce)} looks once more;"
            f" {key(SendKnowingly)} sends it again, knowing that it may exist twice;"
            f" {key(StopSending)} decides later: it is kept, and"
            f" {key(FinishSending)} in the list brings it back."
        )
        yield from paragraph(words, width)
        return
    count = len(state.candidates)
    which = "This batch" if count == 1 else f"One of these {format_count(count)}"
    yield line((f"{which} may be it: the same size, created then, not seen before.", "strong"))
    words = f"{key(AdoptBatch)} takes the one under the cursor for it."
    yield from paragraph(words, width)


def _probable(state: SendState, key: KeyOf, width: int) -> Iterator[Line]:
    yield line(("It was probably made", "heading"))
    yield BLANK
    part = state.parts[state.number - 1]
    words = (
        f"No answer came for {plural(part.requests, 'request')} of {visible(state.label)}, and this"
        " batch fits: the same size, created then, not seen before. A batch of somebody else in"
        " your workspace would look the same. The custom_ids in its results decide."
    )
    yield from paragraph(words, width)
    yield BLANK
    words = (
        f"{key(StopSending)} leaves it at that: once it has ended, {key(FinishSending)} in the list"
        f" compares the ids. {key(AdoptBatch)} takes it for yours now; {key(SendKnowingly)} sends"
        " again, knowing that it may exist twice."
    )
    yield from paragraph(words, width)


def candidate_line(batch: MessageBatch, age: timedelta | None, glyphs: Glyphs) -> Line:
    """Return one batch that may be the one that was lost."""
    state = "running" if batch.is_live else "ended"
    ago = f"{format_age(age)} ago" if age is not None else glyphs.dash
    count = plural(batch.request_counts.total, "request")
    about = f"  {count}  {state}  created {ago}"
    return line((visible(batch.id), "accent"), about)
