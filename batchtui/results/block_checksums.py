"""Tells whether what was read of an open file still stands there."""

import os
import threading
import zlib
from collections import deque

from msgspec import Struct

_COMPARED = 8 * 1024 * 1024
"""Bytes that are read again, the last ones first: 5 ms."""
_SAMPLED = 64 * 1024
"""Bytes that are read of what is skipped, its last ones."""


class FileStamp(Struct, frozen=True):
    """What is another once a file was written to."""

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
    """Checksums of the blocks that were read last of an open file; safe to use from threads.

    While it is read, the last blocks themselves are kept: to sum up all of a large file would take
    a fifth of the time in which it is indexed.

    Attributes:
        stamp: What the file was like when what was read was known to stand in it.

    Args:
        descriptor: The file.
    """

    def __init__(self, descriptor: int) -> None:
        self.stamp = stamp_of(descriptor)
        self._descriptor = descriptor
        self._kept = deque[tuple[int, bytes]]()
        self._kept_size = 0
        self._blocks: list[tuple[int, int, int]] = []
        self._end = 0
        self._lock = threading.Lock()

    def add(self, offset: int, block: bytes) -> None:
        """Take in a block that was read."""
        with self._lock:
            self._kept.append((offset, block))
            self._kept_size += len(block)
            while self._kept_size - len(self._kept[0][1]) >= _COMPARED:
                self._kept_size -= len(self._kept.popleft()[1])
            self._end = offset + len(block)

    def sum_up(self) -> None:
        """Give back the memory of the blocks, now that for a while no more are read."""
        with self._lock:
            self._blocks += [(place, len(data), zlib.crc32(data)) for place, data in self._kept]
            self._kept.clear()
            self._kept_size = 0

    def skip_to(self, end: int) -> None:
        """Take in that all bytes up to there are known; only the last of them are read."""
        size = min(end, _SAMPLED)
        self.add(end - size, self._read(end - size, size))

    def is_overwritten(self) -> bool:
        """Return whether other bytes stand there now, as far as can be told quickly.

        A file that only grew keeps what it had: its last megabytes are compared, which are others
        wherever something was put in. One of the same size that was written to is taken for another
        without a look.
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
        self.sum_up()
        left = _COMPARED
        for place, size, checksum in reversed(self._blocks):
            left -= size
            if left < 0:
                break
            if zlib.crc32(self._read(place, size)) != checksum:
                return False
        return True

    def _read(self, place: int, size: int) -> bytes:
        try:
            return os.pread(self._descriptor, size, place)
        except OSError:
            return b""
