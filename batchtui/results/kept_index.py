"""The index of a verified file, kept beside it, so that opening it again reads no rows.

It is used only where the file is the one that was indexed: its size and time, its checksum as the
store wrote it down, and pieces of its content are compared. In doubt, or where the index is of
another version or damaged, it is made again.
"""

import os
import sys
import zlib
from array import array
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from io import BufferedReader
from pathlib import Path

import msgspec
from msgspec import Struct

from batchtui.library.store import StoredResults
from batchtui.results.index import RESULT_TYPES, ErrorCause, ResultsIndex, TokenTotals
from batchtui.results.records.catalog import FieldCatalog, KeptCatalog
from batchtui.results.records.table import Records, records_of, use_records
from batchtui.whole_files import whole_file

_MAGIC = b"batchtui index 6\n"
"""Another number for each change of what is kept: an older index is then made again."""
_PIECE = 64
_PIECES = 32
"""So many pieces of the file's content are compared, its beginning and its end among them."""


class _Identity(Struct):
    """What tells a verified file from any other."""

    size: int
    modified: int
    sha256: str
    rows: int
    pieces: bytes
    """Of its content."""


class _Column(Struct):
    """What stands behind the head, one column behind another."""

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
    """Those of records among them if all are known."""
    catalog: KeptCatalog
    """The fields of these records."""


_decoder = msgspec.msgpack.Decoder(_Head)
_SIZE = 4
"""Bytes of the size of the head, and of the checksum at the end."""
_BY_TYPE, _IDS, _ID_ENDS, _RECORDS = "by type ", "ids", "id ends", "records "


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
        with place.open("rb") as file:
            head = _read_head(file)
            if head is None or head.file != _identify(path, descriptor):
                return None
            read = _read_columns(file, head)
        return None if read is None else _restore(head, *read)
    except (OSError, ValueError, KeyError, msgspec.MsgspecError):
        return None


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
    columns = _columns_of(index)
    head = msgspec.msgpack.encode(_head_of(index, identity, columns))
    try:
        with whole_file(place, mode=0o600) as file:
            file.write(_MAGIC + len(head).to_bytes(_SIZE, "little"))
            file.write(head)
            checksum = zlib.crc32(head)
            for column in columns.values():
                data = column.tobytes()  # a copy: an array that is viewed cannot grow
                file.write(data)
                checksum = zlib.crc32(data, checksum)
            file.write(checksum.to_bytes(_SIZE, "little"))
    except OSError:
        return False
    return True


def _columns_of(index: ResultsIndex) -> "dict[str, array[int]]":
    return {
        **index.plain_columns(),
        **{f"{_BY_TYPE}{kind}": rows for kind, rows in enumerate(index.rows_by_type)},
        _IDS: array("B", index.id_bytes),
        _ID_ENDS: index.id_ends,
        **{f"{_RECORDS}{name}": column for name, column in records_of(index).dump().items()},
    }


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
        catalog=records.catalog.dump() if records.can_be_kept else KeptCatalog(),
    )


def _read_head(file: BufferedReader) -> _Head | None:
    """Read what stands before the columns; None if it is of another version or machine."""
    start = file.read(len(_MAGIC) + _SIZE)
    if not start.startswith(_MAGIC):
        return None
    head = _decoder.decode(file.read(int.from_bytes(start[len(_MAGIC) :], "little")))
    return head if head.byteorder == sys.byteorder else None


def _read_columns(
    file: BufferedReader, head: _Head
) -> "tuple[dict[str, array[int]], bytearray] | None":
    """Read the columns right into place, and sum each up while the next one is read.

    Each copy, and the sum, would be a quarter of the time.

    Returns:
        The columns, and the ids; None if the file is damaged.
    """
    start = file.tell()
    size = sum(array(one.typecode).itemsize * one.items for one in head.columns)
    if os.fstat(file.fileno()).st_size != start + size + _SIZE:
        return None
    file.seek(len(_MAGIC) + _SIZE)
    checksum = zlib.crc32(file.read(start - file.tell()))

    def add(column: "array[int] | bytearray") -> None:
        nonlocal checksum
        checksum = zlib.crc32(column, checksum)

    columns, ids = dict[str, "array[int]"](), bytearray()
    with ThreadPoolExecutor(1) as beside:
        for one in head.columns:
            if one.name == _IDS:
                column: array[int] | bytearray = (ids := bytearray(one.items))
            else:
                item = bytes(array(one.typecode).itemsize)
                column = columns[one.name] = array(one.typecode, item) * one.items
            with memoryview(column) as view:
                file.readinto(view)
            beside.submit(add, column)
    return (columns, ids) if file.read() == checksum.to_bytes(_SIZE, "little") else None


def _restore(head: _Head, columns: "Mapping[str, array[int]]", ids: bytearray) -> ResultsIndex:
    """Make an index; raises ValueError or KeyError where the columns do not fit each other."""
    index = ResultsIndex()
    index.restore(
        columns=columns,
        rows_by_type=[columns[f"{_BY_TYPE}{kind}"] for kind in range(len(RESULT_TYPES))],
        ids=ids,
        id_ends=columns[_ID_ENDS],
        names=(head.stop_names, head.model_names, head.causes),
        totals=head.totals,
    )
    index.duplicate_rows = head.duplicate_rows
    index.bytes_indexed = head.bytes_indexed
    records = {
        name.removeprefix(_RECORDS): column
        for name, column in columns.items()
        if name.startswith(_RECORDS)
    }
    if records:
        catalog = FieldCatalog.restore(head.catalog)
        use_records(index, Records.restore(index, records, catalog))
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
