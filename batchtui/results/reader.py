"""Read single rows back from a results file, also one that still grows.

Reads are positioned reads on one open file, so a search in another thread does not disturb the
pane that shows a row, and nothing of the file is mapped into the program's memory.
"""

import os
import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Self

from batchtui.results.block_checksums import FileStamp, stamp_of
from batchtui.results.errors import ResultsFileError, RewrittenError
from batchtui.results.index import ResultsIndex

_CACHE_BYTES = 4 * 1024 * 1024
"""Lines kept: some screens of usual rows, or one huge one."""


class RowReader:
    """The lines of one results file by row number, with a small cache; safe to use from threads."""

    def __init__(
        self,
        path: Path,
        index: ResultsIndex,
        *,
        descriptor: int | None = None,
        stamp: FileStamp | None = None,
        is_rewritten: Callable[[], bool] | None = None,
        cache_bytes: int = _CACHE_BYTES,
    ) -> None:
        """Open the file.

        Args:
            path: The file the index was made from; it may be renamed afterwards.
            index: Where its rows are; it may still grow.
            descriptor: The file already open, where it has no name (an unpacked one); stays the
                caller's.
            stamp: What the file was like when the index was made; what it is now if not given.
            is_rewritten: Asked once the file was written to: whether its rows are no longer those
                of the index.
            cache_bytes: How much to keep of what was read.

        Raises:
            ResultsFileError: The file cannot be opened.
        """
        try:
            self._file = os.open(path, os.O_RDONLY) if descriptor is None else os.dup(descriptor)
        except OSError as error:
            raise ResultsFileError.from_os(error, path, "read") from error
        self.path = path
        self.index = index
        self._is_rewritten = is_rewritten
        self._stamp = stamp_of(self._file) if stamp is None else stamp
        self._cache: OrderedDict[int, bytes] = OrderedDict()
        self._cached = 0
        self._limit = cache_bytes
        self._lock = threading.Lock()

    def raw(self, row: int) -> bytes:
        """Return the line of a row as received, without its line ending; kept in the cache.

        Raises:
            IndexError: There is no such row.
            ResultsFileError: The file cannot be read, or is shorter than the index says.
        """
        with self._lock:
            line = self._cache.get(row)
            if line is not None:
                self._cache.move_to_end(row)
                return line
        if not 0 <= row < len(self.index):
            raise IndexError(row)
        line = self.span(self.index.offsets[row], self.index.lengths[row])
        self._remember(row, line)
        return line

    def span(self, offset: int, length: int) -> bytes:
        """Return some bytes of the file, not kept: for searches that run through the whole of it.

        Raises:
            ResultsFileError: The file cannot be read, is shorter than asked, or was rewritten:
                then what stands there now is no row of the index.
        """
        if self._file < 0:
            raise ResultsFileError(
                f"The rows of {self.path.name} were read again meanwhile",
                hint="Leave this, and begin again with them.",
            )
        try:
            data = os.pread(self._file, length, offset)
            while len(data) < length:
                more = os.pread(self._file, length - len(data), offset + len(data))
                if not more and self._is_rewritten is not None:
                    raise RewrittenError(self.path)
                if not more:
                    raise ResultsFileError(
                        f"{self.path.name} has become shorter while it was read",
                        hint="Something else wrote to the file: open it again.",
                    )
                data += more
            if self._is_rewritten is not None:
                self._check()
        except OSError as error:
            raise ResultsFileError.from_os(error, self.path, "read") from error
        return data

    def forget(self) -> None:
        """Give the cache's memory back."""
        with self._lock:
            self._cache.clear()
            self._cached = 0

    def close(self) -> None:
        """Close the file; reading again is an error."""
        self.forget()
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _check(self) -> None:
        """Make sure, after a read, that nobody has written other rows over it."""
        stamp = stamp_of(self._file)
        if stamp == self._stamp:
            return
        if self._is_rewritten is not None and self._is_rewritten():
            self.forget()
            raise RewrittenError(self.path)
        self._stamp = stamp

    def _remember(self, row: int, line: bytes) -> None:
        if len(line) > self._limit:
            return
        with self._lock:
            if row not in self._cache:
                self._cached += len(line)
            self._cache[row] = line
            while self._cached > self._limit:
                _, dropped = self._cache.popitem(last=False)
                self._cached -= len(dropped)
