"""A sitting in which answers are judged one after the other: pure, and without a screen."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from msgspec import Struct

A_BETTER: Final = "a"
B_BETTER: Final = "b"
TIE: Final = "tie"
_PACE_OF: Final = 20
"""Judgements that the pace is told from: the latest ones."""
_LONGEST: Final = 120.0
"""Seconds after which a judgement is taken for a pause."""


def cards_of(numbers: Iterable[int], custom_id: Callable[[int], str]) -> Mapping[str, int]:
    """Return the cards of a sitting: by custom_id the first row or pair that has it.

    Args:
        numbers: The rows or pairs, in the order in which they are judged.
        custom_id: Gives the id of one; one without is no card.
    """
    cards: dict[str, int] = {}
    for number in numbers:
        if name := custom_id(number):
            cards.setdefault(name, number)
    return cards


class ReviewProgress(Struct, frozen=True):
    """How far a sitting is."""

    place: int
    """Of the card that is shown, from 1."""
    cards: int
    """How many there are."""
    judged: int
    """How many have a verdict."""
    seconds_each: float | None
    """The usual time of a judgement; None while there is none."""

    @property
    def left(self) -> int:
        """How many have no verdict yet."""
        return self.cards - self.judged


class ReviewSession:
    """The cards of one sitting, which of them is shown, and what was said of them.

    Attributes:
        cards: What is judged, by custom_id, in the order in which it is shown.
        place: The card that is shown, from 0.
        verdicts: By custom_id; those of before as well.
    """

    def __init__(self, cards: Sequence[str], verdicts: Mapping[str, str]) -> None:
        self.cards = tuple(cards)
        self.verdicts = {one: verdict for one, verdict in verdicts.items() if verdict}
        self._times: list[float] = []
        self._shown_at: float | None = None
        self.place = 0
        if self.cards and self.current in self.verdicts:
            self.go_to_unjudged()

    @property
    def current(self) -> str:
        """The custom_id of the card that is shown; "" without cards."""
        return self.cards[self.place] if self.cards else ""

    @property
    def is_done(self) -> bool:
        """Whether every card has a verdict."""
        return all(card in self.verdicts for card in self.cards)

    def show(self, now: float) -> None:
        """Note that the card is on the screen now, in monotonic seconds."""
        self._shown_at = now

    def judge(self, verdict: str, now: float) -> None:
        """Give the card a verdict ("" takes it back) and go to the next one without."""
        if verdict:
            self.verdicts[self.current] = verdict
        else:
            self.verdicts.pop(self.current, None)
            return
        if self._shown_at is not None and now - self._shown_at <= _LONGEST:
            self._times = [*self._times, now - self._shown_at][-_PACE_OF:]
        self.go_to_unjudged()

    def move(self, step: int) -> bool:
        """Show a card further on or back, judged or not; and return whether there is one."""
        place = self.place + step
        if not 0 <= place < len(self.cards):
            return False
        self.place = place
        return True

    def go_to_unjudged(self) -> bool:
        """Show the next card without a verdict, from the beginning after the last one."""
        count = len(self.cards)
        for step in range(1, count + 1):
            place = (self.place + step) % count
            if self.cards[place] not in self.verdicts:
                self.place = place
                return True
        return False

    @property
    def progress(self) -> ReviewProgress:
        """How far it is."""
        judged = sum(card in self.verdicts for card in self.cards)
        times = sorted(self._times)
        usual = times[len(times) // 2] if times else None
        return ReviewProgress(self.place + 1 if self.cards else 0, len(self.cards), judged, usual)

    def counts(self) -> Mapping[str, int]:
        """Return how often each verdict was given to cards of this sitting, most often first."""
        given = (self.verdicts[card] for card in self.cards if card in self.verdicts)
        return dict(Counter(given).most_common())


def is_shuffled(custom_id: str, seed: int) -> bool:
    """Return whether the second run of a pair stands on the left, so that nobody knows which it is.

    The same for the same id and seed, and for half of all ids.
    """
    digest = hashlib.blake2b(custom_id.encode(errors="surrogatepass"), key=str(seed).encode())
    return bool(digest.digest()[0] & 1)


def unblinded(verdict: str, *, is_swapped: bool) -> str:
    """Turn a verdict on what stands left (a) and right (b) into one on the runs themselves."""
    if not is_swapped or verdict not in (A_BETTER, B_BETTER):
        return verdict
    return B_BETTER if verdict == A_BETTER else A_BETTER


def describe_winner(verdicts: Iterable[str], name_a: str, name_b: str) -> str:
    """Say which run was better how often, as at the end of a blind sitting.

    Args:
        verdicts: `A_BETTER`, `B_BETTER`, `TIE` and others, which are left out.
        name_a: What to call the first run.
        name_b: What to call the second run.
    """
    counted = Counter(verdicts)
    a, b, ties = counted[A_BETTER], counted[B_BETTER], counted[TIE]
    total = a + b + ties
    if not total:
        return "No pair was judged"
    if a == b:
        return f"Neither run is better: {a} and {b} of {total}"
    name, wins = (name_a, a) if a > b else (name_b, b)
    equal = f", {ties} equal" if ties else ""
    return f"{name} is better in {wins} of {total}{equal}"
