"""Brings a batch's results to this disk, with a progress line, as several verbs need it."""

from datetime import timedelta

from batchtui.api.models import MessageBatch
from batchtui.batches.rules import can_view_results
from batchtui.cli.exits import complain, note
from batchtui.cli.progress import ProgressLine
from batchtui.formatting import format_count, format_duration, format_size
from batchtui.library.store import StoredResults
from batchtui.results.download import Download
from batchtui.results.outcome import Busy, Incomplete, Outcome
from batchtui.results.progress import DownloadProgress
from batchtui.session import Session

_TRIES = 3
"""How often a download that broke off on the way is taken up again."""
_LOOK_AGAIN = 1.0
"""Seconds between two looks at what another batchtui downloads."""
_PASSING = ("network", "stalled")


async def fetch_stored(session: Session, batch_id: str) -> StoredResults | None:
    """Have a batch's results on this disk, proven complete; what stands against it is told.

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
    verdict = can_view_results(batch)
    if not verdict:
        complain(f"There are no results: {verdict.reason}.")
        return None
    with ProgressLine() as progress:
        outcome = await download(session, batch, progress)
        while isinstance(outcome, Busy):
            progress.show("Waiting for another batchtui that downloads these results")
            await session.clock.sleep(_LOOK_AGAIN)
            outcome = await download(session, batch, progress)
    if isinstance(outcome, Incomplete):
        complain(*describe(outcome))
        return None
    for remark in outcome.remarks:
        note(f"{remark}.")
    return outcome.results


async def download(session: Session, batch: MessageBatch, progress: ProgressLine) -> Outcome:
    """Download a batch's results, taking up again what breaks off while it gets further.

    Args:
        session: The account.
        batch: As the server told it after its end.
        progress: Where to say how far it is.
    """
    had = -1
    notice = ""

    def tell(moment: DownloadProgress) -> None:
        nonlocal notice
        if moment.notice and moment.notice != notice:
            notice = moment.notice
            progress.clear()
            note(notice)
        progress.show(f"{batch.id}: {describe_progress(moment)}")

    for _ in range(_TRIES):
        outcome = await Download(
            session.client, batch, session.store, clock=session.clock, on_progress=tell
        ).run()
        has_passed = isinstance(outcome, Incomplete) and outcome.kind in _PASSING
        has = outcome.partial.size if isinstance(outcome, Incomplete) and outcome.partial else 0
        if not has_passed or has <= had:
            break
        had = has
    return outcome


def describe(outcome: Incomplete) -> tuple[str, str]:
    """Why a download is not whole, and what to do."""
    kept = ""
    if outcome.partial is not None and outcome.partial.rows:
        rows = format_count(outcome.partial.rows)
        of_all = format_count(outcome.partial.expected_rows)
        kept = f" {rows} of {of_all} rows are kept; the next try goes on from there."
        if not outcome.can_resume:
            kept = f" {rows} of {of_all} rows are kept until a whole copy is here."
    reason = outcome.reason.rstrip(".")
    return f"The results are not complete: {reason}.{kept}", outcome.hint


def describe_progress(moment: DownloadProgress) -> str:
    """How far a download is, in a line."""
    parts = [f"{format_count(moment.rows)} of {format_count(moment.expected_rows)} rows"]
    size = format_size(moment.bytes)
    if moment.expected_bytes is not None:
        size += f" of {format_size(moment.expected_bytes)}"
    parts.append(size)
    if moment.bytes_per_second:
        parts.append(f"{format_size(moment.bytes_per_second)}/s")
    if moment.seconds_left is not None:
        parts.append(f"{format_duration(timedelta(seconds=moment.seconds_left))} left")
    return ", ".join(parts)
