"""The file that results are written to: its name, and that it is whole or not there at all.

A file appears under its name only when all of it is written, and replaces another only where that
was said. A results file that is wanted as it is, is copied by the kernel.
"""

import contextlib
import os
import re
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import BinaryIO, Literal, TypeAlias

from batchtui.regular_files import is_stream, written_path
from batchtui.results.errors import ResultsFileError
from batchtui.whole_files import whole_file

ExportFormat: TypeAlias = Literal["jsonl", "csv", "parquet", "messages", "text"]
"""``jsonl``: lines as received, or objects of the fields asked for; ``csv``: a table for a
spreadsheet; ``parquet``: a typed table; ``messages``: questions and answers for fine-tuning;
``text``: answers to read, or fields separated by tabs."""

SUFFIXES: dict[ExportFormat, str] = {
    "jsonl": "jsonl",
    "csv": "csv",
    "parquet": "parquet",
    "messages": "messages.jsonl",
    "text": "txt",
}
"""How the name of a file of each format ends."""

_UNSAFE = re.compile(r"[^\w.=@+-]+")
_MAX_NAME = 100
_PARTIAL = ".partial"
_PIECE = 4 * 1024 * 1024
"""Bytes that the kernel copies in one go: a signal waits for no more."""


def format_by_ending(path: Path) -> ExportFormat | None:
    """Return the format that the name of a file asks for; None if it asks for none."""
    name = path.name.lower()
    fitting = [form for form, suffix in SUFFIXES.items() if name.endswith(f".{suffix}")]
    return max(fitting, key=lambda form: len(SUFFIXES[form]), default=None)


def suggest_name(title: str, form: ExportFormat, *, is_partial: bool = False) -> str:
    """Suggest a file name for an export.

    Args:
        title: The batch's label or id; anything at all.
        form: Its format, which gives the suffix.
        is_partial: Whether the download is not whole.
    """
    stem = _UNSAFE.sub("-", title).strip("-.")[:_MAX_NAME].strip("-.") or "results"
    return f"{stem}{_PARTIAL if is_partial else ''}.{SUFFIXES[form]}"


def resolve_target(target: str | Path, suggested: str) -> Path:
    """Turn what was typed into the path to write.

    Args:
        target: A file, or a folder that exists; ``~`` is the home folder.
        suggested: The file's name if the target is a folder.

    Raises:
        ResultsFileError: There is no such folder, or the path cannot be one.
    """
    text = str(target)
    if not text.strip() or "\0" in text:
        raise ResultsFileError("the path is empty or not a path", hint="Give a file's path.")
    path = written_path(text)
    try:
        if path.is_dir():
            return path / suggested
        if text.endswith(("/", "\\")) or not path.parent.is_dir():
            folder = path if text.endswith(("/", "\\")) else path.parent
            raise ResultsFileError(
                f"there is no folder {folder}", hint="Create it first, or choose another."
            )
    except OSError as error:
        raise ResultsFileError.from_os(error, path, "use") from error
    return path


def mark_partial(path: Path) -> Path:
    """Put ``.partial`` into a file's name, so that nobody takes it for the whole."""
    if _PARTIAL in path.suffixes:
        return path
    return path.with_name(f"{path.stem}{_PARTIAL}{path.suffix}")


def copy_results(source: Path, target: str | Path, *, title: str, overwrite: bool) -> Path:
    """Write a whole results file to another one; the kernel copies, where it can.

    Args:
        source: The file.
        target: A file or an existing folder, as typed.
        title: The batch's label or id, which names the file in a folder.
        overwrite: Whether an existing file may be replaced.

    Returns:
        The file written; its last line is ended.

    Raises:
        SourceInTheWay: It is the same file.
        FileExists: There is such a file and it may not be replaced.
        ResultsFileError: Reading or writing failed; no file is left.
    """

    def copy(stream: BinaryIO) -> None:
        with source.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if not _copy_by_kernel(file.fileno(), stream, size):
                shutil.copyfileobj(file, stream, 1024 * 1024)
            if size and os.pread(file.fileno(), 1, size - 1) != b"\n":
                stream.write(b"\n")

    return write_target(
        resolve_target(target, suggest_name(title, "jsonl")),
        copy,
        sources=(source,),
        overwrite=overwrite,
    )


def _copy_by_kernel(source: int, stream: BinaryIO, size: int) -> bool:
    """Copy without taking the bytes into this program.

    On some file systems the kernel says that there is no more to copy, though there is.

    Returns:
        Whether all is copied; nothing of it is in the target otherwise.
    """
    copy_range = getattr(os, "copy_file_range", None)
    if copy_range is None:
        return False
    done = 0
    with contextlib.suppress(OSError):
        while count := copy_range(source, stream.fileno(), min(size - done, _PIECE), done):
            done += count
    if done == size:
        return True
    if done:  # a pipe, which takes none of it, cannot be rewound
        stream.seek(0)
        stream.truncate()
    return False


def write_target(
    path: Path,
    write: Callable[[BinaryIO], object],
    *,
    sources: Iterable[Path],
    is_partial: bool = False,
    overwrite: bool = False,
) -> Path:
    """Write a file that appears under its name only when it is whole.

    Args:
        path: The file.
        write: Writes all of it to a stream.
        sources: The files that it is made from.
        is_partial: Whether its name is to say that it is not all there is.
        overwrite: Whether an existing file may be replaced.

    Returns:
        The file written.

    Raises:
        SourceInTheWay: It is one of its sources.
        FileExists: There is such a file and it may not be replaced.
        ResultsFileError: Writing failed; no file is left.
    """
    try:
        if is_stream(path):  # such as /dev/null or a named pipe
            with path.open("wb") as stream:
                write(stream)
            return path
        if is_partial:
            path = mark_partial(path)
        if path.is_symlink():
            path = path.resolve()
        with whole_file(path, overwrite=overwrite, sources=sources) as stream:
            write(stream)
    except OSError as error:
        raise ResultsFileError.from_os(error, path, "write") from error
    return path
