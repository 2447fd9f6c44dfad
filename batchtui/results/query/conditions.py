"""What rows can satisfy, and how conditions are combined: the cheap ones are evaluated first."""

from enum import IntEnum
from typing import Protocol

from msgspec import Struct

from batchtui.results.row_block import RowBlock


class Effort(IntEnum):
    """What it takes to evaluate a condition; cheap ones go first."""

    COLUMN = 0
    """Looks at the index only."""
    LINES = 1
    """Reads a few lines."""
    TEXT = 2
    """Searches the file."""


class Condition(Protocol):
    """Something rows can satisfy."""

    @property
    def effort(self) -> Effort:
        """What it takes to evaluate it."""

    def select(self, block: RowBlock, among: int) -> int:
        """Return those rows of ``among`` that satisfy it."""


class Everything(Struct, frozen=True):
    """Every row satisfies it."""

    effort: Effort = Effort.COLUMN
    """What it takes to evaluate it: nothing."""

    def select(self, block: RowBlock, among: int) -> int:
        """Return all rows."""
        return block.everything & among


class _Combined(Struct, frozen=True):
    """Several conditions as one."""

    children: tuple[Condition, ...]
    """The cheapest first."""

    @property
    def effort(self) -> Effort:
        """The highest effort of a child."""
        return max(child.effort for child in self.children)


class AllOf(_Combined, frozen=True):
    """Satisfied where all children are; see `all_of`."""

    def select(self, block: RowBlock, among: int) -> int:
        """Return the rows left by every child in turn."""
        for child in self.children:
            if not among:
                break
            among = child.select(block, among)
        return among


class AnyOf(_Combined, frozen=True):
    """Satisfied where any child is; see `any_of`."""

    def select(self, block: RowBlock, among: int) -> int:
        """Return what any child takes; each sees only what is left by those before it."""
        left = among
        for child in self.children:
            if not left:
                break
            left ^= child.select(block, left)
        return among ^ left


class Without(Struct, frozen=True):
    """Satisfied where the child is not."""

    child: Condition
    """What must not be satisfied."""

    @property
    def effort(self) -> Effort:
        """The effort of the child."""
        return self.child.effort

    def select(self, block: RowBlock, among: int) -> int:
        """Return the rows the child does not take."""
        return among ^ self.child.select(block, among)


def all_of(children: list[Condition]) -> Condition:
    """Combine conditions, the cheapest first."""
    return children[0] if len(children) == 1 else AllOf(tuple(sorted(children, key=_effort)))


def any_of(children: list[Condition]) -> Condition:
    """Offer conditions, the cheapest first."""
    return children[0] if len(children) == 1 else AnyOf(tuple(sorted(children, key=_effort)))


def split_by_effort(condition: Condition) -> tuple[Condition, Condition | None]:
    """Take a condition apart into what looks at columns only, and the rest.

    Returns:
        Two conditions that together are the given one; the second is None if nothing is left.
    """
    if condition.effort is Effort.COLUMN:
        return condition, None
    if not isinstance(condition, AllOf):
        return Everything(), condition
    columns = [child for child in condition.children if child.effort is Effort.COLUMN]
    rest = [child for child in condition.children if child.effort is not Effort.COLUMN]
    return (all_of(columns) if columns else Everything()), all_of(rest)


def _effort(condition: Condition) -> Effort:
    return condition.effort
