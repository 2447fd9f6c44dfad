"""Take rows out: to a file, which is never replaced without being told to, or to a stream.

A file appears under its name only when it is whole. All of this blocks: run it in a thread, with
a callback for the progress and one that tells whether to stop.
"""

import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from msgspec import Struct

from batchtui.results.errors import ResultsError, ResultsFileError
from batchtui.results.export_formats import (
    COLUMNS,
    ExportFormat,
    Piece,
    answer_pieces,
    csv_pieces,
    jsonl_pieces,
    message_pieces,
    record_pieces,
    text_pieces,
)
from batchtui.results.index import ResultsIndex
from batchtui.results.row_block import LineSource
from batchtui.results.row_fields import RowFields

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
    try:
        path = Path(text).expanduser()
    except RuntimeError as error:
        raise ResultsFileError(f"cannot expand {text}: {error}") from error
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


class FileExists(ResultsError):
    """There is a file of that name already; nothing was written.

    Attributes:
        path: The file that is in the way.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} exists already", hint="Choose another name, or say that it may be replaced."
        )
        self.path = path


class ExportCancelled(ResultsError):
    """The export was stopped; no file was left behind."""

    def __init__(self) -> None:
        super().__init__("the export was stopped; nothing was written")


class NoRequestsError(ResultsError):
    """Questions are needed, and no request file is attached."""

    def __init__(self) -> None:
        super().__init__(
            "messages need the requests, and no request file is attached to this batch",
            hint="Attach it first: batchtui attach ID FILE.",
        )


class ExportProgress(Struct, frozen=True):
    """How far an export is."""

    rows: int
    """Rows written."""
    total: int | None
    """Rows to write; None if that is not known beforehand."""
    bytes: int
    """Bytes written."""


class Export(Struct, frozen=True):
    """What to take out, and how."""

    index: ResultsIndex
    """The rows."""
    source: LineSource
    """Where their bytes are."""
    rows: Iterable[int]
    """Row numbers, in the order in which to write them."""
    form: ExportFormat = "jsonl"
    """The format."""
    on_progress: Callable[[ExportProgress], None] | None = None
    """Called after each megabyte or some hundred rows."""
    is_cancelled: Callable[[], bool] | None = None
    """Asked as often."""
    fields: tuple[str, ...] = ()
    """The fields to write, as typed; none for the lines as received, or a table's usual columns."""
    beside: Mapping[str, Callable[[str], str]] | None = None
    """What belongs to a custom_id but is not in the results; see `RowFields`."""
    question: Callable[[str], bytes | None] | None = None
    """Returns the request of a custom_id, for ``messages``."""
    on_guarded: Callable[[], None] | None = None
    """Called for each cell of a CSV that was given an apostrophe."""

    def write_to(self, stream: BinaryIO) -> ExportProgress:
        """Write all rows to a stream.

        Args:
            stream: Where to write bytes; it is flushed, not closed.

        Raises:
            ExportCancelled: `is_cancelled` said so; what was written stays written.
            ResultsFileError: The results cannot be read.
            OSError: The stream does not take more, such as a closed pipe.
        """
        total = len(self.rows) if isinstance(self.rows, Sized) else None
        progress = ExportProgress(0, total, 0)
        for data, rows in self._pieces():
            if self.is_cancelled is not None and self.is_cancelled():
                raise ExportCancelled
            stream.write(data)
            progress = ExportProgress(progress.rows + rows, total, progress.bytes + len(data))
            if self.on_progress is not None:
                self.on_progress(progress)
        stream.flush()
        return progress

    def write_file(
        self,
        target: str | Path,
        *,
        title: str = "",
        is_partial: bool = False,
        overwrite: bool = False,
    ) -> Path:
        """Write all rows to a file, whole or not at all.

        Args:
            target: A file or an existing folder, as typed.
            title: The batch's label or id, which names the file in a folder.
            is_partial: Whether the download is not whole: the file's name then says so.
            overwrite: Whether an existing file may be replaced.

        Returns:
            The file written.

        Raises:
            FileExists: There is such a file and it may not be replaced.
            ExportCancelled: `is_cancelled` said so; no file is left.
            ResultsFileError: Reading or writing failed; no file is left.
        """
        name = suggest_name(title, self.form, is_partial=is_partial)
        return write_target(
            resolve_target(target, name),
            self.write_to,
            is_partial=is_partial,
            overwrite=overwrite,
        )

    def _pieces(self) -> Iterator[Piece]:
        index, source, rows = self.index, self.source, self.rows
        if self.form == "jsonl" and not self.fields:
            return jsonl_pieces(index, source, rows)
        if self.form == "messages":
            if self.question is None:
                raise NoRequestsError
            return message_pieces(index, source, rows, self.question)
        if self.form == "text" and not self.fields:
            return answer_pieces(index, source, rows)
        fields = RowFields(index, source, self.fields or COLUMNS, self.beside)
        if self.form == "csv":
            return csv_pieces(fields, rows, self.on_guarded)
        return _PIECES[self.form](fields, rows)


def _parquet_pieces(fields: RowFields, rows: Iterable[int]) -> Iterator[Piece]:
    from batchtui.results.parquet import parquet_pieces

    return parquet_pieces(fields, rows)


_PIECES: dict[str, Callable[[RowFields, Iterable[int]], Iterator[Piece]]] = {
    "jsonl": record_pieces,
    "text": text_pieces,
    "parquet": _parquet_pieces,
}


def copy_results(
    source: Path, target: str | Path, *, title: str = "", overwrite: bool = False
) -> Path:
    """Write a whole results file to another one; the kernel copies, where it can.

    Args:
        source: The file.
        target: A file or an existing folder, as typed.
        title: The batch's label or id, which names the file in a folder.
        overwrite: Whether an existing file may be replaced.

    Returns:
        The file written; its last line is ended.

    Raises:
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
        resolve_target(target, suggest_name(title, "jsonl")), copy, overwrite=overwrite
    )


def _copy_by_kernel(source: int, stream: BinaryIO, size: int) -> bool:
    """Copy without taking the bytes into this program; False if that cannot be done."""
    copy_range = getattr(os, "copy_file_range", None)
    if copy_range is None:
        return False
    try:
        target, done = stream.fileno(), 0
        while done < size:
            count = copy_range(source, target, size - done, done)
            if not count:
                break
            done += count
    except OSError:
        stream.seek(0)
        stream.truncate()
        return False
    return True


def write_target(
    path: Path,
    write: Callable[[BinaryIO], object],
    *,
    is_partial: bool = False,
    overwrite: bool = False,
) -> Path:
    """Write a file that appears under its name only when it is whole.

    Args:
        path: The file.
        write: Writes all of it to a stream.
        is_partial: Whether its name is to say that it is not all there is.
        overwrite: Whether an existing file may be replaced.

    Returns:
        The file written.

    Raises:
        FileExists: There is such a file and it may not be replaced.
        ResultsFileError: Writing failed; no file is left.
    """
    try:
        if _is_device(path):  # no file, such as /dev/null or a named pipe
            with path.open("wb") as stream:
                write(stream)
            return path
        if is_partial:
            path = mark_partial(path)
        if path.is_symlink():
            path = path.resolve()
        if not overwrite and path.exists():
            raise FileExists(path)
        _write_whole(path, write, overwrite=overwrite)
    except OSError as error:
        raise ResultsFileError.from_os(error, path, "write") from error
    return path


def _write_whole(path: Path, write: Callable[[BinaryIO], object], *, overwrite: bool) -> None:
    temporary = path.with_name(f".batchtui-{secrets.token_hex(6)}.tmp")
    try:
        with temporary.open("xb") as stream:
            write(stream)
        if overwrite:
            temporary.replace(path)
        else:
            _move_if_free(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def _is_device(path: Path) -> bool:
    with suppress(OSError):
        return path.exists() and not path.is_file()
    return False


def _move_if_free(temporary: Path, path: Path) -> None:
    """Give a file its name unless the name was taken meanwhile."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise FileExists(path) from None
    except OSError:  # a file system without links: the check has to do
        if path.exists():
            raise FileExists(path) from None
        temporary.rename(path)
