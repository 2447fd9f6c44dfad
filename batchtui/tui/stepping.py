"""Going through values that can be chosen."""

from enum import Enum
from typing import TypeVar

ValueT = TypeVar("ValueT", bound=Enum)


def stepped(value: ValueT, count: int = 1) -> ValueT:
    """Return the value that many places further on, around the ends."""
    values = list(type(value))
    return values[(values.index(value) + count) % len(values)]
