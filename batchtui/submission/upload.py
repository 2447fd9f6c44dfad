"""The body of one part on its way: read from the file while it is sent."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import islice

from batchtui.library.ledger_values import PlannedPart
from batchtui.submission.body import body_blocks
from batchtui.submission.errors import SourceChanged
from batchtui.submission.read import layout_of, read_requests_from
from batchtui.submission.source import RequestSource


class PartUpload:
    """Yields the exact bytes of one part's create, once.

    The last block is held back until the file is known to have been what was planned, and until
    ``before_last`` has written down that from here on a batch may exist.

    Attributes:
        has_announced_last: Whether the last block was released: before that no server can have had
            the whole body.
    """

    def __init__(
        self,
        source: RequestSource,
        part: PlannedPart,
        *,
        before_last: Callable[[], object],
        on_progress: Callable[[int], None],
    ) -> None:
        """Prepare the upload; nothing is read yet.

        Args:
            source: The file.
            part: Which requests of it.
            before_last: Called in a thread before the last block is released.
            on_progress: Called with the bytes handed over so far.
        """
        self.has_announced_last = False
        self._source = source
        self._part = part
        self._before_last = before_last
        self._on_progress = on_progress

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield the blocks.

        Raises:
            SourceError: The file cannot be read.
            SourceChanged: The file is not what it was when the part was planned.
        """
        blocks = await asyncio.to_thread(self._open)
        sent = read = 0
        held = b""
        while (block := await asyncio.to_thread(next, blocks, b"")) != b"":
            read += len(block)
            if held:
                yield held
                sent += len(held)
                self._on_progress(sent)
            held = block
        if read != self._part.body_bytes:
            raise SourceChanged(
                f"{self._source.path} has changed: part {self._part.number} has {read:,} bytes"
                f" instead of {self._part.body_bytes:,}. It was not sent.",
                hint="Restore the file as it was, or start a new submission from the new file.",
            )
        await asyncio.to_thread(self._source.require_untouched)
        await asyncio.to_thread(self._before_last)
        self.has_announced_last = True
        yield held
        self._on_progress(sent + len(held))

    def _open(self) -> Iterator[bytes]:
        layout = layout_of(self._source.blocks()).layout
        offset = self._part.source_offset
        requests = read_requests_from(self._source.blocks(offset), layout, offset)
        return body_blocks(islice(requests, self._part.requests))
