"""Downloads with a progress line on stderr, as several verbs need them."""

from collections.abc import Awaitable, Callable

from batchtui.api.models import MessageBatch
from batchtui.batches.rules import can_view_results
from batchtui.cli.exits import complain, note
from batchtui.cli.progress import ProgressLine
from batchtui.library.store import PartialResults, StoredResults
from batchtui.results.obtain import describe_incomplete
from batchtui.results.outcome import Incomplete, Outcome, Verified
from batchtui.results.progress import DownloadProgress, describe_progress
from batchtui.session import Session


async def fetch_stored(session: Session, batch_id: str) -> StoredResults | None:
    """Have a batch's results on this disk, proven complete, and report why not.

    Waits where another batchtui downloads them.

    Args:
        session: The account.
        batch_id: Whose results.

    Returns:
        The results, or ``None`` where they cannot be had whole.

    Raises:
        ApiError: The batch cannot be looked up.
    """
    stored = session.store.stored(batch_id)
    if stored is not None:
        return stored
    batch = await session.client.retrieve(batch_id)
    availability = can_view_results(batch)
    if not availability:
        complain(f"{availability.reason}.")
        return None
    with ProgressLine() as progress:

        async def say_so(_partial: PartialResults | None) -> None:
            progress.show("Waiting for another batchtui that downloads these results")

        outcome = await download(session, batch, progress, on_waiting=say_so)
    if isinstance(outcome, Incomplete):
        is_kept = session.settings.keep_results
        complain(describe_incomplete(outcome, is_kept=is_kept), outcome.hint)
    if not isinstance(outcome, Verified):
        return None
    for remark in outcome.remarks:
        note(f"{remark}.")
    return outcome.results


async def download(
    session: Session,
    batch: MessageBatch,
    progress: ProgressLine,
    *,
    on_waiting: Callable[[PartialResults | None], Awaitable[None]] | None = None,
) -> Outcome:
    """Have the results of a batch here, saying how far it is; arguments as of `Session.obtain`."""
    notice = ""

    def show(moment: DownloadProgress) -> None:
        nonlocal notice
        if moment.notice and moment.notice != notice:
            notice = moment.notice
            progress.clear()
            note(notice)
        progress.show(f"{batch.id}: {describe_progress(moment)}")

    return await session.obtain(batch, on_progress=show, on_waiting=on_waiting)
