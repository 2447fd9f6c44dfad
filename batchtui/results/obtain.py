"""Have a batch's results on this disk: the one way the app and the command line go.

What breaks off on the way is taken up again while it gets further; what another batchtui is
downloading is waited for. Everything else is the caller's to tell.
"""

from collections.abc import Awaitable, Callable, Iterable

from batchtui.api.models import MessageBatch
from batchtui.clock import Clock, SystemClock
from batchtui.formatting import format_count
from batchtui.library.store import PartialResults, ResultsStore
from batchtui.results.download import Download
from batchtui.results.outcome import Busy, Incomplete, Outcome
from batchtui.results.progress import DownloadProgress
from batchtui.results.transfer import Source

_MOST_TRIES = 3
"""How often a download that broke off on the way is taken up again in one go."""
_LOOK_AGAIN = 1.0
"""Seconds between two looks at what another batchtui downloads."""
_PASSING = ("network", "stalled")


async def obtain(
    source: Source,
    batch: MessageBatch,
    store: ResultsStore,
    *,
    clock: Clock | None = None,
    on_progress: Callable[[DownloadProgress], None] | None = None,
    on_download: Callable[[Download], None] | None = None,
    on_waiting: Callable[[PartialResults | None], Awaitable[None]] | None = None,
    count_unasked: Callable[[Iterable[str]], int] | None = None,
) -> Outcome:
    """Have the results of a batch here. Canceling the task keeps what has come.

    Args:
        source: The client.
        batch: As the server told it after its end.
        store: Where the results go.
        clock: For waits, speed and times.
        on_progress: Called on the event loop, ten times a second at most, and at the end.
        on_download: Called with each download before it begins: its rows can be read as they come.
        on_waiting: Called once a second while another batchtui downloads them, with what is here so
            far. Without it nothing is waited for: the outcome is `Busy` then.
        count_unasked: Returns how many of the rows, given by their ids, answer no request of the
            batch; called in a thread.

    Returns:
        `Verified`, `Incomplete` with the reason, or `Busy`; what the API or the disk refused is an
        outcome too, never an exception.
    """
    clock = clock or SystemClock()
    size_before = -1
    tries = 0
    while True:
        download = Download(
            source,
            batch,
            store,
            clock=clock,
            on_progress=on_progress,
            count_unasked=count_unasked,
        )
        if on_download is not None:
            on_download(download)
        outcome = await download.run()
        if isinstance(outcome, Busy) and on_waiting is not None:
            await on_waiting(outcome.partial)
            await clock.sleep(_LOOK_AGAIN)
            continue
        tries += 1
        size = _size_of_part(outcome)
        if size is None or size <= size_before or tries == _MOST_TRIES:
            return outcome
        size_before = size


def describe_incomplete(outcome: Incomplete, *, is_kept: bool = True) -> str:
    """Return why results are not whole, what is kept of them, and how the next try goes on.

    Args:
        outcome: How the download ended.
        is_kept: Whether the settings keep results on this disk.
    """
    part = _describe_part(outcome) if is_kept else ""
    return f"The results are not complete: {outcome.reason.rstrip('.')}.{part}"


def _size_of_part(outcome: Outcome) -> int | None:
    """Return how many bytes are kept of a download that broke off; None for other outcomes."""
    if not isinstance(outcome, Incomplete) or outcome.kind not in _PASSING:
        return None
    return outcome.partial.size if outcome.partial else 0


def _describe_part(outcome: Incomplete) -> str:
    part = outcome.partial
    if part is None or not part.rows:
        return ""
    rows = format_count(part.rows)
    if part.rows <= part.expected_rows:
        rows += f" of {format_count(part.expected_rows)}"
    noun, verb = "row" if rows == "1" else "rows", "is" if part.rows == 1 else "are"
    kept = f" {rows} {noun} {verb} kept"
    if outcome.can_resume:
        return f"{kept}; the next try goes on from there."
    return f"{kept} until a whole copy is here."
