"""The widgets of the batch list."""

from functools import cached_property

from textual.app import ComposeResult
from textual.containers import Container
from textual.geometry import Size

from batchtui.tui.screens.batches.view import BatchListView, Widths
from batchtui.tui.screens.command_screen import NARROW, WIDE
from batchtui.tui.widgets.action_bar import ActionBar
from batchtui.tui.widgets.batch_table import BatchTable
from batchtui.tui.widgets.line_bar import LineBar
from batchtui.tui.widgets.line_view import LineView
from batchtui.tui.widgets.text_field import TextField

_AROUND = 4
"""Lines of a screen that are no rows: header, filter, heads of columns, action bar."""
_DETAIL_BELOW = 9
"""Lines of the detail where it stands below the list."""
SHORT = 18
"""Lines below which the detail does not fit below the list: one is shown at a time."""


def rows_that_fit(size: Size) -> int:
    """Return how many rows of the list a screen of that size has room for."""
    is_below = NARROW <= size.width < WIDE and size.height >= SHORT
    return max(1, size.height - _AROUND - (_DETAIL_BELOW if is_below else 0))


class BatchPanes(Container):
    """Header, filter, list and detail, action bar.

    Args:
        actions: What can be done.
    """

    def __init__(self, actions: ActionBar) -> None:
        super().__init__(id="batches-panes")
        self.header = LineBar(id="batches-header", classes="chrome")
        self.filter = LineBar(id="batches-filter")
        self.body = Container(id="batches-body")
        self.table = BatchTable(id="batch-table")
        self.detail = LineView(id="batch-detail")
        self.note = LineView(id="batches-note")
        self.problem = LineBar(id="batches-problem")
        self.actions = actions

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield self.header
        yield self.filter
        with self.body:
            yield self.table
            yield self.detail
            yield self.note
        yield self.problem
        yield self.actions

    @cached_property
    def find(self) -> TextField:
        """The field of the filter, which is not there yet in the first picture."""
        return TextField(
            id="batches-find",
            placeholder="label, id or state",
            compact=True,
            # what comes in one go with the key that opens it would be taken as to be replaced
            select_on_focus=False,
        )

    async def add_find(self) -> None:
        """Put the field of the filter in its place; it has no height until it has the focus."""
        if self.find.parent is None:
            await self.mount(self.find, after=self.filter)

    @property
    def widths(self) -> Widths:
        """Cells that a line of each pane has."""
        note = max(10, self.app.size.width - 5)
        return Widths(self.header.line_width, self.filter.line_width, self.detail.line_width, note)

    def begin(self, color: str) -> None:
        """Mark the account by its color, and give the keys to the list."""
        self.header.add_class(f"profile-{color}")
        self.table.focus()

    def go_to(self, batch_id: str | None) -> None:
        """Put the cursor on a batch, while everything else stays as it is."""
        self.table.go_to(batch_id)

    async def open_filter(self) -> None:
        """Go to the field of the filter."""
        # there already, but for a key that came with the first picture
        await self.add_find()
        # not by `Widget.focus`, which waits its turn: what is typed next would be taken as commands
        self.screen.set_focus(self.find)

    def close_filter(self) -> None:
        """Go back from the field of the filter to the list."""
        self.screen.set_focus(self.table)

    def clear_filter(self) -> None:
        """Empty the field of the filter, and go back to the list."""
        self.find.value = ""
        self.close_filter()
        self.body.remove_class("-detail")

    def switch_detail(self) -> None:
        """Go between list and detail; where there is room for one only, show the other one."""
        to_detail = self.table.has_focus
        self.body.set_class(to_detail, "-detail")
        (self.detail if to_detail else self.table).focus()

    def show(self, values: BatchListView) -> None:
        """Hand every widget its value; each repaints only what differs."""
        self.header.lines = (values.header,)
        self.filter.lines = (values.filter,)
        has_problem = values.problem is not None
        if self.problem.display != has_problem:
            # saying again what is so would lay out and paint the whole screen again
            self.problem.display = has_problem
        if values.problem is not None:
            self.problem.lines = (values.problem,)
        self.body.set_class(bool(values.note), "-note")
        self.note.lines = values.note
        self.table.show(values.rows, values.cursor_id, values.sort_mark)
        self.detail.lines = values.detail
        self.actions.status = values.status
