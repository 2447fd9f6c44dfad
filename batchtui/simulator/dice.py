"""Chance that repeats: the same seed gives the same throws on every machine and Python version.

`random` promises that only for some of its methods, and the bytes of a results file must not change
when the interpreter does.
"""

import zlib
from collections.abc import Sequence
from typing import Final, TypeVar

T = TypeVar("T")

_MASK: Final = (1 << 64) - 1
_STEP: Final = 0x9E3779B97F4A7C15

BASE58: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


class Dice:
    """A stream of throws that a seed decides (splitmix64).

    Args:
        seed: Any mixture of numbers and words; each combination is its own stream.
    """

    __slots__ = ("_state",)

    def __init__(self, *seed: int | str) -> None:
        state = 0
        for part in seed:
            number = zlib.crc32(part.encode()) if isinstance(part, str) else part
            state = _scramble((state + number) & _MASK)
        self._state = state

    def below(self, limit: int) -> int:
        """Throw a whole number from 0 up to, not including, ``limit``."""
        self._state = (self._state + _STEP) & _MASK
        return _scramble(self._state) % limit

    def between(self, low: int, high: int) -> int:
        """Throw a whole number from ``low`` to ``high``, both possible."""
        return low + self.below(high - low + 1)

    def fraction(self) -> float:
        """Throw a number from 0.0 up to, not including, 1.0."""
        return self.below(1 << 53) / (1 << 53)

    def happens(self, probability: float) -> bool:
        """Decide whether something of this probability happens."""
        return self.fraction() < probability

    def pick(self, choices: Sequence[T]) -> T:
        """Choose one of these."""
        return choices[self.below(len(choices))]

    def weighted(self, choices: Sequence[tuple[T, int]]) -> T:
        """Choose one of these, each as often as its weight says."""
        left = self.below(sum(weight for _, weight in choices))
        for choice, weight in choices:
            if left < weight:
                return choice
            left -= weight
        return choices[-1][0]

    def sample(self, limit: int, count: int) -> set[int]:
        """Choose ``count`` different numbers below ``limit`` (Floyd's method)."""
        chosen: set[int] = set()
        for top in range(limit - count, limit):
            number = self.below(top + 1)
            chosen.add(top if number in chosen else number)
        return chosen

    def letters(self, length: int) -> str:
        """Throw a word, such as the random part of an id."""
        return "".join(self.pick(BASE58) for _ in range(length))


def _scramble(value: int) -> int:
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
    return value ^ (value >> 31)
