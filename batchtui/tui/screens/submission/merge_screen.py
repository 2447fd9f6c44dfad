"""The merged view over a line of tries, and its export."""

import asyncio
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.reactive import reactive

from batchtui.api.models import MessageBatch
from batchtui.batches.rules import ALLOWED, Availability
from batchtui.formatting import format_count, plural
from batchtui.tui.commands.general import Leave
from batchtui.tui.commands.submission import MERGE_COMMANDS, FetchTries, MergeNeed, OpenMerged
from batchtui.tui.lines import Line, line
from batchtui.tui.messages import MergedWanted
from batchtui.tui.screens.command_screen import DIALOG, CommandScreen, set_at_once
from batchtui.tui.screens.dialogs.choice import Choice, ChoiceDialog
from batchtui.tui.screens.submission.context import FlowContext
from batchtui.tui.screens.submission.merge_view import (
    MergeState,
    TryState,
    export_name,
    merge_summary,
    tries_heading,
    try_line,
)
from batchtui.tui.screens.submission.path_prompt import PathQuestion, ask_path
from batchtui.tui.screens.submission.paths import why_not_writable
from batchtui.tui.screens.submission.try_files import TryFiles
from batchtui.tui.screens.submission.words import home_short
from batchtui.tui.stylesheets import SUBMISSION
from batchtui.tui.widgets.line_bar import LineBar
from batchtui.tui.widgets.line_list import LineList, ValueList
from batchtui.tui.widgets.line_view import LineView

_NOTHING = Availability("There are no results of this line on this disk")
_ALL_HERE = Availability("There is nothing to download")


class TryList(ValueList[TryState]):
    """The tries, oldest first."""

    dash: reactive[str] = reactive("")
    """For what is not known."""
    fetch_key: reactive[str] = reactive("")
    """The key that downloads what lacks."""

    def header(self, width: int) -> Line:
        """Return the titles of the columns."""
        return tries_heading(width)

    def line_of(self, row: int, width: int) -> Line:
        """Return one try and its number."""
        return try_line(row + 1, self.values[row], width, self.dash, self.fetch_key)


class MergeScreen(CommandScreen[None]):
    """Shows what a line of tries comes to.

    Args:
        context: Whose account.
        state: What is shown at first.
        files: Has the results of the tries.
    """

    CSS_PATH = SUBMISSION
    OFFERED = (*MERGE_COMMANDS, Leave)

    state: reactive[MergeState] = reactive(set_at_once, repaint=False, init=False)

    def __init__(self, context: FlowContext, state: MergeState, files: TryFiles) -> None:
        super().__init__()
        self._flow = context
        self._files = files
        self.header = LineBar(id="merge-header", classes="chrome")
        self.tries = TryList(id="merge-list")
        self.summary = LineView(id="merge-summary")
        self.set_reactive(MergeScreen.state, state)

    def compose(self) -> ComposeResult:
        """Header, tries, what they come to, action bar."""
        yield self.header
        yield self.tries
        yield self.summary
        yield self.actions

    def on_mount(self) -> None:
        """Show the tries."""
        self.tries.focus()
        self.show()

    def watch_state(self) -> None:
        """Show where the results are now, and what they come to."""
        self.show()

    def show(self) -> None:
        """Hand every widget its value."""
        state = self.state
        tries = plural(len(state.tries), "try", "tries")
        head = line(("Merged", "heading"), f"  {state.name}")
        self.header.lines = (Line(head.left, line((tries, "muted")).left),)
        fetch = self.key_of(FetchTries)
        self.tries.dash, self.tries.fetch_key = self.effective.glyphs.dash, fetch
        self.tries.values = state.tries
        lines = tuple(merge_summary(state, fetch, self.summary.line_width))
        self.summary.styles.height = len(lines) + 1
        self.summary.lines = lines
        self.needs = {
            MergeNeed.RESULTS: ALLOWED if state.has_results else _NOTHING,
            MergeNeed.MISSING: ALLOWED if state.missing else _ALL_HERE,
        }
        self.show_actions()

    # What the commands do

    def open_merged(self) -> None:
        """Read the merged results."""
        self.start(self._open, DIALOG)

    @on(LineList.Chosen)
    def open_chosen(self) -> None:
        """A double click is Enter, where there is something to read."""
        if self.availability_of(OpenMerged):
            self.open_merged()

    def export_merged(self) -> None:
        """Write the merged results."""
        self.start(self._export, DIALOG)

    def fetch_tries(self) -> None:
        """Download what lacks."""
        self.start(self._fetch, DIALOG)

    def leave(self) -> None:
        """Go back."""
        self.dismiss()

    async def _fetch(self) -> None:
        self.state = await self._files.download(self.state)
        # also where one did not come: those before it did
        self.state = await self._files.merge(self.state)

    async def _complete(self) -> bool:
        """Offer to download what lacks before what is merged is used; return whether to go on."""
        missing = self.state.missing
        if not missing:
            return True
        rows = sum(one.batch.request_counts.total for one in missing if one.batch is not None)
        choices = (
            Choice(line(f"Download {plural(rows, 'row')} first"), value=True),
            Choice(line("Go on with what is here"), value=False),
        )
        lacking = plural(len(missing), "try", "tries")
        body = (line(f"The answers of {lacking} are not on this disk yet."),)
        wants = await self.ask(ChoiceDialog("Download first?", choices, body=body))
        if not wants:
            return wants is not None
        await self._fetch()
        return not self.state.missing

    async def _open(self) -> None:
        if not await self._complete():
            return
        merged = await self._files.write_ours(self.state.name)
        if merged is not None:
            self.post_message(MergedWanted(merged))

    async def _export(self) -> None:
        if not await self._complete():
            return
        only_answers = await self._ask_what()
        path = None if only_answers is None else await self._ask_where()
        if path is None:
            return
        count = await self._files.write(path, only_successes=only_answers is True)
        if count is not None:
            self.notify(f"{plural(count, 'line')} written to {path}", timeout=10)

    async def _ask_what(self) -> bool | None:
        """Return whether to write answers only; ``None`` if the user left."""
        state = self.state
        failing = state.rows - state.successes
        if not failing:
            return True
        everything = f"All {format_count(state.rows)} rows"
        answers = f"The {plural(state.successes, 'answer')} only"
        choices = [
            Choice(
                line(everything, ("  with the newest failure of the rest", "muted")), value=False
            ),
            Choice(line(answers, (f"  without {format_count(failing)}", "muted")), value=True),
        ]
        return await self.ask(ChoiceDialog("Export what?", choices))

    async def _ask_where(self) -> Path | None:
        body = (
            line("One JSON Lines file, in the form of results."),
            line((f"In {home_short(self._flow.folder)}", "muted")),
        )
        question = PathQuestion(
            "Export the merged results",
            body,
            value=export_name(self.state.name),
            check=why_not_writable,
            is_new=True,
            confirm="Write",
        )
        return await ask_path(self._flow, question)


async def merge_tries(context: FlowContext, batch: MessageBatch) -> None:
    """Show the line of tries a batch belongs to, merged."""
    lineage = await asyncio.to_thread(context.session.ledger.lineage, batch.id)
    if len(lineage.tries) < 2:
        context.notify("There is only one try, so its results are all there is: nothing to merge.")
        return
    files = TryFiles(context, lineage.tries)
    try:
        state = await files.merge(await files.locate(batch))
        await context.ask(MergeScreen(context, state, files))
    finally:
        files.close()
