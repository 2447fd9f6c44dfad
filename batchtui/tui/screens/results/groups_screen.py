"""Groups of the rows shown, by any field; the way to the rows of one of them, and back."""

import asyncio
from array import array
from collections.abc import Callable, Sequence
from functools import lru_cache, partial

from msgspec import Struct
from msgspec.structs import replace
from textual import events, on
from textual.app import ComposeResult
from textual.containers import Container
from textual.reactive import reactive

from batchtui.results.grouping import Grouping, RowGroup
from batchtui.results.groups import INDEX_FIELDS, MISFITS, group_rows
from batchtui.results.query.reference import OF_REQUEST
from batchtui.tui.commands import reports as commands
from batchtui.tui.commands.reading import StepBack
from batchtui.tui.glyphs import Glyphs
from batchtui.tui.lines import BLANK, Line
from batchtui.tui.messages import CopyWanted
from batchtui.tui.screens.command_screen import CommandScreen, set_at_once
from batchtui.tui.screens.results.browser import Browser
from batchtui.tui.screens.results.groups_view import (
    GroupPlace,
    GroupsState,
    fields_line,
    first_field,
    group_line,
    groups_header,
    place_group_columns,
    shown_value,
    spread_lines,
)
from batchtui.tui.stylesheets import RESULTS
from batchtui.tui.widgets.columns import PlacedColumn, header_line
from batchtui.tui.widgets.line_bar import LineBar
from batchtui.tui.widgets.line_list import LineList
from batchtui.tui.widgets.line_view import LineView

_MOST = 2_000
"""Groups that are listed."""
_TURN = 0.008


class GroupChosen(Struct, frozen=True):
    """A group whose rows are to be shown."""

    query: str
    """What to add to the query."""
    place: GroupPlace


class GroupList(LineList):
    """The groups, the largest first."""

    grouping: reactive[Grouping | None] = reactive(None)

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(id="groups-list")
        self._glyphs = glyphs
        self._columns: Callable[[int], Sequence[PlacedColumn]] = lambda _width: ()
        """Places the columns in some cells."""

    def watch_grouping(self, grouping: Grouping | None) -> None:
        """Take the groups; the columns are placed once."""
        self.row_count = len(grouping.groups) if grouping else 0
        if grouping is not None:
            self._columns = lru_cache(1)(partial(place_group_columns, grouping))

    def header(self, width: int) -> Line:
        """Return the titles of the columns."""
        return header_line(self._columns(width))

    def line_of(self, row: int, width: int) -> Line:
        """Return one group."""
        grouping = self.grouping
        if grouping is None:
            return BLANK
        return group_line(grouping.groups[row], grouping, self._columns(width), self._glyphs)


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

    state: reactive[GroupsState] = reactive(set_at_once, repaint=False, init=False)

    def __init__(self, browser: Browser, place: GroupPlace | None = None) -> None:
        super().__init__()
        self._browser = browser
        self._rows = array("I", browser.state.rows)
        query = browser.state.query
        named = query.named_schema if query is not None else ""
        misfits, fields = f"{MISFITS}{named}" if named else "", answer_fields(browser)
        place = place or GroupPlace(misfits or first_field(fields, browser.state.sort))
        state = GroupsState(place, fields, misfits, is_part=browser.state.is_part)
        self.set_reactive(GroupsScreen.state, state)
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
        if not self.state.misfits and await self._browser.has_schemas():
            self.state = replace(self.state, misfits=f"{MISFITS}{OF_REQUEST}")

    def _group(self, by: str) -> None:
        self.state = replace(self.state, place=GroupPlace(by), percent_read=None)
        self.start(self._read_field, "grouping")

    @property
    def _is_known(self) -> bool:
        """Whether every row's value of the field is known."""
        is_of_index = self.state.place.by in INDEX_FIELDS
        return is_of_index or self._rows_read >= len(self._browser.index)

    @property
    def _rows_read(self) -> int:
        """Of how many rows the value of the field is known."""
        by, records = self.state.place.by, self._browser.columns.records
        return records.looked if by.startswith(MISFITS) else len(records.column(by))

    async def _read_field(self) -> None:
        """Read the values of a field, in turns with everything else, and group by them."""
        browser = self._browser
        records, rows = browser.columns.records, len(browser.index)
        while not self._is_known and browser.reader is not None:
            self.state = replace(self.state, percent_read=100 * self._rows_read // rows)
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
            self.state.place.by,
            limit=_MOST,
            is_sample=query is not None and query.is_sample,
        )
        fields = answer_fields(browser)
        self.state = replace(self.state, fields=fields, grouping=grouping, percent_read=None)

    def watch_state(self, old: GroupsState, new: GroupsState) -> None:
        """Show other groups, with the cursor on the one that is meant."""
        if new.grouping is not None and new.grouping is not old.grouping:
            self._list.grouping = new.grouping
            keys = [group.key for group in new.grouping.groups]
            self._list.cursor = keys.index(new.place.key) if new.place.key in keys else 0
        self.show()

    def show(self) -> None:
        """Show the fields, the groups, where the numbers lie, and what can be done."""
        state = self.state
        self._header.lines = (groups_header(state),)
        self._fields.lines = (fields_line(state.names, state.place.by, self._fields.line_width),)
        spread = state.grouping.spread if state.grouping else None
        self._spread.display = spread is not None
        self._spread.lines = spread_lines(spread, self.size.width - 4, self.effective.glyphs)
        self.show_actions()

    def _step_field(self, step: int) -> None:
        names = self.state.names
        place = names.index(self.state.place.by) if self.state.place.by in names else 0
        self._group(names[(place + step) % len(names)])

    def next_field(self) -> None:
        """Group by the next field."""
        self._step_field(1)

    def previous_field(self) -> None:
        """Group by the previous field."""
        self._step_field(-1)

    def action_group_by(self, place: int) -> None:
        """A click on the name of a field."""
        self._group(self.state.names[place])

    @property
    def _chosen(self) -> RowGroup | None:
        grouping = self.state.grouping
        return grouping.groups[self._list.cursor] if grouping and grouping.groups else None

    @on(LineList.Chosen)
    def show_rows_of_group(self) -> None:
        """Go to the rows of the group."""
        grouping, group = self.state.grouping, self._chosen
        if grouping is None or group is None or not group.query:
            self.notify("These rows cannot be asked for by a query", severity="warning")
            return
        self.dismiss(GroupChosen(group.query, GroupPlace(grouping.by, group.key)))

    def copy_groups(self) -> None:
        """Copy the groups as text."""
        grouping = self.state.grouping
        if grouping is not None:
            lines = [f"{one.rows}\t{shown_value(one)}" for one in grouping.groups]
            self.post_message(CopyWanted("\n".join(lines), "the groups"))

    def step_back(self) -> None:
        """Go back to the rows."""
        self.dismiss(None)


def answer_fields(browser: Browser) -> tuple[str, ...]:
    """Return the fields of the answers, those that are columns first."""
    paths = [field.path for field in browser.columns.records.fields]
    chosen = [path for path in browser.columns.chosen if path in paths]
    return tuple(dict.fromkeys([*chosen, *paths]))
