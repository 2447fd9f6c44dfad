"""The way from the rows to other screens, dialogs and programs, and back to where one was."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from batchtui.errors import BatchtuiError
from batchtui.formatting import plural
from batchtui.results.query.parser import narrow_query
from batchtui.results.review_session import cards_of
from batchtui.tui import external
from batchtui.tui.lines import line
from batchtui.tui.messages import ReviewWanted, SourceWanted
from batchtui.tui.screens.command_screen import DIALOG
from batchtui.tui.screens.results import row_actions
from batchtui.tui.screens.results.browser import Browser
from batchtui.tui.screens.results.host import ResultsHost
from batchtui.tui.screens.results.query_pane import QueryPane
from batchtui.tui.screens.results.requests import Requests
from batchtui.tui.screens.results.rows_pane import RowsPane
from batchtui.tui.screens.results.selection import Tab
from batchtui.tui.screens.results.source import ResultsSource, asked_of, review_subject

if TYPE_CHECKING:
    from batchtui.tui.screens.results.groups_view import GroupPlace


class Visit(Struct, frozen=True):
    """Rows that are shown because they were chosen in a list of groups, causes or numbers."""

    query: str
    way_back: Callable[[], None]
    """Looks at the rows again that were shown before."""
    go_back: Callable[[], None]
    """Shows the list again, at the same place."""


class RowScreens:
    """Carries out the commands that lead away from the rows.

    The rows of what was chosen in a list are shown; a step back leads to that list again.

    Args:
        browser: What is looked at.
        source: Where the rows come from.
        rows: Shows them.
        query: Remembers what was asked.
        requests: Where the questions are.
        host: Shows other screens over the rows.
    """

    def __init__(
        self,
        browser: Browser,
        source: ResultsSource,
        rows: RowsPane,
        query: QueryPane,
        requests: Requests,
        host: ResultsHost,
    ) -> None:
        self._browser = browser
        self._source = source
        self._rows = rows
        self._query = query
        self._requests = requests
        self._host = host
        self._visited: Visit | None = None
        self._may_have_attached = False
        self._program = ""
        """What was run last."""

    # Lists over the rows, and the rows of what is chosen in them

    def show_failures(self) -> None:
        """List why rows failed; the rows of a chosen cause are shown."""
        self._show_failures("")

    def _show_failures(self, cause: str) -> None:
        from batchtui.tui.screens.results.failures_screen import FailuresScreen

        def take(query: str | None) -> None:
            if query is not None:
                self._show_rows(query, partial(self._show_failures, query))

        host = self._host
        screen = FailuresScreen(self._browser, self._source, host.needs, host.setup.session, cause)
        host.visit(screen, take)

    def show_groups(self) -> None:
        """Group the rows; the rows of a chosen group are shown."""
        self._show_groups(None)

    def _show_groups(self, place: "GroupPlace | None") -> None:
        from batchtui.tui.screens.results.groups_screen import GroupChosen, GroupsScreen

        def take(chosen: GroupChosen | None) -> None:
            if chosen is not None:
                query = narrow_query(self._browser.state.text, chosen.query)
                go_back = partial(self._show_groups, chosen.place)
                self._show_rows(query, go_back, self._browser.state.tab)

        self._host.visit(GroupsScreen(self._browser, place), take)

    def show_fields(self) -> None:
        """List the fields of the answers, and show the chosen ones as columns."""
        from batchtui.tui.screens.results.fields_screen import FieldsChosen, GroupedFieldsScreen
        from batchtui.tui.screens.results.groups_view import GroupPlace

        def take(chosen: FieldsChosen | None) -> None:
            if chosen is None:
                return
            if chosen.columns != self._browser.columns.chosen:
                self._rows.choose_columns(chosen.columns)
            if chosen.group_by:
                self._show_groups(GroupPlace(chosen.group_by))

        self._host.visit(GroupedFieldsScreen(lambda: self._browser.columns), take)

    def set_pattern(self) -> None:
        """Ask for a pattern that finds the records of the answers, and use it."""
        self._host.start(self._set_pattern, DIALOG)

    async def _set_pattern(self) -> None:
        from batchtui.results.records.own_pattern import EXAMPLE, find_pattern_fault
        from batchtui.tui.screens.dialogs.prompt import PromptDialog

        body = (
            line("A regular expression, for answers that hold no JSON and no tags."),
            line(r"Each named group is a field, such as (?P<total>\d+)."),
            line("The groups key and value make a field of each match."),
            line("Empty: the records are found as usual."),
        )
        dialog = PromptDialog(
            "Find records by a pattern",
            body,
            value=self._browser.pattern,
            placeholder=EXAMPLE,
            check=find_pattern_fault,
            confirm="Use",
        )
        pattern = await self._host.ask(dialog)
        if pattern is not None:
            await self._rows.use_pattern(pattern.strip())

    def show_summary(self) -> None:
        """Show everything in numbers; the rows of a chosen number are shown."""
        self._show_summary("")

    def _show_summary(self, query: str) -> None:
        from batchtui.tui.screens.results.summary_screen import SummaryScreen

        def take(query: str | None) -> None:
            if query is not None:
                self._show_rows(query, partial(self._show_summary, query))

        self._host.visit(SummaryScreen(self._browser, self._source, query), take)

    def _show_rows(self, query: str, go_back: Callable[[], None], tab: Tab = Tab.ALL) -> None:
        """Show the rows of a query, from where `go_back` leads to where it was chosen."""
        self._visited = Visit(query, self._browser.way_back(), go_back)
        self._query.remember(query)
        self._rows.ask(query, tab)

    def go_back(self) -> bool:
        """Go back to the list whose rows are shown, and return whether there is one."""
        visit, self._visited = self._visited, None
        if visit is None or visit.query != self._browser.state.text:
            return False
        self._host.start(partial(self._return, visit), "return")
        return True

    async def _return(self, visit: Visit) -> None:
        """Show what was shown before, and the list over it."""
        await self._rows.return_by(visit.way_back)
        visit.go_back()

    # What is done with the rows elsewhere

    def export_rows(self) -> None:
        """Ask what is to be written where, and write it."""
        self._host.start(self._export, DIALOG)

    async def _export(self) -> None:
        from batchtui.tui.screens.results.export_dialog import ExportDialog
        from batchtui.tui.screens.results.export_plan import export_plan

        folder, requests = self._host.effective.loaded.export_dir, self._requests
        index = self._browser.index
        with suppress(BatchtuiError):  # without them there are no questions to write
            await requests.find(index.custom_id(0) if len(index) else "")
        plan = export_plan(self._browser, self._source, folder, requests.lookup, requests.files)
        if plan is None:
            return
        plan = replace(plan, exported=self._browser.columns.exported(plan.offered))
        written = await self._host.ask(ExportDialog(plan))
        if written is not None:
            if written.fields:
                self._browser.columns.remember_exported(written.fields)
            rows = f"{plural(written.rows, 'row')} written to {written.path}"
            self._host.notify(f"{rows}. {written.remark}" if written.remark else rows)

    def review_rows(self) -> None:
        """Ask for the rows shown to be judged one after the other."""
        self._host.start(self._review, "review")

    async def _review(self) -> None:
        from batchtui.tui.screens.review.cards import RowCards

        browser, source, setup = self._browser, self._source, self._host.setup
        if browser.reader is None:
            return
        index, reader, glyphs = browser.index, browser.reader, self._host.effective.glyphs
        rows = await asyncio.to_thread(cards_of, browser.state.rows[:], index.custom_id)
        requests = Requests(setup.source_of, partial(asked_of, source))
        cards = RowCards(index, reader, rows, requests, glyphs, setup.viewer_environ)
        subject = review_subject(source)
        self._host.post_message(ReviewWanted(cards, source.title, subject, tuple(rows)))

    async def send_again(self) -> None:
        """Ask for the rows to be sent again."""
        if self._source.batch is not None:
            resend = row_actions.resend_wanted
            wanted = await asyncio.to_thread(resend, self._browser, self._source.batch)
            self._host.post_message(wanted)

    def attach_requests(self) -> None:
        """Ask for the file of requests that the batch was made from."""
        if self._source.batch is not None:
            self._may_have_attached = True
            self._host.post_message(SourceWanted(self._source.batch))

    def may_have_attached(self) -> bool:
        """Return whether that was asked for since this was called last."""
        may_have, self._may_have_attached = self._may_have_attached, False
        return may_have

    def run_program(self) -> None:
        """Ask for a command, and hand it the rows shown."""
        self._host.start(self._run_program, DIALOG)

    async def _run_program(self) -> None:
        from batchtui.tui.screens.dialogs.prompt import PromptDialog

        body = (
            line("$BATCHTUI_FILE   the rows shown, as received (JSONL)"),
            line("$BATCHTUI_TABLE  their columns (CSV)"),
        )
        example = "duckdb -c 'from \"'$BATCHTUI_TABLE'\" limit 5'"
        dialog = PromptDialog(
            f"Run a command on {plural(len(self._browser.state.rows), 'row')}",
            body,
            value=self._program,
            placeholder=example,
            confirm="Run",
        )
        command = await self._host.ask(dialog)
        if not command or not command.strip():
            return
        self._program = command
        with external.temporary_folder(command.split()[0]) as folder:
            write = partial(row_actions.write_rows_for_program, self._browser, folder)
            files, remark = await asyncio.to_thread(write)
            environ = self._host.setup.environ
            external.run_command(command, files, environ, self._host.suspend)
        if remark:
            self._host.notify(remark)
