"""Reads values that came as JSON, whose types nobody promised."""

from typing import Any


def inside(value: object, *steps: str | int) -> object:
    """Return what lies in a value.

    Args:
        value: Lists and objects.
        steps: The names and places on the way.
    """
    for step in steps:
        assert isinstance(value, dict | list), f"there is no {step!r} in {value!r}"
        holder: Any = value
        value = holder[step]
    return value
