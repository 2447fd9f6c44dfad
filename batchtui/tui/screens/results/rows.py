"""From rows of the index to the lines of the table. Pure, but for the snippets it is given."""

from collections.abc import Callable, Sequence

from msgspec import Struct
from msgspec.structs import replace
from rich.cells import cell_len

from batchtui.formatting import format_count
from batchtui.library.reviews import BAD, GOOD, UNSURE
from batchtui.results.index import (
    CANCELED,
    ERRORED,
    EXPIRED,
    RESULT_TYPES,
    SUCCEEDED,
    UNKNOWN,
    UNREADABLE,
    ResultsIndex,
)
from batchtui.results.query.syntax import SortKey
from batchtui.results.review_flags import ReviewFlags
from batchtui.tui.glyphs import Glyphs
from batchtui.tui.lines import BLANK, Line, Span
from batchtui.tui.screens.results.row_columns import Needed, choose_columns, short_reason
from batchtui.tui.screens.results.selection import Rows
from batchtui.tui.screens.results.snippets import Snippets
from batchtui.tui.widgets.columns import (
    Cell,
    Column,
    PlacedColumn,
    table_line,
)
from batchtui.untrusted import visible

TYPE_STYLES = {
    SUCCEEDED: "ok",
    ERRORED: "failed",
    CANCELED: "canceled",
    EXPIRED: "expired",
    UNKNOWN: "warning",
    UNREADABLE: "problem",
}
_UNICODE = {
    SUCCEEDED: "✓",
    ERRORED: "✗",
    CANCELED: "⊘",
    EXPIRED: "◌",
    UNKNOWN: "?",
    UNREADABLE: "!",
}
_ASCII = {SUCCEEDED: "+", ERRORED: "x", CANCELED: "o", EXPIRED: "e", UNKNOWN: "?", UNREADABLE: "!"}

_QUIET = {SUCCEEDED: ""}
"""What went well is in the style of the whole row: so the rest can be seen, and a cursor that moves
over it sends one color only."""
VERDICT_STYLES = {GOOD: "ok", BAD: "failed", UNSURE: "warning"}
_KEPT = 300
"""Lines kept: they are compared first and painted after."""

_SORTED_BY = {
    "row": "row",
    "id": "id",
    "reason": "stop",
    "in": "in",
    "out": "out",
    "model": "model",
    "answer": "size",
}
"""The fields that columns are sorted by."""


def type_glyph(kind: int, glyphs: Glyphs) -> str:
    """Return the sign of a type of result, one cell wide."""
    return (_UNICODE if glyphs.is_unicode else _ASCII)[kind]


def _no_text(row: int, path: str) -> str:
    del row, path
    return ""


class RowsContext(Struct, frozen=True):
    """What rows are written with, besides the index."""

    review_flags: ReviewFlags
    """Knows which rows need a look."""
    snippets: Snippets
    """Gives the beginning of the answers."""
    glyphs: Glyphs
    """The signs to draw with."""
    marked: frozenset[int] = frozenset()
    """The rows that the user marked."""
    expected_rows: int = 0
    """How many rows there will be, where that is known."""
    needed: Needed = Needed()
    """Cells that columns need for what they hold."""
    sort: tuple[SortKey, ...] = ()
    """What the rows are sorted by."""
    fields: tuple[Column, ...] = ()
    """Columns that the user chose, in their order; by the fields' paths."""
    field_text: Callable[[int, str], str] = _no_text
    """Gives what stands in one of them."""


class ResultRows:
    """Rows of results as lines, each made when it is seen.

    Args:
        index: All rows.
        rows: Those that are shown, in their order.
        context: What they are written with.
    """

    def __init__(self, index: ResultsIndex, rows: Rows, context: RowsContext) -> None:
        self._index = index
        self._rows = rows
        self._count = len(rows)
        self._context = context
        self._row_width = max(3, len(format_count(max(len(index), context.expected_rows))))
        self._has_models = len(index.model_names) > 2
        self._placed: tuple[PlacedColumn, ...] = ()
        self._width = -1
        self._lines: dict[int, Line] = {}

    def __len__(self) -> int:
        return self._count

    def header(self, width: int) -> Line:
        """Return the titles of the columns, the one that the rows are sorted by marked.

        It ends with how many of the chosen fields have no room.
        """
        if not len(self._index):
            # which columns there are depends on the rows
            return BLANK
        placed = self._place(width)
        titles = {one.column.key: self._title(one.column) for one in placed}
        hidden = sum(one.key not in titles for one in self._context.fields)
        return _titles_line(placed, titles, f" +{hidden}" if hidden else "")

    def _title(self, column: Column) -> Cell:
        field = _SORTED_BY.get(column.key, column.key if column.key.startswith(".") else "")
        if not field:
            return column.title
        # a place and not a name: names of fields are what a model wrote
        paths = [one.key for one in self._context.fields]
        place = paths.index(field) if field in paths else -1
        action = f"sort_by_field({place})" if place >= 0 else f"sort_by('{field}')"
        sort = next(iter(self._context.sort), None)
        if sort is None or sort.field != field:
            return Span(column.title, "", action)
        glyphs = self._context.glyphs
        mark = glyphs.descending if sort.descending else glyphs.ascending
        return Span(f"{column.title}{mark}", "accent", action)

    def line(self, place: int, width: int) -> Line:
        """Return the row at a place."""
        self._place(width)
        found = self._lines.get(place)
        if found is None:
            found = self._lines[place] = self._make(self._rows[place], width)
        return found

    def _make(self, row: int, width: int) -> Line:
        if len(self._lines) > _KEPT:
            self._lines.clear()
        placed = self._place(width)
        shown = {one.column.key for one in placed}
        return table_line(placed, self._cells(row, shown))

    def _place(self, width: int) -> tuple[PlacedColumn, ...]:
        if width != self._width:
            self._width = width
            self._lines.clear()
            self._placed = choose_columns(
                width,
                self._row_width,
                self._context.needed,
                has_models=self._has_models,
                fields=self._context.fields,
                sorted_by=next((key.field for key in self._context.sort), ""),
            )
        return self._placed

    def _cells(self, row: int, shown: set[str]) -> dict[str, Cell]:
        index = self._index
        kind = index.types[row]
        style = _QUIET.get(kind, TYPE_STYLES[kind])
        reason = short_reason(why_text(index, row)) or RESULT_TYPES[kind]
        if self._context.review_flags.reasons(index, row):
            style = "warning"
        cells: dict[str, Cell] = {
            "mark": Span("x", "accent") if row in self._context.marked else "",
            "row": format_count(row + 1),
            "id": visible(index.custom_id(row)) or Span("(no custom_id)", "muted"),
            "reason": Span(f"{type_glyph(kind, self._context.glyphs)} {reason}", style),
            "in": self._tokens(index.input_tokens[row]),
            "out": self._tokens(index.output_tokens[row]),
            "review": self._verdict(row),
            "model": visible(index.model_names[index.models[row]]),
        }
        if "answer" in shown:
            cells["answer"] = self._context.snippets.of(row)
        for column in self._context.fields:
            if column.key in shown and column.key not in cells:
                cells[column.key] = self._context.field_text(row, column.key)
        return cells

    def _verdict(self, row: int) -> Cell:
        review = (
            self._index.reviews.get(self._index.custom_id(row)) if self._index.reviews else None
        )
        return verdict_cell(review.verdict) if review is not None else ""

    def _tokens(self, number: int) -> Cell:
        return self._context.glyphs.dash if number < 0 else format_count(number)


def _titles_line(placed: Sequence[PlacedColumn], titles: dict[str, Cell], ending: str) -> Line:
    """Write the titles and what follows the last of them, which may begin in the gap before it."""
    *others, last = placed
    title = titles[last.column.key]
    if not ending or not others or isinstance(title, tuple):
        return table_line(placed, titles)
    content = title if isinstance(title, Span) else Span(title)
    before = others[-1]
    gap = last.column.gap if len(before.column.title) < before.width else 0
    room = PlacedColumn(replace(last.column, gap=last.column.gap - gap), last.width + gap)
    text = content.text + ending
    if cell_len(text) > room.width:
        return Line(table_line(placed, titles).left, (Span(ending, "muted"),))
    titles[last.column.key] = Span(text, content.style, content.action)
    return table_line((*others, room), titles)


def verdict_cell(verdict: str) -> Span:
    """Write what a person judged, the usual verdicts in their colors."""
    return Span(visible(verdict), VERDICT_STYLES.get(verdict, "accent"))


def why_text(index: ResultsIndex, row: int) -> str:
    """Return why a row ended as it did: the stop reason, or the type of the error."""
    kind = index.types[row]
    if kind == SUCCEEDED:
        return index.stop_names[index.stop_reasons[row]]
    if kind in {CANCELED, EXPIRED}:
        return ""
    return visible(index.cause_list[index.causes[row]].type)
