"""What polling knows, and which single call comes next: pure.

A *sweep* reads the list from the head down to the oldest live batch; a batch lives at most 24
hours, so live ones are the newest and a sweep is nearly always one call. A live batch that a whole
sweep did not show (an old one, or one deleted elsewhere) is asked for by id. Every end is noticed
once; what is remembered for that is bounded by the batches that end within a day.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct, field
from msgspec.structs import replace

from batchtui.api.models import LARGEST_PAGE, BatchPage, MessageBatch
from batchtui.batches.deadlines import PROCESSING_WINDOW

_FIRST_LIMIT: Final = 100
_SMALLEST_LIMIT: Final = 20
_SLACK: Final = 10
"""Rows asked for beyond the oldest live batch, for batches created since."""
_REACH: Final = PROCESSING_WINDOW + timedelta(hours=1)
"""How far back a live batch can have been created."""
_ASKED_AGAIN: Final = 5
"""Live batches the list does not show that are asked for after one sweep; the next ones after the
next. A service that leaves batches unended forever costs no more than that."""
_MEMORY: Final = _REACH + timedelta(hours=1)


class ListCall(Struct, frozen=True):
    """Ask for a page of the list."""

    limit: int
    after: str | None = None


class AskCall(Struct, frozen=True):
    """Ask for one batch."""

    batch_id: str


class PollState(Struct, frozen=True):
    """The batches that are live, and how far the present sweep has come."""

    since: datetime | None = None
    """The server's moment at its first answer: what ended before is not news."""
    live: Mapping[str, MessageBatch | None] = field(default_factory=dict)
    """Live batches by id; None for one that was live in an earlier run and not seen in this."""
    noticed: Mapping[str, datetime] = field(default_factory=dict)
    """Ends noticed lately, with their moments."""
    depth: int = _FIRST_LIMIT
    """Rows from the head down to the oldest live batch, as of the last sweep."""
    newest: datetime | None = None
    """Creation of the newest batch of the last sweep: the next one has to reach it."""
    cursor: str | None = None
    """Where the present sweep goes on; None at its start."""
    rows: int = 0
    """Rows read in the present sweep."""
    lowest_live: int = 0
    """The row of the lowest live batch read in the present sweep, from 1."""
    head: datetime | None = None
    """Creation of the newest batch read in the present sweep."""
    unseen: frozenset[str] = frozenset()
    """Live ids the present sweep has not shown yet."""
    to_ask: tuple[str, ...] = ()
    """Live ids the last sweep did not show, to be asked for one by one."""

    @classmethod
    def start(cls, already_live: Iterable[str] = ()) -> "PollState":
        """Return what is known at first: the ids that were live when the program ran last."""
        live: dict[str, MessageBatch | None] = dict.fromkeys(already_live)
        return cls(live=live, unseen=frozenset(live))

    @property
    def is_in_between(self) -> bool:
        """Whether calls are outstanding that complete what the last ones began."""
        return self.cursor is not None or bool(self.to_ask)

    @property
    def live_batches(self) -> tuple[MessageBatch, ...]:
        """The live batches that have been seen."""
        return tuple(batch for batch in self.live.values() if batch is not None)


class PollDelta(Struct, frozen=True):
    """What one response brought."""

    state: PollState
    changed: tuple[MessageBatch, ...] = ()
    """Live batches that are new or different."""
    ended: tuple[MessageBatch, ...] = ()
    """Batches whose end is noticed now, for the only time."""
    gone: tuple[str, ...] = ()
    """Live ids that do not exist any more."""
    has_turned: bool = False
    """Whether any batch appeared, ended or changed its status, counts aside."""


def next_call(state: PollState) -> ListCall | AskCall:
    """Return the one call of the next tick."""
    if state.to_ask:
        return AskCall(state.to_ask[0])
    if state.cursor is not None:
        return ListCall(LARGEST_PAGE, state.cursor)
    return ListCall(min(max(state.depth + _SLACK, _SMALLEST_LIMIT), LARGEST_PAGE))


def take_page(state: PollState, page: BatchPage, now: datetime) -> PollDelta:
    """Take in a page of the present sweep.

    Args:
        state: What is known.
        page: The answer to `next_call`.
        now: The server's present moment.
    """
    delta = _take(state, page.data, now)
    live_rows = [
        row for row, batch in enumerate(page.data, state.rows + 1) if batch.id in delta.state.live
    ]
    swept = replace(
        delta.state,
        since=state.since or now,
        rows=state.rows + len(page.data),
        lowest_live=max(live_rows, default=state.lowest_live),
        head=state.head or next((b.created_at for b in page.data if b.created_at), None),
        unseen=delta.state.unseen - {batch.id for batch in page.data},
    )
    after = page.last_id
    if after is not None and after != state.cursor and _goes_on(swept, page, now):
        return replace(delta, state=replace(swept, cursor=after))
    return replace(delta, state=_finish(swept, now))


def take_batch(state: PollState, batch: MessageBatch, now: datetime) -> PollDelta:
    """Take in the answer to an `AskCall`, or a batch known from an action."""
    delta = _take(state, (batch,), now)
    live = dict(delta.state.live)
    if batch.id in live:
        live[batch.id] = live.pop(batch.id)  # at the end: the others have their turn first
    return replace(delta, state=_asked(replace(delta.state, live=live), batch.id))


def take_gone(state: PollState, batch_id: str) -> PollDelta:
    """Take in that the server does not know ``batch_id``."""
    live = {key: value for key, value in state.live.items() if key != batch_id}
    gone = (batch_id,) if batch_id in state.live else ()
    return PollDelta(_asked(replace(state, live=live), batch_id), gone=gone, has_turned=bool(gone))


def postpone(state: PollState, batch_id: str) -> PollState:
    """Ask for ``batch_id`` no more before the next sweep: its `AskCall` gave nothing."""
    return replace(state, to_ask=tuple(other for other in state.to_ask if other != batch_id))


def restart(state: PollState) -> PollState:
    """Begin the sweep again: the batch it would go on after is gone."""
    return replace(
        state, cursor=None, rows=0, lowest_live=0, head=None, unseen=frozenset(state.live)
    )


def _take(state: PollState, data: Iterable[MessageBatch], now: datetime) -> PollDelta:
    live = dict(state.live)
    noticed = dict(state.noticed)
    changed: list[MessageBatch] = []
    ended: list[MessageBatch] = []
    has_turned = False
    for batch in data:
        known = live.get(batch.id)
        if batch.is_live:
            if known != batch:
                changed.append(batch)
                has_turned |= _has_turned(batch, known, is_expected=batch.id in live)
                live[batch.id] = batch
        elif _is_news(state, batch, noticed, now):
            live.pop(batch.id, None)
            noticed[batch.id] = batch.ended_at or now
            ended.append(batch)
    if not changed and not ended:
        return PollDelta(state)
    new = replace(state, live=live, noticed=noticed)
    # what the first look shows may have been so for hours
    has_turned = bool(ended) or (has_turned and state.since is not None)
    return PollDelta(new, tuple(changed), tuple(ended), has_turned=has_turned)


def _has_turned(batch: MessageBatch, known: MessageBatch | None, *, is_expected: bool) -> bool:
    """Return whether a live batch appeared, or has another status than it had."""
    if known is None:
        return not is_expected
    return known.processing_status != batch.processing_status


def _is_news(
    state: PollState, batch: MessageBatch, noticed: Mapping[str, datetime], now: datetime
) -> bool:
    """Return whether the end of ``batch`` has not been noticed before."""
    if batch.id in state.live:
        return True
    if batch.id in noticed or batch.ended_at is None or state.since is None:
        return False
    # it came and went between two looks; older ends are beyond what is remembered as noticed
    return state.since < batch.ended_at and now - batch.ended_at < _REACH


def _goes_on(swept: PollState, page: BatchPage, now: datetime) -> bool:
    """Return whether the sweep has to read further down."""
    if not page.has_more:
        return False
    last = page.data[-1].created_at if page.data else None
    if last is None:
        return False
    if swept.newest is not None and last > swept.newest:
        return True  # more new batches than a page holds: they may be those of days
    if now - last > _REACH:
        return False
    if swept.newest is None:
        return True
    return any(_is_below(swept.live[batch_id], last) for batch_id in swept.unseen)


def _is_below(batch: MessageBatch | None, last: datetime) -> bool:
    return batch is not None and batch.created_at is not None and batch.created_at <= last


def _finish(swept: PollState, now: datetime) -> PollState:
    """End the sweep and forget what cannot matter any more."""
    unseen = [batch_id for batch_id in swept.live if batch_id in swept.unseen]
    never_seen = [batch_id for batch_id in unseen if swept.live[batch_id] is None]
    again = [batch_id for batch_id in unseen if swept.live[batch_id] is not None][:_ASKED_AGAIN]
    noticed = {key: at for key, at in swept.noticed.items() if now - at < _MEMORY}
    return replace(
        restart(swept),
        to_ask=(*never_seen, *again),
        depth=swept.lowest_live,
        newest=swept.head or swept.newest,
        noticed=swept.noticed if len(noticed) == len(swept.noticed) else noticed,
    )


def _asked(state: PollState, batch_id: str) -> PollState:
    return replace(postpone(state, batch_id), unseen=state.unseen - {batch_id})
