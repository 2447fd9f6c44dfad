"""Tables that people have: CSV, TSV, JSON lines, a JSON list, Parquet; read row by row.

The bytes a row was read from stay beside it, so that a table can be given back untouched.
"""

import codecs
import csv
import gzip
import io
import json
import os
import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import BinaryIO, TextIO

import msgspec

from batchtui.errors import BatchtuiError
from batchtui.folders import large_temporary_folder
from batchtui.formatting import nearest
from batchtui.packing import MAGIC_SIZE, detect_packing
from batchtui.regular_files import is_stream
from batchtui.table_rows import NOT_JSON, TableRow, cells_of, decode_object

_LARGEST_CELL = 1 << 26
"""Characters; what the csv module takes by itself (131,072) is less than many documents have."""
_DELIMITERS = ",\t;|"
_decode_list: Callable[[str], list[msgspec.Raw]] = msgspec.json.Decoder(list[msgspec.Raw]).decode
_encode = msgspec.json.Encoder(decimal_format="number").encode
_PARQUET = b"PAR1"


class TableError(BatchtuiError):
    """A table cannot be read, or lacks what is asked of it."""


class TableFormat(Enum):
    """How a table is written."""

    CSV = "CSV"
    JSON_LINES = "JSON lines"
    JSON_LIST = "a JSON list"
    PARQUET = "Parquet"


_NO_TABLE = frozenset(
    {"params", "requests", "request", "body", "result", "response", "processing_status"}
)
"""What rows of other files have: requests, results, batches."""
_LOOKED_AT = 1 << 20


def looks_like_table(path: Path) -> bool:
    """Return whether a file is a table rather than requests or results, by its first row."""
    if unpacked_name(path).lower().endswith((".csv", ".tsv", ".parquet")):
        return True
    try:
        with gzip.open(path) if _is_gzip(path) else path.open("rb") as file:
            head = file.read(_LOOKED_AT).decode("utf-8-sig", errors="replace")
    except (OSError, EOFError):
        return False
    head = head.lstrip().removeprefix("[").lstrip()
    try:
        row, _ = json.JSONDecoder().raw_decode(head)
    except (ValueError, RecursionError):
        return False
    return isinstance(row, dict) and bool(row) and not _NO_TABLE.intersection(row)


def unpacked_name(path: Path) -> str:
    """Return the name of a file without the ending that says that it is packed."""
    return path.stem if path.suffix.lower() == ".gz" else path.name


class Table:
    """A table on disk. Rows are read again at each walk; memory does not grow with the file.

    Attributes:
        path: Where it is.
        format: How it is written.
        columns: Their names, in the order of the head, or in which JSON rows first name them.
        delimiter: Between the cells of a CSV.
        head: The head of a CSV as it stands in the file, without the end of the line.
        line_end: How the lines of a CSV end.
        mark: The byte order mark, if the file of a CSV begins with one.
    """

    def __init__(self, path: Path) -> None:
        """Look at a table. What comes through a pipe is read once, and kept until this is gone.

        Raises:
            TableError: It cannot be opened, or is none.
        """
        self.path = self._place = path
        self.delimiter, self.head, self.line_end = ",", "", "\n"
        self.mark = ""
        with _reported(path):
            if is_stream(path):
                self._place = _keep(path)
                weakref.finalize(self, self._place.unlink, missing_ok=True)
            self._is_gzip = _is_gzip(self._place)
            self.format = self._find_format()
            self.columns = self._find_columns()
        if not self.columns:
            raise TableError(f"{path.name} holds no rows.", hint="Give a table with a head.")

    def rows(self) -> Iterator[TableRow]:
        """Yield all rows.

        Raises:
            TableError: One cannot be read; the message names its line.
        """
        with _reported(self.path):
            match self.format:
                case TableFormat.CSV:
                    yield from self._csv_rows()
                case TableFormat.JSON_LINES:
                    yield from self._json_line_rows()
                case TableFormat.JSON_LIST:
                    yield from self._json_list_rows()
                case TableFormat.PARQUET:
                    yield from self._parquet_rows()

    def require_column(self, name: str) -> None:
        """Refuse a column that the table does not have.

        Raises:
            TableError: It has not; the nearest name is in the hint.
        """
        outer = name.split(".", maxsplit=1)[0]
        if name in self.columns or (self.format is not TableFormat.CSV and outer in self.columns):
            return
        near = nearest(name, self.columns)
        hint = f"Did you mean {near}?" if near else f"It has: {', '.join(self.columns)}."
        raise TableError(f"{self.path.name} has no column {name!r}.", hint=hint)

    # How it is written

    def _find_format(self) -> TableFormat:
        if not self._is_gzip and _first_bytes(self._place, 4) == _PARQUET:
            return TableFormat.PARQUET
        if unpacked_name(self.path).lower().endswith((".csv", ".tsv")):
            return TableFormat.CSV
        with self._text() as file:
            first = file.read(4096).lstrip()[:1]
        if first == "[":
            return TableFormat.JSON_LIST
        return TableFormat.JSON_LINES if first == "{" else TableFormat.CSV

    @contextmanager
    def _text(self) -> Iterator[TextIO]:
        # utf-8-sig: spreadsheets begin a file with a byte order mark
        with (
            self._bytes() as file,
            io.TextIOWrapper(file, encoding="utf-8-sig", newline="") as text,
        ):
            yield text

    def _bytes(self) -> BinaryIO | gzip.GzipFile:
        return gzip.open(self._place, "rb") if self._is_gzip else self._place.open("rb")

    def _find_columns(self) -> tuple[str, ...]:
        if self.format is not TableFormat.CSV:
            columns: dict[str, None] = {}
            for row in self.rows():
                columns.update(dict.fromkeys(row.cells))
            return tuple(columns)
        with self._bytes() as raw:
            self.mark = codecs.BOM_UTF8.decode() if raw.read(3) == codecs.BOM_UTF8 else ""
        with self._text() as file:
            first = file.readline()
            is_tsv = unpacked_name(self.path).lower().endswith(".tsv")
            self.delimiter = "\t" if is_tsv else _delimiter_of(first)
            file.seek(0)
            lines = _Recorder(file)
            head = next(csv.reader(lines, delimiter=self.delimiter, strict=True), [])
        self.head, self.line_end = _without_end(lines.taken())
        return _named(head, self.path.name)

    # Rows, by format

    def _csv_rows(self) -> Iterator[TableRow]:
        csv.field_size_limit(_LARGEST_CELL)
        columns = self.columns
        with self._text() as file:
            lines = _Recorder(file)
            reader = csv.reader(lines, delimiter=self.delimiter, strict=True)
            next(reader, None)
            lines.taken()
            number, line = 0, reader.line_num + 1
            for cells in reader:
                raw, _ = _without_end(lines.taken())
                if cells:
                    number += 1
                    fitting = _fit(cells, self, line)
                    yield TableRow(number, line, dict(zip(columns, fitting, strict=True)), raw)
                line = reader.line_num + 1

    def _json_line_rows(self) -> Iterator[TableRow]:
        with self._text() as file:
            # lines also end at a lone \r here, which cannot stand inside of JSON
            number = 0
            for line, text in enumerate(file, start=1):
                if text.strip():
                    number += 1
                    raw = text.rstrip("\r\n")
                    yield TableRow(number, line, cells_of(_decoded(raw, self, line)), raw)

    def _json_list_rows(self) -> Iterator[TableRow]:
        with self._text() as file:
            text = file.read()
        try:
            for number, row in enumerate(_decode_list(text), start=1):
                cells = cells_of(decode_object(bytes(row).decode()))
                raw = msgspec.json.format(bytes(row), indent=-1).decode()
                yield TableRow(number, number, cells, raw)
        except NOT_JSON as error:
            raise TableError(f"{self.path.name} is not a list of JSON objects: {error}.") from None

    def _parquet_rows(self) -> Iterator[TableRow]:
        try:
            import duckdb
        except ImportError:
            raise TableError(
                f"{self.path.name} is a Parquet file, which takes the extra to read.",
                hint="pip install 'batchtui[parquet]', or write the table as CSV or JSON lines.",
            ) from None
        with duckdb.connect() as connection:
            try:
                rows = connection.execute("SELECT * FROM read_parquet(?)", [str(self._place)])
                names = [column[0] for column in rows.description or ()]
                number = 0
                while (found := rows.fetchone()) is not None:
                    number += 1
                    raw = _encode(dict(zip(names, found, strict=True))).decode()
                    yield TableRow(number, number, cells_of(decode_object(raw)), raw)
            except duckdb.Error as error:
                reason = str(error).splitlines()[0]
                raise TableError(f"{self.path.name} cannot be read: {reason}.") from None


def _fit(cells: list[str], table: Table, line: int) -> list[str]:
    wanted = len(table.columns)
    if len(cells) != wanted:
        raise TableError(
            f"Line {line} of {table.path.name} has {len(cells)} cells, its head has {wanted}.",
            hint="A cell that holds the delimiter or a newline has to be in quotes.",
        )
    return cells


def _decoded(text: str, table: Table, line: int) -> Mapping[str, msgspec.Raw]:
    try:
        return decode_object(text)
    except NOT_JSON as error:
        raise TableError(
            f"Line {line} of {table.path.name} is not a JSON object: {error}.",
            hint="Each line of a table in JSON lines is one object.",
        ) from None


class _Recorder:
    """Hands lines on, and keeps those since the last question: what a CSV row was read from."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._taken: list[str] = []

    def __iter__(self) -> Iterator[str]:
        for line in self._lines:
            self._taken.append(line)
            yield line

    def taken(self) -> str:
        text = "".join(self._taken)
        self._taken.clear()
        return text


def _delimiter_of(head: str) -> str:
    return max(_DELIMITERS, key=head.count) if head else ","


def _without_end(text: str) -> tuple[str, str]:
    """Split a row from the end of its line."""
    bare = text.rstrip("\r\n")
    return bare, text[len(bare) :] or "\n"


def _named(head: Sequence[str], file: str) -> tuple[str, ...]:
    names = tuple(name.strip() or f"column_{place}" for place, name in enumerate(head, start=1))
    for place, name in enumerate(names):
        if name in names[:place]:
            raise TableError(
                f"{file} has two columns named {name!r}.", hint="Give each column its own name."
            )
    return names


def _keep(pipe: Path) -> Path:
    """Write what comes through a pipe to a file, which can be read again."""
    with pipe.open("rb") as stream:
        descriptor, name = tempfile.mkstemp(prefix="batchtui-", dir=large_temporary_folder())
        with os.fdopen(descriptor, "wb") as file:
            shutil.copyfileobj(stream, file)
    return Path(name)


def _is_gzip(path: Path) -> bool:
    return detect_packing(_first_bytes(path, MAGIC_SIZE)) == "gzip"


def _first_bytes(path: Path, count: int) -> bytes:
    with path.open("rb") as file:
        return file.read(count)


@contextmanager
def _reported(path: Path) -> Iterator[None]:
    """Turn what reading can raise into a `TableError`."""
    try:
        yield
    except UnicodeDecodeError as error:
        raise TableError(
            f"{path.name} is not UTF-8: {error.reason} (byte 0x{error.object[error.start]:02x}).",
            hint="Save it as UTF-8.",
        ) from None
    except csv.Error as error:
        raise TableError(
            f"{path.name} is not a table: {error}.", hint="Check the quotes around its cells."
        ) from None
    except (OSError, EOFError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise TableError(f"{path} cannot be read: {reason}.") from None
