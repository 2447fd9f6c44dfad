"""Fields as columns: one value a row, made once and then compared, sorted and counted."""

import math
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Set as AbstractSet
from decimal import Decimal

from batchtui.results.records.paths import (
    MISSING,
    Cell,
    FieldPath,
    PartialValue,
    Scalar,
    Word,
    shorten,
)

_EXACT = 2**53
_MAX_SHARED = 65_536
_SIMPLE: frozenset[type] = frozenset((str, float, int, Word, type(None)))
NAN = math.nan


class _KeptTexts(dict[Cell, Cell]):
    """What is kept of each text: one that comes again and again is kept once.

    Attributes:
        shortened: Of how many texts a part was kept.
    """

    def __init__(self) -> None:
        super().__init__({MISSING: MISSING})
        self.shortened = 0

    def __missing__(self, text: str) -> Cell:
        kept = shorten(text)
        if kept is not text:
            self.shortened += 1
        elif len(self) < _MAX_SHARED:
            self[text] = text
        return kept


class FieldColumn:
    """The values of one field, by row.

    Attributes:
        path: Where the field is.
        cells: A value for each row looked at so far.
        special: Rows, ascending, whose value is several values, is kept in part, or is a number
            that a float cannot hold: these are compared one by one.
    """

    def __init__(self, path: FieldPath) -> None:
        self.path = path
        self.cells: list[Cell] = []
        self.special = array("I")
        self._numbers = array("d")
        self._texts = _KeptTexts()
        self._counts: Counter[Scalar] = Counter()
        self._has_uncounted = False
        self._counted = 0

    def __len__(self) -> int:
        return len(self.cells)

    @property
    def has_texts(self) -> bool:
        """Whether a text was kept of any row, as it is and by itself."""
        return len(self._texts) > 1

    def extend(self, cells: list[Cell], kinds: AbstractSet[type]) -> None:
        """Add the values of the next rows.

        Args:
            cells: The values; of a long text the beginning is kept.
            kinds: Which types there are among them, beside that of a field that is not there.
        """
        is_special = not kinds <= _SIMPLE or (int in kinds and not _are_small(cells))
        if str in kinds:
            texts, shortened = self._texts, self._texts.shortened
            if len(kinds) == 1:
                cells = list(map(texts.__getitem__, cells))
            else:
                cells = [texts[cell] if isinstance(cell, str) else cell for cell in cells]
            is_special = is_special or texts.shortened > shortened
        if is_special:
            cells = [self._take(cell, place) for place, cell in enumerate(cells, len(self.cells))]
        self.cells += cells

    def _take(self, cell: Cell, row: int) -> Cell:
        """Note a row that has to be looked at by itself."""
        if isinstance(cell, int) and not -_EXACT <= cell <= _EXACT:
            cell = Decimal(cell)
        if isinstance(cell, tuple | PartialValue | Decimal):
            self.special.append(row)
        return cell

    def numbers(self, stop: int) -> "array[float]":
        """Return the values of rows up to ``stop`` as floats; NaN for what is not one number."""
        numbers = self._numbers
        if len(numbers) < stop:
            cells = self.cells[len(numbers) : stop]
            numbers.extend([cell if isinstance(cell, float | int) else NAN for cell in cells])
        return numbers

    def special_rows(self, start: int, stop: int) -> "array[int]":
        """Return those of some rows that are compared one by one."""
        special = self.special
        return special[bisect_left(special, start) : bisect_left(special, stop)]

    def counts(self) -> tuple["Counter[Scalar]", bool]:
        """Count the rows that have each value; a row with several counts for each of them.

        Returns:
            The counts, and whether more rows may have a value: those with lists of which the column
            does not keep the elements are not counted.
        """
        if self._counted != len(self.cells):
            counts: Counter[Cell] = Counter(self.cells)
            found: Counter[Scalar] = Counter()
            for cell, rows in counts.items():
                if isinstance(cell, tuple):
                    for value in dict.fromkeys(cell):  # in the order of the row
                        found[value] += rows
                elif cell is not None and not isinstance(cell, PartialValue):
                    found[cell] += rows
            self._has_uncounted = any(
                isinstance(cell, PartialValue) and cell.kind == "list" for cell in counts
            )
            self._counts, self._counted = found, len(self.cells)
        return self._counts, self._has_uncounted


def _are_small(cells: list[Cell]) -> bool:
    """Return whether a float can hold every whole number among some values."""
    numbers = [cell for cell in cells if isinstance(cell, int)]
    return not numbers or (min(numbers) >= -_EXACT and max(numbers) <= _EXACT)


def describe_kind(cell: Cell) -> str:
    """Name the type of a value as JSON calls it; empty for a field that is not there."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return "string"
    if isinstance(cell, Word):
        return "null" if cell.name == "null" else "boolean"
    if isinstance(cell, PartialValue):
        return cell.kind
    return "list" if isinstance(cell, tuple) else "number"


def write_scalar(value: Scalar) -> str:
    """Write a value as it is shown: a number as briefly as it can be, text as it is."""
    if isinstance(value, str):
        return value
    if isinstance(value, Word):
        return value.name
    return repr(value) if isinstance(value, float) else str(value)
