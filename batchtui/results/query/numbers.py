"""Reads the numbers of a query: ``50``, ``1,500``, ``1.5k``, ``2M``, ``100..500``."""

import re

from batchtui.results.errors import QueryError
from batchtui.results.query.syntax import Term
from batchtui.results.records.json_scan import Number, read_number

_NUMBER = re.compile(r"(\d{1,3}(?:[,_]\d{3})+|\d{1,15})(\.\d{1,6})?([kKmMgG]?)")
_FACTORS = {"": 1, "k": 1_000, "m": 1_000_000, "g": 1_000_000_000}
_DECIMALS = 6
UNLIMITED = 2**63 - 1
"""Stands for no upper end of a range."""


def read_range(term: Term) -> tuple[int, int]:
    """Return the smallest and the largest number a term accepts; none if the first is larger.

    Raises:
        QueryError: The value is not a number, nor a range where one is allowed.
    """
    low_text, dots, high_text = term.value.partition("..")
    if dots:
        return _read_span(term, low_text, high_text)
    floor, ceiling = _read_number(term, term.value, term.value_start)
    match term.operator:
        case ">":
            return floor + 1, UNLIMITED
        case ">=":
            return ceiling, UNLIMITED
        case "<":
            return 0, ceiling - 1
        case "<=":
            return 0, floor
        case _:
            return ceiling, floor


def _read_span(term: Term, low_text: str, high_text: str) -> tuple[int, int]:
    if term.operator not in {":", "="}:
        raise QueryError(
            f"A range does not go with “{term.operator}”",
            (term.value_start, term.end),
            hint=f"Write {term.field}:{term.value}",
        )
    if not (low_text or high_text):
        raise _not_a_number(term, term.value, term.value_start)
    high_start = term.value_start + len(low_text) + 2
    _, low = _read_number(term, low_text, term.value_start) if low_text else (0, 0)
    high, _ = _read_number(term, high_text, high_start) if high_text else (UNLIMITED, 0)
    return low, high


def _read_number(term: Term, text: str, position: int) -> tuple[int, int]:
    """Return the whole numbers at or below, and at or above, what was typed."""
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise _not_a_number(term, text, position)
    whole, decimals, unit = match.groups()
    digits = (decimals or ".").removeprefix(".").ljust(_DECIMALS, "0")
    millionths = int(whole.replace(",", "").replace("_", "") + digits) * _FACTORS[unit.lower()]
    return millionths // 10**_DECIMALS, -(-millionths // 10**_DECIMALS)


_SIGNED = re.compile(r"-?(\d{1,3}(?:[,_]\d{3})+|\d+)(\.\d+)?(?:[eE][+-]?\d{1,4})?", re.ASCII)


def read_signed(text: str) -> Number | None:
    """Read a number such as ``-1.5``, ``1e3``, ``1,500`` or ``2.5k``; None if it is none."""
    unit = text[-1:].lower()
    digits = text[:-1] if unit in {"k", "m", "g"} else text
    if not _SIGNED.fullmatch(digits):
        return None
    number = read_number(digits.replace(",", "").replace("_", ""))
    if isinstance(number, str):
        return None
    return number * _FACTORS[unit] if digits != text else number


def _not_a_number(term: Term, text: str, position: int) -> QueryError:
    return QueryError(
        f"“{text}” is not a number",
        (position, position + max(1, len(text))),
        hint=f"Such as {term.field}>1000, {term.field}<=1.5k or {term.field}:100..500",
    )
