"""The errors of what is kept on this disk.

::

    BatchtuiError
    └── LibraryError          something kept on this disk could not be read or written
        ├── StorageError      the system refused a file: disk full, read-only, not yours, ...
        ├── BusyError         another batchtui works on the same batch's results
        └── LedgerError       the ledger cannot be used (in `ledger_database`, with SQLite's part)
            └── LedgerTooNewError   a newer version of this program wrote it
"""

import errno
from pathlib import Path
from typing import Self

from batchtui.errors import BatchtuiError

_REASONS = {
    errno.ENOSPC: ("the disk is full", "Free some space; what has arrived is kept."),
    errno.EDQUOT: ("your disk quota is used up", "Free some space; what has arrived is kept."),
    errno.EFBIG: ("the file system allows no file that large", "Use another data folder."),
    errno.EROFS: ("the file system is read-only", "Set BATCHTUI_DATA_DIR to a folder of yours."),
    errno.EACCES: ("permission denied", "Check who owns the file and its folder."),
    errno.EPERM: ("permission denied", "Check who owns the file and its folder."),
    errno.ENOENT: ("there is no such file", "Check the path."),
    errno.EISDIR: ("it is a folder", "Give the path of a file."),
    errno.ENOTDIR: ("a part of its path is not a folder", "Check the path."),
}


def describe_os_error(error: OSError) -> tuple[str, str]:
    """Return what the system refused, in the user's words, and what to do ("" if unknown)."""
    return _REASONS.get(error.errno or 0, (error.strerror or str(error), ""))


class RefusedBySystem(BatchtuiError):
    """The system refused something to do with a file: a base of what the packages call it."""

    @classmethod
    def from_os(cls, error: OSError, path: Path, verb: str) -> Self:
        """Say in the user's words what the system refused.

        Args:
            error: What the system said.
            path: Which file.
            verb: What was tried, such as ``write``.
        """
        reason, hint = describe_os_error(error)
        return cls(f"cannot {verb} {path}: {reason}", hint=hint)


class LibraryError(BatchtuiError):
    """Something kept on this disk could not be read or written."""


class StorageError(LibraryError, RefusedBySystem):
    """The system refused to read or write a file."""


class BusyError(LibraryError):
    """Another batchtui works on the same batch's results."""
