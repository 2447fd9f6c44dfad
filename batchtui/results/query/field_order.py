"""Which values of a field lie above, below or between others.

Numbers are compared with numbers, dates with texts that begin like one, other texts with all texts.
"""

import math
import re
from collections.abc import Callable
from decimal import Decimal

from msgspec import Struct

from batchtui.results.errors import QueryError
from batchtui.results.query.answer_conditions import FieldTest
from batchtui.results.query.numbers import read_signed
from batchtui.results.query.syntax import Term
from batchtui.results.records.json_scan import Number, order_of
from batchtui.results.records.paths import Scalar

_HOLDS: dict[str, Callable[[int], bool]] = {
    ">": lambda order: order > 0,
    ">=": lambda order: order >= 0,
    "<": lambda order: order < 0,
    "<=": lambda order: order <= 0,
}
ORDERS = frozenset(_HOLDS)
"""The operators that ask for an order."""
_YEAR = re.compile(r"\d{4}", re.ASCII)
_DATE = re.compile(r"\d{4}([-/])\d\d(?:\1\d\d(?:[T ].*)?)?", re.ASCII)
_WITH_YEAR = re.compile(r"\d{4}(?!\d)", re.ASCII)
_WITH_MONTH = re.compile(r"\d{4}[-/]\d\d", re.ASCII)
_EXACT = 2**53


class _Date(Struct, frozen=True):
    """A date, or the beginning of one, that texts are compared with."""

    text: str
    """As typed, with its parts joined by ``-``."""
    kind: re.Pattern[str]
    """How texts begin that are compared with it: beside a year, four digits alone are a number."""

    def order(self, text: str, *, is_cut: bool = False) -> int | None:
        """Return 1, 0 or -1 as a text lies behind, at or before the date; None if it is no date.

        Args:
            text: Any text.
            is_cut: Whether only as much of the text counts as the date has: 2024-06-30 is in 2024.
        """
        if self.kind.match(text) is None:
            return None
        other = text.replace("/", "-")
        other = other[: len(self.text)] if is_cut else other
        return (other > self.text) - (other < self.text)


def _read_date(text: str) -> _Date | None:
    if _YEAR.fullmatch(text):
        return _Date(text, _WITH_MONTH)
    return _Date(text.replace("/", "-"), _WITH_YEAR) if _DATE.fullmatch(text) else None


def read_order(term: Term) -> FieldTest:
    """Return what a term such as ``.total>100`` or ``.due>=2025-03`` wants."""
    holds, text = _HOLDS[term.operator], term.value
    number, date = (read_signed(text), _read_date(text)) if term.form == "bare" else (None, None)

    def test(value: Scalar) -> bool:
        if isinstance(value, str):
            order = date.order(value) if date is not None else None
            return order is not None and holds(order)
        return number is not None and isinstance(value, Number) and holds(order_of(value, number))

    def test_text(value: Scalar) -> bool:
        return isinstance(value, str) and holds((value > text) - (value < text))

    if number is None:
        return FieldTest(test_text if date is None else test)
    return FieldTest(test, _limits(term.operator, number), takes_texts=date is not None)


def read_range(term: Term) -> FieldTest | None:
    """Return what a range such as ``10..20`` wants; either end may be left out.

    Returns:
        None if the value is a text with two dots in it.

    Raises:
        QueryError: One end is a number or a date, and the other is not the same.
    """
    low, _, high = term.value.partition("..")
    ends = [(sign, end) for sign, end in ((1, low), (-1, high)) if end]
    numbers = [(sign, number) for sign, end in ends if (number := read_signed(end)) is not None]
    dates = [(sign, date) for sign, end in ends if (date := _read_date(end)) is not None]
    if not (numbers or dates):
        return None
    are_numbers, are_dates = len(numbers) == len(ends), len(dates) == len(ends)
    if not (are_numbers or are_dates):
        raise _no_range(term)

    def test(value: Scalar) -> bool:
        if isinstance(value, str):
            orders = ((sign, date.order(value, is_cut=sign < 0)) for sign, date in dates)
            return are_dates and all(
                order is not None and sign * order >= 0 for sign, order in orders
            )
        return (
            are_numbers
            and isinstance(value, Number)
            and all(sign * order_of(value, number) >= 0 for sign, number in numbers)
        )

    return FieldTest(test)


def _no_range(term: Term) -> QueryError:
    return QueryError(
        f"“{term.value}” is a range neither of numbers nor of dates",
        (term.value_start, term.end),
        hint=f"Such as {term.field}:10..20 or {term.field}:2024-01..2024-06; "
        f'for the text, write {term.field}{term.operator}"{term.value}"',
    )


def _limits(sign: str, number: Number) -> tuple[float, float] | None:
    if isinstance(number, Decimal) or abs(number) > _EXACT:
        return None
    match sign:
        case ">":
            return math.nextafter(number, math.inf), math.inf
        case ">=":
            return number, math.inf
        case "<":
            return -math.inf, math.nextafter(number, -math.inf)
        case _:
            return -math.inf, number
