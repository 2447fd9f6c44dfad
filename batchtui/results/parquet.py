"""Rows as a Parquet file: typed columns, written by duckdb, which is asked for only here."""

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from msgspec import Raw

from batchtui.results.errors import ResultsError
from batchtui.results.export_formats import Piece, record_pieces
from batchtui.results.row_fields import FieldValue, RowFields

_PIECE = 1024 * 1024
_LARGEST = 2**63


class ParquetMissingError(ResultsError):
    """What writes Parquet is not installed."""

    def __init__(self) -> None:
        super().__init__(
            "Parquet needs duckdb, which is not installed",
            hint="pip install 'batchtui[parquet]', or write CSV and convert it: "
            "duckdb -c \"copy (from 'rows.csv') to 'rows.parquet'\"",
        )


class _TypedFields(RowFields):
    """Notes which types the values of each field have, as rows are read."""

    kinds: dict[str, set[str]]

    def values(self, row: int) -> list[FieldValue]:
        """Return the fields of a row."""
        values = super().values(row)
        for name, value in zip(self.names, values, strict=True):
            if value is not None:
                self.kinds.setdefault(name, set()).add(_type_of(value))
        return values


def parquet_pieces(fields: RowFields, rows: Iterable[int]) -> Iterator[Piece]:
    """Yield the bytes of a Parquet file.

    Numbers, texts and booleans keep their types; a field that has several, or lists and objects,
    is text with its JSON.

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
    count = 0
    with tempfile.TemporaryDirectory(prefix="batchtui-parquet-") as folder:
        lines, target = Path(folder) / "rows.jsonl", Path(folder) / "rows.parquet"
        with lines.open("wb") as file:
            for data, done in record_pieces(typed, rows):
                file.write(data)
                count += done
        columns = {name: _column_type(typed.kinds.get(name, set())) for name in typed.names}
        with duckdb.connect() as connection:
            connection.read_json(
                str(lines), format="newline_delimited", columns=columns, maximum_object_size=2**30
            ).write_parquet(str(target))
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
    if data[:1] in {b"[", b"{"}:
        return "JSON"
    is_whole = data.lstrip(b"-").isdigit()
    if not is_whole:
        return "DOUBLE"
    return "BIGINT" if -_LARGEST <= int(data) < _LARGEST else "VARCHAR"


def _column_type(kinds: set[str]) -> str:
    """Return the type that holds all values of a field."""
    if len(kinds) == 1:
        return next(iter(kinds))
    return "DOUBLE" if kinds == {"BIGINT", "DOUBLE"} else "VARCHAR"
