"""Valid ``custom_id`` values out of whatever a table holds, the same ones each time.

The API takes ``^[a-zA-Z0-9_-]{1,64}$``, each only once in a batch.
"""

import re
import unicodedata
from typing import Final

CHARACTERS: Final = "a-zA-Z0-9_-"
"""Those of an id, as they stand between the brackets of a pattern."""
LONGEST: Final = 64
"""Characters of an id."""
_INVALID: Final = re.compile(f"[^{CHARACTERS}]+")


class CustomIds:
    """Makes one id after the other; the same values in the same order give the same ids."""

    def __init__(self) -> None:
        self._used: set[str] = set()
        self._copies: dict[str, int] = {}

    def next_id(self, number: int, value: str = "") -> str:
        """Return the id of the next row.

        Args:
            number: Of the row, from 1.
            value: What it should be named after; of what leaves nothing valid, the number serves.
        """
        wanted = _valid(value) or f"row-{number:06}"
        chosen = wanted
        while chosen in self._used:
            # counted on from the last copy: all before are taken, and a column may hold one value
            copy = self._copies.get(wanted, 1) + 1
            self._copies[wanted] = copy
            ending = f"-{copy}"
            chosen = wanted[: LONGEST - len(ending)] + ending
        self._used.add(chosen)
        return chosen


def _valid(value: str) -> str:
    value = value.strip()
    if not value.isascii():
        # é becomes e; what has no plain letter goes
        value = unicodedata.normalize("NFKD", value).encode("ascii", "ignore").decode()
    return _INVALID.sub("-", value)[:LONGEST] if re.search("[a-zA-Z0-9]", value) else ""
