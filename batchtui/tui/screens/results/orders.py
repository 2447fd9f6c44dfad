"""The orders of rows as the query has them: the next one of a key, that of a click on a column."""

import re

ORDERS = ("", "-out", "-in", "id", "-size")
"""The orders that one key goes through; the first is that of the file."""

_NUMBERS = {"in", "out", "size"}
"""Fields of which the largest values are worth most."""
_SORT = re.compile(r"(?:^|(?<=\s))sort:\S*\s*")


def next_order(text: str) -> str:
    """Return the query with the next of `ORDERS` in place of its own."""
    current = _order_of(text)
    place = ORDERS.index(current) if current in ORDERS else -1
    return _ordered_by(text, ORDERS[(place + 1) % len(ORDERS)])


def sorted_by(text: str, field: str, *, is_number: bool = False) -> str:
    """Return the query sorted by a field: numbers largest first, then the other way, then not."""
    is_number = is_number or field in _NUMBERS
    steps = [f"-{field}", field] if is_number else [field, f"-{field}"]
    current = _order_of(text)
    place = steps.index(current) if current in steps else -1
    return _ordered_by(text, steps[place + 1] if place + 1 < len(steps) else "")


def _order_of(text: str) -> str:
    found = _SORT.search(text)
    return found.group().strip().removeprefix("sort:") if found else ""


def _ordered_by(text: str, order: str) -> str:
    kept = _SORT.sub("", text).strip()
    return f"{kept} sort:{order}".strip() if order else kept
