"""Whether what the commands of the batch list need is there, and if not why. Pure."""

from collections.abc import Callable, Iterable, Mapping

from batchtui.api.models import MessageBatch
from batchtui.batches.listing import Listing
from batchtui.batches.rules import (
    ALLOWED,
    Availability,
    can_cancel,
    can_delete,
    can_view_results,
)
from batchtui.tui.commands.batches import ListNeed
from batchtui.tui.commands.command import Need

_NO_BATCH = Availability("There is no batch here")
_NO_NEXT = Availability("This is the last page")
_NO_PREVIOUS = Availability("This is the first page")
_NO_MORE = Availability("All batches are loaded")
_NO_NEW = Availability("No new batches")
_NO_COPY = Availability("There is no copy of its results on this disk")
_NO_FAILURES = Availability("Nothing to send again: every request succeeded")

_NO_PAIR = Availability("Mark two or more batches, or one and go to the other")
_NOT_ENDED = Availability("At least two of them must have ended")


def list_needs(listing: Listing, saved: frozenset[str]) -> Mapping[Need, Availability]:
    """Say for everything that commands of the list need whether it is there.

    Args:
        listing: The list, with cursor and marks.
        saved: Ids of the batches whose results are on this disk.
    """
    batch = listing.selected_batch
    return {
        ListNeed.NEXT_PAGE: ALLOWED if listing.has_next else _NO_NEXT,
        ListNeed.PREVIOUS_PAGE: ALLOWED if listing.has_previous else _NO_PREVIOUS,
        ListNeed.MORE: ALLOWED if listing.has_more else _NO_MORE,
        ListNeed.NEW: ALLOWED if listing.pending_new else _NO_NEW,
        ListNeed.PAIR: _can_compare(listing),
        ListNeed.BATCH: ALLOWED if batch else _NO_BATCH,
        **(_on_batch(batch, listing.marked_batches, saved) if batch else {}),
    }


def _on_batch(
    batch: MessageBatch, marked: tuple[MessageBatch, ...], saved: frozenset[str]
) -> dict[Need, Availability]:
    def can_view(one: MessageBatch) -> Availability:
        return can_view_results(one, is_here=one.id in saved)

    targets = marked or (batch,)
    counts = batch.request_counts
    has_failures = counts.total > counts.succeeded
    return {
        ListNeed.RESULTS: can_view(batch),
        ListNeed.RESULTS_OF_ANY: _any(can_view, targets),
        ListNeed.CANCELABLE: _any(can_cancel, targets),
        ListNeed.DELETABLE: _any(can_delete if len(targets) > 1 else _can_end, targets),
        ListNeed.COPY: ALLOWED if batch.id in saved else _NO_COPY,
        ListNeed.FAILURES: ALLOWED if has_failures else _NO_FAILURES,
    }


def _can_end(batch: MessageBatch) -> Availability:
    """Return whether it can be deleted, or canceled to be deleted, which the screen offers."""
    return can_cancel(batch) or can_delete(batch)


def _can_compare(listing: Listing) -> Availability:
    batches = listing.to_compare
    if len(batches) < 2:
        return _NO_PAIR
    return ALLOWED if sum(batch.has_ended for batch in batches) >= 2 else _NOT_ENDED


def _any(
    rule: Callable[[MessageBatch], Availability], targets: Iterable[MessageBatch]
) -> Availability:
    """Allowed if it is for one of them; else the reason of the first."""
    answers = [rule(batch) for batch in targets]
    return next((answer for answer in answers if answer), answers[0])
