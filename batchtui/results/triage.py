"""Why rows failed: grouped by cause, each with what to do and the query that shows its rows."""

from collections import Counter
from collections.abc import Sequence

from msgspec import Struct

from batchtui.results.groups import cause_queries
from batchtui.results.index import (
    CANCELED,
    ERRORED,
    EXPIRED,
    NO_CAUSE,
    RESULT_TYPES,
    UNKNOWN,
    UNREADABLE,
    ResultsIndex,
)
from batchtui.results.triage_advice import Remedy, find_advice

EXAMPLES = 3
"""Rows given as examples of a group."""


class FailureGroup(Struct, frozen=True):
    """Rows that failed for the same reason."""

    type: str
    """The API's error type; or ``expired``, ``canceled``, ``unknown``, ``unreadable``. Untrusted
    text."""
    message: str
    """The message with ids and numbers folded; untrusted text, may be empty."""
    example: str
    """One whole message; untrusted text."""
    count: int
    """How many rows."""
    rows: tuple[int, ...]
    """The first few of them."""
    remedy: Remedy
    """What kind of step helps."""
    advice: str
    """What to do, in a sentence or two."""
    query: str
    """The query that finds exactly these rows."""
    cause: int | None = None
    """The number of their cause in the index; ``None`` for rows that were not run."""


def triage(index: ResultsIndex) -> tuple[FailureGroup, ...]:
    """Group the rows that failed.

    Args:
        index: The rows; it may still grow.

    Returns:
        The largest group first.
    """
    groups = [*_group_causes(index), *_group_not_run(index)]
    return tuple(sorted(groups, key=lambda group: -group.count))


def rows_of(index: ResultsIndex, group: FailureGroup) -> Sequence[int]:
    """Return all rows of a group of these failures, ascending."""
    if group.cause is None:
        return index.rows_by_type[RESULT_TYPES.index(group.type)][:]
    causes = index.causes
    kinds = [index.rows_by_type[kind][:] for kind in (ERRORED, UNKNOWN, UNREADABLE)]
    return sorted(row for rows in kinds for row in rows if causes[row] == group.cause)


def _group_causes(index: ResultsIndex) -> list[FailureGroup]:
    counts: Counter[int] = Counter(index.causes[: len(index)])
    del counts[NO_CAUSE]
    rows, queries = _first_rows(index, counts), cause_queries(index)
    groups: list[FailureGroup] = []
    for code, count in counts.items():
        cause = index.cause_list[code]
        advice = find_advice(cause)
        groups.append(
            FailureGroup(
                cause.type,
                cause.message_pattern,
                cause.example,
                count,
                tuple(rows[code]),
                advice.remedy,
                advice.advice,
                queries[code],
                code,
            )
        )
    return groups


def _first_rows(index: ResultsIndex, counts: Counter[int]) -> dict[int, list[int]]:
    """Find the first rows of each cause, looking no further than needed."""
    found: dict[int, list[int]] = {code: [] for code in counts}
    missing = sum(min(count, EXAMPLES) for count in counts.values())
    for kind in (ERRORED, UNKNOWN, UNREADABLE):
        for row in index.rows_by_type[kind][:]:
            rows = found.get(index.causes[row])
            if rows is None or len(rows) >= EXAMPLES:
                continue
            rows.append(row)
            missing -= 1
            if not missing:
                return found
    return found


def _group_not_run(index: ResultsIndex) -> list[FailureGroup]:
    expired, canceled = index.rows_by_type[EXPIRED], index.rows_by_type[CANCELED]
    groups: list[FailureGroup] = []
    if expired:
        advice = "The batch's 24 hours were over before these had their turn: send them again."
        groups.append(_not_run("expired", expired[:EXAMPLES].tolist(), len(expired), advice))
    if canceled:
        advice = "Canceled before these had their turn: send them again if you still want them."
        groups.append(_not_run("canceled", canceled[:EXAMPLES].tolist(), len(canceled), advice))
    return groups


def _not_run(kind: str, rows: list[int], count: int, advice: str) -> FailureGroup:
    return FailureGroup(kind, "", "", count, tuple(rows), "send again", advice, f"type:{kind}")
