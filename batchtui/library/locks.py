"""One process at a time: locks between instances of the program.

A lock is the system's own, so it ends with the process, however that ends.
"""

import contextlib
import errno
import os
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from batchtui.library.errors import BusyError, StorageError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_TAKEN = frozenset({errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EDEADLK})
_NO_FLOCK = frozenset({errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS})


class FileLock:
    """A lock between processes, and between holders within one process.

    Use as a context manager, which raises `BusyError` when another holds it, or by `acquire`.
    """

    def __init__(self, path: Path) -> None:
        """Name the lock; nothing is touched yet.

        Args:
            path: A file for the lock alone; made where missing, and removed by nobody but
                `remove`.
        """
        self.path = path
        self._descriptor = -1

    @property
    def is_held(self) -> bool:
        """Whether this object holds the lock."""
        return self._descriptor >= 0

    def acquire(self) -> bool:
        """Take the lock if it is free; never waits.

        Returns:
            Whether it is held now.

        Raises:
            StorageError: The lock's file cannot be made.
        """
        try:
            while not self.is_held:
                descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
                try:
                    if not _lock(descriptor):
                        return False
                    # If not, the holder before us removed what we have locked now.
                    if _is_same(descriptor, self.path):
                        self._descriptor = descriptor
                finally:
                    if not self.is_held:
                        os.close(descriptor)
        except OSError as error:
            raise StorageError.from_os(error, self.path, "lock") from error
        return True

    def release(self) -> None:
        """Let others have it; does nothing if it is not held."""
        if self.is_held:
            os.close(self._descriptor)
            self._descriptor = -1

    def remove(self) -> None:
        """Release and delete the lock's file, once what it guarded is gone."""
        if self.is_held:
            with contextlib.suppress(OSError):
                self.path.unlink()
            self.release()

    def __enter__(self) -> Self:
        if not self.acquire():
            raise BusyError(
                "another batchtui is working on these results",
                hint="Wait until it is done, or close it.",
            )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


def _is_same(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _lock(descriptor: int) -> bool:
    try:
        _lock_now(descriptor)
    except OSError as error:
        if error.errno in _TAKEN:
            return False
        raise
    return True


if sys.platform == "win32":

    def _lock_now(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:

    def _lock_now(descriptor: int) -> None:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in _NO_FLOCK:
                raise
            # Some network file systems know only this kind, which ignores holders within one
            # process; between processes it serves.
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
