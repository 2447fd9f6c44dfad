"""From a batch to the lines of the detail pane. Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from batchtui.api.models import MessageBatch
from batchtui.batches.deadlines import (
    ResultsPlace,
    age_of,
    elapsed_of,
    expires_in,
    expiry_of,
    results_availability,
)
from batchtui.batches.rules import can_view_results, state_of
from batchtui.formatting import (
    format_age,
    format_count,
    format_duration,
    format_share,
    format_time,
)
from batchtui.tui.commands.batches import OpenResults
from batchtui.tui.glyphs import Glyphs
from batchtui.tui.lines import BLANK, Line, Span, beside, line
from batchtui.tui.screens.batches.origin import origin_lines
from batchtui.tui.screens.batches.rows import COUNT_STYLES, STATE_STYLES, bar_spans, state_text
from batchtui.tui.screens.batches.state import Cause, DetailFacts, ResultsGist, ViewContext
from batchtui.tui.widgets.painting import cut_cells, fit
from batchtui.tui.widgets.reader_wrapping import wrap_runs
from batchtui.untrusted import visible

if TYPE_CHECKING:
    from batchtui.batches.durations import Typical

_BESIDE, _GAP = 70, 4
"""From what width on the counts stand beside the rest, and with how many cells between."""
_NOT_YET = "final counts come at the end"
_CAUSES = 5
"""Causes of failures that are shown at most."""


def detail_lines(
    batch: MessageBatch, facts: DetailFacts, context: ViewContext, width: int
) -> tuple[Line, ...]:
    """Write everything that is known of a batch.

    Args:
        batch: The batch.
        facts: What this disk knows of it.
        context: The facts of the moment.
        width: Cells that a line may have.
    """
    if width >= _BESIDE:
        half = (width - _GAP) // 2
        about = (
            *_name(batch, context, half),
            *_state(batch, facts, context, half),
            *_times(batch, context, half, is_brief=True),
            *_origin(facts, context, half),
        )
        counted = (
            *_counts(batch, context, half, is_brief=True),
            *_gist(batch, facts, context, half),
        )
        return beside(about, counted, half, _GAP)
    return (
        *_name(batch, context, width),
        BLANK,
        *_state(batch, facts, context, width),
        BLANK,
        *_counts(batch, context, width),
        *_spaced(_gist(batch, facts, context, width)),
        BLANK,
        *_times(batch, context, width),
        *_origin(facts, context, width),
    )


def _spaced(lines: Iterator[Line]) -> Iterator[Line]:
    """Yield the lines with a blank one before, if there are any."""
    for number, one in enumerate(lines):
        if not number:
            yield BLANK
        yield one


def _name(batch: MessageBatch, context: ViewContext, width: int) -> Iterator[Line]:
    label = context.labels.get(batch.id, "")
    if label:
        yield line((visible(label), "heading"))
    shown = cut_cells(visible(batch.id), width, context.glyphs.ellipsis)
    yield line((shown, "muted" if label else "heading"))


def _state(
    batch: MessageBatch, facts: DetailFacts, context: ViewContext, width: int
) -> Iterator[Line]:
    state = state_of(batch)
    shown = Span(state_text(state, context.glyphs), f"strong {STATE_STYLES[state.kind]}")
    elapsed = elapsed_of(batch, context.now)
    if elapsed is None:
        yield line(shown)
    elif batch.is_live:
        yield Line((shown,), (Span(f"{format_duration(elapsed)} of 24 h"),))
    else:
        yield Line((shown,), (Span(f"took {format_duration(elapsed)}"),))
    usual = context.known.usual.get(batch.id)
    if batch.is_live and usual is not None and elapsed is not None:
        yield line(*_usual_bar(elapsed, usual, context.glyphs, width))
        low, high = format_duration(usual.p50), format_duration(usual.p90)
        yield line((f"usually {low} to {high}  (p50, p90)", "muted"))
    if facts.warning:
        yield from wrap_runs([(facts.warning, "warning")], width)


def _usual_bar(
    elapsed: timedelta, usual: "Typical", glyphs: Glyphs, width: int
) -> tuple[Span, ...]:
    """Return how long it has run against what is usual: a mark at p50, the bar's end at p90."""
    cells = min(width, round(width * min(1.0, elapsed / usual.p90)))
    half = min(width - 1, round(width * (usual.p50 / usual.p90)))
    full, empty, mark = ("━", "╌", "│") if glyphs.is_unicode else ("=", ".", "|")
    style = "warning" if elapsed > usual.p90 else "running"
    text = full * cells + empty * (width - cells)
    text = text[:half] + mark + text[half + 1 :]
    return (Span(text[:cells], style), Span(text[cells:], "muted"))


def _gist(
    batch: MessageBatch, facts: DetailFacts, context: ViewContext, width: int
) -> Iterator[Line]:
    """Yield why rows failed, who answered and what it cost; or how to find out."""
    if batch.is_live:
        return
    counts, gist = batch.request_counts, facts.gist
    if gist is None:
        can_read = can_view_results(batch, is_here=batch.id in context.known.saved)
        if counts.failed and can_read:
            yield line((context.key_of(OpenResults), "key"), (" reads why they failed", "muted"))
        return
    if facts.answered_since:
        said = (f"{format_count(facts.answered_since)} answered since", "ok")
        yield from wrap_runs([(f"{format_count(counts.failed)} failed, ", "failed"), said], width)
    if gist.causes:
        yield from _causes(gist.causes, width)
        yield BLANK
    yield from _answered(gist, width)


def _causes(causes: Sequence[Cause], width: int) -> Iterator[Line]:
    yield line(("Why they failed", "heading"))
    for cause in causes[:_CAUSES]:
        number = f"{format_count(cause.count):>7}"
        text = fit(visible(cause.text), max(1, width - len(number) - 2)).rstrip()
        yield line((number, "failed"), f"  {text}")
    if len(causes) > _CAUSES:
        yield line((f"{'':7}  and {format_count(len(causes) - _CAUSES)} more causes", "muted"))


def _answered(gist: ResultsGist, width: int) -> Iterator[Line]:
    if gist.models:
        more = f" and {len(gist.models) - 1} more" if len(gist.models) > 1 else ""
        yield from _field("Model", f"{visible(gist.models[0])}{more}", width)
        tokens = f"{_short_count(gist.tokens_in)} in, {_short_count(gist.tokens_out)} out"
        yield from _field("Tokens", tokens, width)
    if gist.cost is not None:
        yield from _field("Cost", f"{gist.cost} by the price list", width)


def _field(name: str, text: str, width: int) -> Iterator[Line]:
    """Yield what something is, in as many lines as it takes."""
    before = Span(f"{name:<9}", "muted")
    yield from wrap_runs([(text, "")], width, (before,), (Span(" " * 9),))


def _short_count(number: int) -> str:
    """Return a large number in few cells: ``1.2 M``."""
    for size, letter in ((1_000_000, "M"), (1_000, "k")):
        if number >= size:
            return f"{number / size:.1f} {letter}"
    return str(number)


def _counts(
    batch: MessageBatch, context: ViewContext, width: int, *, is_brief: bool = False
) -> Iterator[Line]:
    counts = batch.request_counts
    yield Line((Span("Requests", "heading"),), (Span(format_count(counts.total), "strong"),))
    final = counts.total - counts.processing
    if batch.has_ended or final:
        yield Line(bar_spans(batch, width, context.glyphs))
    for name, style in COUNT_STYLES.items():
        number: int = getattr(counts, name)
        is_nothing = batch.has_ended and not number
        if is_nothing and (is_brief or name == "processing"):
            continue
        unsaid = batch.is_live and name != "processing" and not final
        share = "" if unsaid else format_share(number, counts.total)
        shown = context.glyphs.dash if unsaid else format_count(number)
        number_style = style if number else "muted"
        yield Line((Span(f"  {name}", "muted"),), (Span(f"{shown:>11}{share:>10}", number_style),))
    if batch.is_live and not final:
        yield line((f"  {_NOT_YET}", "muted"))


def _times(
    batch: MessageBatch, context: ViewContext, width: int, *, is_brief: bool = False
) -> Iterator[Line]:
    age = age_of(batch, context.now)
    yield _moment("Created", batch.created_at, _ago(age), context, width)
    left = expires_in(batch, context.now)
    if batch.is_live:
        yield _moment("Expires", expiry_of(batch), _in(left), context, width)
    if batch.is_live and is_brief:
        return
    since_end = None if batch.ended_at is None else context.now - batch.ended_at
    yield _moment("Ended", batch.ended_at, _ago(since_end), context, width)
    yield _results(batch, context, width)
    # last, since they come later or never: so nothing moves when they do
    if batch.cancel_initiated_at is not None:
        since = context.now - batch.cancel_initiated_at
        yield _moment("Canceled", batch.cancel_initiated_at, _ago(since), context, width)
    if batch.archived_at is not None:
        gone = context.now - batch.archived_at
        yield _moment("Archived", batch.archived_at, _ago(gone), context, width)


def _results(batch: MessageBatch, context: ViewContext, width: int) -> Line:
    found = results_availability(batch, context.now, is_here=batch.id in context.known.saved)
    label = Span(f"{'Results':<9}", "muted")
    if found.place is ResultsPlace.HERE:
        return line(label, ("on this disk, verified", "accent"))
    if found.place is ResultsPlace.GONE:
        return line(label, ("gone: kept for 29 days", "muted"))
    if found.place is ResultsPlace.NOT_YET:
        return line(label, ("not yet", "muted"))
    style = "problem" if found.is_about_to_be_lost else ""
    return _moment("Results", found.until, _in(found.left), context, width, style, "until ")


def _moment(
    name: str,
    moment: datetime | None,
    relative: str,
    context: ViewContext,
    width: int,
    style: str = "",
    before: str = "",
) -> Line:
    label = Span(f"{name:<9}", "muted")
    if moment is None:
        return line(label, (context.glyphs.dash, "muted"))
    room = width - len(label.text) - len(relative) - 2
    form = _fitting_time(moment, context, room - len(before))
    shown = before + form if len(before + form) <= room else form
    return Line((label, Span(shown, style)), (Span(relative, style or "muted"),))


def _fitting_time(moment: datetime, context: ViewContext, room: int) -> str:
    """Write a moment in ``room`` cells: the seconds go first where it is narrow, then the hours."""
    full = format_time(moment, context.zone)
    zone = "Z" if context.is_utc else ""
    forms = (full, full[:16] + zone, full[:10])
    return next((form for form in forms if len(form) <= room), forms[-1])


def _ago(age: timedelta | None) -> str:
    return "" if age is None else f"{format_age(age)} ago"


def _in(left: timedelta | None) -> str:
    return "" if left is None else f"in {format_duration(left)}"


def _origin(facts: DetailFacts, context: ViewContext, width: int) -> Iterator[Line]:
    return iter(()) if facts.origin is None else origin_lines(facts.origin, context, width)
