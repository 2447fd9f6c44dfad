"""One row of a table, and the cells it has.

A cell is text as it was written: a number keeps its digits, a list or an object stays JSON, null is
empty.
"""

from collections.abc import Callable, Mapping

import msgspec
from msgspec import Struct

NOT_JSON = (msgspec.DecodeError, RecursionError)
"""What decoding a row raises: of what is nested deeply, not even the outermost is read."""

decode_object: Callable[[str], dict[str, msgspec.Raw]] = msgspec.json.Decoder(
    dict[str, msgspec.Raw]
).decode
"""Decodes an object whose values stay as they are written."""
_decode_text: Callable[[bytes], str] = msgspec.json.Decoder(str).decode


class TableRow(Struct, frozen=True):
    """One row."""

    number: int
    """From 1, the head not counted."""
    line: int
    """The line of the file it begins on, from 1; the row's number where there are no lines."""
    cells: Mapping[str, str]
    """Text by column."""
    raw: str
    """What stands in the file, without the end of the line; of a JSON list and of Parquet the row
    as an object on one line."""

    def text(self, column: str) -> str | None:
        """Return a cell, or of a JSON row ``user.name`` what lies inside one; None if missing."""
        if column in self.cells:
            return self.cells[column]
        outer, _, inner = column.partition(".")
        while inner:
            if outer in self.cells:
                return _inside(self.cells[outer], inner)
            step, _, inner = inner.partition(".")
            outer = f"{outer}.{step}"
        return None


def cells_of(row: Mapping[str, msgspec.Raw]) -> dict[str, str]:
    """Write the values of an object as cells."""
    return {name: text_of(bytes(value)) for name, value in row.items()}


def text_of(value: bytes) -> str:
    """Write a JSON value as a person would type it into a cell."""
    if value.startswith(b'"'):
        return _decode_text(value)
    return "" if value == b"null" else value.decode()


def _inside(cell: str, path: str) -> str | None:
    """Return what lies in the object of a cell, by names with dots between; None if absent."""
    for step in path.split("."):
        try:
            inner = decode_object(cell).get(step)
        except NOT_JSON:
            return None
        if inner is None:
            return None
        cell = text_of(bytes(inner))
    return cell
