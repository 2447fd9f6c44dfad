"""From batches to the rows of the list. Pure."""

from collections.abc import Iterable

from batchtui.api.models import MessageBatch
from batchtui.batches.deadlines import ResultsPlace, age_of, results_availability
from batchtui.batches.outcome_bar import SegmentKind, outcome_bar
from batchtui.batches.rules import BatchState, StateKind, state_of
from batchtui.formatting import cut_middle, format_age, format_count
from batchtui.tui.glyphs import Glyphs
from batchtui.tui.lines import Span
from batchtui.tui.screens.batches.state import ViewContext
from batchtui.tui.widgets.batch_table import BAR_WIDTH, BatchRow
from batchtui.untrusted import visible

STATE_STYLES = {
    StateKind.RUNNING: "running",
    StateKind.CANCELING: "canceling",
    StateKind.ALL_OK: "ok",
    StateKind.FAILED: "failed",
    StateKind.EXPIRED: "expired",
    StateKind.CANCELED: "canceled",
    StateKind.MIXED: "failed",
    StateKind.ARCHIVED: "archived",
    StateKind.UNKNOWN: "warning",
}
BAR_STYLES = {
    SegmentKind.SUCCEEDED: "ok",
    SegmentKind.ERRORED: "failed",
    SegmentKind.EXPIRED: "expired",
    SegmentKind.CANCELED: "canceled",
    SegmentKind.PROCESSING: "muted",
    SegmentKind.UNSAID: "muted",
}


def batch_rows(
    batches: Iterable[MessageBatch], marked: frozenset[str], context: ViewContext
) -> tuple[BatchRow, ...]:
    """Make the rows of the batches on one page."""
    return tuple(_row(batch, batch.id in marked, context) for batch in batches)


def _row(batch: MessageBatch, is_marked: bool, context: ViewContext) -> BatchRow:
    state = state_of(batch)
    label = context.labels.get(batch.id, "")
    age = age_of(batch, context.now)
    return BatchRow(
        batch_id=batch.id,
        state=state_text(state, context.glyphs),
        state_style=STATE_STYLES[state.kind],
        name=_name(batch.id, label, context),
        is_labelled=bool(label),
        age=context.glyphs.dash if age is None else format_age(age),
        requests=format_count(batch.request_counts.total),
        bar=bar_spans(batch, BAR_WIDTH, context.glyphs),
        here=_here(batch, context),
        is_marked=is_marked,
    )


def _name(batch_id: str, label: str, context: ViewContext) -> str:
    """Label or id, marked where it is a next try or a part of a split file."""
    before = f"{context.glyphs.retry} " if batch_id in context.known.tries else ""
    part = context.known.parts.get(batch_id)
    after = "" if part is None else f" {context.glyphs.separator} part {part}"
    return f"{before}{visible(label or batch_id)}{after}"


def state_text(state: BatchState, glyphs: Glyphs) -> str:
    """Glyph and word of a state: colour is never the only sign."""
    return f"{glyphs.state(state)} {state.word}"


def short_id(batch_id: str, width: int, glyphs: Glyphs) -> str:
    """An id safe to show, cut in its middle where it is too long."""
    return cut_middle(visible(batch_id), width, glyphs.ellipsis)


def bar_spans(batch: MessageBatch, width: int, glyphs: Glyphs) -> tuple[Span, ...]:
    """The bar of a batch's outcome, ``width`` cells wide."""
    return tuple(
        Span(glyphs.bars[segment.kind] * segment.cells, BAR_STYLES[segment.kind])
        for segment in outcome_bar(batch, width)
    )


def _here(batch: MessageBatch, context: ViewContext) -> Span:
    if batch.id in context.downloads:
        return Span(context.downloads[batch.id], "running")
    found = results_availability(batch, context.now, is_here=batch.id in context.known.saved)
    if found.place is ResultsPlace.HERE:
        return Span(f"{context.glyphs.here}  ", "accent")
    if found.place is ResultsPlace.GONE:
        return Span(f"{context.glyphs.dash}  ", "muted")
    if found.is_about_to_be_lost and found.left is not None:
        return Span(f"{format_age(found.left)}!", "problem")
    if found.place is ResultsPlace.UNTIL and found.left is not None:
        return Span(f"{format_age(found.left)} ", "warning")
    return Span("")
