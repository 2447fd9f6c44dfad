"""Rows of a batch as a new batch: choose, change, take them from their source, send."""

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from batchtui.api.models import MessageBatch
from batchtui.batches.rules import READ_ONLY, can_view_results
from batchtui.formatting import format_count, plural
from batchtui.later_tries import LaterTries
from batchtui.library.ledger_values import SourceFile
from batchtui.library.store import StoredResults
from batchtui.results.index import ResultsIndex
from batchtui.submission.earlier import begun_retry
from batchtui.submission.errors import SourceChanged
from batchtui.tui.lines import line
from batchtui.tui.messages import ResendWanted
from batchtui.tui.screens.dialogs.confirm import ConfirmDialog
from batchtui.tui.screens.submission.attach_flow import attach
from batchtui.tui.screens.submission.context import FlowContext
from batchtui.tui.screens.submission.new_batch import preview_and_send
from batchtui.tui.screens.submission.request_file import FileToSend
from batchtui.tui.screens.submission.results_here import index_of, open_here, results_of
from batchtui.tui.screens.submission.retry_groups import (
    RetryGroup,
    candidates_of,
    chosen_ids,
    retry_groups,
    split_by_later,
)
from batchtui.tui.screens.submission.retry_screen import RetryScreen
from batchtui.tui.screens.submission.retry_view import RetryState, not_sent_later, worth_choosing
from batchtui.tui.screens.submission.sending_flow import continue_interrupted
from batchtui.tui.screens.submission.words import home_short
from batchtui.tui.screens.submission.work_dialog import Meter, work

if TYPE_CHECKING:
    from batchtui.submission.retry import RetryFile


async def retry(context: FlowContext, batch: MessageBatch) -> None:
    """Send the rows of a batch that have no answer again."""
    await _retry(context, batch, None, "")


async def resend(context: FlowContext, wanted: ResendWanted) -> None:
    """Send chosen rows of a batch again, whatever became of them."""
    only = frozenset(wanted.custom_ids)
    meant = only if wanted.meant is None else frozenset(wanted.meant)
    await _retry(context, wanted.batch, only, wanted.what, meant)


async def _retry(
    context: FlowContext,
    batch: MessageBatch,
    only: frozenset[str] | None,
    what: str,
    meant: frozenset[str] = frozenset(),
) -> None:
    if context.session.settings.read_only:
        context.notify(READ_ONLY.reason, severity="warning")
        return
    begun = await asyncio.to_thread(begun_retry, context.session.ledger, batch.id)
    if begun is not None:
        title = "Rows of it were being sent again before"
        if await continue_interrupted(context, begun, title) is not None:
            return
    why = "Which rows to send again is in the results."
    index = index_of(await results_of(context, batch, why))
    if index is None:
        return
    groups = await asyncio.to_thread(retry_groups, index, only)
    if not groups:
        context.notify("Nothing to send again: every request has its whole answer.")
        return
    source = await _source_of(context, batch)
    if source is None:
        return
    groups = await _without_later(context, batch, index, groups)
    state = RetryState(
        await asyncio.to_thread(context.name_of, batch),
        groups,
        source,
        chosen=await asyncio.to_thread(_chosen_at_first, groups, index, meant),
        before=await asyncio.to_thread(_sent_before, context, batch.id),
        what=what,
    )
    screen = RetryScreen(state, partial(_go_on, context, batch, index))
    await context.ask(screen)


def _chosen_at_first(
    groups: tuple[RetryGroup, ...], index: ResultsIndex, meant: frozenset[str]
) -> frozenset[int]:
    """Return the places of the groups that are chosen unless the user says otherwise."""
    if not meant:
        return worth_choosing(groups)
    # they are meant, but not to be paid twice unknowingly
    return frozenset(
        place
        for place in not_sent_later(groups)
        if any(index.custom_id(row) in meant for row in groups[place].rows)
    )


def _sent_before(context: FlowContext, batch_id: str) -> tuple[str, ...]:
    """Return the names of the batches that sent rows of this one again."""
    tries = context.session.ledger.lineage(batch_id).tries
    return tuple(context.name_of(one.batch_id) for one in tries if batch_id in one.parents)


async def _source_of(context: FlowContext, batch: MessageBatch) -> SourceFile | None:
    """Return the file the requests are in: known, or attached now; a change is asked about."""
    ledger = context.session.ledger
    source = await asyncio.to_thread(ledger.source_of, batch.id)
    if source is None:
        await attach(context, batch, "The requests are not in the results: which file has them?")
        source = await asyncio.to_thread(ledger.source_of, batch.id)
    if source is None or not await asyncio.to_thread(source.path.exists):
        return source if source is None else await _attach_again(context, batch, source)
    return source if await _is_fine(context, source) else None


async def _attach_again(
    context: FlowContext, batch: MessageBatch, lost: SourceFile
) -> SourceFile | None:
    await attach(context, batch, f"{lost.name} is gone: where are the requests now?")
    source = await asyncio.to_thread(context.session.ledger.source_of, batch.id)
    if source is None or not await asyncio.to_thread(source.path.exists):
        return None
    return source


async def _is_fine(context: FlowContext, source: SourceFile) -> bool:
    """Return whether the file is still what was sent, or the user wants its rows anyway."""
    from batchtui.submission.source import RequestSource

    now = await asyncio.to_thread(RequestSource, source.path)
    try:
        await asyncio.to_thread(now.require, source)
    except SourceChanged:
        return await _takes_it_changed(context, source)
    return True


async def _takes_it_changed(context: FlowContext, source: SourceFile) -> bool:
    body = (
        line((home_short(source.path), "strong")),
        line("It is not the file that was sent any more: rows go as they stand in it now."),
    )
    dialog = ConfirmDialog("The source has changed", body, "Go on", is_grave=False)
    answer: bool | None = await context.ask(dialog)
    return answer is True


async def _go_on(
    context: FlowContext, batch: MessageBatch, index: ResultsIndex, state: RetryState
) -> bool:
    """Write the requests that go again, show them, and send them."""
    ids = await asyncio.to_thread(chosen_ids, index, state.taken)
    written = await _write(context, ids, state)
    if written is None:
        return False
    file = FileToSend(
        written.path,
        label=await asyncio.to_thread(_label, context, batch, state.source),
        parents=(batch.id,),
        remarks=_remarks(written),
    )
    return await preview_and_send(context, file)


async def _write(
    context: FlowContext, ids: frozenset[str], state: RetryState
) -> "RetryFile | None":
    from batchtui.submission.retry import write_retry
    from batchtui.submission.source import RequestSource

    source = await asyncio.to_thread(RequestSource, state.source.path)
    meter = Meter(len(ids))
    job = asyncio.to_thread(
        write_retry,
        [source],
        ids,
        context.request_folder,
        name=state.name,
        changes=state.changes,
        on_progress=meter.note,
    )
    return await work(
        context.navigation,
        "Taking the requests from their source",
        job,
        meter,
        lambda one: line(f"{format_count(one.done)} of {plural(one.total, 'request')}"),
    )


def _remarks(written: "RetryFile") -> tuple[str, ...]:
    if not written.missing:
        return ()
    count = plural(len(written.missing), "row is", "rows are")
    such = ", ".join(written.missing[:3])
    return (f"{count} not in the source and cannot go: {such}.",)


def _label(context: FlowContext, batch: MessageBatch, source: SourceFile) -> str:
    from batchtui.submission.prepare import retry_label

    return retry_label(context.session.ledger.labels([batch.id]).get(batch.id, ""), source.path)


async def _without_later(
    context: FlowContext, batch: MessageBatch, index: ResultsIndex, groups: tuple[RetryGroup, ...]
) -> tuple[RetryGroup, ...]:
    """Set those rows apart that a later try has answered, has under way, or may have answered.

    Raises:
        BatchtuiError: Results on this disk cannot be read.
    """
    session = context.session
    later = await asyncio.to_thread(LaterTries.of, batch.id, session.ledger, session.store)
    if not later.tries:
        return groups
    found = await later.find(
        await asyncio.to_thread(candidates_of, index, groups),
        read=partial(_read, context),
        retrieve=session.client.retrieve,
        on_error=context.notify_error,
        fetch=partial(_fetch, context),
    )
    names = {
        one: await asyncio.to_thread(context.name_of, one)
        for one in {some.batch_id for some in found}
    }
    return await asyncio.to_thread(split_by_later, index, groups, found, names)


async def _read(context: FlowContext, stored: StoredResults) -> ResultsIndex | None:
    return index_of(await open_here(context, stored.batch_id))


async def _fetch(context: FlowContext, batch: MessageBatch) -> ResultsIndex | None:
    """Offer to download results; ``None`` where they are not to be had."""
    if not can_view_results(batch, is_here=False):
        return None
    name = await asyncio.to_thread(context.name_of, batch)
    why = f"Which rows {name} answered already is in its results."
    return index_of(await results_of(context, batch, why))
