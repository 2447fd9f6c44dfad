"""What can go wrong between a results file and the screen.

::

    BatchtuiError
    └── ResultsError
        └── ResultsFileError     the file cannot be read
"""

from pathlib import Path
from typing import Self

from batchtui.errors import BatchtuiError
from batchtui.library.errors import describe_os_error


class ResultsError(BatchtuiError):
    """Something about one batch's results."""


class ResultsFileError(ResultsError):
    """A results file cannot be read."""

    @classmethod
    def from_os(cls, error: OSError, path: Path, verb: str) -> Self:
        """Say in the user's words what the system refused.

        Args:
            error: What the system said.
            path: Which file.
            verb: What was tried, such as ``read``.
        """
        reason, hint = describe_os_error(error)
        return cls(f"cannot {verb} {path}: {reason}", hint=hint)
