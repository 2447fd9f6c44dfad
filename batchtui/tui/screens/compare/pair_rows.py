"""The pairs as lines of the table; a pair is read when its line is seen."""

from collections.abc import Iterator

from rich.cells import cell_len

from batchtui.results.comparison.answers import Change
from batchtui.tui.glyphs import Glyphs
from batchtui.tui.lines import BLANK, Line, Span
from batchtui.tui.screens.compare.browser import PairBrowser
from batchtui.tui.screens.compare.pair_lines import what_differs
from batchtui.tui.widgets.columns import (
    Cell,
    Column,
    PlacedColumn,
    header_line,
    place_columns,
    table_line,
)
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


class PairRows:
    """The pairs that are shown, one a line."""

    def __init__(self, browser: PairBrowser, glyphs: Glyphs) -> None:
        self._browser = browser
        self._pairs = browser.state.pairs
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
