"""The list of fields: what they hold, and which of them are chosen."""

from collections.abc import Callable, Sequence
from functools import lru_cache, partial

from msgspec import Struct, structs
from rich.cells import cell_len

from batchtui.formatting import format_count
from batchtui.results.records.catalog import FieldInfo
from batchtui.tui.lines import Line, Span
from batchtui.tui.widgets.columns import (
    Column,
    PlacedColumn,
    cells_of_columns,
    header_line,
    place_columns,
    table_line,
)
from batchtui.tui.widgets.line_list import LineList
from batchtui.untrusted import visible

_LEAST_NAME, _LEAST_KIND = 16, 12
_COLUMNS = (
    Column("mark", "", 3, gap=0),
    Column("name", "FIELD", _LEAST_NAME, gap=1, cuts_middle=True),
    Column("kind", "TYPE", _LEAST_KIND, rank=3),
    Column("share", "FILLED", 7, "right", rank=2),
    Column("values", "MOST FREQUENT VALUES", 20, grows=True, rank=1),
)
_ABOUT = {
    "answer": "the answer's text",
    "out": "output tokens",
    "in": "input tokens",
    "model": "the model that answered",
    "text": "the answer's text",
    "label": "your name for the batch",
    "review": "what you judged",
    "note": "your note",
}


class FieldEntry(Struct, frozen=True):
    """Something that can be a column."""

    path: str
    info: FieldInfo | None = None
    """What is known of a field; ``None`` for what every row has."""


class FieldList(LineList):
    """The fields in the order in which records have them, then what every row has.

    Args:
        chosen: The fields that are columns at first.
    """

    def __init__(self, chosen: Sequence[str]) -> None:
        super().__init__(id="fields-list")
        self.chosen = tuple(chosen)
        """The fields that are columns, in the order in which they were chosen."""
        self.entries: tuple[FieldEntry, ...] = ()
        self._place: Callable[[int], tuple[PlacedColumn, ...]] = partial(_place_columns, ())
        """Places the columns in some cells."""

    def show(self, entries: Sequence[FieldEntry]) -> None:
        """Show what can be a column; the columns of the list fit all of it, and are placed once."""
        if tuple(entries) != self.entries:
            self.entries = tuple(entries)
            self._place = lru_cache(1)(partial(_place_columns, self.entries))
            self.row_count = len(entries)
            self.refresh()

    def toggle(self) -> None:
        """Choose the field under the cursor or not, and go one down."""
        path = self.entries[self.cursor].path
        others = tuple(one for one in self.chosen if one != path)
        self.chosen = others if path in self.chosen else (*self.chosen, path)
        self.refresh()
        self.cursor += 1

    def header(self, width: int) -> Line:
        """Return the titles of the columns."""
        return header_line(self._place(width))

    def line_of(self, row: int, width: int) -> Line:
        """Return one field."""
        entry = self.entries[row]
        return table_line(self._place(width), entry_cells(entry, self.chosen))


def _place_columns(entries: Sequence[FieldEntry], width: int) -> tuple[PlacedColumn, ...]:
    longest = max((cell_len(visible(entry.path)) for entry in entries), default=0)
    name = max(_LEAST_NAME, min(longest, width // 3))
    kind = max((cell_len(kinds_of(entry)) for entry in entries), default=0)
    spare = width - cells_of_columns(_COLUMNS) - (name - _LEAST_NAME)
    widths = {"name": name, "kind": max(_LEAST_KIND, min(kind, _LEAST_KIND + spare))}
    return place_columns(
        [structs.replace(one, width=widths.get(one.key, one.width)) for one in _COLUMNS], width
    )


def kinds_of(entry: FieldEntry) -> str:
    """Name the types that a field mostly has."""
    kinds = [kind for kind, _ in entry.info.kinds] if entry.info else []
    return " or ".join(kinds[:2]) + " …" * (len(kinds) > 2)


def entry_cells(entry: FieldEntry, chosen: Sequence[str]) -> dict[str, str | Span]:
    """Write what is known of a field.

    Args:
        entry: The field.
        chosen: The fields that are columns.
    """
    is_chosen = entry.path in chosen
    mark = f"[{chosen.index(entry.path) + 1}]" if is_chosen else "[ ]"
    cells: dict[str, str | Span] = {
        "mark": Span(mark, "accent" if is_chosen else "muted"),
        "name": Span(visible(entry.path), "strong" if is_chosen else ""),
        "values": Span(_ABOUT.get(entry.path, ""), "muted"),
    }
    info = entry.info
    if info is not None:
        values = [
            f"{visible(value)} ×{format_count(count)}" if count > 1 else visible(value)
            for value, count in info.values[:12]
        ]
        more = "  …" if info.has_more_values or len(info.values) > 12 else ""
        cells |= {
            "kind": Span(kinds_of(entry), "muted"),
            "share": f"{'~' * info.is_sampled}{info.share:.0%}",
            "values": "  ".join(values) + more,
        }
    return cells
