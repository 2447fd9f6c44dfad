"""A sitting in which answers are judged one after the other: pure, and without a screen."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from batchtui.library.ledger_values import Review

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


class ReviewSession(Struct, frozen=True):
    """The cards of one sitting, which of them is shown, and what was said of them."""

    cards: tuple[str, ...] = ()
    """What is judged, by custom_id, in the order in which it is shown."""
    reviews: Mapping[str, Review] = {}
    """By custom_id; those of before as well."""
    place: int = 0
    """Of the card that is shown."""
    shown_at: float | None = None
    """Since when it has been on the screen, in monotonic seconds."""
    times: tuple[float, ...] = ()
    """The seconds that the latest judgements took."""

    @classmethod
    def begin(cls, cards: Iterable[str], reviews: Mapping[str, Review]) -> "ReviewSession":
        """Return a sitting at its first card without a verdict."""
        session = cls(tuple(cards), reviews)
        return session.go_to_unjudged() if session.review.verdict else session

    @property
    def current(self) -> str:
        """The custom_id of the card that is shown; "" without cards."""
        return self.cards[self.place] if self.cards else ""

    @property
    def review(self) -> Review:
        """What was said of it."""
        return self.review_of(self.current)

    def review_of(self, custom_id: str) -> Review:
        """Return what was said of a card."""
        return self.reviews.get(custom_id, Review(custom_id))

    @property
    def is_done(self) -> bool:
        """Whether every card has a verdict."""
        return all(map(self._verdict_of, self.cards))

    def _verdict_of(self, card: str) -> str:
        return self.reviews[card].verdict if card in self.reviews else ""

    def show(self, now: float) -> "ReviewSession":
        """Note that the card is on the screen now, in monotonic seconds."""
        return replace(self, shown_at=now)

    def judge(self, verdict: str, now: float) -> "ReviewSession":
        """Give the card a verdict ("" takes it back) and go to the next one without."""
        session = self._with_review(replace(self.review, verdict=verdict))
        if not verdict:
            return session
        if self.shown_at is not None and now - self.shown_at <= _LONGEST:
            times = (*self.times, now - self.shown_at)[-_PACE_OF:]
            session = replace(session, times=times)
        return session.go_to_unjudged()

    def annotate(self, custom_id: str, note: str) -> "ReviewSession":
        """Give a card a note; another one may be shown by the time it is kept."""
        return self._with_review(replace(self.review_of(custom_id), note=note))

    def _with_review(self, review: Review) -> "ReviewSession":
        return replace(self, reviews={**self.reviews, review.custom_id: review})

    def move(self, step: int) -> "ReviewSession":
        """Show a card further on or back, judged or not, if there is one."""
        place = self.place + step
        return replace(self, place=place) if 0 <= place < len(self.cards) else self

    def go_to_unjudged(self) -> "ReviewSession":
        """Show the next card without a verdict, from the beginning after the last one."""
        count = len(self.cards)
        places = ((self.place + step) % count for step in range(1, count + 1))
        unjudged = (place for place in places if not self._verdict_of(self.cards[place]))
        return replace(self, place=next(unjudged, self.place))

    @property
    def progress(self) -> ReviewProgress:
        """How far it is."""
        judged = sum(bool(self._verdict_of(card)) for card in self.cards)
        times = sorted(self.times)
        usual = times[len(times) // 2] if times else None
        return ReviewProgress(self.place + 1 if self.cards else 0, len(self.cards), judged, usual)

    def counts(self) -> Mapping[str, int]:
        """Return how often each verdict was given to cards of this sitting, most often first."""
        given = filter(None, map(self._verdict_of, self.cards))
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
