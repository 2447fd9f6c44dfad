"""The errors of what is kept on this disk."""

from batchtui.errors import BatchtuiError


class LibraryError(BatchtuiError):
    """Something kept on this disk could not be read or written."""
