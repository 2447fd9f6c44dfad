"""Files that are written on the way in, whole or not at all: an error says what was refused."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from batchtui.folders import make_private_folder
from batchtui.submission.errors import SourceError, SubmissionError
from batchtui.whole_files import whole_file


@contextmanager
def new_file(
    path: Path,
    sources: Iterable[Path] = (),
    *,
    overwrite: bool = False,
    is_durable: bool = False,
) -> Iterator[BinaryIO]:
    """Yield a file of the user's; arguments as of `whole_file`.

    Raises:
        SourceInTheWay: It is one of its sources.
        FileExists: It may not be replaced.
        SubmissionError: It cannot be written; nothing is left of it then.
    """
    try:
        with whole_file(path, overwrite=overwrite, is_durable=is_durable, sources=sources) as file:
            yield file
    except OSError as error:
        raise SubmissionError(f"{path} cannot be written: {error.strerror or error}.") from error


@contextmanager
def own_file(path: Path, sources: Iterable[Path] = ()) -> Iterator[BinaryIO]:
    """Yield a file of the program's own, which nobody else may read; it may replace another.

    Args:
        path: The file; its folder is made if need be.
        sources: The files that it is made from, which it never replaces.

    Raises:
        SourceError: It cannot be written.
    """
    with own_folder(path.parent), whole_file(path, mode=0o600, sources=sources) as file:
        yield file


@contextmanager
def own_folder(folder: Path) -> Iterator[None]:
    """Have a folder that nobody else may look into while files are written there.

    Raises:
        SourceError: It cannot be written.
    """
    try:
        make_private_folder(folder)
        yield
    except OSError as error:
        raise SourceError(f"{folder} cannot be written: {error.strerror or error}.") from error
