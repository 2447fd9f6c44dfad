"""Tells whether what was read of an open file still stands there."""

import os
import threading
import zlib
from collections.abc import Iterator
from typing import TypeAlias

from msgspec import Struct

_COMPARED = 8 * 1024 * 1024
"""Bytes that are read again, the last ones first: 5 ms."""
_READ_OF_SKIPPED = 64 * 1024
"""Bytes that are read of what is skipped, its last ones."""
_SAMPLE = 4 * 1024
"""Bytes that are summed up of each block, its last ones: 2 µs."""
_MOST_SAMPLES = 128
"""How many of these are read again, however many there are: 1 ms."""

_Piece: TypeAlias = tuple[int, int, int]
"""Where it stands, its size, its checksum."""


class FileStamp(Struct, frozen=True):
    """Differs once a file was written to."""

    size: int
    """In bytes."""
    modified: int
    """When it was written to last, in nanoseconds since the epoch; it can be put back."""
    changed: int
    """The same, or when that was put back."""


def stamp_of(descriptor: int) -> FileStamp:
    """Return what an open file is like now."""
    status = os.fstat(descriptor)
    return FileStamp(status.st_size, status.st_mtime_ns, status.st_ctime_ns)


class BlockChecksums:
    """Checksums of the blocks that were read of an open file; safe to use from threads.

    Those near the file's end are summed up as a whole, of any other only its last bytes are: all
    of a large file would add a fifth to the time that it takes to index it.

    Attributes:
        stamp: What the file was like when what was read was known to stand in it.

    Args:
        descriptor: The file.
    """

    def __init__(self, descriptor: int) -> None:
        self.stamp = stamp_of(descriptor)
        self._descriptor = descriptor
        self._blocks: list[_Piece] = []
        self._samples: list[_Piece] = []
        self._end = 0
        self._lock = threading.Lock()

    def add(self, offset: int, block: bytes) -> None:
        """Take in a block that was read."""
        with self._lock:
            self._end = offset + len(block)
            sample = block[-_SAMPLE:]
            self._samples.append((self._end - len(sample), len(sample), zlib.crc32(sample)))
            if self._end > os.fstat(self._descriptor).st_size - _COMPARED:
                self._blocks.append((offset, len(block), zlib.crc32(block)))

    def skip_to(self, end: int) -> None:
        """Treat everything up to ``end`` as read; only the last of it is."""
        size = min(end, _READ_OF_SKIPPED)
        self.add(end - size, self._read(end - size, size))

    def is_overwritten(self) -> bool:
        """Return whether other bytes stand there now, as far as can be told quickly.

        A file that only grew keeps what it had: the last megabytes that were read are compared,
        which differ if anything was put in, and samples of what was read before, which differ if
        it was written over while it was read. One of the same size that was written to is taken
        for another without a look.
        """
        stamp, before = stamp_of(self._descriptor), self.stamp
        if stamp == before:
            return False
        has_grown = stamp.size > min(self._end, before.size)
        if not (has_grown or stamp.modified == before.modified) or not self._stand():
            return True
        self.stamp = stamp
        return False

    def _stand(self) -> bool:
        return all(
            zlib.crc32(self._read(place, size)) == checksum
            for place, size, checksum in self._compared()
        )

    def _compared(self) -> Iterator[_Piece]:
        """Yield what is read again, the last first: the block read last is among it."""
        with self._lock:
            blocks = self._blocks[::-1]
            samples = self._samples[:: -(len(self._samples) // _MOST_SAMPLES + 1)]
        left = _COMPARED
        for block in blocks:
            left -= block[1]
            if left < 0:
                break
            yield block
        yield from samples

    def _read(self, place: int, size: int) -> bytes:
        try:
            return os.pread(self._descriptor, size, place)
        except OSError:
            return b""
