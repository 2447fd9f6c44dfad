"""Numbers as the options of verbs take them; the parser tells what they must be."""

import math
from argparse import ArgumentTypeError
from collections.abc import Callable


def whole_number(least: int | None = None, most: int | None = None) -> Callable[[str], int]:
    """Make what reads the value of an option.

    Args:
        least: The least it may be, or ``None`` for any.
        most: The most it may be, or ``None`` for any.
    """
    expected = "must be a whole number"
    if least is not None:
        expected += f" of {least} or more" if most is None else f" from {least} to {most}"

    def read(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            raise ArgumentTypeError(expected) from None
        is_below = least is not None and number < least
        if is_below or (most is not None and number > most):
            raise ArgumentTypeError(expected)
        return number

    return read


def number_above_zero(text: str) -> float:
    """Read a number that need not be whole.

    Raises:
        ArgumentTypeError: It is none, or not above zero.
    """
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not (math.isfinite(number) and number > 0):
        raise ArgumentTypeError("must be a number above 0")
    return number


def amount_of_money(text: str) -> float:
    """Read an amount in US dollars, with or without its sign.

    Raises:
        ArgumentTypeError: It is none.
    """
    try:
        number = float(text.removeprefix("$"))
    except ValueError:
        number = math.nan
    if not (math.isfinite(number) and number >= 0):
        raise ArgumentTypeError("must be an amount in US dollars")
    return number
