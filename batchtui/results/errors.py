"""What can go wrong between a results file and the screen.

::

    BatchtuiError
    └── ResultsError
        └── ResultsFileError     the file cannot be read or written
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
    errno.EISDIR: ("it is a folder", "Give the path of a results file."),
    errno.ENOTDIR: ("a part of its path is not a folder", "Check the path."),
}


class ResultsError(BatchtuiError):
    """Something about one batch's results."""


class ResultsFileError(ResultsError):
    """A results file cannot be read or written."""

    @classmethod
    def from_os(cls, error: OSError, path: Path, verb: str) -> Self:
        """Say in the user's words what the system refused.

        Args:
            error: What the system said.
            path: Which file.
            verb: What was tried, such as ``read``.
        """
        reason, hint = _REASONS.get(error.errno or 0, (error.strerror or str(error), ""))
        return cls(f"cannot {verb} {path}: {reason}", hint=hint)
