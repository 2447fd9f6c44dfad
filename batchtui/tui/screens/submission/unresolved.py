"""What is said where nobody knows whether a batch was made: the facts, and the ways out. Pure."""

from collections.abc import Iterator
from datetime import timedelta

from batchtui.api.models import MessageBatch
from batchtui.formatting import format_age, format_count, plural
from batchtui.tui.glyphs import Glyphs
from batchtui.tui.lines import BLANK, Line, line
from batchtui.tui.screens.submission.progress import Phase, SendState
from batchtui.tui.screens.submission.words import paragraph
from batchtui.untrusted import visible


def unresolved_lines(state: SendState, width: int) -> tuple[Line, ...]:
    """Say what is open, and what can be done about it."""
    return tuple(_unresolved(state, width))


def _unresolved(state: SendState, width: int) -> Iterator[Line]:
    if state.phase is Phase.BLOCKED:
        yield line(("An earlier batch is not accounted for", "heading"))
        yield BLANK
        yield from paragraph(visible(state.message), width)
        words = (
            "Were this one sent now, nobody could tell the two apart in the list. Finish that one"
            " first (f), or send this one all the same (S)."
        )
        yield from paragraph(words, width)
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
            "It most likely was not made. r looks once more; S sends it again, knowing that it may"
            " exist twice; Esc decides later: it is kept, and S in the list brings it back."
        )
        yield from paragraph(words, width)
        return
    count = len(state.candidates)
    which = "This batch" if count == 1 else f"One of these {format_count(count)}"
    yield line((f"{which} may be it: the same size, created then, not seen before.", "strong"))
    yield from paragraph("Enter takes the one under the cursor for it.", width)


def candidate_line(batch: MessageBatch, age: timedelta | None, width: int, glyphs: Glyphs) -> Line:
    """One batch that may be the one that was lost."""
    del width
    state = "running" if batch.is_live else "ended"
    ago = f"{format_age(age)} ago" if age is not None else glyphs.dash
    count = plural(batch.request_counts.total, "request")
    about = f"  {count}  {state}  created {ago}"
    return line((visible(batch.id), "accent"), about)
