"""A long text as lines that are made when they are seen."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Protocol

from batchtui.tui.lines import BLANK, Line


class Section(Protocol):
    """A run of lines."""

    def __len__(self) -> int:
        """Return how many lines it has."""

    def line(self, number: int) -> Line:
        """Return one of its lines, from 0."""

    def matches(self) -> Sequence[int]:
        """Return the numbers of the lines in which a searched text begins, ascending."""


class Lines:
    """Lines that are there already.

    Args:
        lines: The lines.
        matches: The numbers of those with a match.
    """

    def __init__(self, lines: Sequence[Line], matches: Sequence[int] = ()) -> None:
        self._lines = lines
        self._matches = matches

    def __len__(self) -> int:
        return len(self._lines)

    def line(self, number: int) -> Line:
        """Return one of the lines."""
        return self._lines[number]

    def matches(self) -> Sequence[int]:
        """Return the numbers of the lines with a match."""
        return self._matches


class Document:
    """Sections one after the other; more may be added at the end while it is shown."""

    def __init__(self) -> None:
        self._sections: list[Section] = []
        self._starts: list[int] = []
        self._height = 0

    def __len__(self) -> int:
        return self._height

    def append(self, section: Section) -> None:
        """Add a section."""
        if len(section):
            self._sections.append(section)
            self._starts.append(self._height)
            self._height += len(section)

    def line(self, number: int) -> Line:
        """Return the line of that number from 0, blank where there is none."""
        if not 0 <= number < self._height:
            return BLANK
        place = bisect_right(self._starts, number) - 1
        return self._sections[place].line(number - self._starts[place])

    def matches(self) -> "array[int]":
        """Return the numbers of all lines in which a searched text begins, ascending."""
        found = array("I")
        for start, section in zip(self._starts, self._sections, strict=True):
            found.extend(start + number for number in section.matches())
        return found

    def match_after(self, number: int) -> int | None:
        """Return the first line with a match behind line ``number``."""
        found = self.matches()
        place = bisect_right(found, number)
        return found[place] if place < len(found) else None

    def match_before(self, number: int) -> int | None:
        """Return the last line with a match before line ``number``."""
        found = self.matches()
        place = bisect_left(found, number)
        return found[place - 1] if place else None
