"""The command palette: a field to type in, and what it finds."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input

from batchtui.tui.lines import Line, Span, line
from batchtui.tui.messages import start_work
from batchtui.tui.palette_entries import Entry, search
from batchtui.tui.screens.dialogs.dialog import Dialog
from batchtui.tui.widgets.columns import Cell, Column, place_columns, table_line
from batchtui.tui.widgets.line_bar import LineBar
from batchtui.tui.widgets.line_list import LineList, ValueList
from batchtui.tui.widgets.text_field import TextField

_COLUMNS = (
    Column("label", "", 20, gap=0),
    Column("help", "", 16, grows=True, rank=2),
    Column("key", "", 9, "right", rank=1),
)
_MOST_ROWS = 14

_LONGEST = 80
"""Characters that are looked for: no name is longer, and what is pasted may be."""


class EntryList(ValueList[Entry]):
    """What was found."""

    def watch_values(self, old: tuple[Entry, ...], new: tuple[Entry, ...]) -> None:
        """Begin at the best one."""
        self.cursor = 0
        super().watch_values(old, new)

    def value_line(self, entry: Entry, width: int, /) -> Line:
        """Return one entry."""
        column = max((len(one.label) for one in self.values), default=0)
        label = Column("label", "", max(12, min(column, width // 2)), gap=0)
        quiet = "" if entry.is_possible else "muted"
        cells: dict[str, Cell] = {
            "label": Span(entry.label, quiet),
            "help": Span(entry.help, "muted"),
            "key": Span(entry.key, "key" if entry.is_possible else "muted"),
        }
        return table_line(place_columns((label, *_COLUMNS[1:]), width), cells)


class PaletteDialog(Dialog[Entry | None]):
    """Finds a command, setting, theme, profile or batch by words; ``None`` means the user left.

    Args:
        entries: What there is to find at once.
        load_more: Reads what is found besides.

    Attributes:
        has_all: Set once that was read.
    """

    AUTO_FOCUS = "Input"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Run"),
        Binding("up,ctrl+p", "move(-1)", "Choose", priority=True),
        Binding("down,ctrl+n", "move(1)", "Choose", priority=True),
        Binding("pagedown", "page(1)", "Screen down", show=False, priority=True),
        Binding("pageup", "page(-1)", "Screen up", show=False, priority=True),
        Binding("escape", "leave", "Leave it"),
    ]

    def __init__(
        self, entries: Sequence[Entry], load_more: Callable[[], Awaitable[Sequence[Entry]]]
    ) -> None:
        super().__init__("Commands")
        self.add_class("-wide-dialog")
        self._entries = entries
        self._load_more = load_more
        self.has_all = asyncio.Event()
        self._list = EntryList(id="palette-entries")
        self._list.can_focus = False

    def compose_content(self) -> ComposeResult:
        """Yield the field, and what it finds."""
        yield TextField(
            placeholder="a command, setting, theme, profile or label",
            compact=True,
            id="dialog-input",
        )
        yield LineBar(id="dialog-problem")
        yield self._list

    def on_mount(self) -> None:
        """Show what there is."""
        self._find("")
        start_work(self, self._add_more, "entries")

    async def _add_more(self) -> None:
        try:
            self._entries = [*self._entries, *await self._load_more()]
        finally:
            self.has_all.set()
        self._find(self.query_one(TextField).value[:_LONGEST])

    def fit(self) -> None:
        """Give the list the rows that are left."""
        super().fit()
        if self.is_mounted:
            rows = max(1, min(_MOST_ROWS, self.rows_for(self._list)))
            self._list.styles.height = rows

    @on(Input.Changed)
    def find_as_typed(self, event: Input.Changed) -> None:
        """Show what the text finds."""
        self._find(event.value[:_LONGEST])

    def _find(self, text: str) -> None:
        self._list.values = found = search(self._entries, text)
        said = "" if found else "Nothing is called that"
        self.query_one("#dialog-problem", LineBar).lines = (line((said, "muted")),)

    @on(Input.Submitted)
    async def choose(self, event: Input.Submitted) -> None:
        """Close with the entry under the cursor, of what is typed now."""
        event.stop()
        await self.has_all.wait()
        self._find(event.value[:_LONGEST])
        entries = self._list.values
        if entries:
            self.dismiss(entries[self._list.cursor])

    @on(LineList.Chosen)
    def choose_clicked(self) -> None:
        """A double click is Enter."""
        self.dismiss(self._list.values[self._list.cursor])

    def action_move(self, step: int) -> None:
        """Go to another entry."""
        self._list.cursor += step

    def action_page(self, step: int) -> None:
        """Go a screen on."""
        self._list.cursor += step * self._list.visible_rows
