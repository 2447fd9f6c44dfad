"""The failures by cause: which, how many, what to do, and the way to their rows."""

import asyncio
from collections.abc import Mapping
from itertools import chain
from typing import TYPE_CHECKING

from msgspec.structs import replace
from textual import on
from textual.app import ComposeResult
from textual.containers import Container
from textual.reactive import reactive

from batchtui.batches.rules import Availability
from batchtui.formatting import plural
from batchtui.results.triage import FailureGroup, triage
from batchtui.tui.commands import reports as commands
from batchtui.tui.commands.command import Need
from batchtui.tui.commands.reading import StepBack
from batchtui.tui.lines import Line
from batchtui.tui.messages import CopyWanted, ResendWanted
from batchtui.tui.screens.command_screen import CommandScreen
from batchtui.tui.screens.results.browser import Browser
from batchtui.tui.screens.results.failures_view import (
    FailuresState,
    cause_detail,
    cause_line,
    failures_header,
    place_group_columns,
)
from batchtui.tui.screens.results.later_rows import find_since, ids_of
from batchtui.tui.screens.results.source import ResultsSource
from batchtui.tui.stylesheets import RESULTS
from batchtui.tui.widgets.columns import header_line
from batchtui.tui.widgets.line_bar import LineBar
from batchtui.tui.widgets.line_list import LineList, ValueList
from batchtui.tui.widgets.line_view import LineView

if TYPE_CHECKING:
    from batchtui.session import Session

_LOOK_AGAIN = 1.0
"""Seconds between two looks while rows arrive."""


class CauseList(ValueList[FailureGroup]):
    """The groups, the largest first."""

    total: reactive[int] = reactive(0)
    """How many rows there are, failed or not."""

    def header(self, width: int) -> Line:
        """Return the titles of the columns."""
        return header_line(place_group_columns(width))

    def value_line(self, group: FailureGroup, width: int, /) -> Line:
        """Return one group."""
        return cause_line(group, self.total, width)


class FailuresScreen(CommandScreen[str | None]):
    """Lists why rows failed; gives the query for the rows of a group, or ``None``.

    Args:
        browser: The rows.
        source: Where they come from.
        needs: What is possible with the rows.
        session: The account they belong to; ``None`` for a file.
        cause: The query of the cause to begin at.
    """

    CSS_PATH = RESULTS
    OFFERED = (
        commands.ShowRowsOfCause,
        commands.SendCauseAgain,
        commands.CopyCause,
        StepBack,
    )

    state: reactive[FailuresState] = reactive(FailuresState(), repaint=False, init=False)

    def __init__(
        self,
        browser: Browser,
        source: ResultsSource,
        needs: Mapping[Need, Availability],
        session: "Session | None" = None,
        cause: str = "",
    ) -> None:
        super().__init__()
        self.set_reactive(CommandScreen.needs, needs)
        self._session = session
        self._browser = browser
        self._source = source
        self._cause = cause
        self.header = LineBar(id="failures-header", classes="chrome")
        self.causes = CauseList(id="failures-list")
        self.detail = LineView(id="failures-detail")

    def compose(self) -> ComposeResult:
        """Header, groups, and the group under the cursor in full."""
        yield self.header
        with Container(id="failures-body"):
            yield self.causes
            yield self.detail
        yield self.actions

    def on_mount(self) -> None:
        """Show the groups, and look again while rows arrive."""
        self.causes.focus()
        self._look()
        queries = [group.query for group in self.state.groups]
        self.causes.cursor = queries.index(self._cause) if self._cause in queries else 0
        self.start(self._follow, "changes")

    def _look(self) -> None:
        """Group the rows there are now."""
        index, is_moving = self._browser.index, self._source.status.is_moving
        self.state = FailuresState(triage(index), len(index), is_moving)

    async def _follow(self) -> None:
        """Look again while rows arrive; then find out what later tries have of them."""
        while self.state.is_moving:
            await asyncio.sleep(_LOOK_AGAIN)
            self._look()
        batch = self._source.batch
        if batch is not None and self._session is not None:
            since = await find_since(self._session, batch.id, self._browser.index)
            self.state = replace(self.state, since=since)

    def watch_state(self) -> None:
        """Show why rows failed as far as that is known now."""
        self.show()

    def show(self) -> None:
        """Hand every widget its value."""
        state = self.state
        self.header.lines = (failures_header(state, self.header.line_width),)
        self.causes.total, self.causes.values = state.rows, state.groups
        self.show_actions()
        self.show_detail()

    @property
    def chosen(self) -> FailureGroup | None:
        """The group under the cursor."""
        groups = self.state.groups
        return groups[self.causes.cursor] if groups else None

    @on(LineList.Highlighted)
    def show_detail(self) -> None:
        """Show the group under the cursor in full."""
        group = self.chosen
        # before the first layout as wide as it will be: so the first picture is complete
        width = (self.detail.content_size.width or self.app.size.width - 2) - 1
        if group is not None and width > 10:
            ids = [self._browser.index.custom_id(row) for row in group.rows]
            can_send = self.availability_of(commands.SendCauseAgain)
            self.detail.lines = cause_detail(
                group,
                ids,
                width,
                self.effective.glyphs,
                since=str(self.state.since.get(group.query, "")),
                key=self.key_of(commands.SendCauseAgain) if can_send else "",
            )

    @on(LineList.Chosen)
    def show_rows_of_cause(self) -> None:
        """Go to the rows of the group."""
        group = self.chosen
        if group is not None:
            self.dismiss(group.query)

    async def send_cause_again(self) -> None:
        """Ask for what failed to be sent again: what is worth it, or this cause if it is not."""
        groups, group = self.state.groups, self.chosen
        batch, index = self._source.batch, self._browser.index
        if group is None or batch is None:
            return

        def wanted() -> ResendWanted:
            ids = tuple(chain.from_iterable(ids_of(index, one) for one in groups))
            meant = () if group.remedy == "send again" else ids_of(index, group)
            return ResendWanted(batch, ids, plural(len(ids), "failed row"), meant)

        self.post_message(await asyncio.to_thread(wanted))

    def step_back(self) -> None:
        """Go back to the rows."""
        self.dismiss(None)

    def copy_cause(self) -> None:
        """Copy the message of the group."""
        group = self.chosen
        if group is not None:
            self.post_message(CopyWanted(group.example or group.type, "the error message"))
