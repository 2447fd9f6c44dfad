"""Asks which fields of the rows are to be written."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from batchtui.results.records.catalog import FieldInfo
from batchtui.tui.screens.dialogs.dialog import Dialog
from batchtui.tui.screens.results.field_list import FieldEntry, FieldList


class ExportFieldsDialog(Dialog[tuple[str, ...] | None]):
    """Lists the fields; gives those to be written, in the order in which they were chosen.

    Args:
        found: What is known of the fields of the answers.
        offered: All fields that can be written.
        chosen: Those that are written now.
    """

    AUTO_FOCUS = "FieldList"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "toggle_field", "Write it, or not", priority=True),
        Binding("enter", "take", "Take them", priority=True),
        Binding("escape,q", "leave", "Leave it"),
    ]

    def __init__(
        self, found: Sequence[FieldInfo], offered: Sequence[str], chosen: Sequence[str]
    ) -> None:
        super().__init__("Fields to write")
        self.add_class("-wide-dialog")
        known = {info.path: info for info in found}
        self._entries = [FieldEntry(path, known.get(path)) for path in offered]
        self._list = FieldList(chosen)

    def compose_content(self) -> ComposeResult:
        """The fields."""
        yield self._list

    def on_mount(self) -> None:
        """Begin on the first field."""
        self._list.show(self._entries)

    def fit(self) -> None:
        """Give the fields the rows that are left."""
        super().fit()
        rows = len(self._entries) + 1  # with the titles of the columns
        self._list.styles.height = max(2, min(rows, self.rows_for(self._list)))

    def action_toggle_field(self) -> None:
        """Write the field under the cursor or not, and go one down."""
        self._list.toggle()

    def on_line_list_chosen(self) -> None:
        """A double click is Enter."""
        self.action_take()

    def action_take(self) -> None:
        """Close with what was chosen."""
        self.dismiss(self._list.chosen)
