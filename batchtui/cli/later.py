"""What later tries have of the rows to be sent again: found out, and said."""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from batchtui.cli.common import OfflineAccount
from batchtui.cli.exits import complain, note
from batchtui.cli.output import Json
from batchtui.cli.progress import ProgressLine
from batchtui.cli.results_files import load_in_loop
from batchtui.errors import BatchtuiError
from batchtui.formatting import plural
from batchtui.later_tries import LaterTries
from batchtui.library.store import StoredResults
from batchtui.submission.later import Candidates, LaterRows, Standing, ids_by_standing

if TYPE_CHECKING:
    from batchtui.results.index import ResultsIndex

_WORDS = {Standing.ANSWERED: "answered", Standing.UNDER_WAY: "still under way"}


def find_later_rows(
    account: OfflineAccount, batch_id: str, candidates: Candidates, *, only_look: bool
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
        later = LaterTries.of(batch_id, ledger, account.store())
    find = partial(later.find, candidates, read=_read)
    if len(later.here) == len(later.tries):
        return asyncio.run(find())  # no key is needed for what is here
    try:
        return account.run(lambda session: find(retrieve=session.client.retrieve))
    except BatchtuiError as error:
        if not only_look:
            raise
        complain(error.message, error.hint)
        return asyncio.run(find(retrieve=_ask_nobody))


async def _read(stored: StoredResults) -> "ResultsIndex":
    with ProgressLine() as progress:
        file = await load_in_loop(stored.path, progress)
    file.close()
    return file.index


async def _ask_nobody(_batch_id: str) -> None:
    """Know nothing of a batch."""


def report_left_out(found: Sequence[LaterRows], *, is_all: bool) -> None:
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
        note(f"Nothing is left to send again: {why}. --again sends them anyway.")
        return
    why = where[0] if len(known) == 1 else ", ".join(counted)
    note(f"{plural(sum(len(one.ids) for one in known), 'row')} left out: {why}.")


def report_unclear(found: Sequence[LaterRows]) -> bool:
    """Say of which rows it is not known whether a later try answered them; whether there are."""
    unclear = [one for one in found if one.standing is Standing.UNCLEAR]
    for one in unclear:
        rows = plural(len(one.ids), "row")
        complain(
            f"It is not known which of {rows} the retry {one.batch_id} answered: its results are"
            " not on this disk.",
            f"Download them first: batchtui results {one.batch_id} > FILE, or batchtui sync."
            " --again sends all rows anyway.",
        )
    return bool(unclear)


def left_of(found: Sequence[LaterRows], candidates: Candidates) -> frozenset[str]:
    """Return the rows that no later try has answered or under way."""
    ids = ids_by_standing(found)
    return candidates.ids - ids[Standing.ANSWERED] - ids[Standing.UNDER_WAY]


def later_fields(found: Sequence[LaterRows]) -> list[Json]:
    """Return what later tries have, as JSON."""
    return [
        {"batch": one.batch_id, "standing": one.standing.value, "rows": len(one.ids)}
        for one in found
    ]
