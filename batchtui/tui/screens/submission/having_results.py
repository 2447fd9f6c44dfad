"""The results of a batch, for what needs them: from this disk, or downloaded if the user agrees."""

import asyncio
from typing import TYPE_CHECKING

from batchtui.api.models import MessageBatch
from batchtui.batches.rules import can_view_results
from batchtui.formatting import format_count, plural
from batchtui.results.errors import ResultsFileError
from batchtui.tui.lines import Line, Span, line
from batchtui.tui.screens.dialogs.confirm import ConfirmDialog
from batchtui.tui.screens.submission.desk import Desk
from batchtui.tui.screens.submission.words import progress_bar
from batchtui.tui.screens.submission.working import Describe, Meter, work

if TYPE_CHECKING:
    from batchtui.results.opening import ResultsFile
    from batchtui.results.outcome import Outcome


async def results_of(desk: Desk, batch: MessageBatch, why: str) -> "ResultsFile | None":
    """Open the results of a batch; where they are not here, offer to download them.

    Args:
        desk: Whose account.
        batch: Which; it has ended.
        why: What they are needed for, as a sentence.

    Returns:
        The file with all its rows, which the caller closes; ``None`` if the user does not want to.

    Raises:
        BatchtuiError: They cannot be had or read.
    """
    stored = await asyncio.to_thread(desk.session.store.stored, batch.id)
    if stored is None and not await _agrees_to_download(desk, batch, why):
        return None
    return await open_here(desk, batch.id)


async def open_here(desk: Desk, batch_id: str) -> "ResultsFile | None":
    """Open results that are on this disk; ``None`` if they are not, or the user stopped it.

    Raises:
        ResultsFileError: They cannot be read.
    """
    from batchtui.results.opening import open_results

    stored = await asyncio.to_thread(desk.session.store.stored, batch_id)
    if stored is None:
        return None
    file = await asyncio.to_thread(open_results, stored.path, clock=desk.session.clock)
    meter = Meter(stored.rows)

    async def load() -> bool:
        await file.load(lambda progress: meter.note(progress.rows))
        return True

    if await work(desk.app, "Reading the results", load(), meter, _rows_line(desk)) is None:
        file.close()
        return None
    return file


async def _agrees_to_download(desk: Desk, batch: MessageBatch, why: str) -> bool:
    viewable = can_view_results(batch, is_here=False)
    if not viewable:
        desk.tell(viewable.reason, severity="warning")
        return False
    rows = plural(batch.request_counts.total, "row")
    body = (line(why), line(f"They are not on this disk yet: {rows}."))
    dialog = ConfirmDialog("Download the results first?", body, "Download")
    if await desk.app.push_screen_wait(dialog) is not True:
        return False
    return await download(desk, batch)


async def download(desk: Desk, batch: MessageBatch) -> bool:
    """Bring the results of a batch to this disk.

    Returns:
        Whether they are here and verified; False if the user stopped it.

    Raises:
        ResultsFileError: They did not come, or not all of them.
    """
    from batchtui.results.download import Download
    from batchtui.results.outcome import Verified

    meter = Meter(batch.request_counts.total)
    session = desk.session
    load = Download(
        session.client,
        batch,
        session.store,
        clock=session.clock,
        on_progress=lambda progress: meter.note(progress.rows),
    )
    title = "Downloading the results"
    outcome = await work(desk.app, title, load.run(), meter, _rows_line(desk))
    if outcome is None:
        return False
    if isinstance(outcome, Verified):
        return True
    raise _not_here(outcome)


def _not_here(outcome: "Outcome") -> ResultsFileError:
    from batchtui.results.outcome import Incomplete

    if isinstance(outcome, Incomplete):
        return ResultsFileError(
            f"The results are not all here: {outcome.reason}.",
            hint=outcome.hint or "Open them with Enter to go on with the download.",
        )
    return ResultsFileError(
        "Another batchtui is downloading these results.", hint="Try again when it is done."
    )


def _rows_line(desk: Desk) -> Describe:
    def describe(meter: Meter) -> Line:
        words = f"  {format_count(meter.done)} of {plural(meter.total, 'row')}"
        return Line((*progress_bar(meter.done, meter.total, 40, desk.glyphs), Span(words)))

    return describe
