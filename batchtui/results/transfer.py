"""One try at a batch's results: from the first byte of an answer to its last."""

import asyncio
import contextlib
import hashlib
import os
import shutil
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Protocol

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from batchtui.api.models import MessageBatch
from batchtui.api.results_stream import ResumePoint
from batchtui.clock import Clock
from batchtui.formatting import format_size
from batchtui.library.errors import StorageError
from batchtui.library.store import PartialResults, ResultsStore
from batchtui.results.blocks import Digest, PlainBlocks, open_file
from batchtui.results.errors import ResultsError
from batchtui.results.indexing import Indexer, scan
from batchtui.results.part import PartFile, Pump
from batchtui.results.progress import DownloadProgress, Speedometer

_REPORT_EVERY = 0.1
"""Seconds between two reports of progress."""
_OVERLAP = 64 * 1024
"""Bytes of a part that are asked for again, to see whether the file is still the same."""
_TAIL = 1024 * 1024
"""Bytes read at once from the end of a part to find its last line end."""


class Stream(Protocol):
    """An answer that brings results."""

    @property
    def start(self) -> int:
        """Offset of its first byte: 0, or that of the resume point where the server proved it."""

    @property
    def validator(self) -> str | None:
        """What proves to the server that a resumed download is of the same file."""

    @property
    def content_length(self) -> int | None:
        """Bytes that will come, if known."""

    @property
    def request_id(self) -> str | None:
        """The request, for the provider's support."""

    @property
    def notice(self) -> str:
        """What the user must be told of where it comes from, or ""."""

    def chunks(self) -> AsyncGenerator[bytes, None]:
        """Return the bytes, piece by piece."""


class Source(Protocol):
    """Where results come from: the API's client."""

    def results(
        self, batch: MessageBatch, *, resume: ResumePoint | None = None
    ) -> AbstractAsyncContextManager[Stream]:
        """Open the stream of a batch's results."""


class ResultsChangedError(ResultsError):
    """A server proved that its file is the one that was begun, and sent other bytes."""

    def __init__(self) -> None:
        super().__init__("the server's file has changed since this download was begun")


class Resume(Struct, frozen=True):
    """What an earlier try left, ready to be continued."""

    point: ResumePoint
    known: bytes
    """The bytes that are here behind the point: they come again, and have to be the same."""
    indexer: Indexer
    """Has seen the part up to the point."""
    digest: Digest
    """Of the part up to the point."""


async def prepare_resume(store: ResultsStore, batch_id: str) -> Resume | None:
    """Index what an earlier try left, if the server gave something to prove it by.

    A torn last line is left out, and some lines before it come again, to be compared.

    Raises:
        ResultsFileError: The part cannot be read.
    """
    part = store.partial(batch_id)
    if part is None or not part.validator:
        return None
    indexer, digest = Indexer(), hashlib.sha256()
    checked = min(_OVERLAP, part.size // 16)
    size = await asyncio.to_thread(_whole_lines, part.path, part.size - checked)
    if not size:
        return None
    known = await asyncio.to_thread(_read_piece, part.path, size, part.size)
    with contextlib.closing(PlainBlocks(part.path, stop=size, digest=digest)) as blocks:
        await scan(blocks, indexer)
    return Resume(ResumePoint(size, part.validator), known, indexer, digest)


class Transfer:
    """Receives one answer into a file and an index.

    Attributes:
        file: What is written.
        indexer: Its rows.
        about: What to note beside the file.
        progress: How far it is.
    """

    def __init__(
        self,
        stream: Stream,
        about: PartialResults,
        store: ResultsStore,
        *,
        resume: Resume | None,
        clock: Clock,
        on_progress: Callable[[DownloadProgress], None] | None,
    ) -> None:
        """Choose between going on with the part, starting it, and a fresh copy beside it.

        Args:
            stream: The answer.
            about: What is known of the download so far.
            store: Where it goes; its lock is held.
            resume: What was asked to be continued.
            clock: For the speed.
            on_progress: Called with each report.
        """
        self._stream = stream
        self._store = store
        self._clock = clock
        self._on_progress = on_progress
        self._speed = Speedometer()
        self._reported = float("-inf")
        self.about = msgspec.structs.replace(
            about, validator=stream.validator, request_id=stream.request_id
        )
        self._known = b""
        self.file, self.indexer = self._choose(resume)
        length = stream.content_length
        self.progress = DownloadProgress(
            expected_rows=about.expected_rows,
            expected_bytes=None if length is None else stream.start + length,
            notice=stream.notice,
        )

    @property
    def is_fresh(self) -> bool:
        """Whether it is written beside an older part."""
        return self.file.path != self._store.part_path(self.about.batch_id)

    async def run(self) -> None:
        """Receive to the end of the answer.

        Raises:
            ApiError: The stream broke; what came before is in the file and the index.
            StorageError: The disk refused; what was written before is in the file.
            ResultsChangedError: It goes on with other bytes than the part has.
        """
        _check_room(self._store.root, self._stream.content_length)
        await self.file.open(self._stream.start)
        if not self.is_fresh:
            self._store.note_part(self.about)
        self.report(is_due=True)
        pump = Pump(self.file, self.indexer, clock=self._clock, on_step=self.report)
        async with (
            contextlib.aclosing(self._stream.chunks()) as chunks,
            contextlib.aclosing(_compared(chunks, self._known)) as compared,
        ):
            await pump.run(compared if self._known else chunks)

    def report(self, *, is_due: bool = False) -> None:
        """Tell how far it is, if the last time was long enough ago or it is due."""
        now = self._clock.monotonic()
        is_due = is_due or not self.progress.rows  # the first rows show at once
        if not is_due and now - self._reported < _REPORT_EVERY:
            return
        self._reported = now
        self.progress = replace(
            self.progress,
            rows=len(self.indexer.index),
            bytes=self.file.size,
            bytes_per_second=self._speed.note(now, self.file.size),
        )
        if self._on_progress is not None:
            self._on_progress(self.progress)

    def _choose(self, resume: Resume | None) -> tuple[PartFile, Indexer]:
        batch_id = self.about.batch_id
        if resume is not None and self._stream.start == resume.point.offset:
            self._known = resume.known
            return PartFile(self._store.part_path(batch_id), resume.digest), resume.indexer
        has_older = self._store.partial(batch_id) is not None
        place = self._store.fresh_path if has_older else self._store.part_path
        return PartFile(place(batch_id)), Indexer()


async def _compared(
    chunks: AsyncGenerator[bytes, None], known: bytes
) -> AsyncGenerator[bytes, None]:
    """Pass a stream on, if it begins with bytes that are known.

    Raises:
        ResultsChangedError: It does not.
    """
    held = b""
    async for chunk in chunks:
        if len(held) < len(known):
            held += chunk
            if held[: len(known)] != known[: len(held)]:
                raise ResultsChangedError
            if len(held) < len(known):
                continue
            yield held
        else:
            yield chunk
    if len(held) < len(known):
        yield held


def _check_room(folder: Path, needed: int | None) -> None:
    """Say early that the disk is too small, rather than after some GB.

    Raises:
        StorageError: It is.
    """
    try:
        free = shutil.disk_usage(folder).free
    except OSError:
        return
    if needed is not None and needed > free:
        raise StorageError(
            f"the results need {format_size(needed)}, and {folder} has {format_size(free)} free",
            hint="Free some space, or set BATCHTUI_DATA_DIR to a folder on a larger disk.",
        )


def _read_piece(path: Path, start: int, stop: int) -> bytes:
    file = open_file(path)
    try:
        return os.pread(file, stop - start, start)
    finally:
        os.close(file)


def _whole_lines(path: Path, size: int) -> int:
    """Return how many bytes there are up to the last line end, and with it."""
    file = open_file(path)
    try:
        while size > 0:
            start = max(0, size - _TAIL)
            cut = os.pread(file, size - start, start).rfind(b"\n")
            if cut >= 0:
                return start + cut + 1
            size = start
    finally:
        os.close(file)
    return 0
