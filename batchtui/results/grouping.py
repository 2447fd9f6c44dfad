"""Groups of rows as values: what they have in common, how many they are, where numbers lie."""

from collections.abc import Iterable

from msgspec import Struct

from batchtui.results.records.json_scan import Number


class Group(Struct, frozen=True):
    """Rows with the same value."""

    value: str
    """The value as shown: untrusted text; empty for rows without one."""
    rows: int
    """How many rows have it."""
    share: float
    """Their share of all rows grouped, 0 to 1; rows with several values count in each group."""
    query: str
    """What to add to a query to find them."""
    kind: str = "string"
    """The type of the value as JSON calls it; empty for rows without one."""
    is_missing: bool = False
    """Whether these are the rows without a value."""


class NumberBucket(Struct, frozen=True):
    """Numbers of about the same size."""

    low: float
    """The least number that belongs here."""
    high: float
    """The greatest, exclusive but in the last bucket."""
    rows: int


class Spread(Struct, frozen=True):
    """Where numbers lie."""

    count: int
    least: Number
    median: Number
    mean: float
    greatest: Number
    buckets: tuple[NumberBucket, ...]
    """Equally wide, with round limits, from the least to the greatest number."""


class Grouping(Struct, frozen=True):
    """Rows grouped by one field."""

    by: str
    """The field as typed."""
    groups: tuple[Group, ...]
    """The largest first."""
    rows: int
    """How many rows were grouped."""
    values: int
    """How many different values there are, those of groups left out included."""
    spread: Spread | None
    """Of the numbers among the values; None if there are none."""


def largest_first(groups: Iterable[Group]) -> tuple[Group, ...]:
    """Put groups in order; those of the same size stay in theirs."""
    return tuple(sorted(groups, key=lambda group: -group.rows))
