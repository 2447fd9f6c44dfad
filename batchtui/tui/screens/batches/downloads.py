"""Bringing results to this disk in the background of the batch list."""

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct

from batchtui.api.models import MessageBatch
from batchtui.batches.rules import can_view_results
from batchtui.formatting import format_count, format_size, plural
from batchtui.session import Session
from batchtui.tui.screens.batches.host import ListHost
from batchtui.tui.screens.batches.questions import save_offer
from batchtui.tui.screens.batches.state import DownloadState
from batchtui.tui.screens.batches.updates import ListUpdates
from batchtui.tui.screens.command_screen import DIALOG
from batchtui.tui.screens.dialogs.confirm import ConfirmDialog

if TYPE_CHECKING:
    from batchtui.results.outcome import Outcome
    from batchtui.results.progress import DownloadProgress

_AT_ONCE = 2
"""Downloads that run at the same time; the others wait."""


class Ended(Struct, frozen=True):
    """How the download of one batch ended."""

    batch: MessageBatch
    rows: int = 0
    """How many rows were saved, where they were proven complete."""
    size: int = 0
    """How many bytes they take."""
    problem: str = ""
    """Why they are not here, as a sentence that may quote untrusted text."""
    is_stopped: bool = False
    """Whether the user stopped it."""


class Downloads:
    """Downloads results, a few at a time; each can be stopped by itself.

    Args:
        session: The account.
        updates: The list, which shows how far they are.
        host: Asks and notifies.
    """

    def __init__(self, session: Session, updates: ListUpdates, host: ListHost) -> None:
        self._session = session
        self._updates = updates
        self._host = host
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._tasks: dict[str, asyncio.Task[Ended]] = {}
        self._shares: dict[str, int | None] = {}
        self._done = 0

    def download_results(self) -> None:
        """Download the marked batches or the one under the cursor; stop one that is coming."""
        targets = self._updates.state.targets
        if len(targets) == 1 and targets[0].id in self._tasks:
            self._stop(targets[0].id)
        else:
            self._save(targets)

    def download_at_risk(self) -> None:
        """Show what the server is about to drop, and download it."""
        if self._updates.state.known.at_risk:
            self._host.start(self._offer_to_save, DIALOG)
        else:
            self._host.notify("No unsaved results expire within 48 h")

    async def _offer_to_save(self) -> None:
        at_risk = self._updates.state.known.at_risk
        offer = save_offer(at_risk, self._host.view_context)
        dialog = ConfirmDialog(
            offer.title, offer.body, offer.yes, "Not now", is_grave=False, is_free=True
        )
        if await self._host.ask(dialog):
            self._save([one.batch for one in at_risk])

    def _save(self, batches: Sequence[MessageBatch]) -> None:
        here = self._updates.state.known.saved | self._tasks.keys()
        wanted = [one for one in batches if can_view_results(one) and one.id not in here]
        if not wanted:
            self._host.notify("Nothing to download: already saved, or not available")
            return
        tasks = [(batch, self._begin(batch)) for batch in wanted]
        self._host.start(partial(self._follow, tasks), "download", is_exclusive=False)
        self._updates.unmark(batches)

    async def _follow(self, tasks: "Sequence[tuple[MessageBatch, asyncio.Task[Ended]]]") -> None:
        ends = await asyncio.gather(*[_end_of(batch, task) for batch, task in tasks])
        await self._updates.look_up()
        await self._updates.describe()
        has_failed = any(one.problem for one in ends)
        self._host.notify(
            describe_ends(ends, self._updates.listing.labels),
            severity="error" if has_failed else "information",
        )

    def _stop(self, batch_id: str) -> None:
        """Stop a download; what came of it is kept."""
        self._tasks.pop(batch_id).cancel()
        self._forget(batch_id)

    def _begin(self, batch: MessageBatch) -> asyncio.Task[Ended]:
        def forget(task: asyncio.Task[Ended]) -> None:
            # not where it was stopped and perhaps begun again
            if self._tasks.get(batch.id) is task:
                del self._tasks[batch.id]
                self._forget(batch.id)

        self._shares[batch.id] = None
        task = self._tasks[batch.id] = asyncio.create_task(self._download(batch))
        task.add_done_callback(forget)
        self._show_progress()
        return task

    async def _download(self, batch: MessageBatch) -> Ended:
        def show(progress: "DownloadProgress") -> None:
            share = 100 * progress.rows // max(1, progress.expected_rows)
            if batch.id in self._shares:
                self._shares[batch.id] = min(share, 99)
                self._show_progress()

        try:
            async with self._slots:
                outcome = await self._session.obtain(batch, on_progress=show)
        except asyncio.CancelledError:
            return Ended(batch, is_stopped=True)
        return _end(batch, outcome)

    def _forget(self, batch_id: str) -> None:
        del self._shares[batch_id]
        self._done = self._done + 1 if self._shares else 0
        self._show_progress()

    def _show_progress(self) -> None:
        self._updates.show_downloads(DownloadState(dict(self._shares), self._done))


async def _end_of(batch: MessageBatch, task: "asyncio.Task[Ended]") -> Ended:
    """Wait for a download."""
    try:
        return await task
    except asyncio.CancelledError:
        if not task.cancelled():
            raise
        # stopped before it began: it never ran
        return Ended(batch, is_stopped=True)


def _end(batch: MessageBatch, outcome: "Outcome") -> Ended:
    from batchtui.results.obtain import describe_incomplete
    from batchtui.results.outcome import Busy, Incomplete

    if isinstance(outcome, Busy):
        return Ended(batch, problem="Another batchtui downloads it already")
    if isinstance(outcome, Incomplete):
        return Ended(batch, problem=f"{describe_incomplete(outcome)} {outcome.hint}".strip())
    return Ended(batch, outcome.results.rows, outcome.results.size)


def describe_ends(ends: Sequence[Ended], labels: Mapping[str, str]) -> str:
    """Say in one sentence or two how downloads ended; the first problem is shown whole.

    Args:
        ends: At least one.
        labels: Labels by batch id; untrusted text.
    """
    saved = [one for one in ends if not one.problem and not one.is_stopped]
    troubled = [one for one in ends if one.problem]
    size = format_size(sum(one.size for one in saved))
    rows = plural(sum(one.rows for one in saved), "row")
    if len(ends) == 1:
        name = _name(ends[0], labels)
        if saved:
            return f"{name} is saved: {rows}, {size}, verified"
        return f"{name}: {ends[0].problem or 'Download stopped; what came is kept'}"
    parts = [f"{len(saved)} of {format_count(len(ends))} results saved: {rows}, {size}, verified"]
    stopped = len(ends) - len(saved) - len(troubled)
    if stopped:
        parts.append(f"{format_count(stopped)} stopped; what came is kept")
    if troubled:
        parts.append(f"{_name(troubled[0], labels)}: {troubled[0].problem}")
    if len(troubled) > 1:
        parts.append(f"{format_count(len(troubled) - 1)} more failed")
    return ". ".join(parts)


def _name(ended: Ended, labels: Mapping[str, str]) -> str:
    return labels.get(ended.batch.id, "") or ended.batch.id
