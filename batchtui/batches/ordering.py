"""The order of the list: newest first, by id where two are of the same moment.

A server may leave `created_at` away. Such a batch keeps the place the server gave it: its key is
that of its neighbour in the server's answer, one rank further on.
"""

import math
from collections.abc import Iterable, Mapping

from batchtui.api.models import MessageBatch

OrderKey = tuple[float, str, int, str]
"""(minus the moment in seconds, id of the dated neighbour, rank beside it, own id); ascending."""

_TOP: OrderKey = (-math.inf, "", 0, "")


def dated_key(batch: MessageBatch) -> OrderKey | None:
    """The key of a batch with a creation moment; None without one."""
    if batch.created_at is None:
        return None
    return (-batch.created_at.timestamp(), batch.id, 0, batch.id)


def order_keys(
    data: Iterable[MessageBatch], known: Mapping[str, OrderKey], *, before: OrderKey | None = None
) -> dict[str, OrderKey]:
    """Keys for the batches of one answer of the server.

    Args:
        data: The batches in the server's order.
        known: Keys given before; an undated batch keeps its own.
        before: Key of the batch that precedes the answer; None for the head of the list.
    """
    keys: dict[str, OrderKey] = {}
    undated: list[MessageBatch] = []
    previous = before
    for batch in data:
        key = dated_key(batch) or known.get(batch.id)
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
    """Keys that place ``undated`` right before ``key``, in their order."""
    count = len(undated)
    return {b.id: _beside(key, index - count, b.id) for index, b in enumerate(undated)}


def _beside(key: OrderKey, step: int, batch_id: str) -> OrderKey:
    return (key[0], key[1], key[2] + step, batch_id)
