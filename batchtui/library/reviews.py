"""What a person said of answers: a verdict and a note per row, kept in the ledger.

A review is about one results file, named by its subject: the batch's id, ``file:`` and the path of
a file, or both sides of a comparison. The results themselves are never written to.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from batchtui.clock import Clock
from batchtui.library.errors import LibraryError
from batchtui.library.ledger_database import (
    LedgerDatabase,
    storable,
    to_micros,
    to_moment,
    to_text,
)
from batchtui.library.ledger_values import Review

GOOD: Final = "good"
BAD: Final = "bad"
UNSURE: Final = "unsure"
USUAL: Final = (GOOD, BAD, UNSURE)
"""The verdicts there are without a word from the user."""
_VERDICT: Final = re.compile(r"[\w.+-]{1,40}")

_SET_VERDICT = """
    INSERT INTO reviews (subject, custom_id, reviewed_at, verdict) VALUES (?, ?, ?, ?)
    ON CONFLICT (subject, custom_id)
        DO UPDATE SET verdict = excluded.verdict, reviewed_at = excluded.reviewed_at"""
_SET_NOTE = """
    INSERT INTO reviews (subject, custom_id, reviewed_at, note) VALUES (?, ?, ?, ?)
    ON CONFLICT (subject, custom_id)
        DO UPDATE SET note = excluded.note, reviewed_at = excluded.reviewed_at"""


class UnusableVerdict(LibraryError):
    """A verdict is no single word."""

    def __init__(self, verdict: str) -> None:
        super().__init__(
            f"{verdict[:60]!r} cannot be a verdict.",
            hint="A verdict is one word of letters, digits, _, -, + and dots.",
        )


def file_subject(path: Path) -> str:
    """Return the subject of a results file that no account knows."""
    return f"file:{path.absolute()}"


def pair_subject(one: str, other: str) -> str:
    """Return the subject of a comparison."""
    return f"{one}\n{other}"


def checked_verdict(verdict: str) -> str:
    """Return a verdict as it is kept; "" takes one back.

    Raises:
        UnusableVerdict: It is not a single word.
    """
    verdict = verdict.strip()
    if verdict and not _VERDICT.fullmatch(verdict):
        raise UnusableVerdict(verdict)
    return verdict


class Reviews:
    """The reviews in one ledger. Every method may raise `LedgerError`."""

    def __init__(self, database: LedgerDatabase, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def of(self, subject: str) -> Mapping[str, Review]:
        """Return all reviews of a subject by custom_id, the earliest first."""
        rows = self._database.read(
            "SELECT custom_id, verdict, note, reviewed_at FROM reviews WHERE subject = ?"
            " AND (verdict != '' OR note != '') ORDER BY reviewed_at, custom_id",
            (storable(subject),),
        )
        found = (
            Review(to_text(row[0]), to_text(row[1]), to_text(row[2]), to_moment(row[3]))
            for row in rows
        )
        return {review.custom_id: review for review in found}

    def judge(self, subject: str, custom_ids: Iterable[str], verdict: str) -> int:
        """Give rows a verdict, or take theirs back with ""; notes stay.

        Returns:
            How many rows.

        Raises:
            UnusableVerdict: It is not a single word.
        """
        return self._set(
            _SET_VERDICT, subject, [(one, checked_verdict(verdict)) for one in custom_ids]
        )

    def annotate(self, subject: str, custom_ids: Iterable[str], note: str) -> None:
        """Keep a note on rows; an empty one takes theirs away."""
        self._set(_SET_NOTE, subject, [(one, note.strip()) for one in custom_ids])

    def take_in(self, subject: str, reviews: Iterable[Review]) -> int:
        """Keep reviews that come from elsewhere, over those of the same rows.

        Returns:
            How many rows.

        Raises:
            UnusableVerdict: A verdict is no single word; nothing is kept.
        """
        kept = [
            (
                storable(subject),
                storable(review.custom_id),
                checked_verdict(review.verdict),
                storable(review.note.strip()),
                to_micros(review.reviewed_at or self._clock.now()),
            )
            for review in reviews
        ]
        with self._database.write() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO reviews (subject, custom_id, verdict, note, reviewed_at)"
                " VALUES (?, ?, ?, ?, ?)",
                kept,
            )
        return len(kept)

    def _set(self, statement: str, subject: str, values: list[tuple[str, str]]) -> int:
        now = to_micros(self._clock.now())
        with self._database.write() as connection:
            connection.executemany(
                statement,
                [(storable(subject), storable(one), now, storable(text)) for one, text in values],
            )
        return len(values)
