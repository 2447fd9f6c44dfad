"""How far two people agree about the same answers."""

from collections import Counter
from collections.abc import Mapping

from msgspec import Struct


class Agreement(Struct, frozen=True):
    """Two people's verdicts side by side."""

    both: int
    """Rows that both judged."""
    agreed: int
    """Of those, rows with the same verdict from both."""
    only_first: int
    """Rows that only the first judged."""
    only_second: int
    """Rows that only the second judged."""
    kappa: float | None
    """Cohen's kappa: 1 is full agreement, 0 what chance would give; None where it is undefined."""
    pairs: Mapping[tuple[str, str], int]
    """How often the first said one verdict and the second another, the most frequent first."""


def agreement_of(first: Mapping[str, str], second: Mapping[str, str]) -> Agreement:
    """Compare verdicts by custom_id; a row without one is not judged."""
    first = {one: verdict for one, verdict in first.items() if verdict}
    second = {one: verdict for one, verdict in second.items() if verdict}
    both = first.keys() & second.keys()
    pairs = Counter((first[one], second[one]) for one in both)
    agreed = sum(count for (mine, theirs), count in pairs.items() if mine == theirs)
    return Agreement(
        both=len(both),
        agreed=agreed,
        only_first=len(first) - len(both),
        only_second=len(second) - len(both),
        kappa=_kappa(pairs, agreed, len(both)),
        pairs=dict(pairs.most_common()),
    )


def _kappa(pairs: Mapping[tuple[str, str], int], agreed: int, both: int) -> float | None:
    mine: Counter[str] = Counter()
    theirs: Counter[str] = Counter()
    for (one, other), count in pairs.items():
        mine[one] += count
        theirs[other] += count
    # kept in whole numbers, so that equal sides are exactly 1
    by_chance = sum(mine[verdict] * theirs[verdict] for verdict in mine)
    if both * both == by_chance:
        return None
    return (agreed * both - by_chance) / (both * both - by_chance)
