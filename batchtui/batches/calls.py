"""The calls the services of this package make: what `api.client.BatchesClient` gives, no more.

And what refuses a cursor.
"""

from typing import Protocol

from batchtui.api.errors import ApiError, BadRequest, NotFound
from batchtui.api.models import DeletedMessageBatch, MessageBatch
from batchtui.api.paging import PageReader


def is_cursor_refused(error: ApiError) -> bool:
    """Return whether a page may be refused because the batch to go on after is not there.

    A 400 counts whatever it says: to begin from the top again does no harm.
    """
    is_refused = isinstance(error, BadRequest) and error.status == 400
    return is_refused or isinstance(error, NotFound)


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
