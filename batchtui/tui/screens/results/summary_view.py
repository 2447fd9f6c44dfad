"""From numbers to lines: how rows ended, tokens, lengths of answers, estimated cost. Pure."""

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct
from rich.cells import cell_len, set_cell_size

from batchtui.formatting import format_count, format_share, plural
from batchtui.prices import NOTES, PriceTable
from batchtui.results.conversation import STOP_REASONS
from batchtui.results.index import RESULT_TYPES
from batchtui.results.query.syntax import quote
from batchtui.results.summary import Count, LengthBucket, Lengths, ModelSummary, Summary
from batchtui.tui.glyphs import Glyphs
from batchtui.tui.lines import BLANK, Line, Span, beside, line
from batchtui.tui.screens.results.rows import TYPE_STYLES, type_glyph
from batchtui.tui.widgets.painting import cut_cells
from batchtui.tui.widgets.reader_wrapping import wrap_runs
from batchtui.untrusted import visible

_EIGHTHS = " ▏▎▍▌▋▊▉"
_TWO_COLUMNS = 104
"""Cells from which the halves stand beside each other."""
_GAP = 4
_NUMBER = 12
_LONGEST_NAME = 30
_PAIR = 24
_MOST_MODELS = 12
_MODEL_TITLES = ("ROWS", "INPUT", "OUTPUT", "COST")


class SummaryLine(Struct, frozen=True):
    """A line, and the rows that it stands for."""

    line: Line
    query: str = ""
    """Finds exactly these rows; empty where the line stands for none."""
    cells: int = 0
    """How much of the line says it, where something else stands beside it; 0 for all of it."""


class SummaryState(Struct, frozen=True):
    """What is summed up."""

    title: str
    """What the user calls the rows; untrusted text."""
    prices: PriceTable
    """What costs are estimated with."""
    summary: Summary | None = None
    """The numbers, once there are any."""
    doubtful: int = 0
    """How many rows need a look."""
    is_moving: bool = False
    """Whether more rows are on their way."""


def summary_header(state: SummaryState) -> Line:
    """Say what is summed up, and whether that is all."""
    so_far = "so far" if state.is_moving else ""
    return line(("Summary", "strong"), f"   {visible(state.title)}   ", (so_far, "running"))


def summary_lines(state: SummaryState, glyphs: Glyphs, width: int) -> tuple[SummaryLine, ...]:
    """Write the summary in lines of some cells."""
    summary = state.summary
    if summary is None:
        return ()
    is_wide = width >= _TWO_COLUMNS
    half = (width - _GAP) // 2 if is_wide else width
    bars = Bars(_name_width(summary, glyphs), half, glyphs)
    left = (
        *_ended(summary, state.doubtful, bars),
        *_stops(summary, bars),
        *_lengths(summary.lengths, bars),
    )
    right = (*_tokens(summary, half), *_cost(summary, state.prices, half))
    models = _models(summary.models, glyphs, width)
    if not is_wide:
        return (*left, *map(SummaryLine, right), *models)
    both = beside(tuple(one.line for one in left), right, half, _GAP)
    queries = [one.query for one in left] + [""] * (len(both) - len(left))
    paired = (SummaryLine(one, query, half) for one, query in zip(both, queries, strict=True))
    return (*paired, *models)


class Bars(Struct, frozen=True):
    """How lines with bars are written."""

    name: int
    """Cells of the names."""
    width: int
    """Cells of a line."""
    glyphs: Glyphs
    """The signs to draw with."""


def _name_width(summary: Summary, glyphs: Glyphs) -> int:
    """Cells that the names beside the bars need."""
    names = ["  need a look"]
    names += [
        f"  {count.name}" for count in summary.types if count.rows or count.name != "unreadable"
    ]
    names += [visible(count.name) or "(no stop reason)" for count in summary.stops]
    names += [_range(bucket, glyphs) for bucket in summary.lengths.buckets]
    return min(_LONGEST_NAME, max(map(len, names)))


def bar(part: int, whole: int, cells: int, glyphs: Glyphs) -> str:
    """Return a bar as long as the part is of the whole; anything but nothing can be seen."""
    if part <= 0 or whole <= 0:
        return ""
    eighths = max(1, round(8 * cells * part / whole))
    if not glyphs.is_unicode:
        return "#" * max(1, eighths // 8)
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()


def _heading(text: str, after: str = "") -> Line:
    return line((text, "heading"), (f"   {after}" if after else "", "muted"))


def _bar_line(
    name: Span,
    count: int,
    whole: int,
    style: str,
    bars: Bars,
    *,
    query: str = "",
    scale: int = 0,
) -> SummaryLine:
    shown = set_cell_size(name.text, bars.name)
    room = max(4, bars.width - bars.name - 2 - _NUMBER - 9)
    written = line(
        Span(f"  {shown}", name.style),
        (f"{format_count(count):>{_NUMBER - 2}}", style if count else "muted"),
        (f"{format_share(count, whole):>9}  ", "muted"),
        (bar(count, scale or whole, room, bars.glyphs), style),
    )
    return SummaryLine(written, query if count else "")


def _ended(summary: Summary, doubtful: int, bars: Bars) -> Iterator[SummaryLine]:
    yield SummaryLine(_heading("How the requests ended", plural(summary.rows, "row")))
    for count in summary.types:
        kind = RESULT_TYPES.index(count.name)
        if count.rows or kind <= 3:
            name = Span(f"{type_glyph(kind, bars.glyphs)} {count.name}", TYPE_STYLES[kind])
            query = f"type:{count.name}"
            yield _bar_line(name, count.rows, summary.rows, TYPE_STYLES[kind], bars, query=query)
    if doubtful:
        name = Span("  need a look", "warning")
        yield _bar_line(name, doubtful, summary.rows, "warning", bars, query="is:look")
    yield SummaryLine(BLANK)


def _stops(summary: Summary, bars: Bars) -> Iterator[SummaryLine]:
    if not summary.stops:
        return
    yield SummaryLine(_heading("Why the answers stopped"))
    answers = sum(count.rows for count in summary.stops)
    known = {count.name for count in summary.stops}
    for count in _most(summary.stops, 8):
        name = Span(visible(count.name) or "(no stop reason)")
        query = _of_answers("stop", count.name) if count.name in known else ""
        style = "ok" if count.name in {"end_turn", "stop_sequence", "tool_use"} else "warning"
        style = style if count.name in STOP_REASONS else "muted"
        yield _bar_line(name, count.rows, answers, style, bars, query=query)
    yield SummaryLine(BLANK)


def _of_answers(field: str, name: str) -> str:
    """Return the query for the answers with this name in a field; rows without answer have none."""
    query = f"{field}={quote(name)}"
    return query if name else f"type:succeeded {query}"


def _most(counts: Sequence[Count], limit: int) -> Iterable[Count]:
    """Return the first ones, and the others as one."""
    if len(counts) <= limit:
        return counts
    others = sum(count.rows for count in counts[limit - 1 :])
    return (*counts[: limit - 1], Count("others", others))


def _lengths(lengths: Lengths, bars: Bars) -> Iterator[SummaryLine]:
    if not lengths.buckets:
        return
    middle = f"median {format_count(lengths.median)}, 95 % up to {format_count(lengths.p95)}"
    yield SummaryLine(_heading("Length of the answers", "output tokens"))
    rows = sum(bucket.rows for bucket in lengths.buckets)
    scale = max(bucket.rows for bucket in lengths.buckets)
    for bucket in lengths.buckets:
        name = Span(_range(bucket, bars.glyphs))
        query = f"out>={bucket.low} out<={bucket.high}"
        yield _bar_line(name, bucket.rows, rows, "running", bars, query=query, scale=scale)
    longest = f"longest {format_count(lengths.longest)}"
    yield SummaryLine(line((f"  {middle}, {longest}", "muted")))
    yield SummaryLine(BLANK)


def _range(bucket: LengthBucket, glyphs: Glyphs) -> str:
    if bucket.low == bucket.high:
        return format_count(bucket.low)
    return f"{format_count(bucket.low)} {glyphs.dash} {format_count(bucket.high)}"


def _tokens(summary: Summary, width: int) -> Iterator[Line]:
    use = summary.use
    yield _heading("Tokens")
    for name, number in (
        ("input, not cached", use.input),
        ("read from the cache", use.cache_read),
        ("written to the cache", use.cache_write),
        ("output", use.output),
    ):
        yield _pair(name, format_count(number), "strong" if number else "muted")
    rate = summary.cache_hit_rate
    if rate is not None:
        yield _pair("cache hit rate", f"{100 * rate:.1f} %")
    if summary.rows_without_usage:
        text = plural(
            summary.rows_without_usage,
            "answer does not say its tokens",
            "answers do not say their tokens",
        )
        yield line((f"  {text}"[:width], "warning"))
    yield BLANK


def _pair(name: str, value: str, style: str = "") -> Line:
    return line((f"  {name:<{_PAIR}}", "muted"), (f"{value:>14}", style))


def _cost(summary: Summary, prices: PriceTable, width: int) -> Iterator[Line]:
    yield _heading("Estimated cost")
    if summary.cost is None:
        yield line(("  unknown: no price is known for these models", "warning"))
    else:
        yield line("  ", (str(summary.cost), "strong"))
    if summary.cost is not None and summary.rows_without_price:
        text = f"without {plural(summary.rows_without_price, 'answer')} of unknown price"
        yield line((f"  {text}", "warning"))
    discount = f"batch discount of {100 * prices.batch_discount:.0f}\u00a0%"
    notes = [f"Prices as of {summary.prices_as_of.isoformat()}, with the {discount}.", *NOTES]
    for note in [*notes, *([prices.problem] if prices.problem else [])]:
        indent = (Span("  "),)
        yield from wrap_runs([(note, "muted")], width, indent, indent)
    yield BLANK


def _models(models: Sequence[ModelSummary], glyphs: Glyphs, width: int) -> Iterator[SummaryLine]:
    if not models:
        return
    yield SummaryLine(_heading("By model"))
    shown = models[:_MOST_MODELS]
    rows = [_model_numbers(model) for model in shown]
    cells = [max(map(len, column)) for column in zip(_MODEL_TITLES, *rows, strict=True)]
    names = [visible(model.model) or "(no model)" for model in shown]
    room = max(12, min(max(map(cell_len, names)), width - sum(cells) - 2 * len(cells) - 2))
    yield SummaryLine(line((f"  {'':<{room}}{_right(_MODEL_TITLES, cells)}", "muted")))
    for model, name, row in zip(shown, names, rows, strict=True):
        cut = cut_cells(name, room, glyphs.ellipsis)
        *numbers, cost = row
        style = "warning" if model.cost is None else ""
        written = line(
            f"  {set_cell_size(cut, room)}{_right(numbers, cells[:-1])}",
            (_right([cost], cells[-1:]), style),
        )
        yield SummaryLine(written, _of_answers("model", model.model))
    if len(models) > _MOST_MODELS:
        more = f"  and {format_count(len(models) - _MOST_MODELS)} more"
        yield SummaryLine(line((more, "muted")))


def _model_numbers(model: ModelSummary) -> tuple[str, ...]:
    use = model.use
    cost = "unknown" if model.cost is None else str(model.cost).removeprefix("about ")
    return (*map(format_count, (model.rows, use.prompt, use.output)), cost)


def _right(cells: Sequence[str], widths: Sequence[int]) -> str:
    """Put cells at the right ends of their columns."""
    return "".join(f"  {cell:>{width}}" for cell, width in zip(cells, widths, strict=True))
