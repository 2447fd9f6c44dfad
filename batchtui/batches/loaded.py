"""What is loaded of the server's list: one contiguous piece from the newest batch down.

`absorb` takes one page of the server, from the head or from after a cursor, and gives the new
piece. Everything is keyed by id, so that pages shifted by new batches, repeated pages and pages
that overlap do no harm. Batches that appeared since are *announced* (`pending`), not put in: the
rows under a cursor stay where they are until `accept_pending`.
"""

from collections.abc import Iterable, Mapping
from itertools import chain, takewhile

from msgspec import Struct, field, structs
from msgspec.structs import replace

from batchtui.api.models import BatchPage, MessageBatch
from batchtui.batches.ordering import OrderKey, order_keys


class Loaded(Struct, frozen=True):
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


class Change(Struct, frozen=True):
    """What one page changed."""

    loaded: Loaded
    """The new piece; the very same object where nothing changed."""
    changed: tuple[str, ...] = ()
    """Known ids whose batch is different now."""
    added: tuple[str, ...] = ()
    """Ids new among the rows."""
    announced: tuple[str, ...] = ()
    """Ids newly announced."""
    removed: tuple[str, ...] = ()
    """Ids that are gone from the server: deleted elsewhere."""


def absorb(loaded: Loaded, page: BatchPage, after: str | None = None) -> Change:
    """Take in one page of the server.

    Args:
        loaded: What is known so far.
        page: The server's answer.
        after: The `after_id` it was asked with; None for the head of the list.
    """
    page, buried = _without_ghosts(page, loaded.buried)
    data = {batch.id: batch for batch in page.data}
    keys = order_keys(data.values(), loaded.keys, before=loaded.keys.get(after or ""))
    changed = tuple(
        batch_id
        for batch_id, batch in data.items()
        if _differs(loaded.batches.get(batch_id), batch)
    )
    fresh = [batch_id for batch_id in data if batch_id not in loaded.batches]
    added, announced = _place(loaded, fresh, keys, after)
    removed = _vanished(loaded, page, keys, after)
    cursor, has_more = _end_of(loaded, page, keys, after)
    moved = {batch_id: key for batch_id, key in keys.items() if loaded.keys.get(batch_id) != key}
    merged = replace(
        loaded,
        batches={**loaded.batches, **data} if changed or fresh else loaded.batches,
        keys={**loaded.keys, **moved} if moved else loaded.keys,
        unlisted=loaded.unlisted - data.keys() if loaded.unlisted else loaded.unlisted,
        buried=buried,
        cursor=cursor,
        has_more=has_more,
        is_begun=True,
    )
    if moved:
        merged = replace(
            merged,
            order=_sorted(chain(loaded.order, added), merged.keys),
            pending=_sorted(chain(loaded.pending, announced), merged.keys),
        )
    merged = _forget(merged, merged.batches.keys() & set(removed))
    return Change(loaded if merged == loaded else merged, changed, added, announced, removed)


def put(loaded: Loaded, batch: MessageBatch) -> Loaded:
    """Take in one batch known from elsewhere: an answer to cancel, create or retrieve."""
    known = loaded.batches.get(batch.id)
    if known == batch:
        return loaded
    keys = {**loaded.keys, **order_keys([batch], loaded.keys)}
    merged = replace(
        loaded,
        batches={**loaded.batches, batch.id: batch},
        keys=keys,
        buried=loaded.buried - {batch.id},
    )
    if known is None:
        return replace(
            merged,
            order=_sorted((*loaded.order, batch.id), keys),
            unlisted=loaded.unlisted | {batch.id},
        )
    return replace(merged, order=_sorted(loaded.order, keys))


def discard(loaded: Loaded, gone: Iterable[str]) -> Loaded:
    """Forget batches that are known not to be on the server any more."""
    lost = loaded.batches.keys() & set(gone)
    return replace(_forget(loaded, lost), buried=loaded.buried | lost) if lost else loaded


def _forget(loaded: Loaded, lost: set[str]) -> Loaded:
    if not lost:
        return loaded
    order = tuple(batch_id for batch_id in loaded.order if batch_id not in lost)
    cursor = loaded.cursor
    if cursor in lost:
        # a cursor has to be there still: the next older batches follow its newer neighbour as well
        end = loaded.keys[cursor]
        cursor = next(
            (
                batch_id
                for batch_id in reversed(order)
                if loaded.keys[batch_id] < end and batch_id not in loaded.unlisted
            ),
            None,
        )
    return replace(
        loaded,
        batches={key: value for key, value in loaded.batches.items() if key not in lost},
        keys={key: value for key, value in loaded.keys.items() if key not in lost},
        order=order,
        pending=tuple(batch_id for batch_id in loaded.pending if batch_id not in lost),
        unlisted=loaded.unlisted - lost,
        cursor=cursor,
    )


def accept_pending(loaded: Loaded) -> Loaded:
    """Put the announced batches among the rows."""
    if not loaded.pending:
        return loaded
    order = _sorted(chain(loaded.pending, loaded.order), loaded.keys)
    return replace(loaded, order=order, pending=())


def reaches_known(loaded: Loaded, page: BatchPage) -> bool:
    """Whether a page read from the head down leaves no gap above the rows that are known."""
    if not page.has_more or not page.data or not loaded.order:
        return True
    known = loaded.batches.keys() - loaded.unlisted - set(loaded.pending)
    return any(batch.id in known for batch in page.data)


def _without_ghosts(page: BatchPage, buried: frozenset[str]) -> tuple[BatchPage, frozenset[str]]:
    """The page without batches that are known to be gone, and the ids still to be kept out."""
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
    loaded: Loaded, fresh: list[str], keys: Mapping[str, OrderKey], after: str | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Part new ids into those that become rows and those that are announced."""
    if not loaded.order or not loaded.is_begun:
        return tuple(fresh), ()
    # below this key nothing moves under the cursor
    edge = loaded.keys[loaded.order[-1 if after is None else 0]]
    added = tuple(batch_id for batch_id in fresh if keys[batch_id] > edge)
    announced = tuple(batch_id for batch_id in fresh if keys[batch_id] < edge)
    return added, announced


def _end_of(
    loaded: Loaded, page: BatchPage, keys: Mapping[str, OrderKey], after: str | None
) -> tuple[str | None, bool]:
    """The cursor for older batches, and whether there may be any."""
    last = page.last_id or (page.data[-1].id if page.data else None)
    if not page.has_more:
        return last or loaded.cursor, False
    is_first = not loaded.is_begun or not loaded.order
    is_next = after == loaded.cursor and (after is not None or is_first)
    if is_next and not _brings_news(loaded, page):
        # an empty page, or a server that ignores cursors: asking on would never end
        return loaded.cursor, False
    covers = bool(page.data and loaded.order) and (
        keys[page.data[-1].id] >= loaded.keys[loaded.order[-1]]
    )
    return (last, True) if is_next or covers else (loaded.cursor, loaded.has_more)


def _brings_news(loaded: Loaded, page: BatchPage) -> bool:
    return any(b.id not in loaded.batches or b.id in loaded.unlisted for b in page.data)


def _vanished(
    loaded: Loaded, page: BatchPage, keys: Mapping[str, OrderKey], after: str | None
) -> tuple[str, ...]:
    """Known ids that should be on this page by their date and are not.

    Nothing is concluded where the server's order is not by date or an entry could not be read.
    """
    moments = [keys[batch.id][0] for batch in page.data]
    if page.unreadable or moments != sorted(moments) or (page.has_more and not moments):
        return ()
    if after is not None and after not in loaded.keys:
        return ()
    # a batch created in the very moment of a page's edge may be on the neighbouring page
    start = None if after is None else loaded.keys[after][0]
    end = moments[-1] if page.has_more else None
    present = {batch.id for batch in page.data}
    candidates = chain(
        loaded.pending, takewhile(lambda i: end is None or loaded.keys[i][0] < end, loaded.order)
    )
    return tuple(
        batch_id
        for batch_id in candidates
        if batch_id not in present
        and batch_id not in loaded.unlisted
        and (start is None or loaded.keys[batch_id][0] > start)
        and (end is None or loaded.keys[batch_id][0] < end)
    )
