"""Bringing results to this disk in the background of the batch list."""

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from batchtui.api.models import MessageBatch
from batchtui.batches.rules import can_view_results
from batchtui.formatting import format_count, format_size
from batchtui.tui.commands import batches as commands
from batchtui.tui.commands.command import Command
from batchtui.untrusted import visible

if TYPE_CHECKING:
    from batchtui.results.outcome import Outcome
    from batchtui.results.progress import DownloadProgress
    from batchtui.tui.screens.batches.screen import BatchesScreen


def download(screen: "BatchesScreen") -> None:
    """Download the marked batches or the one under the cursor; one that is coming is stopped."""
    targets = screen.targets
    if len(targets) == 1 and targets[0].id in screen.fetching:
        screen.workers.cancel_group(screen, _group(targets[0].id))
        # a worker that had not begun yet has nothing to clear away
        _forget(screen, targets[0])
        return
    fetch(screen, targets)


def download_at_risk(screen: "BatchesScreen") -> None:
    """Download what the server is about to drop."""
    batches = screen.listing.cache.batches
    fetch(screen, tuple(batches[one] for one in screen.at_risk if one in batches))


def fetch(screen: "BatchesScreen", batches: tuple[MessageBatch, ...]) -> None:
    """Download those of ``batches`` whose results can be had and are not here."""
    wanted = [
        batch
        for batch in batches
        if can_view_results(batch) and batch.id not in screen.here | screen.fetching.keys()
    ]
    if not wanted:
        screen.notify("Nothing to download: it is here already, or not to be had")
        return
    screen.fetching = {**screen.fetching, **{batch.id: "wait" for batch in wanted}}
    for batch in wanted:
        screen.start(partial(_fetch, screen, batch), _group(batch.id))
    if len(wanted) > 1:
        screen.notify(f"Downloading the results of {format_count(len(wanted))} batches")
    screen.listing = screen.listing.clear_marks()


def _group(batch_id: str) -> str:
    return f"fetch {batch_id}"


async def _fetch(screen: "BatchesScreen", batch: MessageBatch) -> None:
    # loaded when the first download begins: the start need not wait for it
    from batchtui.results.download import Download

    def show(progress: "DownloadProgress") -> None:
        share = 100 * progress.rows // max(1, progress.expected_rows)
        screen.fetching = {**screen.fetching, batch.id: f"{min(share, 99)} %"}

    session = screen.session
    download = Download(session.client, batch, session.store, clock=session.clock, on_progress=show)
    try:
        async with screen.download_slots:
            outcome = await download.run()
    except asyncio.CancelledError:
        screen.notify(f"Download of {_name(screen, batch)} stopped; what came is kept")
        raise
    finally:
        _forget(screen, batch)
    _tell(screen, batch, outcome)
    screen.look_up()


def _forget(screen: "BatchesScreen", batch: MessageBatch) -> None:
    screen.fetching = {one: at for one, at in screen.fetching.items() if one != batch.id}


def _tell(screen: "BatchesScreen", batch: MessageBatch, outcome: "Outcome") -> None:
    from batchtui.results.outcome import Busy, Incomplete

    name = _name(screen, batch)
    if isinstance(outcome, Busy):
        screen.notify(f"{name}: another batchtui downloads it already", severity="warning")
    elif isinstance(outcome, Incomplete):
        text = f"{name} is not complete: {outcome.reason} {outcome.hint}".strip()
        screen.notify(f"{text} Press d to go on.", severity="error")
    else:
        results = outcome.results
        size = f"{format_count(results.rows)} rows, {format_size(results.size)}, verified"
        screen.notify(f"{name} is here: {size}")


def _name(screen: "BatchesScreen", batch: MessageBatch) -> str:
    return visible(screen.listing.labels.get(batch.id, "") or batch.id)


COMMANDS: Mapping[type[Command], "Callable[[BatchesScreen], None]"] = {
    commands.DownloadResults: download,
    commands.DownloadAtRisk: download_at_risk,
}
