"""From two runs as they are looked at to the values of the widgets. Pure, but for pairs read."""

from collections.abc import Iterator, Mapping

from msgspec import Struct
from rich.cells import cell_len

from batchtui.batches.rules import ALLOWED, Availability
from batchtui.formatting import format_count, format_share, plural
from batchtui.results.comparison.answers import Change
from batchtui.results.comparison.side import RunTotals, Side
from batchtui.tui.commands import compare as commands
from batchtui.tui.commands.command import KeyOf, Need, default_key
from batchtui.tui.commands.compare import CompareNeed
from batchtui.tui.glyphs import Glyphs
from batchtui.tui.lines import BLANK, Line, Span, line
from batchtui.tui.screens.compare.browser import ChangeTab, PairBrowser
from batchtui.tui.screens.compare.pair_lines import what_differs
from batchtui.tui.widgets.columns import (
    Cell,
    Column,
    PlacedColumn,
    header_line,
    place_columns,
    table_line,
)
from batchtui.tui.widgets.painting import cut_cells
from batchtui.tui.widgets.results_table import NoRows, RowLines
from batchtui.untrusted import visible

_WORDS = {
    Change.SAME: ("=", "same", "muted"),
    Change.NORMALIZED: ("≈", "same form", "muted"),
    Change.TEXT: ("~", "text", "warning"),
    Change.FIELDS: ("≠", "fields", "warning"),
    Change.TYPE: ("!", "flipped", "failed"),
    Change.ONLY_A: ("‹", "only first", "canceled"),
    Change.ONLY_B: ("›", "only second", "canceled"),
}
_ASCII = {"≈": "~", "≠": "#", "‹": "<", "›": ">"}
_CHANGE = Column("change", "CHANGE", 13)
_WHAT = Column("what", "FIRST > SECOND", 20, grows=True)
_UNREAD = (Span("to be read below", "muted"),)
"""Stands for what differs where the list does not read it: long answers, a file that is gone."""
_SAMPLE = 300
"""Pairs whose ids tell how wide ids are."""
_AROUND = 23
"""Cells of the words around the names of the runs in the header."""
_ROOMY = 70
"""Cells from which the header has room for words."""
_NO_PAIR = Availability(allowed=False, reason="There is no pair here")
_NOT_YET = Availability(allowed=False, reason="The runs are not compared yet")


class CompareView(Struct, frozen=True):
    """What the widgets show."""

    header: Line = BLANK
    totals: tuple[Line, ...] = ()
    tabs: Line = BLANK
    query: Line = BLANK
    note: tuple[Line, ...] = ()
    """What is said in place of pairs."""
    rows: RowLines = NoRows()
    needs: Mapping[Need, Availability] = {}
    is_reading: bool = False
    """Whether the pair under the cursor has the whole screen."""


class CompareSetting(Struct, frozen=True):
    """What the values are made for."""

    glyphs: Glyphs
    width: int
    """Cells of a line."""
    key_of: KeyOf = default_key


def compare_view(browser: PairBrowser, setting: CompareSetting) -> CompareView:
    """Write everything but the pair under the cursor."""
    has_pairs = browser.comparison is not None and not browser.state.doing
    return CompareView(
        header=_header(browser, setting),
        totals=_totals(browser, setting),
        tabs=_tabs(browser),
        query=_query(browser, setting),
        note=_note(browser, setting),
        is_reading=browser.is_reading,
        rows=PairRows(browser, setting.glyphs) if browser.pairs else NoRows(),
        needs={
            CompareNeed.PAIRS: ALLOWED if has_pairs else _NOT_YET,
            CompareNeed.PAIR: ALLOWED if browser.pairs else _NO_PAIR,
        },
    )


def _header(browser: PairBrowser, setting: CompareSetting) -> Line:
    comparison = browser.comparison
    if comparison is None or browser.state.doing:
        right: tuple[Span, ...] = (Span(visible(browser.state.doing), "muted"),)
    else:
        counts = browser.counts()
        text = f"{format_count(counts[ChangeTab.ANY])} of {format_count(len(comparison))} differ"
        right = (Span(text, "warning" if counts[ChangeTab.ANY] else "ok"),)
        share = f"   {format_share(counts[ChangeTab.SAME], len(comparison))} same"
        if _names_width(browser) + len(text) + len(share) + _AROUND <= setting.width:
            right += (Span(share, "muted"),)
    is_roomy = setting.width >= _ROOMY
    between = "  with  " if is_roomy else " / "
    title = "Compare  " if is_roomy else ""
    taken = len(title) + len(between) + sum(len(span.text) for span in right) + 6
    room = max(6, (setting.width - taken) // 2)
    names = (
        Span(title, "muted"),
        Span(cut_cells(visible(browser.a.name), room), "only-a strong"),
        Span(between, "muted"),
        Span(cut_cells(visible(browser.b.name), room), "only-b strong"),
    )
    return Line(names, right)


def _names_width(browser: PairBrowser) -> int:
    return cell_len(visible(browser.a.name)) + cell_len(visible(browser.b.name))


def _totals(browser: PairBrowser, setting: CompareSetting) -> tuple[Line, ...]:
    """Both runs in numbers, a line each, the numbers below each other."""
    comparison = browser.comparison
    if comparison is None:
        return BLANK, BLANK
    facts = [_facts(totals) for totals in browser.totals]
    widths = [max(map(len, column)) for column in zip(*facts, strict=True)]
    texts = [
        "  ".join(f"{fact:>{width}}" for fact, width in zip(one, widths, strict=True))
        for one in facts
    ]
    sides = zip((comparison.a, comparison.b), texts, ("only-a", "only-b"), strict=True)
    return tuple(_total(side, text, style, setting) for side, text, style in sides)


def _facts(totals: RunTotals) -> tuple[str, ...]:
    mean = "–" if totals.mean_output is None else f"{totals.mean_output:,.0f}"
    return (
        f"{format_count(totals.succeeded)} of {format_count(totals.rows)} succeeded",
        f"{format_count(totals.input_tokens)} in",
        f"{format_count(totals.output_tokens)} out",
        f"{mean} each",
    )


def _total(side: Side, facts: str, style: str, setting: CompareSetting) -> Line:
    models = ", ".join(name for name in side.index.model_names if name)
    room = max(10, setting.width - len(facts) - 3)
    name = visible(side.name)
    both = f"{name}  {visible(models)}"
    # names of two runs often differ at their end only
    shown = both if cell_len(both) <= room else cut_cells(name, room)
    return Line((Span(shown, style),), (Span(facts, "muted"),))


def _tabs(browser: PairBrowser) -> Line:
    spans: list[Span] = []
    for tab, count in browser.counts().items():
        if not count and tab not in {browser.tab, ChangeTab.ANY, ChangeTab.ALL}:
            continue
        style = "tab" if tab is browser.tab else ""
        action = f"screen.show_tab('{tab.name}')"
        spans += [Span(f" {tab.value} {format_count(count)} ", style, action), Span(" ")]
    return Line(tuple(spans))


def _query(browser: PairBrowser, setting: CompareSetting) -> Line:
    if not browser.text:
        example = "change:fields   delta:.score   a.score>b.score   type:errored"
        key = setting.key_of(commands.FilterPairs)
        return line((key, "key"), ("  query  ", "muted"), (example, "muted"))
    found = plural(len(browser.pairs), "pair")
    if browser.asks_for_reviews:
        found += f" by {plural(browser.review_count, 'review')} of this comparison"
    return Line((Span(visible(browser.text), "accent"),), (Span(found, "muted"),))


def _note(browser: PairBrowser, setting: CompareSetting) -> tuple[Line, ...]:
    state = browser.state
    if state.problem:
        return (
            line(("The runs could not be compared", "heading")),
            BLANK,
            line((visible(state.problem), "problem")),
            line(visible(state.hint)),
        )
    if state.doing:
        return (line((visible(state.doing), "muted")),)
    if browser.asks_for_reviews and not browser.review_count:
        review = setting.key_of(commands.ReviewPairs)
        return (
            line(("This comparison has no reviews yet", "heading")),
            BLANK,
            line("Clear the query, then press ", (review, "key"), " to judge its pairs."),
        )
    if browser.text:
        return (line(("No pair matches the query", "heading")),)
    if browser.tab is ChangeTab.ANY:
        return (
            line(("Both runs say the same", "heading")),
            BLANK,
            line("No pair differs but in its form."),
        )
    return (line(("There are no such pairs", "heading")),)


class PairRows:
    """The pairs as lines of the table; a pair is read when its line is seen."""

    def __init__(self, browser: PairBrowser, glyphs: Glyphs) -> None:
        self._browser = browser
        self._pairs = browser.pairs
        self._glyphs = glyphs
        self._longest_id = max(map(cell_len, self._ids(_SAMPLE)), default=0)

    def __len__(self) -> int:
        return len(self._pairs)

    def header(self, width: int) -> Line:
        """The titles of the columns."""
        return header_line(self._placed(width))

    def line(self, place: int, width: int) -> Line:
        """A pair."""
        pair, comparison = self._pairs[place], self._browser.comparison
        if comparison is None:
            return BLANK
        detail = self._browser.glance(pair)
        glyph, word, style = _WORDS[comparison.change(pair)]
        if not self._glyphs.is_unicode:
            glyph = _ASCII.get(glyph, glyph)
        placed = self._placed(width)
        cells: dict[str, Cell] = {
            "id": visible(comparison.custom_id(pair)) or "(no custom_id)",
            "change": Span(f"{glyph} {word}", style),
            "what": _fitted(what_differs(detail) if detail else _UNREAD, placed[-1].width),
        }
        return table_line(placed, cells)

    def _ids(self, count: int) -> Iterator[str]:
        """The ids of the first pairs; safe to show."""
        comparison = self._browser.comparison
        if comparison is not None:
            yield from (visible(comparison.custom_id(pair)) for pair in self._pairs[:count])

    def _placed(self, width: int) -> tuple[PlacedColumn, ...]:
        most = 14 if width < 60 else 24 if width < 120 else 32
        wanted = max(len("CUSTOM_ID"), min(self._longest_id, most))
        custom_id = Column("id", "CUSTOM_ID", wanted, gap=0, cuts_middle=True)
        return place_columns((custom_id, _CHANGE, _WHAT), width)


def _fitted(spans: tuple[Span, ...], width: int) -> tuple[Span, ...]:
    """Cut spans to a width; what the painter would cut anyhow is not made longer than that."""
    kept: list[Span] = []
    for span in spans:
        if width <= 0:
            break
        kept.append(Span(span.text[:width], span.style))
        width -= len(kept[-1].text)
    return tuple(kept)
