"""Make the screen of a review."""

from collections.abc import Sequence

from batchtui.library.reviews import USUAL, Reviews
from batchtui.tui.messages import Cards
from batchtui.tui.screens.review.cards import BLIND_VERDICTS, PairCards
from batchtui.tui.screens.review.screen import ReviewScreen, ReviewSetup


def review_screen(
    cards: Cards,
    reviews: Reviews,
    *,
    title: str,
    subject: str,
    custom_ids: Sequence[str],
    labels: Sequence[str] = USUAL,
) -> ReviewScreen:
    """Make the screen.

    Args:
        cards: What is judged.
        reviews: Where it is kept.
        title: What the user calls it.
        subject: What the reviews are kept under.
        custom_ids: The cards, in order.
        labels: The user's verdicts; of two runs, which side is better is asked instead.
    """
    verdicts = BLIND_VERDICTS if isinstance(cards, PairCards) else tuple(labels)[:9]
    unique = tuple(dict.fromkeys(one for one in custom_ids if one))
    return ReviewScreen(cards, reviews, ReviewSetup(title, subject, unique, verdicts))
