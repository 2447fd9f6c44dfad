"""The screen that chooses which rows go again, and what is changed in them."""

from collections.abc import Awaitable, Callable
from functools import lru_cache, partial

from msgspec.structs import replace
from textual import on
from textual.app import ComposeResult
from textual.reactive import reactive

from batchtui.batches.rules import ALLOWED, Availability
from batchtui.submission.params import ParamError, parse_changes, written
from batchtui.tui.commands.general import Leave
from batchtui.tui.commands.submission import (
    RETRY_COMMANDS,
    ChangeParams,
    RetryNeed,
    ToggleGroup,
)
from batchtui.tui.lines import BLANK, Line, line
from batchtui.tui.screens.command_screen import DIALOG, CommandScreen, set_at_once
from batchtui.tui.screens.dialogs.prompt import PromptDialog
from batchtui.tui.screens.submission.retry_groups import Worth
from batchtui.tui.screens.submission.retry_view import (
    RetryColumns,
    RetryState,
    advice_lines,
    retry_columns,
    retry_group_line,
    retry_summary,
    worth_choosing,
)
from batchtui.tui.stylesheets import SUBMISSION
from batchtui.tui.widgets.columns import header_line
from batchtui.tui.widgets.line_bar import LineBar
from batchtui.tui.widgets.line_list import LineList
from batchtui.untrusted import visible


class RetryGroupList(LineList):
    """The groups of rows that may go again."""

    state: reactive[RetryState | None] = reactive(None)

    def __init__(self) -> None:
        super().__init__(id="retry-list")
        self._columns: Callable[[int], RetryColumns] = partial(retry_columns, ())
        """Places the columns in some cells."""

    def watch_state(self, state: RetryState | None) -> None:
        """Take the groups; the columns fit all of them, and are placed once."""
        groups = state.groups if state else ()
        self.row_count = len(groups)
        self._columns = lru_cache(1)(partial(retry_columns, groups))

    def header(self, width: int) -> Line:
        """Return the titles of the columns."""
        return header_line(self._columns(width).placed)

    def line_of(self, row: int, width: int) -> Line:
        """Return one group."""
        state = self.state
        if state is None:
            return BLANK
        columns = self._columns(width)
        return retry_group_line(state.groups[row], columns, is_chosen=row in state.chosen)


class RetryScreen(CommandScreen[bool]):
    """Chooses what goes again; closes with whether it was sent.

    Args:
        state: What there is to choose from.
        go_on: Shows what will go and sends it; gives whether that was done.
    """

    CSS_PATH = SUBMISSION
    OFFERED = (*RETRY_COMMANDS, Leave)

    state: reactive[RetryState] = reactive(set_at_once, repaint=False, init=False)

    def __init__(self, state: RetryState, go_on: Callable[[RetryState], Awaitable[bool]]) -> None:
        super().__init__()
        self._go_on = go_on
        self.header = LineBar(id="retry-header", classes="chrome")
        self.groups = RetryGroupList()
        self.advice = LineBar(id="retry-advice")
        self.summary = LineBar(id="retry-summary")
        self.set_reactive(RetryScreen.state, state)

    def compose(self) -> ComposeResult:
        """Header, groups, what to do about one, what will go, action bar."""
        yield self.header
        yield self.groups
        yield self.advice
        yield self.summary
        yield self.actions

    def on_mount(self) -> None:
        """Show the groups."""
        self.groups.focus()
        self.show()

    def watch_state(self) -> None:
        """Show what is chosen now."""
        self.show()

    def show(self) -> None:
        """Hand every widget its value."""
        state = self.state
        what = f"  {visible(state.what)}" if state.what else ""
        head = line(("Send again", "heading"), f"  {state.name}", (what, "muted"))
        self.header.lines = (head,)
        self.groups.state = state
        summary = retry_summary(
            state, self.effective.glyphs, self.key_of(ChangeParams), self.summary.size.width
        )
        self.summary.lines = tuple(summary)
        self._advise()
        self.needs = {RetryNeed.ROWS: self._can_go(state)}
        self.show_actions()

    def _can_go(self, state: RetryState) -> Availability:
        if not state.rows:
            reason = f"Nothing is chosen: {self.key_of(ToggleGroup)} chooses rows"
        elif state.lacks_max_tokens:
            key = self.key_of(ChangeParams)
            reason = f"The answers were cut at max_tokens: give a larger one first ({key})"
        else:
            return ALLOWED
        return Availability(reason)

    @on(LineList.Highlighted, "#retry-list")
    def _advise(self) -> None:
        """Say what to do about the group under the cursor."""
        state = self.state
        if state.groups:
            group = state.groups[min(self.groups.cursor, len(state.groups) - 1)]
            self.advice.lines = advice_lines(group, self.advice.size.width)

    @on(LineList.Chosen, "#retry-list")
    def toggle_group(self) -> None:
        """Choose the group under the cursor, or not; a double click does the same."""
        state = self.state
        place = self.groups.cursor
        self.state = new = replace(state, chosen=state.chosen ^ {place})
        if state.groups[place].worth is Worth.LARGER and new.lacks_max_tokens:
            self.start(partial(self._ask_changes, "max_tokens="), DIALOG)

    def toggle_all(self) -> None:
        """Choose all groups, or only those worth it."""
        state = self.state
        everything = frozenset(range(len(state.groups)))
        chosen = worth_choosing(state.groups) if state.chosen == everything else everything
        self.state = replace(state, chosen=chosen)

    def change_params(self) -> None:
        """Ask what to change."""
        self.start(self._ask_changes, DIALOG)

    def preview_retry(self) -> None:
        """Show what will go."""
        self.start(self._preview, DIALOG)

    def leave(self) -> None:
        """Send nothing."""
        self.dismiss(result=False)

    async def _ask_changes(self, more: str = "") -> None:
        body = (
            line("For every row that goes again. Separated by spaces:"),
            line(("max_tokens=8192 temperature=0.2 model=claude-sonnet-4-5 -top_k", "code")),
            line(("-name takes a param away; quotes hold a text with spaces", "muted")),
        )
        value = f"{written(self.state.changes)} {more}".strip()
        dialog = PromptDialog(
            "Change params", body, value=value, check=_what_is_wrong, confirm="Change"
        )
        text = await self.ask(dialog)
        if text is not None:
            self.state = replace(self.state, changes=parse_changes(text))

    async def _preview(self) -> None:
        if await self._go_on(self.state):
            self.dismiss(result=True)


def _what_is_wrong(text: str) -> str:
    try:
        parse_changes(text)
    except ParamError as error:
        return visible(str(error))
    return ""
