"""From batches to the rows of the list. Pure."""

import re
from collections.abc import Iterable

from batchtui.api.models import MessageBatch
from batchtui.batches.deadlines import (
    PROCESSING_WINDOW,
    ResultsPlace,
    age_of,
    elapsed_of,
    expires_in,
    results_availability,
)
from batchtui.batches.outcome_bar import SegmentKind, outcome_bar
from batchtui.batches.rules import GLYPHS, BatchState, StateKind, state_of
from batchtui.formatting import format_age, format_count, format_duration
from batchtui.tui.glyphs import Glyphs
from batchtui.tui.lines import Line, Span, line
from batchtui.tui.screens.batches.state import ModelUse, ViewContext
from batchtui.tui.widgets.batch_table import OUTCOME_WIDTH, BatchRow
from batchtui.tui.widgets.painting import cut_cells
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
COUNT_STYLES = {
    "processing": "running",
    "succeeded": "ok",
    "errored": "failed",
    "canceled": "canceled",
    "expired": "expired",
}
"""By the names of counts, in the order in which they are shown."""
BAR_STYLES = {
    SegmentKind.SUCCEEDED: "ok",
    SegmentKind.ERRORED: "failed",
    SegmentKind.EXPIRED: "expired",
    SegmentKind.CANCELED: "canceled",
    SegmentKind.PROCESSING: "muted",
    SegmentKind.UNSAID: "muted",
}


_QUIET = frozenset({StateKind.ALL_OK})
"""What went well is in the style of the whole row: so the rest can be seen, and a cursor that moves
over it sends one color only."""
_FADED = frozenset({StateKind.ARCHIVED})
_MODEL = 15
"""Cells of the name of a model."""
_BAR, _NUMBER = 6, 5
"""Cells of the bar of an outcome, and of the number behind it."""


def batch_rows(
    batches: Iterable[MessageBatch], marked: frozenset[str], context: ViewContext
) -> tuple[BatchRow, ...]:
    """Make the rows of the batches on one page."""
    return tuple(_row(batch, batch.id in marked, context) for batch in batches)


def _row(batch: MessageBatch, is_marked: bool, context: ViewContext) -> BatchRow:
    state = state_of(batch)
    label = context.labels.get(batch.id, "")
    age = age_of(batch, context.now)
    took = None if batch.is_live else elapsed_of(batch, context.now)
    style = "muted" if state.kind in _FADED else ""
    use = context.model_uses.get(batch.id)
    return BatchRow(
        batch_id=batch.id,
        state=Span(state_text(state, context.glyphs), _row_style(state)),
        name=Span(_name(batch.id, label, context), style),
        age=context.glyphs.dash if age is None else format_age(age),
        requests=format_count(batch.request_counts.total),
        outcome=_outcome(batch, state, context),
        saved=_saved(batch, context),
        took="" if took is None else format_duration(took),
        model=_model(use, context.glyphs),
        cost="" if use is None or use.cost is None else use.cost.brief,
        expires=_expires(batch, context),
        source=visible(context.known.sources.get(batch.id, "")),
        note=visible(context.known.notes.get(batch.id, "")),
        style=style,
        is_marked=is_marked,
    )


def _row_style(state: BatchState) -> str:
    if state.kind in _QUIET:
        return ""
    return "muted" if state.kind in _FADED else STATE_STYLES[state.kind]


def _name(batch_id: str, label: str, context: ViewContext) -> str:
    """Label or id, marked where it is a next try or a part of a split file."""
    before = f"{context.glyphs.retry} " if batch_id in context.known.tries else ""
    part = context.known.parts.get(batch_id)
    after = "" if part is None else f" {context.glyphs.separator} part {part}"
    return f"{before}{visible(label or batch_id)}{after}"


def _outcome(batch: MessageBatch, state: BatchState, context: ViewContext) -> tuple[Span, ...]:
    """Return how it came out where that is not "all ok", or how far it is, in one style."""
    counts = batch.request_counts
    if batch.is_live:
        bar, number, style = _pace(batch, context)
    elif state.kind is StateKind.ARCHIVED or not (lost := counts.failed or counts.canceled):
        return (Span(" " * OUTCOME_WIDTH),)
    else:
        bar = _share_bar(lost / counts.total, context.glyphs)
        number, style = _percent(lost, counts.total), _row_style(state)
    return (Span(f"{bar:<{_BAR}} {number:>{_NUMBER}}", style),)


def _pace(batch: MessageBatch, context: ViewContext) -> tuple[str, str, str]:
    """Return how far a live batch is against what is usual: bar, number, and their style."""
    counts = batch.request_counts
    done = counts.total - counts.processing
    glyphs = context.glyphs
    if done and counts.total:
        return _time_bar(done / counts.total, glyphs), _percent(done, counts.total), ""
    elapsed = elapsed_of(batch, context.now)
    if elapsed is None or batch.is_canceling:
        return "", "", ""
    usual = context.known.usual.get(batch.id)
    if usual is None:
        return _time_bar(elapsed / PROCESSING_WINDOW, glyphs), "24 h", ""
    if elapsed > usual.p90:
        return _time_bar(1.0, glyphs), f">{format_age(usual.p90)}", "warning"
    number = f"~{format_age(usual.p50)}" if elapsed < usual.p50 else f"<{format_age(usual.p90)}"
    return _time_bar(elapsed / usual.p90, glyphs), number, ""


def _time_bar(share: float, glyphs: Glyphs) -> str:
    halves = min(2 * _BAR, max(1, round(share * 2 * _BAR)))
    if not glyphs.is_unicode:
        return "=" * -(-halves // 2)
    return "━" * (halves // 2) + "╸" * (halves % 2)


def _share_bar(share: float, glyphs: Glyphs) -> str:
    """Return a bar that is as long as a share is large, but never empty, and full only for all."""
    eighths = 8 * _BAR if share >= 1 else max(1, min(8 * _BAR - 1, round(share * 8 * _BAR)))
    if not glyphs.is_unicode:
        return "#" * max(1, eighths // 8)
    return "█" * (eighths // 8) + "▏▎▍▌▋▊▉"[eighths % 8 - 1 : eighths % 8]


def _percent(part: int, whole: int) -> str:
    """Return a share in five cells; never rounded to none, or to all."""
    percent = 100 * part / whole
    if percent >= 9.95:
        return f"{min(int(percent + 0.5), 99) if part < whole else 100} %"
    return f"{percent:.1f} %" if percent >= 0.1 else "<0.1%"


def state_text(state: BatchState, glyphs: Glyphs) -> str:
    """Glyph and word of a state: color is never the only sign."""
    return f"{glyphs.state(state)} {state.word}"


def short_id(batch_id: str, width: int, glyphs: Glyphs) -> str:
    """Return an id safe to show, cut in its middle where it is too long."""
    return cut_cells(visible(batch_id), width, glyphs.ellipsis)


def bar_spans(batch: MessageBatch, width: int, glyphs: Glyphs) -> tuple[Span, ...]:
    """Return the bar of a batch's outcome, ``width`` cells wide."""
    return tuple(
        Span(glyphs.bars[segment.kind] * segment.cells, BAR_STYLES[segment.kind])
        for segment in outcome_bar(batch, width)
    )


def _saved(batch: MessageBatch, context: ViewContext) -> Span:
    coming = context.downloads.shares
    if batch.id in coming:
        share = coming[batch.id]
        return Span("wait" if share is None else f"{share} %", "running")
    found = results_availability(batch, context.now, is_here=batch.id in context.known.saved)
    if found.place is ResultsPlace.HERE:
        return Span(f"{context.glyphs.here}  ")
    if found.is_about_to_be_lost and found.left is not None:
        return Span(f"{format_age(found.left)}!", "problem")
    if found.place is ResultsPlace.UNTIL and found.left is not None:
        return Span(f"{format_age(found.left)} ", "warning")
    return Span("")


_SAID_OF_ALL = re.compile(r"^claude-|-\d{8}$")
"""What of a model's id tells it from no other one in the list: the detail has the whole of it."""


def _model(use: ModelUse | None, glyphs: Glyphs) -> str:
    """Return the model that answers most of a batch, and how many others do."""
    if use is None:
        return ""
    name = cut_cells(visible(_SAID_OF_ALL.sub("", use.models[0])), _MODEL, glyphs.ellipsis)
    return f"{name} +{len(use.models) - 1}" if len(use.models) > 1 else name


def _expires(batch: MessageBatch, context: ViewContext) -> str:
    """Return how long a live batch still has, or how long results are still kept."""
    left = expires_in(batch, context.now)
    if not batch.is_live:
        left = results_availability(batch, context.now, is_here=False).left
    return "" if left is None else format_age(left)


_MEANINGS = {
    StateKind.RUNNING: "requests are still being answered",
    StateKind.CANCELING: "a cancel was asked for; what runs may finish",
    StateKind.ALL_OK: "ended, and every request succeeded",
    StateKind.FAILED: "ended, and requests errored, expired or did not finish",
    StateKind.CANCELED: "ended because it was canceled",
    StateKind.ARCHIVED: "ended, and the server has dropped its results",
    StateKind.UNKNOWN: "the server says something that is not known here",
}


def legend_lines(glyphs: Glyphs) -> tuple[Line, ...]:
    """Say what the signs of the list mean, for the help."""
    signs = [
        (
            GLYPHS[kind].unicode if glyphs.is_unicode else GLYPHS[kind].ascii,
            STATE_STYLES[kind],
            text,
        )
        for kind, text in _MEANINGS.items()
    ]
    signs += [
        (glyphs.here, "", "in SAVED: the results are on this disk"),
        ("~", "", "in COST: by the price list; the invoice decides"),
        (glyphs.retry, "", "it is one of several tries of the same requests"),
    ]
    heading = line(("Signs", "heading"))
    return (heading, *(line((f"  {sign}  ", style), text) for sign, style, text in signs))
