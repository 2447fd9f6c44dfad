"""What later tries have of the rows to be sent again: found out, and told."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import closing
from itertools import starmap

from batchtui.api.errors import NotFound
from batchtui.api.models import MessageBatch
from batchtui.cli.common import Account
from batchtui.cli.exits import complain, note
from batchtui.cli.output import Json
from batchtui.cli.progress import ProgressLine
from batchtui.cli.results import load
from batchtui.errors import BatchtuiError
from batchtui.formatting import plural
from batchtui.session import Session
from batchtui.submission.later import (
    Candidates,
    LaterRows,
    Standing,
    each_once,
    ids_by_standing,
    later_tries,
    rows_by_counts,
    rows_by_results,
)
from batchtui.submission.retry import RowFacts

_WORDS = {Standing.ANSWERED: "answered", Standing.UNDER_WAY: "still under way"}


def find_later(
    account: Account, batch_id: str, candidates: Candidates, *, only_look: bool
) -> tuple[LaterRows, ...]:
    """Find out what later tries have of some rows of a batch, each row once.

    Args:
        account: Whose batches.
        batch_id: The batch whose rows they are.
        candidates: The rows.
        only_look: Whether nothing is sent: what the server cannot be asked is then not known.

    Raises:
        BatchtuiError: Results here cannot be read, or the server not be asked.
    """
    with account.ledger() as ledger:
        tries = later_tries(ledger, batch_id)
    store = account.store()
    stored = {one: store.stored(one.record.batch_id) for one in tries}
    batches = _ask(
        account, [one.record.batch_id for one in tries if stored[one] is None], only_look=only_look
    )
    found: list[LaterRows] = []
    with ProgressLine() as progress:
        for one, results in stored.items():
            if results is None:
                batch = batches.get(one.record.batch_id)
                found += rows_by_counts(one, batch, candidates)
                continue
            with closing(load(results.path, progress)) as file:
                found += rows_by_results(one, starmap(RowFacts, file.index.outcomes()), candidates)
    return each_once(found)


def _ask(account: Account, ids: Sequence[str], *, only_look: bool) -> Mapping[str, MessageBatch]:
    """The batches as the server has them; without those it does not."""
    if not ids:
        return {}

    async def retrieve(session: Session, batch_id: str) -> MessageBatch | None:
        try:
            return await session.client.retrieve(batch_id)
        except NotFound:
            return None

    async def retrieve_all(session: Session) -> Sequence[MessageBatch | None]:
        return await asyncio.gather(*(retrieve(session, one) for one in ids))

    try:
        answers = account.run(retrieve_all)
    except BatchtuiError as error:
        if not only_look:
            raise
        complain(error.message, error.hint)
        return {}
    return {one: batch for one, batch in zip(ids, answers, strict=True) if batch is not None}


def tell_left_out(found: Sequence[LaterRows], *, is_all: bool) -> None:
    """Say which rows are not sent again and why.

    Args:
        found: What later tries have.
        is_all: Whether nothing else would have been sent.
    """
    known = [one for one in found if one.standing in _WORDS]
    if not known:
        return
    where = [f"{_WORDS[one.standing]} in the retry {one.batch_id}" for one in known]
    counted = [
        f"{plural(len(one.ids), 'row')} {words}" for one, words in zip(known, where, strict=True)
    ]
    if is_all:
        why = ", ".join(counted)
        note(f"Nothing is left to send again: {why}. --again sends them all the same.")
        return
    why = where[0] if len(known) == 1 else ", ".join(counted)
    note(f"{plural(sum(len(one.ids) for one in known), 'row')} left out: {why}.")


def tell_unclear(found: Sequence[LaterRows]) -> bool:
    """Say of which rows it is not known whether a later try answered them; whether there are."""
    unclear = [one for one in found if one.standing is Standing.UNCLEAR]
    for one in unclear:
        rows = plural(len(one.ids), "row")
        complain(
            f"It is not known which of {rows} the retry {one.batch_id} answered: its results are"
            " not on this disk.",
            f"Download them first: batchtui results {one.batch_id} > FILE, or batchtui sync."
            " --again sends all rows all the same.",
        )
    return bool(unclear)


def left_of(found: Sequence[LaterRows], candidates: Candidates) -> frozenset[str]:
    """The rows that no later try has answered or under way."""
    ids = ids_by_standing(found)
    return candidates.ids - ids[Standing.ANSWERED] - ids[Standing.UNDER_WAY]


def later_fields(found: Sequence[LaterRows]) -> list[Json]:
    """What later tries have, as JSON."""
    return [
        {"batch": one.batch_id, "standing": one.standing.value, "rows": len(one.ids)}
        for one in found
    ]
