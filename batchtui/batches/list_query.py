"""Local filter and sort over the batches that are loaded; the API itself has neither."""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Final

from msgspec import Struct

from batchtui.api.models import MessageBatch
from batchtui.batches.rules import StateKind, is_all_ok, state_of


class Sort(StrEnum):
    """How the loaded batches are sorted. Ties stay newest first."""

    NEWEST = "newest first"
    OLDEST = "oldest first"
    REQUESTS = "most requests"
    FAILURES = "most failures"
    EXPIRY = "results expire soonest"
    STATE = "by state"
    LABEL = "by label"


class StateFilter(StrEnum):
    """Which states are shown."""

    ALL = "all"
    LIVE = "live"
    RUNNING = "running"
    CANCELING = "canceling"
    ENDED = "ended"
    ARCHIVED = "archived"


class OutcomeFilter(StrEnum):
    """Which outcomes of ended batches are shown."""

    ANY = "any"
    ALL_OK = "all ok"
    FAILED = "failed"
    """Errored or expired: the requests that should have been answered."""
    ERRORED = "errored"
    EXPIRED = "expired"
    CANCELED = "canceled"


class ListQuery(Struct, frozen=True):
    """What is looked for, and in which order."""

    text: str = ""
    """Words that must all occur in id, label or state, whatever the case; plain text."""
    state: StateFilter = StateFilter.ALL
    outcome: OutcomeFilter = OutcomeFilter.ANY
    sort: Sort = Sort.NEWEST

    @property
    def is_filtering(self) -> bool:
        """Whether some loaded batches may be hidden."""
        return bool(self.text.strip()) or (self.state, self.outcome) != (
            StateFilter.ALL,
            OutcomeFilter.ANY,
        )

    @property
    def is_plain(self) -> bool:
        """Whether the list is shown as the server has it."""
        return not self.is_filtering and self.sort is Sort.NEWEST


_NEEDS_A_LOOK: Final = (
    StateKind.FAILED,
    StateKind.MIXED,
    StateKind.EXPIRED,
    StateKind.UNKNOWN,
    StateKind.CANCELING,
    StateKind.RUNNING,
    StateKind.CANCELED,
    StateKind.ALL_OK,
    StateKind.ARCHIVED,
)
_RANKS: Final = {kind: rank for rank, kind in enumerate(_NEEDS_A_LOOK)}

_STATES: Final[Mapping[StateFilter, Callable[[MessageBatch], bool]]] = {
    StateFilter.ALL: lambda _: True,
    StateFilter.LIVE: lambda batch: batch.is_live,
    StateFilter.RUNNING: lambda batch: batch.is_live and not batch.is_canceling,
    StateFilter.CANCELING: lambda batch: batch.is_canceling,
    StateFilter.ENDED: lambda batch: batch.has_ended,
    StateFilter.ARCHIVED: lambda batch: batch.archived_at is not None,
}
_OUTCOMES: Final[Mapping[OutcomeFilter, Callable[[MessageBatch], bool]]] = {
    OutcomeFilter.ANY: lambda _: True,
    OutcomeFilter.ALL_OK: is_all_ok,
    OutcomeFilter.FAILED: lambda batch: batch.request_counts.failed > 0,
    OutcomeFilter.ERRORED: lambda batch: batch.request_counts.errored > 0,
    OutcomeFilter.EXPIRED: lambda batch: batch.request_counts.expired > 0,
    OutcomeFilter.CANCELED: lambda batch: batch.request_counts.canceled > 0,
}


def matches(batch: MessageBatch, query: ListQuery, label: str = "") -> bool:
    """Return whether ``batch``, labeled ``label``, is shown under ``query``."""
    if not _STATES[query.state](batch) or not _OUTCOMES[query.outcome](batch):
        return False
    words = query.text.casefold().split()
    if not words:
        return True
    text = f"{batch.id} {label} {state_of(batch).word} {batch.processing_status}".casefold()
    return all(word in text for word in words)


def arrange(
    batches: Mapping[str, MessageBatch],
    order: tuple[str, ...],
    query: ListQuery,
    labels: Mapping[str, str],
) -> tuple[str, ...]:
    """Return the ids that ``query`` shows, in its order.

    Args:
        batches: The batches by id.
        order: Their ids, newest first.
        query: Filter and sort.
        labels: Labels by batch id; a batch without one is not in it.
    """
    if query.is_plain:
        return order
    shown = [
        batches[batch_id]
        for batch_id in order
        if matches(batches[batch_id], query, labels.get(batch_id, ""))
    ]
    return tuple(batch.id for batch in _sorted(shown, query.sort, labels))


_SORT_KEYS: Final[Mapping[Sort, Callable[[MessageBatch], int]]] = {
    Sort.REQUESTS: lambda batch: -batch.request_counts.total,
    Sort.FAILURES: lambda batch: -batch.request_counts.failed,
    Sort.STATE: lambda batch: _RANKS[state_of(batch).kind],
}


def _sorted(
    shown: list[MessageBatch], sort: Sort, labels: Mapping[str, str]
) -> Iterable[MessageBatch]:
    if sort in _SORT_KEYS:
        return sorted(shown, key=_SORT_KEYS[sort])
    if sort is Sort.OLDEST:
        return reversed(shown)
    if sort is Sort.EXPIRY:
        # those whose results the server still has come first, the oldest of them on top
        kept = [batch for batch in shown if _has_results(batch)]
        return [*reversed(kept), *(batch for batch in shown if not _has_results(batch))]
    if sort is Sort.LABEL:
        # those with a label come first, without regard to case
        return sorted(
            shown, key=lambda batch: (batch.id not in labels, labels.get(batch.id, "").casefold())
        )
    return shown


def _has_results(batch: MessageBatch) -> bool:
    """Return whether the server names results of it, which it keeps for a while."""
    return batch.has_ended and batch.archived_at is None and bool(batch.results_url)
