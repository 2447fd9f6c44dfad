"""The widgets of the batch list, and handing each its value."""

from collections.abc import Sequence
from functools import cached_property

from msgspec import Struct
from textual.app import ComposeResult
from textual.containers import Container

from batchtui.tui.lines import Line, Span
from batchtui.tui.widgets.action_bar import ActionBar, ActionItem
from batchtui.tui.widgets.batch_table import BatchRow, BatchTable
from batchtui.tui.widgets.line_bar import LineBar
from batchtui.tui.widgets.line_view import LineView
from batchtui.tui.widgets.text_field import TextField


class PaneValues(Struct, frozen=True):
    """What the widgets show.

    Attributes:
        header: Where you are pointed, and how fresh the list is.
        filter: What of the list is shown.
        problem: What is wrong, or ``None``.
        note: What stands in place of the list, or nothing.
        rows: The rows of the page.
        cursor_id: The batch under the cursor.
        detail: The detail of that batch.
        items: The action bar.
        status: What stands at its right end.
    """

    header: Line
    filter: Line
    problem: Line | None
    note: tuple[Line, ...]
    rows: tuple[BatchRow, ...]
    cursor_id: str | None
    detail: tuple[Line, ...]
    items: Sequence[ActionItem]
    status: tuple[Span, ...]


class BatchPanes(Container):
    """Header, filter, list and detail, action bar."""

    def __init__(self) -> None:
        super().__init__(id="batches-panes")
        self.header = LineBar(id="batches-header", classes="chrome")
        self.filter = LineBar(id="batches-filter")
        self.body = Container(id="batches-body")
        self.table = BatchTable(id="batch-table")
        self.detail = LineView(id="batch-detail")
        self.note = LineView(id="batches-note")
        self.problem = LineBar(id="batches-problem")
        self.actions = ActionBar(id="batches-actions", classes="chrome")

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

    def show(self, values: PaneValues) -> None:
        """Hand every widget its value; each repaints only what differs."""
        self.header.lines = (values.header,)
        self.filter.lines = (values.filter,)
        has_problem = values.problem is not None
        if self.problem.display != has_problem:
            # saying again what is so would lay out and paint the whole screen anew
            self.problem.display = has_problem
        if values.problem is not None:
            self.problem.lines = (values.problem,)
        self.body.set_class(bool(values.note), "-note")
        self.note.lines = values.note
        self.table.show(values.rows, values.cursor_id)
        self.detail.lines = values.detail
        self.actions.items = tuple(values.items)
        self.actions.status = values.status
