"""Keeps what stands in the cells of a table from being run by a spreadsheet."""

import re

from batchtui.formatting import plural

_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")
"""Signs at a cell's start that make a spreadsheet run it, or hide one that does."""


class CellGuard:
    """Puts an apostrophe before texts that would be run as formulas, and counts them.

    Attributes:
        altered: How many texts were given one.
    """

    def __init__(self) -> None:
        self.altered = 0

    def write(self, text: str) -> str:
        """Return a text as it is safe in a cell; a number stays one."""
        if not text.startswith(_FORMULA) or _NUMBER.fullmatch(text):
            return text
        self.altered += 1
        return f"'{text}"

    @property
    def remark(self) -> str:
        """What was altered, as a sentence; "" if nothing was."""
        if not self.altered:
            return ""
        one = "text that a spreadsheet would run as a formula begins"
        many = "texts that a spreadsheet would run as formulas begin"
        return f"{plural(self.altered, one, many)} with an apostrophe."
