"""What later tries have of the rows that may go again: from this disk, or asked."""

import asyncio
from itertools import starmap

from batchtui.api.errors import NotFound
from batchtui.api.models import MessageBatch
from batchtui.batches.rules import can_view_results
from batchtui.errors import BatchtuiError
from batchtui.results.index import ResultsIndex
from batchtui.results.opening import ResultsFile
from batchtui.submission.later import (
    Candidates,
    LaterRows,
    LaterTry,
    Standing,
    each_once,
    later_tries,
    rows_by_counts,
    rows_by_results,
)
from batchtui.submission.retry import RowFacts
from batchtui.tui.screens.submission.desk import Desk
from batchtui.tui.screens.submission.having_results import open_here, results_of
from batchtui.tui.screens.submission.retry_groups import (
    RetryGroup,
    candidates_of,
    split_by_later,
)


async def without_later(
    desk: Desk, batch: MessageBatch, index: ResultsIndex, groups: tuple[RetryGroup, ...]
) -> tuple[RetryGroup, ...]:
    """Set those rows apart that a later try has answered, has under way, or may have answered.

    Raises:
        BatchtuiError: Results on this disk cannot be read.
    """
    tries = await asyncio.to_thread(later_tries, desk.session.ledger, batch.id)
    if not tries:
        return groups
    candidates = await asyncio.to_thread(candidates_of, index, groups)
    found: list[LaterRows] = []
    for one in tries:
        found += await _rows_of(desk, one, candidates)
    names = {
        one.record.batch_id: await asyncio.to_thread(desk.name_of, one.record.batch_id)
        for one in tries
    }
    return await asyncio.to_thread(split_by_later, index, groups, each_once(found), names)


async def _rows_of(desk: Desk, one: LaterTry, candidates: Candidates) -> tuple[LaterRows, ...]:
    file = await open_here(desk, one.record.batch_id)
    if file is not None:
        return await _by_results(file, one, candidates)
    batch = await _ask_server(desk, one.record.batch_id)
    rows = await asyncio.to_thread(rows_by_counts, one, batch, candidates)
    is_unclear = any(some.standing is Standing.UNCLEAR for some in rows)
    if not is_unclear or batch is None or not can_view_results(batch, is_here=False):
        return rows
    name = await asyncio.to_thread(desk.name_of, batch)
    file = await results_of(desk, batch, f"Which rows {name} answered already is in its results.")
    return rows if file is None else await _by_results(file, one, candidates)


async def _by_results(
    file: ResultsFile, one: LaterTry, candidates: Candidates
) -> tuple[LaterRows, ...]:
    index = file.index
    file.close()
    facts = starmap(RowFacts, index.outcomes())
    return await asyncio.to_thread(rows_by_results, one, facts, candidates)


async def _ask_server(desk: Desk, batch_id: str) -> MessageBatch | None:
    """A batch as it is now; ``None`` where the server has it no more, or cannot be asked."""
    try:
        return await desk.session.client.retrieve(batch_id)
    except NotFound:
        return None
    except BatchtuiError as error:
        desk.tell_error(error)
        return None
