"""Groups of the rows shown, by any field; the way to the rows of one of them, and back."""

import asyncio
from array import array

from msgspec import Struct
from textual import events, on
from textual.app import ComposeResult
from textual.containers import Container

from batchtui.results.grouping import Grouping, RowGroup
from batchtui.results.groups import INDEX_FIELDS, MISFITS, group_rows
from batchtui.results.query.reference import OF_REQUEST
from batchtui.tui.commands import reports as commands
from batchtui.tui.commands.reading import StepBack
from batchtui.tui.glyphs import Glyphs
from batchtui.tui.lines import BLANK, Line, Span, line
from batchtui.tui.messages import CopyWanted
from batchtui.tui.screens.command_screen import CommandScreen
from batchtui.tui.screens.results.browser import Browser
from batchtui.tui.screens.results.groups_lines import (
    group_line,
    grouping_title,
    place_columns_of,
    shown_value,
    spread_lines,
)
from batchtui.tui.stylesheets import RESULTS
from batchtui.tui.widgets.columns import PlacedColumn, header_line
from batchtui.tui.widgets.line_bar import LineBar
from batchtui.tui.widgets.line_list import LineList
from batchtui.tui.widgets.line_view import LineView
from batchtui.untrusted import visible

_MOST = 2_000
"""Groups that are listed."""
_TURN = 0.008


class GroupPlace(Struct, frozen=True):
    """Where the cursor stands among groups."""

    by: str
    """The field that the rows are grouped by."""
    key: tuple[str, str, bool] | None = None
    """The `RowGroup.key` of the group; ``None`` for the first one."""


class GroupChosen(Struct, frozen=True):
    """A group whose rows are to be shown."""

    query: str
    """What to add to the query."""
    place: GroupPlace


class GroupList(LineList):
    """The groups, the largest first."""

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(id="groups-list")
        self.grouping: Grouping | None = None
        self._glyphs = glyphs
        self._width = -1
        self._placed: tuple[PlacedColumn, ...] = ()

    def show(self, grouping: Grouping | None, key: tuple[str, str, bool] | None) -> None:
        """Show groups, with the cursor on that of a key."""
        self.grouping, self._width = grouping, -1
        groups = grouping.groups if grouping else ()
        self.row_count = len(groups)
        self.cursor = next((at for at, one in enumerate(groups) if one.key == key), 0)
        self.refresh()

    def header(self, width: int) -> Line:
        """Return the titles of the columns."""
        return header_line(self._place(width))

    def line_of(self, row: int, width: int) -> Line:
        """Return one group."""
        grouping = self.grouping
        if grouping is None:
            return BLANK
        return group_line(grouping.groups[row], grouping, self._place(width), self._glyphs)

    def _place(self, width: int) -> tuple[PlacedColumn, ...]:
        if width != self._width and self.grouping is not None:
            values = [shown_value(group) for group in self.grouping.groups[:200]]
            self._width, self._placed = width, place_columns_of(self.grouping, width, values)
        return self._placed


class GroupsScreen(CommandScreen[GroupChosen | None]):
    """Groups the rows shown; gives the group whose rows are to be shown, or ``None``.

    Args:
        browser: The rows.
        place: The field to group by, and the value to begin at; by the first column if not given.
    """

    CSS_PATH = RESULTS
    OFFERED = (
        commands.ShowRowsOfGroup,
        commands.NextField,
        commands.PreviousField,
        commands.CopyGroups,
        StepBack,
    )

    def __init__(self, browser: Browser, place: GroupPlace | None = None) -> None:
        super().__init__()
        self._browser = browser
        self._rows = array("I", browser.state.rows)
        self._is_part = browser.state.is_part
        query = browser.state.query
        named = query.named_schema if query is not None else ""
        self._misfits = f"{MISFITS}{named}" if named else ""
        """The field of what does not fit a schema, where one is known."""
        self._place = place or GroupPlace(self._misfits or first_field(browser))
        self._list = GroupList(self.effective.glyphs)
        self._spread = LineView(id="groups-spread")
        self._header = LineBar(id="groups-header", classes="chrome")
        self._fields = LineBar(id="groups-fields")

    def compose(self) -> ComposeResult:
        """Header, fields, groups, where numbers lie, action bar."""
        yield self._header
        yield self._fields
        with Container(id="groups-body"):
            yield self._list
            yield self._spread
        yield self.actions

    @on(events.Mount)
    async def begin(self) -> None:
        """Group the rows."""
        self._list.focus()
        self.show()
        self.start(self._offer_misfits, "schemas")
        if self._is_known:
            # the first picture is complete
            await self.attempt(self._show_groups)
        else:
            self.start(self._read_field, "grouping")

    async def _offer_misfits(self) -> None:
        """Have the rows grouped by what does not fit, too, where requests ask for a schema."""
        if not self._misfits and await self._browser.has_schemas():
            self._misfits = f"{MISFITS}{OF_REQUEST}"
            self.show()

    def _group(self, place: GroupPlace) -> None:
        self._place = place
        self.show()
        self.start(self._read_field, "grouping")

    @property
    def _is_known(self) -> bool:
        """Whether every row's value of the field is known."""
        return self._place.by in INDEX_FIELDS or self._rows_read >= len(self._browser.index)

    @property
    def _rows_read(self) -> int:
        """Of how many rows the value of the field is known."""
        by, records = self._place.by, self._browser.columns.records
        return records.looked if by.startswith(MISFITS) else len(records.column(by))

    async def _read_field(self) -> None:
        """Read the values of a field, in turns with everything else, and group by them."""
        browser, by = self._browser, self._place.by
        records, rows = browser.columns.records, len(browser.index)
        while not self._is_known and browser.reader is not None:
            self._header.lines = (reading_line(by, self._rows_read, rows),)
            records.step(browser.reader, _TURN)
            await asyncio.sleep(0)
        await self._show_groups()

    async def _show_groups(self) -> None:
        browser = self._browser
        if browser.reader is None:
            return
        query = browser.state.query
        grouping = await asyncio.to_thread(
            group_rows,
            browser.index,
            browser.reader,
            self._rows,
            self._place.by,
            limit=_MOST,
            is_sample=query is not None and query.is_sample,
        )
        self._list.show(grouping, self._place.key)
        self._header.lines = (grouping_title(grouping, "shown" if self._is_part else ""),)
        self.show()

    def show(self) -> None:
        """Show the fields, where the numbers lie, and what can be done."""
        fields = fields_line(self._names, self._place.by, self._fields.line_width)
        self._fields.lines = (fields,)
        grouping = self._list.grouping
        spread = grouping.spread if grouping else None
        self._spread.display = spread is not None
        self._spread.lines = spread_lines(spread, self.size.width - 4, self.effective.glyphs)
        self.show_actions()

    @property
    def _names(self) -> tuple[str, ...]:
        return groupable_fields(self._browser, self._misfits)

    def _step_field(self, step: int) -> None:
        names = self._names
        place = names.index(self._place.by) if self._place.by in names else 0
        self._group(GroupPlace(names[(place + step) % len(names)]))

    def next_field(self) -> None:
        """Group by the next field."""
        self._step_field(1)

    def previous_field(self) -> None:
        """Group by the previous field."""
        self._step_field(-1)

    def action_group_by(self, place: int) -> None:
        """A click on the name of a field."""
        self._group(GroupPlace(self._names[place]))

    @property
    def _chosen(self) -> RowGroup | None:
        grouping = self._list.grouping
        return grouping.groups[self._list.cursor] if grouping and grouping.groups else None

    @on(LineList.Chosen)
    def show_rows_of_group(self) -> None:
        """Go to the rows of the group."""
        group = self._chosen
        if group is None or not group.query:
            self.notify("These rows cannot be asked for by a query", severity="warning")
            return
        self.dismiss(GroupChosen(group.query, GroupPlace(self._place.by, group.key)))

    def copy_groups(self) -> None:
        """Copy the groups as text."""
        grouping = self._list.grouping
        if grouping is not None:
            lines = [f"{one.rows}\t{shown_value(one)}" for one in grouping.groups]
            self.post_message(CopyWanted("\n".join(lines), "the groups"))

    def step_back(self) -> None:
        """Go back to the rows."""
        self.dismiss(None)


def groupable_fields(browser: Browser, misfits: str = "") -> tuple[str, ...]:
    """Return what rows can be grouped by: chosen columns, other fields, and what every row has.

    Args:
        browser: The rows.
        misfits: The field of what does not fit a schema, if there is one.
    """
    paths = [field.path for field in browser.columns.records.fields]
    chosen = [path for path in browser.columns.chosen if path in paths]
    return (*dict.fromkeys([*chosen, *paths]), *filter(None, [misfits]), *INDEX_FIELDS)


def first_field(browser: Browser) -> str:
    """Return what rows are grouped by at first: the field they are sorted by, or a column."""
    names = groupable_fields(browser)
    sorted_by = [key.field for key in browser.state.sort if key.field in names]
    return next(iter(sorted_by), names[0])


def fields_line(names: tuple[str, ...], current: str, width: int) -> Line:
    """Write the fields beside each other, as many as fit around the current one."""
    place = names.index(current) if current in names else 0
    first = place
    room = width - len(visible(current)) - 2
    while first > 0 and room - len(visible(names[first - 1])) - 2 > width // 2:
        first -= 1
        room -= len(visible(names[first])) + 2
    spans: list[Span] = []
    used = 0
    for at in range(first, len(names)):
        text = f" {visible(names[at])} "
        if used + len(text) > width and at > place:
            break
        spans.append(Span(text, "tab" if at == place else "muted", f"screen.group_by({at})"))
        used += len(text)
    return Line(tuple(spans))


def reading_line(by: str, done: int, rows: int) -> Line:
    """Say how much of a field was read."""
    return line(
        ("Groups by ", "strong"), visible(by), (f"   reading {100 * done // rows} %", "running")
    )
