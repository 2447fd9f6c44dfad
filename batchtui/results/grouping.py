"""Groups of rows as values: what they have in common, how many they are, where numbers lie."""

import math
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate

from msgspec import Struct

from batchtui.results.records.json_scan import Number, as_written

_BUCKETS = 10


class RowGroup(Struct, frozen=True):
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

    @property
    def key(self) -> tuple[str, str, bool]:
        """What tells it from the other groups: a number from the same text, and from no value."""
        return self.value, self.kind, self.is_missing


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
    groups: tuple[RowGroup, ...]
    """The largest first."""
    rows: int
    """How many rows were grouped."""
    values: int
    """How many different values there are, those of groups left out included."""
    spread: Spread | None
    """Of the numbers among the values; None if there are none."""


def largest_first(groups: Iterable[RowGroup]) -> tuple[RowGroup, ...]:
    """Put groups in order; those of the same size stay in theirs."""
    return tuple(sorted(groups, key=lambda group: -group.rows))


def measure_spread(numbers: Mapping[Number, int]) -> Spread | None:
    """Describe where numbers lie.

    Args:
        numbers: How often there is each.
    """
    if not numbers:
        return None
    ordered = sorted(numbers.items(), key=lambda item: item[0])
    count = sum(numbers.values())
    total = math.fsum(float(number) * rows for number, rows in ordered)
    least, greatest = ordered[0][0], ordered[-1][0]
    return Spread(
        count, least, _median(ordered, count), total / count, greatest, _histogram(ordered)
    )


def _median(ordered: Sequence[tuple[Number, int]], count: int) -> Number:
    """Return the number in the middle; of an even number, what lies between the two."""
    ends = list(accumulate(rows for _, rows in ordered))
    low = ordered[bisect_right(ends, (count - 1) // 2)][0]
    high = ordered[bisect_right(ends, count // 2)][0]
    if low == high:
        return low
    middle = (as_written(low) + as_written(high)) / 2
    return int(middle) if middle == middle.to_integral_value() else float(middle)


def _histogram(ordered: Sequence[tuple[Number, int]]) -> tuple[NumberBucket, ...]:
    least, greatest = float(ordered[0][0]), float(ordered[-1][0])
    width = _round_width((greatest - least) / _BUCKETS)
    if not width or not math.isfinite(width):
        return (NumberBucket(least, greatest, sum(rows for _, rows in ordered)),)
    start = math.floor(least / width)
    steps = math.floor(greatest / width) - start + 1
    edges = [(start + step) * width for step in range(steps + 1)]
    counts = [0] * steps
    for number, rows in ordered:
        place = bisect_right(edges, float(number)) - 1
        counts[min(max(place, 0), steps - 1)] += rows
    return tuple(NumberBucket(edges[step], edges[step + 1], counts[step]) for step in range(steps))


def _round_width(width: float) -> float:
    """Return a width of 1, 2, 2.5 or 5 times a power of ten that is not smaller."""
    if width <= 0 or not math.isfinite(width):
        return 0.0
    power = 10.0 ** math.floor(math.log10(width))
    return next((step * power for step in (1, 2, 2.5, 5) if step * power >= width), 10 * power)
