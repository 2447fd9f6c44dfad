"""What later tries of a batch have of its failed rows, so that they are not sent in vain."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from msgspec import Struct

from batchtui.formatting import format_count
from batchtui.results.index import ResultsIndex
from batchtui.results.triage import FailureGroup, rows_of, triage

if TYPE_CHECKING:
    from batchtui.session import Session
    from batchtui.submission.later import LaterRows


class Since(Struct, frozen=True):
    """How many of some failed rows later tries have."""

    answered: int = 0
    under_way: int = 0

    def __add__(self, other: "Since") -> "Since":
        return Since(self.answered + other.answered, self.under_way + other.under_way)

    def __str__(self) -> str:
        parts = [(self.answered, "answered since"), (self.under_way, "under way again")]
        return ", ".join(f"{format_count(count)} {words}" for count, words in parts if count)


async def find_since(session: "Session", batch_id: str, index: ResultsIndex) -> Mapping[str, Since]:
    """Find out what later tries have of the failed rows, by the query of their group.

    Results that are not on this disk are not fetched: what such a try answered is then known only
    where it answered all.

    Args:
        session: Whose batches.
        batch_id: The batch whose rows failed.
        index: All of its rows.

    Raises:
        BatchtuiError: Something on this disk cannot be read.
    """
    from batchtui.later_tries import LaterTries
    from batchtui.submission.later import Candidates

    later = await asyncio.to_thread(LaterTries.of, batch_id, session.ledger, session.store)
    if not later.tries:
        return {}
    ids = await asyncio.to_thread(_failed_ids, index)
    found = await later.find(
        Candidates(frozenset().union(*ids.values())),
        retrieve=session.client.retrieve,
        on_error=lambda _: None,  # this is only a remark
    )
    return await asyncio.to_thread(_count, ids, found)


def ids_of(index: ResultsIndex, group: FailureGroup) -> tuple[str, ...]:
    """Return the ids of all rows of a group; untrusted text."""
    return tuple(map(index.custom_id, rows_of(index, group)))


def _failed_ids(index: ResultsIndex) -> Mapping[str, frozenset[str]]:
    return {group.query: frozenset(ids_of(index, group)) for group in triage(index)}


def _count(ids: Mapping[str, frozenset[str]], found: "Iterable[LaterRows]") -> Mapping[str, Since]:
    from batchtui.submission.later import Standing, ids_by_standing

    standing = ids_by_standing(found)
    answered, under_way = standing[Standing.ANSWERED], standing[Standing.UNDER_WAY]
    return {
        query: Since(len(names & answered), len(names & under_way)) for query, names in ids.items()
    }
