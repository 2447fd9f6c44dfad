"""Files that are read where nobody may wait: opening a pipe could take forever.

And their paths as people write them.
"""

import os
import stat
from pathlib import Path

WITHOUT_WAITING = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
"""How a file is opened that may be a pipe with nobody at its other end."""


class NotRegularError(OSError):
    """It is a folder, a pipe or a device.

    Attributes:
        is_stream: Whether it is a pipe or a device: what is read of it is gone.
    """

    def __init__(self, mode: int) -> None:
        self.is_stream = not stat.S_ISDIR(mode)
        what = "a pipe or a device" if self.is_stream else "a folder"
        super().__init__(0, f"it is {what}, not a regular file")


def written_path(text: str | Path) -> Path:
    """Return the path that a person wrote: a leading ``~`` is a home folder.

    Where there is no such user, it is a name that begins with ``~``, as a shell takes it.
    """
    path = Path(text)
    try:
        return path.expanduser()
    except (RuntimeError, ValueError):
        return path


def is_stream(path: Path) -> bool:
    """Return whether a path is a pipe or a device, which can be read only once."""
    try:
        mode = written_path(path).stat().st_mode
    except (OSError, ValueError):
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def open_regular(path: Path) -> int:
    """Open a file for reading; never waits, as opening a pipe would.

    Returns:
        Its descriptor.

    Raises:
        NotRegularError: It is no regular file.
        OSError: It cannot be opened.
    """
    descriptor = os.open(path, os.O_RDONLY | WITHOUT_WAITING)
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        raise NotRegularError(mode)
    return descriptor


def read_regular(path: Path, limit: int = -1) -> bytes:
    """Read a file; never waits, as reading a pipe would.

    Args:
        path: Which.
        limit: The bytes that it may have at most; any number if negative.

    Raises:
        NotRegularError: It is no regular file.
        OSError: It cannot be read, or is too large.
    """
    with os.fdopen(open_regular(path), "rb") as file:
        raw = file.read(limit + 1 if limit >= 0 else -1)
    if 0 <= limit < len(raw):
        raise OSError(0, f"it is larger than {limit:,} bytes")
    return raw
