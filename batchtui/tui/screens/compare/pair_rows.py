"""The pairs as lines of the table; a pair is read when its line is seen."""

from collections.abc import Iterator, Sequence

from rich.cells import cell_len

from batchtui.results.comparison.answers import Change
from batchtui.tui.glyphs import Glyphs
from batchtui.tui.lines import BLANK, Line, Span
from batchtui.tui.screens.compare.browser import LONG_PAIR, PairBrowser
from batchtui.tui.screens.compare.pair_lines import what_differs
from batchtui.tui.screens.results.row_columns import LEAST_FIELD, fit_columns, verdict_column
from batchtui.tui.screens.results.rows import verdict_cell
from batchtui.tui.widgets.columns import (
    Cell,
    Column,
    PlacedColumn,
    cells_of_columns,
    header_line,
    place_columns,
    table_line,
)
from batchtui.tui.widgets.painting import fit
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
_CHANGE_SIGN = Column("change", "", 1)
_ROOMY = 60
"""Cells from which a change is written out beside the fields."""
_LEAST_ROOM = LEAST_FIELD + 2
"""Cells that the first field gets before the id is cut further."""
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
        self._columns = browser.columns.columns() if browser.columns is not None else ()
        comparison = browser.comparison
        self._reviews = (comparison.reviews if comparison is not None else None) or {}
        verdicts = (cell_len(one.verdict) for one in self._reviews.values())
        self._longest_verdict = max(verdicts, default=0)
        self._longest_id = max(map(cell_len, self._ids(_SAMPLE)), default=0)

    def __len__(self) -> int:
        return len(self._pairs)

    def header(self, width: int) -> Line:
        """Return the titles of the columns."""
        return header_line(self._placed(width))

    def line(self, place: int, width: int) -> Line:
        """Return a pair."""
        pair, comparison = self._pairs[place], self._browser.comparison
        if comparison is None:
            return BLANK
        glyph, word, style = _WORDS[comparison.change(pair)]
        if not self._glyphs.is_unicode:
            glyph = _ASCII.get(glyph, glyph)
        placed = self._placed(width)
        columns = [one.column for one in placed]
        custom_id = comparison.custom_id(pair)
        cells: dict[str, Cell] = {
            "id": visible(custom_id) or "(no custom_id)",
            "change": Span(f"{glyph} {word}" if _CHANGE in columns else glyph, style),
        }
        if custom_id in self._reviews:
            cells["review"] = verdict_cell(self._reviews[custom_id].verdict)
        for one in placed:
            if one.column.key == _WHAT.key:
                detail = self._browser.glance(pair)
                what = what_differs(detail, {one.key for one in columns}) if detail else _UNREAD
                cells[_WHAT.key] = _fitted(what, one.width)
            elif one.column.key.startswith("."):
                cells[one.column.key] = self._values(pair, one)
        return table_line(placed, cells)

    def _ids(self, count: int) -> Iterator[str]:
        """Yield the ids of the first pairs; safe to show."""
        comparison = self._browser.comparison
        if comparison is not None:
            yield from (visible(comparison.custom_id(pair)) for pair in self._pairs[:count])

    def _values(self, pair: int, placed: PlacedColumn) -> tuple[Span, ...]:
        """Return the values of a field, each with some room where they differ."""
        columns, comparison = self._browser.columns, self._browser.comparison
        if columns is None or comparison is None:
            return ()
        if comparison.size(pair) > LONG_PAIR:
            return _fitted((Span(self._glyphs.ellipsis, "muted"),), placed.width)
        spans = columns.cell(pair, placed.column.key)
        if len(spans) == 3:
            one, between, other = spans
            room = placed.width - cell_len(between.text)
            left = min(cell_len(one.text), max(room // 2, room - cell_len(other.text)))
            spans = Span(fit(one.text, left), one.style), between, other
        return _fitted(spans, placed.width)

    def _placed(self, width: int) -> tuple[PlacedColumn, ...]:
        """Return the columns: ids, changes, verdicts if there are any, fields, and what differs."""
        most = 14 if width < 60 else 24 if width < 120 else 32
        wanted = max(len("CUSTOM_ID"), min(self._longest_id, most))
        verdict = [verdict_column(self._longest_verdict, width)] if self._longest_verdict else []
        is_tight = bool(self._columns) and width < _ROOMY
        first = [_CHANGE_SIGN if is_tight else _CHANGE, *verdict]
        room = width - wanted - cells_of_columns(first)
        if self._columns and room < _LEAST_ROOM:
            spare = max(0, min(_LEAST_ROOM - room, wanted - len("CUSTOM_ID")))
            wanted, room = wanted - spare, room + spare
        shown = fit_columns(self._columns[:1] if is_tight else self._columns, room)
        room -= cells_of_columns(shown)
        what = [] if shown and room < _WHAT.width + _WHAT.gap else [_WHAT]
        custom_id = Column("id", "CUSTOM_ID", wanted, gap=0, grows=not what, cuts_middle=True)
        return place_columns([custom_id, *first, *shown, *what], width)


def _fitted(spans: Sequence[Span], width: int) -> tuple[Span, ...]:
    """Cut or fill spans to exactly some cells."""
    kept: list[Span] = []
    for span in spans:
        if width <= 0:
            break
        cells = min(cell_len(span.text), width)
        kept.append(Span(fit(span.text, cells), span.style))
        width -= cells
    return (*kept, Span(" " * width))
