"""The index of a verified file, kept beside it, so that opening it again reads no rows.

It is used only where the file is the one that was indexed: its size and time, its checksum as the
store wrote it down, and pieces of its content are compared. In doubt, or where the index is of
another version or damaged, it is made again.
"""

import mmap
import os
import sys
import weakref
import zlib
from array import array
from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

from batchtui.library.store import StoredResults
from batchtui.regular_files import open_regular
from batchtui.results.errors import ResultsFileError
from batchtui.results.index import ErrorCause, ResultsIndex, TokenTotals
from batchtui.results.records.catalog import FieldCatalog, KeptCatalog
from batchtui.results.records.registry import records_of, use_records
from batchtui.results.records.table import Records
from batchtui.whole_files import whole_file

_MAGIC = b"batchtui index 10\n"
"""Another number for each change of what is kept, or of the records that are found: an older index
is then made again."""
_PIECE = 64
_PIECES = 32
"""How many pieces of the file's content are compared, its beginning and its end among them."""


class _Identity(Struct):
    """What tells a verified file from any other."""

    size: int
    modified: int
    sha256: str
    rows: int
    pieces: bytes
    """Of its content."""


class _Column(Struct):
    """One column as it stands behind the head, in this order."""

    name: str
    typecode: str
    items: int


class _Head(Struct):
    """What is written before the columns."""

    byteorder: str
    file: _Identity
    bytes_indexed: int
    duplicate_rows: int
    stop_names: list[str]
    model_names: list[str]
    causes: list[ErrorCause]
    totals: TokenTotals
    columns: list[_Column]
    catalog: KeptCatalog | None
    """The fields of the records, whose columns are among these then; None until all are known."""


_decoder = msgspec.msgpack.Decoder(_Head)
_SIZE = 4
"""Bytes of the size of the head, and of the checksum at the end."""


class _KeptColumns:
    """The columns of a kept index, each read when it is asked for.

    They are read from the file that was checked, even if another takes its place.

    Args:
        path: Where they are; for errors.
        descriptor: The same, open; closed with this object.
        start: Where the first one starts, in bytes.
        columns: What they are, in their order.
    """

    def __init__(self, path: Path, descriptor: int, start: int, columns: list[_Column]) -> None:
        self._path = path
        self._descriptor = descriptor
        weakref.finalize(self, os.close, descriptor)
        self._places: dict[str, tuple[_Column, int]] = {}
        for column in columns:
            self._places[column.name] = (column, start)
            start += array(column.typecode).itemsize * column.items
        self.end = start
        """Where the last one ends."""

    def shape(self, name: str) -> tuple[str, int]:
        """Return the type code and the number of items of a column.

        Raises:
            KeyError: There is no such column.
        """
        column, _start = self._places[name]
        return column.typecode, column.items

    def read(self, name: str) -> "array[int]":
        """Return a column, read right into place: a copy would be half of the time.

        Raises:
            ResultsFileError: It cannot be read.
        """
        column, place = self._places[name]
        item = bytes(array(column.typecode).itemsize)
        data = array(column.typecode, item) * column.items
        with memoryview(data) as view, view.cast("B") as missing:
            try:
                done = _read_into(missing, self._descriptor, place)
            except OSError as error:
                raise ResultsFileError.from_os(error, self._path, "read") from error
        if done < column.items * len(item):
            message = f"{self._path} was cut while it was open"
            raise ResultsFileError(message, hint="Open the results again.")
        return data


def _read_into(view: memoryview, descriptor: int, place: int) -> int:
    """Fill a view from a file; return how many bytes there were."""
    done = 0
    while done < len(view) and (size := os.preadv(descriptor, [view[done:]], place + done)):
        done += size
    return done


def kept_path(path: Path) -> Path | None:
    """Return where the index of a file is kept; None if the file is not a verified one."""
    if path.suffix != ".jsonl" or not path.with_suffix(".json").exists():
        return None
    return path.with_suffix(".index")


def load_index(path: Path, descriptor: int) -> ResultsIndex | None:
    """Return the kept index of a file.

    Args:
        path: The file.
        descriptor: The same, open.

    Returns:
        None if there is none that is of this file for sure.
    """
    place = kept_path(path)
    if place is None:
        return None
    try:
        kept = open_regular(place)
    except OSError:
        return None
    try:
        with mmap.mmap(kept, 0, access=mmap.ACCESS_READ) as content:
            head, start = _read_head(content)
            columns = _KeptColumns(place, os.dup(kept), start, head.columns)
            is_whole = columns.end + _SIZE == len(content)
            if not is_whole or head.file != _identify(path, descriptor):
                return None
            with memoryview(content) as view, view[len(_MAGIC) + _SIZE : -_SIZE] as summed_up:
                checksum = zlib.crc32(summed_up)
            if content[-_SIZE:] != checksum.to_bytes(_SIZE, "little"):
                return None
        return _restore(head, columns)
    except (OSError, ValueError, KeyError, ResultsFileError, msgspec.MsgspecError):
        return None
    finally:
        os.close(kept)


def keep_index(path: Path, index: ResultsIndex, descriptor: int) -> bool:
    """Keep the index of a verified file, its records too where they are all known.

    Args:
        path: The file.
        index: All its rows.
        descriptor: The same file, open.

    Returns:
        Whether it is kept; it is not for other files, nor where it cannot be written.
    """
    place = kept_path(path)
    identity = None if place is None else _identify(path, descriptor)
    if place is None or identity is None or identity.rows != len(index):
        return False
    try:
        columns = {**index.columns(), **records_of(index).dump()}
        head = msgspec.msgpack.encode(_head_of(index, identity, columns))
        with whole_file(place, mode=0o600) as file:
            file.write(_MAGIC + len(head).to_bytes(_SIZE, "little"))
            file.write(head)
            checksum = zlib.crc32(head)
            for column in columns.values():
                data = column.tobytes()  # a copy: an array that is viewed cannot grow
                file.write(data)
                checksum = zlib.crc32(data, checksum)
            file.write(checksum.to_bytes(_SIZE, "little"))
    except (OSError, ResultsFileError):
        return False
    return True


def _head_of(
    index: ResultsIndex, identity: _Identity, columns: "Mapping[str, array[int]]"
) -> _Head:
    records = records_of(index)
    return _Head(
        byteorder=sys.byteorder,
        file=identity,
        bytes_indexed=index.bytes_indexed,
        duplicate_rows=index.duplicate_rows,
        stop_names=index.stop_names,
        model_names=index.model_names,
        causes=index.cause_list,
        totals=index.totals,
        columns=[_Column(name, one.typecode, len(one)) for name, one in columns.items()],
        catalog=records.sample.catalog.dump() if records.can_be_kept else None,
    )


def _read_head(content: mmap.mmap) -> tuple[_Head, int]:
    """Return what stands before the columns, and where these start.

    Raises:
        ValueError: It is of another version or machine.
        MsgspecError: It is damaged.
    """
    start = len(_MAGIC) + _SIZE
    if not content[:start].startswith(_MAGIC):
        raise ValueError("it is of another version")
    end = start + int.from_bytes(content[len(_MAGIC) : start], "little")
    head = _decoder.decode(content[start:end])
    if head.byteorder != sys.byteorder:
        raise ValueError("it is of another machine")
    return head, end


def _restore(head: _Head, columns: _KeptColumns) -> ResultsIndex:
    """Make an index.

    Raises:
        ValueError: The columns do not fit each other.
        KeyError: A column is missing.
        ResultsFileError: The records cannot be read.
    """
    index = ResultsIndex()
    index.restore(
        columns,
        stop_names=head.stop_names,
        model_names=head.model_names,
        cause_list=head.causes,
        totals=head.totals,
    )
    index.duplicate_rows = head.duplicate_rows
    index.bytes_indexed = head.bytes_indexed
    if head.catalog is not None:
        catalog = FieldCatalog.restore(head.catalog)
        use_records(index, Records.restore(index, columns, catalog))
    return index


def _identify(path: Path, descriptor: int) -> _Identity | None:
    """Return what the file is; None if it is not what the store has verified."""
    try:
        about = msgspec.json.decode(path.with_suffix(".json").read_bytes(), type=StoredResults)
    except (OSError, msgspec.MsgspecError):
        return None
    status = os.fstat(descriptor)
    if status.st_size != about.size:
        return None
    pieces = _sample(descriptor, about.size)
    return _Identity(about.size, status.st_mtime_ns, about.sha256, about.rows, pieces)


def _sample(descriptor: int, size: int) -> bytes:
    """Return pieces of a file's content, evenly spread."""
    last = max(0, size - _PIECE)
    places = sorted({last * step // (_PIECES - 1) for step in range(_PIECES)})
    return b"".join(os.pread(descriptor, _PIECE, place) for place in places)
