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
from batchtui.tui.lines import Line, Span
from batchtui.tui.screens.results.selection import Rows
from batchtui.tui.screens.results.snippets import Snippets
from batchtui.tui.widgets.columns import (
    Cell,
    Column,
    PlacedColumn,
    place_columns,
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
_LONGEST_VERDICT, _SHORT_VERDICT = 10, 4
"""Cells that a verdict gets at most, and where there is little room."""
_ROOMY = 50
"""Cells of a row from which a verdict is written out."""
_ID = 24
"""Cells that an id gets at most where there is little room, and where there is a lot."""
_LONGEST_ID = 40
_LEAST_ID = 18
"""Cells below which no id goes for the sake of the other columns."""
_REASON = 23
"""Cells that a reason gets at most."""
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

_MARK = Column("mark", "", 1, gap=0)
_INPUT = Column("in", "IN", 7, "right", rank=4)
_OUTPUT = Column("out", "OUT", 7, "right", rank=3)
_MODEL = Column("model", "MODEL", 18, rank=5, cuts_middle=True)
_ANSWER = Column("answer", "ANSWER", 20, grows=True)
_GOOD_ANSWER = 28
"""Cells that an answer gets before there are columns of numbers."""
LEAST_FIELD, _GOOD_FIELD = 6, 10
"""Cells below which a field says nothing, and those that each but the first one should have."""


def type_glyph(kind: int, glyphs: Glyphs) -> str:
    """The sign of a type of result, one cell wide."""
    return (_UNICODE if glyphs.is_unicode else _ASCII)[kind]


_SAMPLE = 300
"""Rows that tell how wide ids and reasons are."""


class Needed(Struct, frozen=True):
    """Cells that columns need for what they hold."""

    name: int = 14
    """For the ids."""
    reason: int = 21
    """For stop reasons and types of errors, as `short_reason` writes them."""
    verdict: int = 0
    """For what a person judged; 0 without any verdict."""

    @staticmethod
    def by(index: ResultsIndex) -> "Needed":
        """Return how wide ids and reasons are, going by the first rows, and the verdicts."""
        ids = max(map(len, index.custom_ids(0, _SAMPLE)), default=0)
        stops = [index.stop_names[one] for one in set(index.stop_reasons[:_SAMPLE])]
        causes = [index.cause_list[one].type for one in set(index.causes[:_SAMPLE])]
        reasons = [*stops, *causes, "succeeded"]
        verdicts = max((cell_len(one.verdict) for one in index.reviews.values()), default=0)
        return Needed(ids, max(len(short_reason(one)) for one in reasons), verdicts)


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
        self._row_width = max(3, len(format_count(len(index))))
        self._has_models = len(index.model_names) > 2
        self._placed: tuple[PlacedColumn, ...] = ()
        self._width = -1
        self._lines: dict[int, Line] = {}

    def __len__(self) -> int:
        return self._count

    def header(self, width: int) -> Line:
        """Return the titles of the columns, the one that the rows are sorted by marked."""
        placed = self._place(width)
        return table_line(placed, {one.column.key: self._title(one.column) for one in placed})

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
        """The row at a place."""
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


def verdict_cell(verdict: str) -> Span:
    """Write what a person judged, the usual verdicts in their colors."""
    return Span(visible(verdict), VERDICT_STYLES.get(verdict, "accent"))


def verdict_column(longest: int, room: int) -> Column:
    """Return the column of verdicts, as narrow as it can be.

    Args:
        longest: Cells of the longest of them.
        room: Cells of a row.
    """
    title, most = ("REVIEW", _LONGEST_VERDICT) if room >= _ROOMY else ("REV", _SHORT_VERDICT)
    return Column("review", title, min(max(longest, len(title)), most), rank=2)


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
    width: int,
    row_width: int,
    needed: Needed,
    *,
    has_models: bool,
    fields: Sequence[Column] = (),
    sorted_by: str = "",
) -> tuple[PlacedColumn, ...]:
    """Choose the columns for a width, and their widths.

    An id and a reason that can be read are worth more than anything else, then come verdicts where
    there are any, the fields that the user chose, the beginning of the answer, and last the columns
    of numbers.

    Args:
        width: Cells for a row.
        row_width: Cells that the number of the last row needs.
        needed: Cells that other columns need for what they hold.
        has_models: Whether more than one model answered.
        fields: Columns that the user chose, in their order.
        sorted_by: The field that the rows are sorted by, which is shown where there is room.
    """
    offered = [_OUTPUT, _INPUT, *([_MODEL] if has_models else [])]
    sorting = [one for one in offered if one.key == sorted_by]
    fields = [*fields, *(one for one in sorting if one not in fields)]
    is_chosen = any(one.key == "review" for one in fields)
    verdict = [verdict_column(needed.verdict, width)] if needed.verdict and not is_chosen else []
    taken = row_width + sum(one.width + one.gap for one in verdict)
    reason, name, room = _share(width - taken, needed, least=LEAST_FIELD if fields else 0)
    shown = fit_columns(fields, room)
    room -= sum(column.width + column.gap for column in shown)
    answer: list[Column] = []
    keys = {one.key for one in shown}
    if "answer" not in keys and room >= _ANSWER.width + _ANSWER.gap:
        answer, room = [_ANSWER], room - _GOOD_ANSWER - _ANSWER.gap
    numbers: list[Column] = []
    for column in offered:
        if column.key in keys or column.width + column.gap > room:
            continue
        numbers.insert(0, column)
        room -= column.width + column.gap
    first = [
        _MARK,
        Column("row", "ROW", row_width, "right", rank=1, gap=1),
        Column("id", "CUSTOM_ID", name, grows=not answer, cuts_middle=True),
        Column("reason", "RESULT", reason),
    ]
    return place_columns([*first, *verdict, *shown, *numbers, *answer], width)


def _share(room: int, needed: Needed, *, least: int) -> tuple[int, int, int]:
    """Return the widths of the reason and of the id, and the room that they leave.

    Args:
        room: Cells behind the number of the row.
        needed: Cells that they need for what they hold.
        least: Cells that are not theirs to take.
    """
    reason = max(8, min(needed.reason + 2, _REASON, room - _LEAST_ID - 8 - least))
    left = room - reason - 6 - least
    longest = _LONGEST_ID if left >= 90 else _ID
    least_id = max(9, min(left, _LEAST_ID), left - _ANSWER.width - _ANSWER.gap)
    name = max(9, min(needed.name, longest, least_id))
    return reason, name, left - name + least


def fit_columns(columns: Sequence[Column], room: int) -> list[Column]:
    """Return the first columns that fit, each as wide as it wants or as all of them can be."""
    fitting: list[Column] = []
    for column in columns:
        least = min(column.width, _GOOD_FIELD if fitting else LEAST_FIELD)
        if least + column.gap > room:
            break
        fitting.append(replace(column, width=least))
        room -= least + column.gap
    for place, (given, wanted) in enumerate(zip(fitting, columns, strict=False)):
        more = min(room, wanted.width - given.width)
        fitting[place] = replace(given, width=given.width + more)
        room -= more
    return fitting
