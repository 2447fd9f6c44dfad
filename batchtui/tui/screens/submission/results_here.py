"""The results of a batch, for what needs them: from this disk, or downloaded if the user agrees."""

import asyncio
from typing import TYPE_CHECKING

from batchtui.api.models import MessageBatch
from batchtui.batches.rules import can_view_results
from batchtui.formatting import format_count, plural
from batchtui.results.errors import ResultsFileError
from batchtui.tui.lines import Line, Span, line
from batchtui.tui.screens.dialogs.confirm import ConfirmDialog
from batchtui.tui.screens.submission.context import FlowContext
from batchtui.tui.screens.submission.words import progress_bar
from batchtui.tui.screens.submission.work_dialog import Describe, Meter, Stopped, work

if TYPE_CHECKING:
    from batchtui.library.store import PartialResults
    from batchtui.results.index import ResultsIndex
    from batchtui.results.opening import ResultsFile
    from batchtui.results.outcome import Outcome


async def results_of(context: FlowContext, batch: MessageBatch, why: str) -> "ResultsFile | None":
    """Open the results of a batch; where they are not here, offer to download them.

    Args:
        context: Whose account.
        batch: Which; it has ended.
        why: What they are needed for, as a sentence.

    Returns:
        The file with all its rows, which the caller closes; ``None`` if the user does not want to.

    Raises:
        BatchtuiError: They cannot be had or read.
    """
    stored = await asyncio.to_thread(context.session.store.stored, batch.id)
    if stored is None and not await _agrees_to_download(context, batch, why):
        return None
    try:
        return await open_here(context, batch.id)
    except Stopped:
        return None


async def open_here(context: FlowContext, batch_id: str) -> "ResultsFile | None":
    """Open results that are on this disk; ``None`` if they are not.

    Raises:
        Stopped: The user stopped it.
        ResultsFileError: They cannot be read.
    """
    from batchtui.results.opening import open_results

    stored = await asyncio.to_thread(context.session.store.stored, batch_id)
    if stored is None:
        return None
    file = await asyncio.to_thread(open_results, stored.path, clock=context.session.clock)
    meter = Meter(stored.rows)

    async def load() -> bool:
        await file.load(lambda progress: meter.note(progress.rows))
        return True

    title = "Reading the results"
    try:
        is_read = await work(context.navigation, title, load(), meter, _rows_line(context))
    except BaseException:
        file.close()
        raise
    if is_read is None:
        file.close()
        raise Stopped("Stopped.")
    return file


def index_of(file: "ResultsFile | None") -> "ResultsIndex | None":
    """Return all rows of a file that is not needed open any more."""
    if file is None:
        return None
    index = file.index
    file.close()
    return index


async def _agrees_to_download(context: FlowContext, batch: MessageBatch, why: str) -> bool:
    viewable = can_view_results(batch, is_here=False)
    if not viewable:
        context.notify(viewable.reason, severity="warning")
        return False
    rows = plural(batch.request_counts.total, "row")
    body = (line(why), line(f"They are not on this disk yet: {rows}."))
    title = "Download the results first?"
    dialog = ConfirmDialog(title, body, "Download", is_grave=False, is_free=True)
    if await context.ask(dialog) is not True:
        return False
    return await download(context, batch)


async def download(context: FlowContext, batch: MessageBatch) -> bool:
    """Bring the results of a batch to this disk.

    Returns:
        Whether they are here and verified; False if the user stopped it.

    Raises:
        ResultsFileError: They did not come, or not all of them.
    """
    from batchtui.results.outcome import Verified

    context.borrowed.enter_context(context.session.borrowed(batch.id))
    meter = Meter(batch.request_counts.total)

    async def stand_still(_partial: "PartialResults | None") -> None:
        meter.note(meter.done)

    job = context.session.obtain(
        batch, on_progress=lambda progress: meter.note(progress.rows), on_waiting=stand_still
    )
    title = "Downloading the results"
    outcome = await work(context.navigation, title, job, meter, _rows_line(context))
    if outcome is None:
        return False
    if isinstance(outcome, Verified):
        return True
    raise _not_here(outcome, is_kept=context.session.settings.keep_results)


def _not_here(outcome: "Outcome", *, is_kept: bool) -> ResultsFileError:
    from batchtui.results.obtain import describe_incomplete
    from batchtui.results.outcome import Incomplete

    if isinstance(outcome, Incomplete):
        words = describe_incomplete(outcome, is_kept=is_kept)
        return ResultsFileError(words, hint=outcome.hint)
    return ResultsFileError(
        "Another batchtui is downloading these results.", hint="Try again when it is done."
    )


def _rows_line(context: FlowContext) -> Describe:
    def describe(meter: Meter) -> Line:
        words = f"  {format_count(meter.done)} of {plural(meter.total, 'row')}"
        return Line((*progress_bar(meter.done, meter.total, 40, context.glyphs), Span(words)))

    return describe
