"""The fields of the answers: what they hold, which of them are columns, and the way to groups."""

from collections.abc import Callable, Sequence
from typing import ClassVar, Protocol

from msgspec import Struct
from textual import on
from textual.app import ComposeResult

from batchtui.formatting import plural
from batchtui.results.records.catalog import FieldInfo
from batchtui.tui.commands import reports as commands
from batchtui.tui.commands.command import Command
from batchtui.tui.commands.reading import StepBack
from batchtui.tui.lines import Line, line
from batchtui.tui.screens.command_screen import CommandScreen
from batchtui.tui.screens.results.field_list import FieldEntry, FieldList
from batchtui.tui.stylesheets import RESULTS
from batchtui.tui.widgets.line_bar import LineBar
from batchtui.tui.widgets.line_list import LineList

_LOOK_AGAIN = 0.5


class FieldsChosen(Struct, frozen=True):
    """What the user chose."""

    columns: tuple[str, ...]
    group_by: str = ""
    """The field to group the rows by now, if any."""


class OfferedColumns(Protocol):
    """What can be a column, and what is one."""

    @property
    def chosen(self) -> tuple[str, ...]:
        """What is a column, in order."""

    @property
    def fields(self) -> Sequence[FieldInfo]:
        """The fields of the answers found so far."""

    @property
    def built_in(self) -> Sequence[str]:
        """What can be a column beside them."""

    @property
    def found(self) -> int:
        """How many records were found."""

    @property
    def looked(self) -> int:
        """How many rows were looked at for them."""


class FieldsScreen(CommandScreen[FieldsChosen]):
    """Lists the fields of the answers; gives those that are to be columns.

    Args:
        offered: Gives the columns, which are others once the rows are.
        of_what: Whose rows they are; "" where that goes without saying.
    """

    CSS_PATH = RESULTS
    OFFERED: ClassVar[Sequence[type[Command]]] = (
        commands.ToggleColumn,
        commands.TakeColumns,
        StepBack,
    )

    def __init__(self, offered: Callable[[], OfferedColumns], of_what: str = "") -> None:
        super().__init__()
        self._offered = offered
        self._of_what = of_what
        self._list = FieldList(offered().chosen)
        self._header = LineBar(id="fields-header", classes="chrome")

    def compose(self) -> ComposeResult:
        """Header, fields, action bar."""
        yield self._header
        yield self._list
        yield self.actions

    def on_mount(self) -> None:
        """Show the fields, and look again while records are found."""
        self.show()
        self._list.focus()
        self.set_interval(_LOOK_AGAIN, self.show)

    def show(self) -> None:
        """Show the fields as they are known now."""
        offered = self._offered()
        fields = [FieldEntry(info.path, info) for info in offered.fields]
        self._list.show([*fields, *map(FieldEntry, offered.built_in)])
        header = fields_header(offered.found, offered.looked, offered.fields, self._of_what)
        self._header.lines = (header,)
        self.show_actions()

    def toggle_column(self) -> None:
        """Make the field a column, or not, and go one down."""
        self._list.toggle()

    @on(LineList.Chosen)
    def take_columns(self) -> None:
        """Show the chosen fields as columns."""
        self.dismiss(FieldsChosen(self._list.chosen))

    def step_back(self) -> None:
        """Go back to the rows with what was chosen."""
        self.take_columns()


class GroupedFieldsScreen(FieldsScreen):
    """The same where rows can be grouped by a field."""

    OFFERED = (
        commands.ToggleColumn,
        commands.TakeColumns,
        commands.GroupByField,
        StepBack,
    )

    def group_by_field(self) -> None:
        """Group the rows by the field under the cursor."""
        path = self._list.entries[self._list.cursor].path
        by = {"model": "model"}.get(path, path if path.startswith(".") else "")
        if not by:
            self.notify("Rows cannot be grouped by this", severity="warning")
            return
        self.dismiss(FieldsChosen(self._list.chosen, by))


def fields_header(found: int, looked: int, fields: Sequence[FieldInfo], of_what: str) -> Line:
    """Say how many records there are, and whether what follows is of a sample."""
    count = f"{plural(found, 'record')} in {plural(looked, 'row')}{of_what and f' of {of_what}'}"
    if any(one.is_sampled for one in fields):
        count += "; types, shares and values are of a sample"
    style = "muted" if fields else "warning"
    what = count if fields else "no answer has a record: nothing in it is JSON or tags"
    return line(("Fields of the answers", "strong"), "   ", (what, style))
