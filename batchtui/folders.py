"""Folders that only their owner may look into: keys, questions and answers lie in them."""

import errno
import os
from pathlib import Path

_ROOMY = Path("/var/tmp")  # noqa: S108 - only files with names of their own are made in it
"""Where large temporary files go: /tmp is often in memory."""


def make_private_folder(path: Path) -> None:
    """Make a folder, and every missing one above it, with mode 0700 whatever the umask.

    What is there already stays as it is.

    Raises:
        OSError: It cannot be made, or is no folder.
    """
    if path.is_dir():
        return
    if not path.parent.exists():
        make_private_folder(path.parent)
    try:
        path.mkdir(mode=0o700)
    except FileExistsError as error:
        if not path.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, "Not a directory", str(path)) from error
    else:
        path.chmod(0o700)


def large_temporary_folder() -> Path | None:
    """Return where a large temporary file goes, for `tempfile`; None for where they usually go."""
    return _ROOMY if _ROOMY.is_dir() and os.access(_ROOMY, os.W_OK) else None
