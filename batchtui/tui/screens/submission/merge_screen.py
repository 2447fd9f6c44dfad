"""The merged view over a line of tries, and its export."""

import asyncio

from textual import on
from textual.app import ComposeResult

from batchtui.api.models import MessageBatch
from batchtui.batches.rules import ALLOWED, Availability
from batchtui.formatting import plural
from batchtui.tui.commands.general import Leave
from batchtui.tui.commands.submission import MERGE_COMMANDS, FetchTries, MergeNeed, OpenMerged
from batchtui.tui.glyphs import Glyphs
from batchtui.tui.lines import Line, line
from batchtui.tui.messages import MergedWanted
from batchtui.tui.screens.command_screen import DIALOG, CommandScreen
from batchtui.tui.screens.submission.context import FlowContext
from batchtui.tui.screens.submission.merge_view import (
    TryState,
    merge_summary,
    tries_heading,
    try_line,
)
from batchtui.tui.screens.submission.merging import Merging
from batchtui.tui.stylesheets import SUBMISSION
from batchtui.tui.widgets.line_bar import LineBar
from batchtui.tui.widgets.line_list import LineList, ValueList
from batchtui.tui.widgets.line_view import LineView

_NOTHING = Availability("There are no results of this line on this disk")
_ALL_HERE = Availability("There is nothing to download")


class TryList(ValueList[TryState]):
    """The tries, oldest first."""

    def __init__(self, glyphs: Glyphs, fetch_key: str) -> None:
        super().__init__(id="merge-list")
        self._dash = glyphs.dash
        self._fetch_key = fetch_key

    def header(self, width: int) -> Line:
        """Return the titles of the columns."""
        return tries_heading(width)

    def line_of(self, row: int, width: int) -> Line:
        """Return one try and its number."""
        return try_line(row + 1, self.values[row], width, self._dash, self._fetch_key)


class MergeScreen(CommandScreen[None]):
    """Shows what a line of tries comes to.

    Args:
        merging: The line, and what is done with it.
    """

    CSS_PATH = SUBMISSION
    OFFERED = (*MERGE_COMMANDS, Leave)

    def __init__(self, merging: Merging) -> None:
        super().__init__()
        self._merging = merging
        self.header = LineBar(id="merge-header", classes="chrome")
        self.tries = TryList(self.effective.glyphs, self.key_of(FetchTries))
        self.summary = LineView(id="merge-summary")

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

    def show(self) -> None:
        """Hand every widget its value."""
        view = self._merging.view
        tries = plural(len(view.tries), "try", "tries")
        head = line(("Merged", "heading"), f"  {view.name}")
        self.header.lines = (Line(head.left, line((tries, "muted")).left),)
        self.tries.values = view.tries
        lines = tuple(merge_summary(view, self.key_of(FetchTries), self.summary.line_width))
        self.summary.styles.height = len(lines) + 1
        self.summary.lines = lines
        self.needs = {
            MergeNeed.RESULTS: ALLOWED if view.has_results else _NOTHING,
            MergeNeed.MISSING: ALLOWED if view.missing else _ALL_HERE,
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

    async def _complete(self) -> bool:
        """Have all tries here, if the user wants that; return whether to go on."""
        goes_on = await self._merging.fetch_if_wanted()
        self.show()
        return goes_on

    async def _export(self) -> None:
        if await self._complete():
            await self._merging.export()

    async def _open(self) -> None:
        if not await self._complete():
            return
        merged = await self._merging.write_ours()
        if merged is not None:
            self.post_message(MergedWanted(merged))

    async def _fetch(self) -> None:
        await self._merging.fetch()
        self.show()


async def merge_tries(context: FlowContext, batch: MessageBatch) -> None:
    """Show the line of tries a batch belongs to, merged."""
    lineage = await asyncio.to_thread(context.session.ledger.lineage, batch.id)
    if len(lineage.tries) < 2:
        context.notify("There is only one try, so its results are all there is: nothing to merge.")
        return
    merging = Merging(context, lineage.tries)
    try:
        await merging.begin(batch)
        await context.ask(MergeScreen(merging))
    finally:
        merging.close()
