"""A source of results that does what a test says, without a network."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field

from batchtui.api.errors import ApiError
from batchtui.api.models import MessageBatch, RequestCounts
from batchtui.api.results_stream import ResumePoint


@dataclass
class ScriptedStream:
    start: int
    validator: str | None
    content_length: int | None
    request_id: str | None
    notice: str
    pieces: Callable[[], AsyncGenerator[bytes, None]]

    def chunks(self) -> AsyncGenerator[bytes, None]:
        return self.pieces()


@dataclass
class ScriptedSource:
    """Sends ``data``; after ``fail_at`` bytes it fails by ``error``, or ends as if all was well."""

    data: bytes
    error: ApiError | None = None
    fail_at: int | None = None
    refuses: ApiError | None = None
    validator: str | None = None
    proves_ranges: bool = True
    length: int | None = None
    piece: int = 1_000
    on_piece: Callable[[int], AsyncGenerator[None, None]] | None = None
    """Awaited after each piece with the bytes sent so far."""
    asked: list[ResumePoint | None] = field(default_factory=list)
    """The resume points it was asked for."""
    closed: int = 0
    """How many streams were closed."""

    def results(
        self, batch: MessageBatch, *, resume: ResumePoint | None = None
    ) -> AbstractAsyncContextManager[ScriptedStream]:
        return self._open(resume)

    @asynccontextmanager
    async def _open(self, resume: ResumePoint | None) -> AsyncIterator[ScriptedStream]:
        self.asked.append(resume)
        if self.refuses is not None:
            raise self.refuses
        proven = resume is not None and self.proves_ranges and resume.validator == self.validator
        start = resume.offset if resume and proven else 0
        try:
            yield ScriptedStream(
                start, self.validator, self.length, "req_42", "", lambda: self._pieces(start)
            )
        finally:
            self.closed += 1

    async def _pieces(self, start: int) -> AsyncGenerator[bytes, None]:
        stop = len(self.data) if self.fail_at is None else self.fail_at
        for offset in range(start, stop, self.piece):
            end = min(offset + self.piece, stop)
            yield self.data[offset:end]
            if self.on_piece is not None:
                async for _ in self.on_piece(end):
                    pass
        if self.error is not None:
            raise self.error


def ended_batch(rows: int, batch_id: str = "msgbatch_1") -> MessageBatch:
    return MessageBatch(
        id=batch_id,
        processing_status="ended",
        request_counts=RequestCounts(succeeded=rows),
        results_url="https://api.invalid/results",
    )
