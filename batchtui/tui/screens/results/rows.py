"""From rows of the index to the lines of the table. Pure, but for the snippets it is given."""

from msgspec import Struct
from msgspec.structs import replace

from batchtui.formatting import format_count
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
from batchtui.results.review_flags import ReviewFlags
from batchtui.tui.glyphs import Glyphs
from batchtui.tui.lines import Line, Span
from batchtui.tui.screens.results.selection import Rows
from batchtui.tui.screens.results.snippets import Snippets
from batchtui.tui.widgets.columns import (
    Cell,
    Column,
    PlacedColumn,
    header_line,
    place_columns,
    reach_of,
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

_QUIET = {SUCCEEDED: "muted"}
"""What went well is quiet, so that the rest can be seen; and cheap to move the cursor over."""
_ROOMY = 84
"""Cells from which the result has a word of its own, beside the reason."""
_SNIPPET = 24
"""The least cells a snippet is worth showing in."""
_ID = 24
"""Cells that an id gets where there is little room, and where there is a lot."""
_LONGEST_ID = 40
_LEAST_ID = 18
"""Cells below which no id goes for the sake of the other columns."""
_KEPT = 300
"""Lines kept: they are compared first and painted after."""

_MARK = Column("mark", "", 1, gap=0)
_REASON = Column("reason", "RESULT", 23)
_RESULT = Column("result", "RESULT", 11)
_WHY = Column("why", "STOP/ERROR", 21)
_INPUT = Column("in", "IN", 7, "right", rank=4)
_OUTPUT = Column("out", "OUT", 7, "right", rank=3)
_MODEL = Column("model", "MODEL", 18, rank=5, cuts_middle=True)


def type_glyph(kind: int, glyphs: Glyphs) -> str:
    """The sign of a type of result, one cell wide."""
    return (_UNICODE if glyphs.is_unicode else _ASCII)[kind]


class Needed(Struct, frozen=True):
    """Cells that columns need for what they hold.

    Attributes:
        name: For the ids.
        why: For stop reasons and types of errors.
        reason: For the same as `short_reason` writes them.
    """

    name: int = 14
    why: int = 21
    reason: int = 21


class RowsContext(Struct, frozen=True):
    """What rows are written with, besides the index.

    Attributes:
        review_flags: Knows which rows need a look.
        snippets: Gives the beginning of the answers.
        glyphs: The signs to draw with.
        marked: The rows that the user marked.
        needed: Cells that columns need for what they hold.
    """

    review_flags: ReviewFlags
    snippets: Snippets
    glyphs: Glyphs
    marked: frozenset[int] = frozenset()
    needed: Needed = Needed()


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
        self._row_width = max(5, len(format_count(len(index))))
        self._has_models = len(index.model_names) > 2
        self._placed: tuple[PlacedColumn, ...] = ()
        self._width = -1
        self._lines: dict[int, Line] = {}

    def __len__(self) -> int:
        return self._count

    def header(self, width: int) -> Line:
        """The titles of the columns."""
        return header_line(self._place(width))

    def line(self, place: int, width: int) -> Line:
        """The row at a place."""
        self._place(width)
        found = self._lines.get(place)
        if found is None:
            found = self._lines[place] = self._make(self._rows[place], width)
        return found

    def reach(self, width: int) -> int:
        """The cells up to the end of the id."""
        return reach_of(self._place(width), "id")

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
                width, self._row_width, self._context.needed, has_models=self._has_models
            )
        return self._placed

    def _cells(self, row: int, shown: set[str]) -> dict[str, Cell]:
        index = self._index
        kind = index.types[row]
        style = _QUIET.get(kind, TYPE_STYLES[kind])
        needs_look = bool(self._context.review_flags.reasons(index, row))
        glyph = type_glyph(kind, self._context.glyphs)
        why = why_text(index, row) or self._context.glyphs.dash
        why_style = "warning" if needs_look else "" if kind == ERRORED else "muted"
        cells: dict[str, Cell] = {
            "mark": Span("x", "accent") if row in self._context.marked else "",
            "row": Span(format_count(row + 1), "muted"),
            "id": visible(index.custom_id(row)) or Span("(no custom_id)", "muted"),
            "result": Span(f"{glyph} {RESULT_TYPES[kind]}", style),
            "why": Span(why, why_style),
            "in": self._tokens(index.input_tokens[row]),
            "out": self._tokens(index.output_tokens[row]),
            "model": Span(index.model_names[index.models[row]], "muted"),
        }
        if "reason" in shown:
            text = short_reason(why_text(index, row)) or RESULT_TYPES[kind]
            cells["reason"] = Span(f"{glyph} {text}", "warning" if needs_look else style)
        if "snippet" in shown:
            cells["snippet"] = Span(self._context.snippets.of(row), "muted")
        return cells

    def _tokens(self, number: int) -> Cell:
        return Span(self._context.glyphs.dash, "muted") if number < 0 else format_count(number)


def why_text(index: ResultsIndex, row: int) -> str:
    """Why a row ended as it did: the stop reason, or the type of the error."""
    kind = index.types[row]
    if kind == SUCCEEDED:
        return index.stop_names[index.stop_reasons[row]]
    if kind in {CANCELED, EXPIRED}:
        return ""
    return visible(index.cause_list[index.causes[row]].type)


def short_reason(why: str) -> str:
    """A reason without the ending that all types of errors share; the sign before it says that."""
    return why.removesuffix("_error") or why


def choose_columns(
    width: int, row_width: int, needed: Needed, *, has_models: bool
) -> tuple[PlacedColumn, ...]:
    """Choose the columns for a width, and their widths.

    Args:
        width: Cells for a row.
        row_width: Cells that the number of the last row needs.
        needed: Cells that other columns need for what they hold.
        has_models: Whether more than one model answered.
    """
    row = Column("row", "ROW", row_width, "right", rank=2, gap=1)
    models = [_MODEL] if has_models else []
    name = max(9, min(needed.name, _LONGEST_ID))
    if width >= _ROOMY:
        middle = [_RESULT, replace(_WHY, width=max(10, min(needed.why, 21)))]
    else:
        middle = [replace(_REASON, width=max(12, min(needed.reason + 2, 23)))]
    others = [_MARK, row, *middle, *models, _INPUT, _OUTPUT]
    spare = width - sum(column.width + column.gap for column in others) - name - 2
    if spare - 2 >= _SNIPPET:
        snippet = Column("snippet", "ANSWER", _SNIPPET, grows=True, rank=1)
        ids = Column("id", "CUSTOM_ID", name, cuts_middle=True)
        return place_columns([_MARK, row, ids, *others[2:], snippet], width)
    # an id that can be read is worth more than a column of numbers
    name = min(name, _ID)
    if width < _ROOMY:
        # and a reason that can be read is worth more than the middle of an id
        least = min(name, _LEAST_ID)
        middle = [_narrowed(middle[0], width - row.width - _OUTPUT.width - least - 8)]
        name = min(name, max(least, width - row.width - _OUTPUT.width - middle[0].width - 8))
    ids = Column("id", "CUSTOM_ID", min(name, max(9, width - 24)), grows=True, cuts_middle=True)
    return place_columns([_MARK, row, ids, *middle, *models, _INPUT, _OUTPUT], width)


def _narrowed(column: Column, room: int) -> Column:
    """The column no wider than there is room for, unless it would say nothing then."""
    return replace(column, width=max(12, min(column.width, room)))
