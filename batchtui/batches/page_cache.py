"""What is loaded of the server's list: one contiguous piece from the newest batch down.

`absorb` takes one page of the server, from the head or from after a cursor, and gives the new
piece. Everything is keyed by id, so that pages shifted by new batches, repeated pages and pages
that overlap do no harm. Batches that appeared since are *announced* (`pending`), not put in: the
rows under a cursor stay where they are until `accept_pending`.
"""

import math
from collections.abc import Iterable, Mapping
from itertools import chain, takewhile

from msgspec import Struct, field, structs
from msgspec.structs import replace

from batchtui.api.models import BatchPage, MessageBatch

OrderKey = tuple[float, str, int, str]
"""(minus the moment in seconds, id of the dated neighbor, rank beside it, own id); ascending."""

_TOP: OrderKey = (-math.inf, "", 0, "")


class PageCache(Struct, frozen=True):
    """The piece of the list that is known. Never changed in place."""

    batches: Mapping[str, MessageBatch] = field(default_factory=dict)
    """All batches known, by id; the announced ones included."""
    keys: Mapping[str, OrderKey] = field(default_factory=dict)
    """Their places in the order."""
    order: tuple[str, ...] = ()
    """Ids of the rows, newest first."""
    pending: tuple[str, ...] = ()
    """Ids announced but not among the rows yet, newest first."""
    unlisted: frozenset[str] = frozenset()
    """Ids known from a create or a look-up, which no list answer has shown yet."""
    buried: frozenset[str] = frozenset()
    """Ids known to be gone: an answer that was under way then may still show them, once."""
    cursor: str | None = None
    """The id to ask for older batches with (`after_id`); None: from the head."""
    has_more: bool = True
    """Whether the server may have older batches than those known."""
    is_begun: bool = False
    """Whether any page has arrived: an empty list is only then an empty workspace."""


def absorb(cache: PageCache, page: BatchPage, after: str | None = None) -> PageCache:
    """Take in one page of the server.

    Args:
        cache: What is known so far.
        page: The server's answer.
        after: The `after_id` it was asked with; None for the head of the list.

    Returns:
        The new piece; the very same object where nothing changed.
    """
    page, buried = _without_ghosts(page, cache.buried)
    data = {batch.id: batch for batch in page.data}
    keys = _order_keys(data.values(), cache.keys, before=cache.keys.get(after or ""))
    is_changed = any(
        _differs(cache.batches.get(batch_id), batch) for batch_id, batch in data.items()
    )
    fresh = [batch_id for batch_id in data if batch_id not in cache.batches]
    added, announced = _place(cache, fresh, keys, after)
    removed = _vanished(cache, page, keys, after)
    cursor, has_more = _end_of(cache, page, keys, after)
    moved = {batch_id: key for batch_id, key in keys.items() if cache.keys.get(batch_id) != key}
    merged = replace(
        cache,
        batches={**cache.batches, **data} if is_changed or fresh else cache.batches,
        keys={**cache.keys, **moved} if moved else cache.keys,
        unlisted=cache.unlisted - data.keys() if cache.unlisted else cache.unlisted,
        buried=buried,
        cursor=cursor,
        has_more=has_more,
        is_begun=True,
    )
    if moved:
        merged = replace(
            merged,
            order=_sorted(chain(cache.order, added), merged.keys),
            pending=_sorted(chain(cache.pending, announced), merged.keys),
        )
    merged = _forget(merged, merged.batches.keys() & set(removed))
    return cache if merged == cache else merged


def put(cache: PageCache, batch: MessageBatch) -> PageCache:
    """Take in one batch known from elsewhere: an answer to cancel, create or retrieve."""
    known = cache.batches.get(batch.id)
    if known == batch:
        return cache
    keys = {**cache.keys, **_order_keys([batch], cache.keys)}
    merged = replace(
        cache,
        batches={**cache.batches, batch.id: batch},
        keys=keys,
        buried=cache.buried - {batch.id},
    )
    if known is None:
        return replace(
            merged,
            order=_sorted((*cache.order, batch.id), keys),
            unlisted=cache.unlisted | {batch.id},
        )
    return replace(merged, order=_sorted(cache.order, keys))


def discard(cache: PageCache, gone: Iterable[str]) -> PageCache:
    """Forget batches that are known not to be on the server any more."""
    lost = cache.batches.keys() & set(gone)
    return replace(_forget(cache, lost), buried=cache.buried | lost) if lost else cache


def _forget(cache: PageCache, lost: set[str]) -> PageCache:
    if not lost:
        return cache
    order = tuple(batch_id for batch_id in cache.order if batch_id not in lost)
    cursor = cache.cursor
    if cursor in lost:
        # a cursor has to be there still: the next older batches follow its newer neighbor as well
        end = cache.keys[cursor]
        cursor = next(
            (
                batch_id
                for batch_id in reversed(order)
                if cache.keys[batch_id] < end and batch_id not in cache.unlisted
            ),
            None,
        )
    return replace(
        cache,
        batches={key: value for key, value in cache.batches.items() if key not in lost},
        keys={key: value for key, value in cache.keys.items() if key not in lost},
        order=order,
        pending=tuple(batch_id for batch_id in cache.pending if batch_id not in lost),
        unlisted=cache.unlisted - lost,
        cursor=cursor,
    )


def accept_pending(cache: PageCache) -> PageCache:
    """Put the announced batches among the rows."""
    if not cache.pending:
        return cache
    order = _sorted(chain(cache.pending, cache.order), cache.keys)
    return replace(cache, order=order, pending=())


def _without_ghosts(page: BatchPage, buried: frozenset[str]) -> tuple[BatchPage, frozenset[str]]:
    """Return the page without batches known to be gone, and the ids still to be kept out."""
    ghosts = buried & {batch.id for batch in page.data} if buried else buried
    if not ghosts:
        return page, buried
    data = tuple(batch for batch in page.data if batch.id not in ghosts)
    return structs.replace(page, data=data), buried - ghosts


def _differs(known: MessageBatch | None, batch: MessageBatch) -> bool:
    return known is not None and known != batch


def _sorted(ids: Iterable[str], keys: Mapping[str, OrderKey]) -> tuple[str, ...]:
    return tuple(sorted(ids, key=keys.__getitem__))


def _place(
    cache: PageCache, fresh: list[str], keys: Mapping[str, OrderKey], after: str | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Part new ids into those that become rows and those that are announced."""
    if not cache.order or not cache.is_begun:
        return tuple(fresh), ()
    # below this key nothing moves under the cursor
    edge = cache.keys[cache.order[-1 if after is None else 0]]
    added = tuple(batch_id for batch_id in fresh if keys[batch_id] > edge)
    announced = tuple(batch_id for batch_id in fresh if keys[batch_id] < edge)
    return added, announced


def _end_of(
    cache: PageCache, page: BatchPage, keys: Mapping[str, OrderKey], after: str | None
) -> tuple[str | None, bool]:
    """Return the cursor for older batches, and whether there may be any."""
    if not page.has_more:
        return page.last_id or cache.cursor, False
    is_first = not cache.is_begun or not cache.order
    is_next = after == cache.cursor and (after is not None or is_first)
    if is_next and not _brings_news(cache, page):
        # an empty page, or a server that ignores cursors: asking on would never end
        return cache.cursor, False
    covers = bool(page.data and cache.order) and (
        keys[page.data[-1].id] >= cache.keys[cache.order[-1]]
    )
    return (page.last_id, True) if is_next or covers else (cache.cursor, cache.has_more)


def _brings_news(cache: PageCache, page: BatchPage) -> bool:
    return any(b.id not in cache.batches or b.id in cache.unlisted for b in page.data)


def _vanished(
    cache: PageCache, page: BatchPage, keys: Mapping[str, OrderKey], after: str | None
) -> tuple[str, ...]:
    """Return known ids that should be on this page by their date and are not.

    Nothing is concluded where the server's order is not by date or an entry could not be read.
    """
    moments = [keys[batch.id][0] for batch in page.data]
    if page.unreadable or moments != sorted(moments) or (page.has_more and not moments):
        return ()
    if after is not None and after not in cache.keys:
        return ()
    # a batch created in the very moment of a page's edge may be on the neighboring page
    start = None if after is None else cache.keys[after][0]
    end = moments[-1] if page.has_more else None
    present = {batch.id for batch in page.data}
    candidates = chain(
        cache.pending, takewhile(lambda i: end is None or cache.keys[i][0] < end, cache.order)
    )
    return tuple(
        batch_id
        for batch_id in candidates
        if batch_id not in present
        and batch_id not in cache.unlisted
        and (start is None or cache.keys[batch_id][0] > start)
        and (end is None or cache.keys[batch_id][0] < end)
    )


def _dated_key(batch: MessageBatch) -> OrderKey | None:
    """Return the key of a batch with a creation moment; None without one."""
    if batch.created_at is None:
        return None
    return (-batch.created_at.timestamp(), batch.id, 0, batch.id)


def _order_keys(
    data: Iterable[MessageBatch], known: Mapping[str, OrderKey], *, before: OrderKey | None = None
) -> dict[str, OrderKey]:
    """Return keys for the batches of one answer of the server.

    Args:
        data: The batches in the server's order.
        known: Keys given before; an undated batch keeps its own.
        before: Key of the batch that precedes the answer; None for the head of the list.
    """
    keys: dict[str, OrderKey] = {}
    undated: list[MessageBatch] = []
    previous = before
    for batch in data:
        key = _dated_key(batch) or known.get(batch.id)
        if key is None and previous is None:
            undated.append(batch)
            continue
        if key is None:
            key = _beside(previous or _TOP, 1, batch.id)
        if undated:
            keys.update(_keys_before(undated, key))
            undated = []
        keys[batch.id] = previous = key
    keys.update(_keys_before(undated, _TOP))
    return keys


def _keys_before(undated: list[MessageBatch], key: OrderKey) -> dict[str, OrderKey]:
    """Return keys that place ``undated`` right before ``key``, in their order."""
    count = len(undated)
    return {b.id: _beside(key, index - count, b.id) for index, b in enumerate(undated)}


def _beside(key: OrderKey, step: int, batch_id: str) -> OrderKey:
    return (key[0], key[1], key[2] + step, batch_id)
