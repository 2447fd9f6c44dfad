"""What sending asks of the API: the part of `batchtui.api.client.BatchesClient` it needs."""

from collections.abc import AsyncIterable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Protocol

from batchtui.api.models import MessageBatch
from batchtui.api.paging import PageReader
from batchtui.api.results_stream import ResultsStream


class Service(PageReader, Protocol):
    """Creates batches, lists them, and shows whose answers a batch holds."""

    @property
    def server_offset(self) -> timedelta | None:
        """The server's clock minus ours, where known."""
        ...

    async def create(
        self,
        body: bytes | AsyncIterable[bytes],
        *,
        content_length: int | None = None,
        betas: Sequence[str] = (),
    ) -> MessageBatch:
        """Make a batch; never sent twice."""
        ...

    async def retrieve(self, batch_id: str) -> MessageBatch:
        """Return one batch as it is now."""
        ...

    def results(self, batch: MessageBatch) -> AbstractAsyncContextManager[ResultsStream]:
        """Return the results of a batch as a stream of bytes."""
        ...
