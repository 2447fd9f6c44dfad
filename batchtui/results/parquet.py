"""Rows as a Parquet file: typed columns, written by duckdb, which is asked for only here."""

import math
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec
from msgspec import Raw

from batchtui.folders import large_temporary_folder
from batchtui.results.errors import ResultsError
from batchtui.results.export_formats import ExportPiece, record_pieces, write_plain
from batchtui.results.json_text import NOT_JSON
from batchtui.results.row_fields import FieldValue, RowFields

_PIECE = 1024 * 1024
_LARGEST = 2**63
_EXACT = 2**53
"""Whole numbers up to here are the same as DOUBLE."""
_LONG = "long"
"""A whole number above that: BIGINT holds it, DOUBLE does not."""
_MOST_DIGITS = 19
"""Of a whole number that BIGINT may hold."""


class ParquetMissingError(ResultsError):
    """What writes Parquet is not installed."""

    def __init__(self) -> None:
        super().__init__(
            "Parquet needs duckdb, which is not installed",
            hint="pip install 'batchtui[parquet]', or write CSV and convert it: "
            "duckdb -c \"copy (from 'rows.csv') to 'rows.parquet'\"",
        )


class _TypedFields(RowFields):
    """Gives values as texts, as they were written, and notes which types those of a field have."""

    kinds: dict[str, set[str]]

    def values(self, row: int) -> list[FieldValue]:
        """Return the fields of a row."""
        texts: list[FieldValue] = []
        for name, value in zip(self.names, super().values(row), strict=True):
            if value is not None:
                self.kinds.setdefault(name, set()).add(_type_of(value))
            texts.append(None if value is None else _storable(write_plain(value)))
        return texts


def parquet_pieces(fields: RowFields, rows: Iterable[int]) -> Iterator[ExportPiece]:
    """Yield the bytes of a Parquet file.

    Numbers, texts and booleans keep their types. A field that has several is text, with its numbers
    as they were written; so is one with whole numbers above 64 bits. Lists and objects are JSON.

    Raises:
        ParquetMissingError: duckdb is not installed.
        ResultsFileError: The file cannot be read.
    """
    try:
        import duckdb
    except ImportError:
        raise ParquetMissingError from None
    typed = fields.like(_TypedFields)
    typed.kinds = {}
    titles = _different(typed.names)
    typed.names = tuple(f"c{place}" for place in range(len(titles)))
    count = 0
    with tempfile.TemporaryDirectory(prefix="batchtui-", dir=large_temporary_folder()) as folder:
        lines, target = Path(folder) / "rows.jsonl", Path(folder) / "rows.parquet"
        with lines.open("wb") as file:
            for data, done in record_pieces(typed, rows):
                file.write(data)
                count += done
        # read as text, for only so a number stays as it was written in a column that is text
        columns = dict.fromkeys(typed.names, "VARCHAR")
        typed_columns = ", ".join(
            f"CAST({name} AS {_column_type(typed.kinds.get(name, set()))}) AS {_quoted(title)}"
            for name, title in zip(typed.names, titles, strict=True)
        )
        with duckdb.connect() as connection:
            connection.read_json(
                str(lines), format="newline_delimited", columns=columns, maximum_object_size=2**30
            ).project(typed_columns).write_parquet(str(target))
        with target.open("rb") as file:
            while data := file.read(_PIECE):
                yield data, 0
        yield b"", count


def _type_of(value: FieldValue) -> str:
    if isinstance(value, bool):
        return "BOOLEAN"
    if isinstance(value, str):
        return "VARCHAR"
    if isinstance(value, int):
        return "BIGINT"
    data = bytes(value) if isinstance(value, Raw) else b""
    if data[:1] not in {b"[", b"{"}:
        return _type_of_number(data)
    return "VARCHAR" if _has_lone_surrogate(data) else "JSON"


def _has_lone_surrogate(data: bytes) -> bool:
    """Return whether a text in some JSON holds half a sign: DuckDB does not take it for JSON."""
    if b"\\ud" not in data.lower():
        return False
    try:
        msgspec.json.decode(data)
    except NOT_JSON:
        return True
    return False


def _storable(text: str) -> str:
    """Make a lone surrogate a visible escape: the texts of Parquet are UTF-8."""
    return text.encode(errors="backslashreplace").decode()


def _type_of_number(data: bytes) -> str:
    digits = data.lstrip(b"-")
    if not digits.isdigit():
        return "DOUBLE" if math.isfinite(float(data)) else "VARCHAR"
    if len(digits) > _MOST_DIGITS or not -_LARGEST <= int(data) < _LARGEST:
        return "VARCHAR"
    return "BIGINT" if abs(int(data)) <= _EXACT else _LONG


def _column_type(kinds: set[str]) -> str:
    """Return the type that holds all values of a field as they were written."""
    if len(kinds) == 1 and _LONG not in kinds:
        return next(iter(kinds))
    if kinds and kinds <= {"BIGINT", _LONG}:
        return "BIGINT"
    return "DOUBLE" if kinds == {"BIGINT", "DOUBLE"} else "VARCHAR"


def _different(names: Sequence[str]) -> list[str]:
    """Number names that are alike to DuckDB, which does not tell capitals apart."""
    taken: set[str] = set()
    titles: list[str] = []
    for name in names:
        title, number = name, 1
        while title.lower() in taken:
            number += 1
            title = f"{name}_{number}"
        taken.add(title.lower())
        titles.append(title)
    return titles


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
