"""The fields of the answers: what they hold, which of them are columns, and the way to groups."""

from collections.abc import Sequence
from typing import ClassVar

from msgspec import Struct
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.types import CSSPathType

from batchtui.formatting import format_count, plural
from batchtui.results.records.catalog import FieldInfo
from batchtui.tui.commands import reports as commands
from batchtui.tui.commands.bindings import dispatched
from batchtui.tui.commands.command import Command
from batchtui.tui.commands.results import StepBack
from batchtui.tui.glyphs import Glyphs
from batchtui.tui.lines import Line, Span, line
from batchtui.tui.screens.command_screen import CommandScreen
from batchtui.tui.screens.results.browser import Browser
from batchtui.tui.stylesheets import RESULTS
from batchtui.tui.widgets.action_bar import ActionBar
from batchtui.tui.widgets.columns import (
    Column,
    PlacedColumn,
    header_line,
    place_columns,
    table_line,
)
from batchtui.tui.widgets.line_bar import LineBar
from batchtui.tui.widgets.line_list import LineList
from batchtui.untrusted import visible

_LOOK_AGAIN = 0.5
_COLUMNS = (
    Column("mark", "", 3, gap=0),
    Column("name", "FIELD", 16, gap=1, cuts_middle=True),
    Column("kind", "TYPE", 12, rank=3),
    Column("share", "FILLED", 7, "right", rank=2),
    Column("values", "MOST FREQUENT VALUES", 20, grows=True, rank=1),
)
_ABOUT = {
    "answer": "the answer's text",
    "out": "output tokens",
    "in": "input tokens",
    "model": "the model that answered",
    "review": "what you judged",
    "note": "your note",
}


class FieldEntry(Struct, frozen=True):
    """Something that can be a column."""

    path: str
    info: FieldInfo | None = None
    """What is known of a field; ``None`` for what every row has."""


class FieldsChosen(Struct, frozen=True):
    """What the user chose."""

    columns: tuple[str, ...]
    group_by: str = ""
    """The field to group the rows by now, if any."""


class FieldList(LineList):
    """The fields in the order in which records have them, then what every row has."""

    def __init__(self) -> None:
        super().__init__(id="fields-list")
        self.entries: tuple[FieldEntry, ...] = ()
        self.chosen: tuple[str, ...] = ()

    def show(self, entries: Sequence[FieldEntry], chosen: tuple[str, ...]) -> None:
        """Show what can be a column, and what is one."""
        if (tuple(entries), chosen) != (self.entries, self.chosen):
            self.entries, self.chosen = tuple(entries), chosen
            self.row_count = len(entries)
            self.refresh()

    def header(self, width: int) -> Line:
        """The titles of the columns."""
        return header_line(self._place(width))

    def line_of(self, row: int, width: int) -> Line:
        """One field."""
        entry = self.entries[row]
        return table_line(self._place(width), entry_cells(entry, self.chosen))

    def _place(self, width: int) -> tuple[PlacedColumn, ...]:
        longest = max((len(visible(entry.path)) for entry in self.entries), default=0)
        name = max(16, min(longest, width // 3))
        return place_columns(
            [
                Column("name", "FIELD", name, gap=1, cuts_middle=True) if one.key == "name" else one
                for one in _COLUMNS
            ],
            width,
        )


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
        kinds = " or ".join(kind for kind, _ in info.kinds[:2])
        values = [
            f"{visible(value)} ×{format_count(count)}" if count > 1 else visible(value)
            for value, count in info.values[:12]
        ]
        more = "  …" if info.has_more_values or len(info.values) > 12 else ""
        cells |= {
            "kind": Span(kinds, "muted"),
            "share": f"{info.share:.0%}",
            "values": "  ".join(values) + more,
        }
    return cells


class FieldsScreen(CommandScreen[FieldsChosen]):
    """Lists the fields of the answers; gives those that are to be columns.

    Args:
        browser: The rows.
        glyphs: The signs to draw with.
    """

    CSS_PATH: ClassVar[CSSPathType | None] = RESULTS
    OFFERED: ClassVar[tuple[type[Command], ...]] = (
        commands.ToggleColumn,
        commands.TakeColumns,
        commands.GroupByField,
        StepBack,
    )
    BINDINGS: ClassVar[list[BindingType]] = dispatched(OFFERED)

    def __init__(self, browser: Browser, glyphs: Glyphs) -> None:
        super().__init__()
        self._browser = browser
        self._chosen = browser.columns.chosen
        self._list = FieldList()
        self._list.cursor_glyph = glyphs.cursor
        self._header = LineBar(id="fields-header", classes="chrome")
        self._actions = ActionBar(id="fields-actions", classes="chrome")

    def compose(self) -> ComposeResult:
        """Header, fields, action bar."""
        yield self._header
        yield self._list
        yield self._actions

    def on_mount(self) -> None:
        """Show the fields, and look again while records are found."""
        self.show()
        self._list.focus()
        self.set_interval(_LOOK_AGAIN, self.show)

    def show(self) -> None:
        """Show the fields as they are known now."""
        records = self._browser.columns.records
        fields = [FieldEntry(info.path, info) for info in records.fields]
        self._list.show([*fields, *map(FieldEntry, self._browser.columns.built_in)], self._chosen)
        self._header.lines = (fields_header(records.found, records.looked, len(fields)),)
        self._actions.items = tuple(self.action_items())

    @property
    def _entry(self) -> FieldEntry:
        return self._list.entries[self._list.cursor]

    def toggle_column(self) -> None:
        """Make the field a column, or not, and go one down."""
        path = self._entry.path
        if path in self._chosen:
            self._chosen = tuple(one for one in self._chosen if one != path)
        else:
            self._chosen = (*self._chosen, path)
        self.show()
        self._list.cursor += 1

    @on(LineList.Chosen)
    def take_columns(self) -> None:
        """Show the chosen fields as columns."""
        self.dismiss(FieldsChosen(self._chosen))

    def step_back(self) -> None:
        """Go back to the rows with what was chosen."""
        self.take_columns()

    def group_by_field(self) -> None:
        """Group the rows by the field under the cursor."""
        path = self._entry.path
        by = {"model": "model"}.get(path, path if path.startswith(".") else "")
        if not by:
            self.notify("Rows cannot be grouped by this", severity="warning")
            return
        self.dismiss(FieldsChosen(self._chosen, by))


def fields_header(found: int, looked: int, fields: int) -> Line:
    """Say how many records there are."""
    count = f"{plural(found, 'record')} in {plural(looked, 'row')}"
    style = "muted" if fields else "warning"
    what = count if fields else "no answer has a record: nothing in it is JSON or tags"
    return line(("Fields of the answers", "strong"), "   ", (what, style))
