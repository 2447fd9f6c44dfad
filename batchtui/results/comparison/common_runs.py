"""What two sequences have in common, in a time that grows with their length."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence

from msgspec import Struct


class CommonRun(Struct, frozen=True):
    """Tokens that both sides have."""

    start: int
    """Where they begin on the first side."""
    begin: int
    """Where they begin on the second side."""
    size: int
    before: "CommonRun | None" = None
    """The run before this one, while the way is still looked for."""

    @property
    def after(self) -> tuple[int, int]:
        """Where it ends on either side."""
        return self.start + self.size, self.begin + self.size


class _Area(Struct, frozen=True):
    """The part of both sides in which runs are looked for."""

    start: int
    begin: int
    stop: int
    end: int


def common_runs(one: Sequence[str], other: Sequence[str], most: int) -> Iterator[CommonRun]:
    """Yield what both sides have in order, each run as long as it goes; an empty one at the end.

    The way leads by what stands once on each side, so that what comes after a long insertion is
    found again, however few edits are looked ahead.

    Args:
        one: The tokens of the first side.
        other: The tokens of the second side.
        most: Edits to look ahead for the shortest way; the time grows with it.
    """
    held = CommonRun(0, 0, 0)
    for run in _runs(one, other, most):
        if (run.start, run.begin) == held.after:
            held = CommonRun(held.start, held.begin, held.size + run.size)
        elif (size := _slide(one, other, held, run)) == held.size:
            held = CommonRun(run.start - size, run.begin - size, run.size + size)
        else:
            yield held
            held = run
    yield held
    yield CommonRun(len(one), len(other), 0)


def _slide(one: Sequence[str], other: Sequence[str], held: CommonRun, run: CommonRun) -> int:
    """Return how many tokens a run can take from the one before.

    They match as well behind what only one side has between the runs. Where all of them move,
    "a tree" and "my old tree" differ in one place, not in two with a space between them.
    """
    if not (held.start or held.begin):
        return -1
    size = 0
    if run.start == held.after[0] or run.begin == held.after[1]:
        while size < held.size and one[run.start - 1 - size] == other[run.begin - 1 - size]:
            size += 1
    return size


def _runs(one: Sequence[str], other: Sequence[str], most: int) -> Iterator[CommonRun]:
    x = y = 0
    for anchor in (*_anchors(one, other), CommonRun(len(one), len(other), 0)):
        while x < anchor.start and y < anchor.begin:
            area = _Area(x, y, anchor.start, anchor.begin)
            x, y, last = _shortest_way(one, other, area, most)
            yield from _in_order(last)
        yield anchor
        x, y = anchor.after


def _anchors(one: Sequence[str], other: Sequence[str]) -> Sequence[CommonRun]:
    """Return what stands once on each side, as much of it as has the same order on both."""
    places = {token: place for place, token in enumerate(other)}
    counts, counts_of_other = Counter(one), Counter(other)
    ends: list[int] = []
    chains: list[CommonRun] = []
    """Of each length the chain that ends first on the second side; `ends` tells where."""
    for start, token in enumerate(one):
        if counts[token] == counts_of_other[token] == 1:
            begin = places[token]
            length = bisect_left(ends, begin)
            before = chains[length - 1] if length else None
            ends[length : length + 1] = [begin]
            chains[length : length + 1] = [CommonRun(start, begin, 1, before)]
    return _in_order(chains[-1] if chains else None)


def _in_order(last: CommonRun | None) -> Sequence[CommonRun]:
    runs = []
    while last is not None:
        runs.append(last)
        last = last.before
    return runs[::-1]


def _shortest_way(
    one: Sequence[str], other: Sequence[str], area: _Area, most: int
) -> tuple[int, int, CommonRun | None]:
    """Look for the way through an area with the fewest edits, as Myers does.

    Returns:
        Where the way ends on either side, and its last run. It ends before the area does where
        that takes more edits than are looked ahead: as far along as they lead.
    """
    shift = area.begin - area.start
    width, height = area.stop - area.start, area.end - area.begin
    ways: dict[int, tuple[int, CommonRun | None]] = {1: (area.start, None)}
    """Of each diagonal how far it is reached on the first side, and the last run on the way."""
    for edits in range(most + 1):
        # a diagonal that has left the area has nothing more to find
        lowest, highest = -edits + 2 * max(0, edits - height), edits - 2 * max(0, edits - width)
        for diagonal in range(lowest, highest + 1, 2):
            step = _best_step(ways, diagonal, area)
            if step is None:
                ways.pop(diagonal, None)
                continue
            x, last = step
            y = x + shift - diagonal
            size = _common_size(one, other, area, x, y)
            if size:
                x, y, last = x + size, y + size, CommonRun(x, y, size, last)
            if x == area.stop and y == area.end:
                return x, y, last
            ways[diagonal] = x, last
    furthest = max(ways, key=lambda diagonal: 2 * ways[diagonal][0] - diagonal)
    x, last = ways[furthest]
    return x, x + shift - furthest, last


def _best_step(
    ways: "dict[int, tuple[int, CommonRun | None]]", diagonal: int, area: _Area
) -> "tuple[int, CommonRun | None] | None":
    """Return how far one more edit leads on a diagonal; ``None`` if out of the area."""
    x = last = None
    if diagonal - 1 in ways:
        before, last = ways[diagonal - 1]
        x = before + 1 if before < area.stop else None
    if diagonal + 1 in ways:
        below, last_below = ways[diagonal + 1]
        y = below + area.begin - area.start - diagonal
        if y <= area.end and (x is None or below > x):
            x, last = below, last_below
    return None if x is None else (x, last)


def _common_size(one: Sequence[str], other: Sequence[str], area: _Area, x: int, y: int) -> int:
    """Return how many tokens are the same from some place on."""
    start = x
    while x < area.stop and y < area.end and one[x] == other[y]:
        x, y = x + 1, y + 1
    return x - start
