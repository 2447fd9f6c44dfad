"""The index of a verified file, kept beside it, so that opening it again reads no rows.

It is used only where the file is the one that was indexed: its size and time, its checksum as the
store wrote it down, and pieces of its content are compared. In doubt, or where the index is of
another version or damaged, it is made again.
"""

import os
import sys
import zlib
from pathlib import Path

import msgspec
from msgspec import Struct

from batchtui.library.store import StoredResults
from batchtui.results.index import ErrorCause, ResultsIndex
from batchtui.results.records.table import Records, records_of, use_records
from batchtui.whole_files import whole_file

_MAGIC = b"batchtui index 4\n"
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


class _Kept(Struct):
    """What is written."""

    byteorder: str
    file: _Identity
    bytes_indexed: int
    duplicate_rows: int
    stop_names: list[str]
    model_names: list[str]
    causes: list[ErrorCause]
    columns: dict[str, bytes]
    rows_by_type: list[bytes]
    ids: bytes
    id_ends: bytes
    records: dict[str, bytes]
    """Where the records are; empty if they were not looked for."""


_decoder = msgspec.msgpack.Decoder(_Kept)


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
        kept = _read(place.read_bytes())
        if kept is None or kept.byteorder != sys.byteorder:
            return None
        return _restore(kept) if kept.file == _identify(path, descriptor) else None
    except (OSError, ValueError, msgspec.MsgspecError):
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
    body = msgspec.msgpack.encode(_take(index, identity))
    try:
        with whole_file(place, mode=0o600) as file:
            file.write(_MAGIC + zlib.crc32(body).to_bytes(4, "little"))
            file.write(body)
    except OSError:
        return False
    return True


def _take(index: ResultsIndex, identity: _Identity) -> _Kept:
    return _Kept(
        byteorder=sys.byteorder,
        file=identity,
        bytes_indexed=index.bytes_indexed,
        duplicate_rows=index.duplicate_rows,
        stop_names=index.stop_names,
        model_names=index.model_names,
        causes=index.cause_list,
        columns={name: column.tobytes() for name, column in index.plain_columns().items()},
        rows_by_type=[rows.tobytes() for rows in index.rows_by_type],
        ids=bytes(index.id_bytes),
        id_ends=index.id_ends.tobytes(),
        records=records_of(index).dump(),
    )


def _read(data: bytes) -> _Kept | None:
    body = memoryview(data)[len(_MAGIC) + 4 :]
    checksum = data[len(_MAGIC) : len(_MAGIC) + 4]
    is_sound = data.startswith(_MAGIC) and zlib.crc32(body).to_bytes(4, "little") == checksum
    return _decoder.decode(body) if is_sound else None


def _restore(kept: _Kept) -> ResultsIndex:
    """Make an index; raises ValueError where the columns do not fit each other."""
    index = ResultsIndex()
    index.restore(
        columns=kept.columns,
        rows_by_type=kept.rows_by_type,
        ids=kept.ids,
        id_ends=kept.id_ends,
        names=(kept.stop_names, kept.model_names, kept.causes),
    )
    index.duplicate_rows = kept.duplicate_rows
    index.bytes_indexed = kept.bytes_indexed
    if kept.records:
        use_records(index, Records.restore(index, kept.records))
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
