"""The calls the services of this package make: what `api.client.BatchesClient` gives, no more.

And what its refusals say of a batch.
"""

from typing import Protocol

from batchtui.api.errors import ApiError, BadRequest, NotFound
from batchtui.api.models import DeletedMessageBatch, MessageBatch
from batchtui.api.paging import PageReader

_NOT_THERE = frozenset({400, 404, 410})


def is_not_there(error: ApiError) -> bool:
    """Return whether a refusal says that there is no batch of that id, or no such cursor.

    Most say 404, some 400 or 410. Any other refusal says nothing about the batch.
    """
    return isinstance(error, BadRequest | NotFound) and error.status in _NOT_THERE


class BatchReader(PageReader, Protocol):
    """Where batches are read from. Every call raises `api.errors.ApiError` when it fails."""

    async def retrieve(self, batch_id: str) -> MessageBatch:
        """Return one batch."""
        ...


class BatchCalls(BatchReader, Protocol):
    """Where batches are read and acted on."""

    async def cancel(self, batch_id: str) -> MessageBatch:
        """Ask for a batch to be canceled; gives its new state."""
        ...

    async def delete(self, batch_id: str) -> DeletedMessageBatch:
        """Delete an ended batch and its results."""
        ...
