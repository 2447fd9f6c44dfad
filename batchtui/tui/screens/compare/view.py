"""From two runs as they are looked at to the values of the widgets. Pure."""

from collections.abc import Mapping

from msgspec import Struct
from rich.cells import cell_len

from batchtui.batches.rules import ALLOWED, Availability
from batchtui.formatting import format_count, format_share, plural
from batchtui.results.comparison.query import asks_for_reviews
from batchtui.results.comparison.side import RunTotals
from batchtui.tui.commands import compare as commands
from batchtui.tui.commands.command import KeyOf, Need, default_key
from batchtui.tui.commands.compare import CompareNeed
from batchtui.tui.glyphs import Glyphs
from batchtui.tui.lines import BLANK, Line, Span, line
from batchtui.tui.screens.compare.state import BothRuns, ChangeTab, PairsState
from batchtui.tui.widgets.painting import cut_cells
from batchtui.untrusted import visible

_AROUND = 23
"""Cells of the words around the names of the runs in the header."""
_ROOMY = 70
"""Cells from which the header has room for words."""
_NO_PAIR = Availability("There is no pair here")
_NOT_YET = Availability("The runs are not compared yet")


class CompareView(Struct, frozen=True):
    """What the widgets show."""

    header: Line = BLANK
    totals: tuple[Line, ...] = ()
    tabs: Line = BLANK
    query: Line = BLANK
    note: tuple[Line, ...] = ()
    """What is said in place of pairs."""
    needs: Mapping[Need, Availability] = {}
    is_reading: bool = False
    """Whether the pair under the cursor has the whole screen."""


class PairsViewSetup(Struct, frozen=True):
    """What the view depends on besides the state."""

    glyphs: Glyphs
    width: int
    """Cells of a line."""
    key_of: KeyOf = default_key


def compare_view(state: PairsState, runs: BothRuns, setup: PairsViewSetup) -> CompareView:
    """Write everything but the pairs."""
    has_pairs = bool(runs.totals) and not state.load.doing
    return CompareView(
        header=_header(state, runs, setup),
        totals=_totals(runs, setup),
        tabs=_tabs(state, runs),
        query=_query(state, runs, setup),
        note=_note(state, runs, setup),
        is_reading=state.is_reading,
        needs={
            CompareNeed.PAIRS: ALLOWED if has_pairs else _NOT_YET,
            CompareNeed.PAIR: ALLOWED if state.pairs else _NO_PAIR,
        },
    )


def _header(state: PairsState, runs: BothRuns, setup: PairsViewSetup) -> Line:
    names = [visible(name) for name in runs.names]
    if not runs.totals or state.load.doing:
        right: tuple[Span, ...] = (Span(visible(state.load.doing), "muted"),)
    else:
        differ, count = runs.counts[ChangeTab.ANY], runs.counts[ChangeTab.ALL]
        text = f"{format_count(differ)} of {format_count(count)} differ"
        right = (Span(text, "warning" if differ else "ok"),)
        share = f"   {format_share(runs.counts[ChangeTab.SAME], count)} same"
        if sum(map(cell_len, names)) + len(text) + len(share) + _AROUND <= setup.width:
            right += (Span(share, "muted"),)
    is_roomy = setup.width >= _ROOMY
    between = "  with  " if is_roomy else " / "
    title = "Compare  " if is_roomy else ""
    taken = len(title) + len(between) + sum(len(span.text) for span in right) + 6
    room = max(6, (setup.width - taken) // 2)
    left = (
        Span(title, "muted"),
        Span(cut_cells(names[0], room), "only-a strong"),
        Span(between, "muted"),
        Span(cut_cells(names[1], room), "only-b strong"),
    )
    return Line(left, right)


def _totals(runs: BothRuns, setup: PairsViewSetup) -> tuple[Line, ...]:
    """Return both runs in numbers, a line each, the numbers below each other."""
    if not runs.totals:
        return BLANK, BLANK
    facts = [_facts(totals) for totals in runs.totals]
    widths = [max(map(len, column)) for column in zip(*facts, strict=True)]
    texts = [
        "  ".join(f"{fact:>{width}}" for fact, width in zip(one, widths, strict=True))
        for one in facts
    ]
    sides = zip(runs.names, runs.models, texts, ("only-a", "only-b"), strict=True)
    return tuple(_total(*side, setup) for side in sides)


def _facts(totals: RunTotals) -> tuple[str, ...]:
    mean = "–" if totals.mean_output is None else f"{totals.mean_output:,.0f}"
    return (
        f"{format_count(totals.succeeded)} of {format_count(totals.rows)} succeeded",
        f"{format_count(totals.input_tokens)} in",
        f"{format_count(totals.output_tokens)} out",
        f"{mean} each",
        totals.cost_words,
    )


def _total(name: str, models: str, facts: str, style: str, setup: PairsViewSetup) -> Line:
    room = max(10, setup.width - len(facts) - 3)
    name = visible(name)
    both = f"{name}  {visible(models)}"
    # names of two runs often differ at their end only
    shown = both if cell_len(both) <= room else cut_cells(name, room)
    return Line((Span(shown, style),), (Span(facts, "muted"),))


def _tabs(state: PairsState, runs: BothRuns) -> Line:
    spans: list[Span] = []
    for tab, count in runs.counts.items():
        if not count and tab not in {state.tab, ChangeTab.ANY, ChangeTab.ALL}:
            continue
        style = "tab" if tab is state.tab else ""
        action = f"screen.show_tab('{tab.name}')"
        spans += [Span(f" {tab.value} {format_count(count)} ", style, action), Span(" ")]
    return Line(tuple(spans))


def _query(state: PairsState, runs: BothRuns, setup: PairsViewSetup) -> Line:
    if not state.text:
        example = "change:fields   delta:.score   a.score>b.score   type:errored"
        key = setup.key_of(commands.FilterPairs)
        return line((key, "key"), ("  query  ", "muted"), (example, "muted"))
    found = plural(len(state.pairs), "pair")
    if asks_for_reviews(state.text):
        found += f" by {plural(runs.reviews, 'review')} of this comparison"
    return Line((Span(visible(state.text), "accent"),), (Span(found, "muted"),))


def _note(state: PairsState, runs: BothRuns, setup: PairsViewSetup) -> tuple[Line, ...]:
    load = state.load
    if load.problem:
        return (
            line(("The runs could not be compared", "heading")),
            BLANK,
            line((visible(load.problem), "problem")),
            line(visible(load.hint)),
        )
    if load.doing:
        return (line((visible(load.doing), "muted")),)
    if asks_for_reviews(state.text) and not runs.reviews:
        review = setup.key_of(commands.ReviewPairs)
        return (
            line(("This comparison has no reviews yet", "heading")),
            BLANK,
            line("Clear the query, then press ", (review, "key"), " to judge its pairs."),
        )
    if state.text:
        reasons = (line(visible(reason)) for reason in state.absent)
        return (line(("No pair matches the query", "heading")), *reasons)
    if state.tab is ChangeTab.ANY:
        return (
            line(("Both runs say the same", "heading")),
            BLANK,
            line("No pair differs but in its form."),
        )
    return (line(("There are no such pairs", "heading")),)
