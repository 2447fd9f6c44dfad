"""What is possible on the batch list now, and if not why. Pure."""

from collections.abc import Callable, Iterable, Mapping

from batchtui.api.models import MessageBatch
from batchtui.batches.listing import Listing
from batchtui.batches.rules import (
    ALLOWED,
    READ_ONLY,
    Availability,
    can_cancel,
    can_delete,
    can_view_results,
)
from batchtui.tui.commands import batches as commands
from batchtui.tui.commands.command import Command

_CHANGING: tuple[type[Command], ...] = (
    commands.CancelBatch,
    commands.DeleteBatch,
    commands.NewBatch,
    commands.RetryFailed,
    commands.FinishSending,
)
_ON_ONE: tuple[type[Command], ...] = (
    commands.OpenResults,
    commands.CancelBatch,
    commands.DeleteBatch,
    commands.LabelBatch,
    commands.CopyId,
    commands.MarkBatch,
    commands.DownloadResults,
    commands.ForgetResults,
    commands.RetryFailed,
    commands.MergeTries,
    commands.AttachSource,
    commands.EditNote,
)

_NO_BATCH = Availability(allowed=False, reason="There is no batch here")
_NO_NEXT = Availability(allowed=False, reason="This is the last page")
_NO_PREVIOUS = Availability(allowed=False, reason="This is the first page")
_NO_MORE = Availability(allowed=False, reason="All batches are loaded")
_NO_NEW = Availability(allowed=False, reason="No new batches since")
_NO_COPY = Availability(allowed=False, reason="There is no copy of its results on this disk")
_NO_FAILURES = Availability(allowed=False, reason="Nothing to send again: every request succeeded")


def batch_verdicts(
    listing: Listing, here: frozenset[str], *, is_read_only: bool
) -> Mapping[str, Availability]:
    """Say for every command of the screen, by its id, whether it is possible.

    Args:
        listing: The list, with cursor and marks.
        here: Ids of the batches whose results are on this disk.
        is_read_only: Whether everything that changes something is refused.
    """
    table: dict[str, Availability] = {
        commands.NextPage.id(): ALLOWED if listing.has_next else _NO_NEXT,
        commands.PreviousPage.id(): ALLOWED if listing.has_previous else _NO_PREVIOUS,
        commands.LoadMore.id(): ALLOWED if listing.has_more else _NO_MORE,
        commands.ShowNew.id(): ALLOWED if listing.pending_new else _NO_NEW,
    }
    batch = listing.selected_batch
    if batch is None:
        table |= {command.id(): _NO_BATCH for command in _ON_ONE}
    else:
        table |= _on_batch(batch, listing.marked_batches, here)
    if is_read_only:
        table |= {command.id(): READ_ONLY for command in _CHANGING}
    return table


def _on_batch(
    batch: MessageBatch, marked: tuple[MessageBatch, ...], here: frozenset[str]
) -> dict[str, Availability]:
    targets = marked or (batch,)
    return {
        commands.OpenResults.id(): can_view_results(batch, is_here=batch.id in here),
        commands.CancelBatch.id(): _any(can_cancel, targets),
        # a live batch can be deleted by cancelling it first, which the screen offers
        commands.DeleteBatch.id(): _any(can_delete, targets) if len(targets) > 1 else ALLOWED,
        commands.DownloadResults.id(): _any(
            lambda one: can_view_results(one, is_here=one.id in here), targets
        ),
        commands.ForgetResults.id(): ALLOWED if batch.id in here else _NO_COPY,
        commands.RetryFailed.id(): _can_retry(batch, here),
    }


def _any(
    rule: Callable[[MessageBatch], Availability], targets: Iterable[MessageBatch]
) -> Availability:
    """Allowed if it is for one of them; else the reason of the first."""
    verdicts = [rule(batch) for batch in targets]
    return next((verdict for verdict in verdicts if verdict), verdicts[0])


def _can_retry(batch: MessageBatch, here: frozenset[str]) -> Availability:
    viewable = can_view_results(batch, is_here=batch.id in here)
    if not viewable:
        return viewable
    counts = batch.request_counts
    return ALLOWED if counts.total > counts.succeeded else _NO_FAILURES
