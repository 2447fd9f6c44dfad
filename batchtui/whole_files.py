"""Files that appear under their name only when they are whole."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from batchtui.errors import BatchtuiError


class SourceInTheWay(BatchtuiError):
    """A file would replace the one that it is made from."""


class FileExists(BatchtuiError):
    """There is a file of that name already, which may not be replaced.

    Attributes:
        path: The file that is in the way.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} exists already", hint="Choose another name.")
        self.path = path


@contextmanager
def whole_file(
    path: Path,
    *,
    mode: int | None = None,
    is_durable: bool = False,
    overwrite: bool = True,
    sources: Iterable[Path] = (),
) -> Iterator[BinaryIO]:
    """Yield a file that gets its name when the block ends; if that fails, nothing is left of it.

    Readers see what was there before, or all of the new file.

    Args:
        path: The file.
        mode: Its permissions; ``None`` for those that new files usually get.
        is_durable: Whether it has to be on the disk before it has its name.
        overwrite: Whether an existing file may be replaced.
        sources: The files that it is made from, which it never replaces.

    Raises:
        SourceInTheWay: It is one of its sources, by this name or another.
        FileExists: There is such a file, or is by then, and it may not be replaced.
        OSError: It cannot be written.
    """
    require_other_file(path, sources)
    if not overwrite and path.exists():  # said before anything is written
        raise FileExists(path)
    with temporary_file(path.parent, mode=mode) as (file, temporary):
        yield file
        if is_durable:
            file.flush()
            os.fsync(file.fileno())
        file.close()
        if overwrite:
            temporary.replace(path)
        else:
            _move_if_free(temporary, path)


def require_other_file(path: Path, sources: Iterable[Path]) -> None:
    """Refuse to write over a file that is read.

    Raises:
        SourceInTheWay: It is one of the sources, by this name or another.
    """
    if is_one_of(path, sources):
        raise SourceInTheWay(
            f"{path.name} is read for this and would be lost", hint="Choose another name."
        )


def is_one_of(path: Path, others: Iterable[Path]) -> bool:
    """Return whether a path leads to one of some files, by whatever names and links."""
    for other in others:
        with suppress(OSError, ValueError):
            if path.samefile(other):
                return True
    return False


@contextmanager
def temporary_file(folder: Path, *, mode: int | None = None) -> Iterator[tuple[BinaryIO, Path]]:
    """Yield a new file, and its path; it is removed when the block ends unless it was moved.

    For what gets its name by what was written; close it before it is moved.

    Args:
        folder: Where it lies.
        mode: Its permissions; ``None`` for those that new files usually get.

    Raises:
        OSError: It cannot be made.
    """
    # drawn: of two machines on one disk both may have this process id, and the clock is coarse
    path = folder / f".batchtui-{os.urandom(8).hex()}.tmp"
    permissions = 0o666 if mode is None else 0o600
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, permissions)
    try:
        with os.fdopen(descriptor, "wb") as file:
            if mode is not None:
                os.fchmod(file.fileno(), mode)
            yield file, path
    finally:
        path.unlink(missing_ok=True)


def _move_if_free(temporary: Path, path: Path) -> None:
    """Give a file its name unless the name was taken meanwhile."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise FileExists(path) from None
    except OSError:  # a file system without links: a check has to do
        if path.exists():
            raise FileExists(path) from None
        temporary.rename(path)
