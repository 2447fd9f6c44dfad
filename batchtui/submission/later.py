"""What became of a batch's rows in later tries: answered there, still under way, or not known.

A row is the same request in every try of its line, by its custom_id: one that a later try has
answered is not sent again unless the user wants that.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from batchtui.api.models import MessageBatch
from batchtui.library.ledger import Ledger
from batchtui.library.ledger_values import BatchRecord, Lineage, PartRecord
from batchtui.submission.errors import SourceError
from batchtui.submission.requested import part_of, requested_ids
from batchtui.submission.retry import Prospect, RowFacts, prospect_of


class Standing(StrEnum):
    """How rows stand in a later try; of a row that is in several, the first of these counts."""

    ANSWERED = "answered"
    UNDER_WAY = "under_way"
    UNCLEAR = "unclear"
    """It had them, and which of them it answered is not known here."""


class Candidates(Struct, frozen=True):
    """The rows that could be sent again."""

    ids: frozenset[str]
    """Untrusted text."""
    cut: frozenset[str] = frozenset()
    """Those whose answer was cut at max_tokens: only a whole answer counts as theirs."""


class LaterTry(Struct, frozen=True):
    """A try after the batch, and some of its rows."""

    record: BatchRecord
    """What the ledger has of it."""
    part: PartRecord | None = None
    """Which requests of its source it has, where it was sent from here."""

    @property
    def batch_id(self) -> str:
        """Which batch it is."""
        return self.record.batch_id


class LaterRows(Struct, frozen=True):
    """Rows that stand alike in one later try."""

    batch_id: str
    """The later try."""
    standing: Standing
    """How they stand there."""
    ids: frozenset[str]
    """Which; at least one."""


def later_tries(ledger: Ledger, batch_id: str) -> tuple[LaterTry, ...]:
    """Return the tries that may have answered rows of a batch after it did not, oldest first."""
    return tuple(
        LaterTry(record, part_of(ledger, record))
        for record in tries_after(ledger.lineage(batch_id))
    )


def tries_after(lineage: Lineage) -> tuple[BatchRecord, ...]:
    """Return the tries of a line that sent rows of the asked batch, or of its parents, after it.

    The other parts of the same file are not among them: they have other rows.
    """
    own = next((one for one in lineage.tries if one.batch_id == lineage.batch_id), None)
    if own is None:
        return ()
    below = _with_children({own.batch_id}, lineage.tries)
    beside = _with_children(_with_parents(own, lineage.tries), lineage.tries)
    # by this computer's clock alone: a server's may be far from it
    after = {one.batch_id for one in lineage.tries if _made(one) > _made(own)}
    wanted = (below | (beside & after)) - {own.batch_id}
    return tuple(
        one
        for one in lineage.tries
        if one.batch_id in wanted and (own.group_id is None or one.group_id != own.group_id)
    )


def _made(record: BatchRecord) -> datetime:
    return record.made_at or record.first_seen_at


def _with_children(ids: Collection[str], tries: Sequence[BatchRecord]) -> set[str]:
    found = set(ids)
    while more := {
        one.batch_id
        for one in tries
        if one.batch_id not in found and not found.isdisjoint(one.parents)
    }:
        found |= more
    return found


def _with_parents(own: BatchRecord, tries: Sequence[BatchRecord]) -> set[str]:
    parents = {one.batch_id: one.parents for one in tries}
    found: set[str] = set()
    todo = list(own.parents)
    while todo:
        batch_id = todo.pop()
        if batch_id not in found:
            found.add(batch_id)
            todo.extend(parents.get(batch_id, ()))
    return found


def rows_by_results(
    one: LaterTry, rows: Iterable[RowFacts], candidates: Candidates
) -> tuple[LaterRows, ...]:
    """Say what a later try answered by its results."""
    answered = set()
    for row in rows:
        if row.custom_id in candidates.ids:
            prospect = prospect_of(row)
            is_cut = prospect is Prospect.LARGER and row.custom_id not in candidates.cut
            if prospect is Prospect.DONE or is_cut:
                answered.add(row.custom_id)
    return _rows(one, Standing.ANSWERED, frozenset(answered))


def rows_by_counts(
    one: LaterTry, batch: MessageBatch | None, candidates: Candidates
) -> tuple[LaterRows, ...]:
    """Say what a later try answered where its results are not here; reads its source, in a thread.

    Args:
        one: The try.
        batch: As the server has it now; ``None`` where that is not known.
        candidates: The rows that could be sent again.
    """
    standing = _standing(batch)
    if standing is None:
        return ()
    ids = _ids_of(one)
    if ids is None:
        return _rows(one, Standing.UNCLEAR, candidates.ids)
    if batch is not None and len(ids) != batch.request_counts.total:
        standing = Standing.UNCLEAR  # another file was attached to it since, with other rows
    return _rows(one, standing, candidates.ids & ids)


def _standing(batch: MessageBatch | None) -> Standing | None:
    """Return how all its rows stand; ``None`` where it answered none."""
    if batch is None:
        return Standing.UNCLEAR
    if batch.is_live:
        return Standing.UNDER_WAY
    counts = batch.request_counts
    if counts.total and not counts.succeeded:
        return None
    return Standing.ANSWERED if 0 < counts.succeeded == counts.total else Standing.UNCLEAR


def _ids_of(one: LaterTry) -> frozenset[str] | None:
    """Return the ids of its requests; ``None`` where its source is not what it was."""
    if one.record.source is None:
        return None
    try:
        return frozenset(requested_ids(one.record.source, one.part))
    except SourceError:
        return None


def _rows(one: LaterTry, standing: Standing, ids: frozenset[str]) -> tuple[LaterRows, ...]:
    return (LaterRows(one.batch_id, standing, ids),) if ids else ()


def each_once(found: Iterable[LaterRows]) -> tuple[LaterRows, ...]:
    """Return every row where it stands best: answered first, then under way."""
    rows = tuple(found)
    seen: set[str] = set()
    sorted_out = []
    for standing in Standing:
        for one in rows:
            if one.standing is standing and (ids := one.ids - seen):
                seen |= ids
                sorted_out.append(LaterRows(one.batch_id, standing, ids))
    return tuple(sorted_out)


def ids_by_standing(found: Iterable[LaterRows]) -> Mapping[Standing, frozenset[str]]:
    """Return the ids of each standing."""
    ids: dict[Standing, frozenset[str]] = dict.fromkeys(Standing, frozenset())
    for one in found:
        ids[one.standing] |= one.ids
    return ids
