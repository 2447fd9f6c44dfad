"""The rows of a batch as groups that may go again: why each has no answer, and what is worth it."""

from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from enum import Enum

from msgspec import Struct
from msgspec.structs import replace

from batchtui.results.index import (
    CANCELED,
    DUPLICATE_ID,
    ERRORED,
    EXPIRED,
    RESULT_TYPES,
    SUCCEEDED,
    ErrorCause,
    ResultsIndex,
)
from batchtui.results.triage_advice import find_advice
from batchtui.submission.later import Candidates, LaterRows, Standing
from batchtui.submission.retry import Prospect, RowFacts, choose, prospect_of

_MAX_TOKENS = "max_tokens"


class Worth(Enum):
    """Whether rows are worth sending again; the value is what the list says."""

    YES = "yes, as it is"
    LARGER = "with a larger max_tokens"
    ACCOUNT = "once the account is set right"
    LOOK = "look at one first"
    CHANGED = "only with a change"
    ANSWERED = "has its answer already"


class RetryGroup(Struct, frozen=True):
    """Rows that have no answer, or no whole one, for the same reason."""

    name: str
    """The reason in a word or two; untrusted text."""
    message: str
    """More of it; untrusted text, may be empty."""
    advice: str
    """What to do, in a sentence or two."""
    worth: Worth
    """Whether they are worth sending again."""
    rows: Sequence[int]
    """Which."""
    later: str = ""
    """What a later try has of them, in a few words; empty where none has."""


def retry_groups(
    index: ResultsIndex, only: Collection[str] | None = None
) -> tuple[RetryGroup, ...]:
    """Group the rows that may go again, the most worthwhile first.

    Args:
        index: All rows of the results.
        only: The ids of the rows to choose from, whatever they are; ``None`` for all that have
            no whole answer.
    """
    wanted = None if only is None else frozenset(only)
    groups = [
        RetryGroup(group.name, group.message, group.advice, group.worth, rows)
        for group in _groups(index, with_answers=only is not None)
        if (rows := _among(index, group.rows, wanted))
    ]
    order = list(Worth)
    return tuple(sorted(groups, key=lambda group: (order.index(group.worth), -len(group.rows))))


def _among(
    index: ResultsIndex, rows: Sequence[int], wanted: frozenset[str] | None
) -> Sequence[int]:
    if wanted is None:
        return rows
    return array("I", (row for row in rows if index.custom_id(row) in wanted))


def _groups(index: ResultsIndex, *, with_answers: bool) -> Iterator[RetryGroup]:
    yield RetryGroup(
        "expired",
        "",
        "The batch's 24 hours were over before these had their turn.",
        Worth.YES,
        index.rows_by_type[EXPIRED],
    )
    yield RetryGroup(
        "canceled",
        "",
        "Canceled before these had their turn.",
        Worth.YES,
        index.rows_by_type[CANCELED],
    )
    yield from _failed(index)
    yield from _succeeded(index, with_answers=with_answers)


def _failed(index: ResultsIndex) -> Iterator[RetryGroup]:
    rows: dict[int, array[int]] = {}
    for kind in range(ERRORED, len(RESULT_TYPES)):
        if kind not in {CANCELED, EXPIRED}:
            for row in index.rows_by_type[kind]:
                rows.setdefault(index.causes[row], array("I")).append(row)
    for code, found in rows.items():
        cause = index.cause_list[code]
        advice = find_advice(cause).advice
        yield RetryGroup(cause.type, cause.message_pattern, advice, _worth_of(cause), found)


def _worth_of(cause: ErrorCause) -> Worth:
    facts = RowFacts("", RESULT_TYPES[ERRORED], error_type=cause.type)
    if prospect_of(facts) is Prospect.YES:
        return Worth.YES
    remedy = find_advice(cause).remedy
    if remedy == "account":
        return Worth.ACCOUNT
    return Worth.LOOK if remedy == "look" else Worth.CHANGED


def _succeeded(index: ResultsIndex, *, with_answers: bool) -> Iterator[RetryGroup]:
    names = index.stop_names
    cut = names.index(_MAX_TOKENS) if _MAX_TOKENS in names else -1
    stops = index.stop_reasons
    truncated: array[int] = array("I")
    whole: array[int] = array("I")
    for row in index.rows_by_type[SUCCEEDED]:
        (truncated if stops[row] == cut else whole).append(row)
    yield RetryGroup(
        "cut at max_tokens",
        "",
        "The answers end where max_tokens cut them: they need a larger one. The answers that are"
        " here stay; the merged view takes the newer ones.",
        Worth.LARGER,
        truncated,
    )
    if with_answers:
        advice = "These succeeded. Sent again, they cost again; the merged view takes the newer."
        yield RetryGroup("succeeded", "", advice, Worth.ANSWERED, whole)


def candidates_of(index: ResultsIndex, groups: Iterable[RetryGroup]) -> Candidates:
    """Return the ids of all rows of some groups."""
    ids: set[str] = set()
    cut: set[str] = set()
    for group in groups:
        found = {index.custom_id(row) for row in group.rows}
        ids |= found
        if group.worth is Worth.LARGER:
            cut |= found
    return Candidates(frozenset(ids) - {""}, frozenset(cut) - {""})


_LATER = {
    Standing.ANSWERED: "answered in a later try",
    Standing.UNDER_WAY: "under way in a later try",
    Standing.UNCLEAR: "perhaps answered already",
}
_LATER_ADVICE = {
    Standing.ANSWERED: "Answered in {}. Sent again, they cost again; the merged view takes the"
    " newer answers.",
    Standing.UNDER_WAY: "Under way in {}: it may well answer them. Sent again, they cost twice.",
    Standing.UNCLEAR: "{} has sent them again, and its results are not on this disk: download them"
    " first (Enter on it in the list) to know which it answered.",
}


def split_by_later(
    index: ResultsIndex,
    groups: Iterable[RetryGroup],
    later: Iterable[LaterRows],
    names: Mapping[str, str],
) -> tuple[RetryGroup, ...]:
    """Take the rows that a later try has out of their groups, into groups that say so, behind.

    Args:
        index: All rows of the results.
        groups: The rows that may go again.
        later: What later tries have of them.
        names: Of the later tries, by id.
    """
    found = tuple(later)
    place = {custom_id: number for number, one in enumerate(found) for custom_id in one.ids}
    left: list[RetryGroup] = []
    taken: list[RetryGroup] = []
    for group in groups:
        rows: dict[int, array[int]] = {}
        for row in group.rows:
            rows.setdefault(place.get(index.custom_id(row), -1), array("I")).append(row)
        for number, some in sorted(rows.items()):
            if number < 0:
                left.append(replace(group, rows=some))
                continue
            one = found[number]
            advice = _LATER_ADVICE[one.standing].format(names.get(one.batch_id, one.batch_id))
            taken.append(replace(group, rows=some, later=_LATER[one.standing], advice=advice))
    return (*left, *taken)


def chosen_ids(index: ResultsIndex, groups: Iterable[RetryGroup]) -> frozenset[str]:
    """Return the ids of the rows of some groups.

    One that also has a row with a whole answer (results that name it twice) is left out, unless
    such rows are among those chosen.
    """
    rows = [(group, row) for group in groups for row in group.rows]
    ids = frozenset(index.custom_id(row) for _, row in rows) - {""}
    if not index.duplicate_rows or any(group.worth is Worth.ANSWERED for group, _ in rows):
        return ids
    twice = (
        RowFacts(index.custom_id(row), "succeeded", stop_reason=index.stop_names[stop])
        for row, stop in enumerate(index.stop_reasons)
        if index.flags[row] & DUPLICATE_ID and index.types[row] == SUCCEEDED
    )
    answered = choose(twice, {Prospect.DONE})
    return ids - answered
