"""One process at a time: locks between instances of the program.

A lock is the system's own, so it ends with the process, however that ends. `filelock` makes it; it
is loaded when a lock is taken, which a start of the program need not do.
"""

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Self

from batchtui.folders import make_private_folder
from batchtui.library.errors import BusyError, StorageError

if TYPE_CHECKING:
    from filelock import BaseFileLock


class FileLock:
    """A lock between processes, and between holders within one process.

    Use as a context manager, which raises `BusyError` when another holds it, or by `acquire`.
    """

    def __init__(self, path: Path) -> None:
        """Name the lock; nothing is touched yet.

        Args:
            path: A file for the lock alone; made where missing, its folder as well, and removed by
                nobody but `remove`.
        """
        self.path = path
        self._lock: BaseFileLock | None = None

    @property
    def is_held(self) -> bool:
        """Whether this object holds the lock."""
        return self._lock is not None

    def acquire(self, seconds: float = 0) -> bool:
        """Take the lock if it is free.

        Args:
            seconds: How long to wait for it; blocks the thread.

        Returns:
            Whether it is held now.

        Raises:
            StorageError: The lock's file cannot be made.
        """
        from filelock import FileLock as SystemLock
        from filelock import Timeout

        if self._lock is not None:
            return True
        try:
            make_private_folder(self.path.parent)
            lock = SystemLock(self.path, timeout=seconds, mode=0o600, thread_local=False)
            lock.acquire()
        except Timeout:
            return False
        except OSError as error:
            raise StorageError.from_os(error, self.path, "lock") from error
        self._lock = lock
        return True

    def release(self) -> None:
        """Let others have it; does nothing if it is not held."""
        if self._lock is not None:
            self._lock.release()
            self._lock = None

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

    def __exit__(self, *_: object) -> None:
        self.release()
