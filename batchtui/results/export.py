"""Take rows out, to a file or to a stream, in one of several formats.

All of this blocks: run it in a thread, with a callback for the progress and one that tells whether
to stop.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from pathlib import Path
from typing import BinaryIO

from msgspec import Struct, field

from batchtui.results.cell_guard import CellGuard
from batchtui.results.errors import ResultsError
from batchtui.results.export_formats import (
    COLUMNS,
    ExportPiece,
    answer_pieces,
    csv_pieces,
    jsonl_pieces,
    record_pieces,
    text_pieces,
)
from batchtui.results.fine_tuning import message_pieces
from batchtui.results.index import ResultsIndex
from batchtui.results.reader import RowReader
from batchtui.results.row_fields import RowFields
from batchtui.results.target import ExportFormat, resolve_target, suggest_name, write_target


class ExportCanceled(ResultsError):
    """The export was stopped; no file was left behind."""

    def __init__(self) -> None:
        super().__init__("the export was stopped; nothing was written")


class NoRequestsError(ResultsError):
    """Questions are needed, and no request file is attached."""

    def __init__(self) -> None:
        super().__init__(
            "messages need the requests, and no request file is attached",
            hint="Attach it first: batchtui attach ID|RESULTS FILE.",
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
    source: RowReader
    """Where their bytes are."""
    rows: Iterable[int]
    """Row numbers, in the order in which to write them."""
    form: ExportFormat = "jsonl"
    """The format."""
    on_progress: Callable[[ExportProgress], None] | None = None
    """Called after each megabyte or some hundred rows."""
    is_canceled: Callable[[], bool] | None = None
    """Asked as often."""
    fields: tuple[str, ...] = ()
    """The fields to write, as typed; none for the lines as received, or a table's usual columns."""
    beside: Mapping[str, Callable[[str], str]] | None = None
    """What belongs to a custom_id but is not in the results; see `RowFields`."""
    question: Callable[[str], bytes | None] | None = None
    """Returns the request of a custom_id, for ``messages``."""
    guard: CellGuard = field(default_factory=CellGuard)
    """Makes the cells of a CSV safe, and says what it altered once they are written."""
    also_read: tuple[Path, ...] = ()
    """The files that are read beside that of the rows; none of them is written over."""

    def write_to(self, stream: BinaryIO) -> ExportProgress:
        """Write all rows to a stream.

        Args:
            stream: Where to write bytes; it is flushed, not closed.

        Raises:
            ExportCanceled: `is_canceled` said so; what was written stays written.
            ResultsFileError: The results cannot be read.
            OSError: The stream does not take more, such as a closed pipe.
        """
        total = len(self.rows) if isinstance(self.rows, Sized) else None
        progress = ExportProgress(0, total, 0)
        for data, rows in self._pieces():
            if self.is_canceled is not None and self.is_canceled():
                raise ExportCanceled
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
            SourceInTheWay: It is a file that is read for it.
            FileExists: There is such a file and it may not be replaced.
            ExportCanceled: `is_canceled` said so; no file is left.
            ResultsFileError: Reading or writing failed; no file is left.
        """
        name = suggest_name(title, self.form, is_partial=is_partial)
        return write_target(
            resolve_target(target, name),
            self.write_to,
            sources=(self.source.path, *self.also_read),
            is_partial=is_partial,
            overwrite=overwrite,
        )

    def _pieces(self) -> Iterator[ExportPiece]:
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
            return csv_pieces(fields, rows, self.guard)
        return _PIECES[self.form](fields, rows)


def _parquet_pieces(fields: RowFields, rows: Iterable[int]) -> Iterator[ExportPiece]:
    from batchtui.results.parquet import parquet_pieces

    return parquet_pieces(fields, rows)


_PIECES: dict[str, Callable[[RowFields, Iterable[int]], Iterator[ExportPiece]]] = {
    "jsonl": record_pieces,
    "text": text_pieces,
    "parquet": _parquet_pieces,
}
