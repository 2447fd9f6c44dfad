"""JSON values as the text of cells: a number keeps its digits, a list or an object stays JSON."""

from collections.abc import Callable, Mapping
from typing import Final

import msgspec

decode_object: Final[Callable[[str], dict[str, msgspec.Raw]]] = msgspec.json.Decoder(
    dict[str, msgspec.Raw]
).decode
"""Decodes an object whose values stay as they are written."""
_TEXT = msgspec.json.Decoder(str)


def cells_of(row: Mapping[str, msgspec.Raw]) -> dict[str, str]:
    """Write the values of an object as cells."""
    return {name: text_of(bytes(value)) for name, value in row.items()}


def text_of(value: bytes) -> str:
    """Write a JSON value as a person would type it into a cell."""
    if value.startswith(b'"'):
        return _TEXT.decode(value)
    return "" if value == b"null" else value.decode()


def inside(cell: str, path: str) -> str | None:
    """Return what lies in the object of a cell, by names with dots between; None if absent."""
    for step in path.split("."):
        try:
            inner = decode_object(cell).get(step)
        except msgspec.DecodeError:
            return None
        if inner is None:
            return None
        cell = text_of(bytes(inner))
    return cell
