"""Rows of a batch as a new batch: choose, change, take them from their source, send."""

import asyncio
from collections.abc import Collection
from functools import partial
from typing import TYPE_CHECKING

from batchtui.api.models import MessageBatch
from batchtui.formatting import format_count, plural
from batchtui.library.ledger_values import SourceFile
from batchtui.results.index import ResultsIndex
from batchtui.tui.lines import line
from batchtui.tui.screens.dialogs.confirm import ConfirmDialog
from batchtui.tui.screens.submission.attaching import attach
from batchtui.tui.screens.submission.desk import Desk
from batchtui.tui.screens.submission.having_results import results_of
from batchtui.tui.screens.submission.retry_groups import chosen_ids, retry_groups
from batchtui.tui.screens.submission.retry_later import without_later
from batchtui.tui.screens.submission.retry_screen import RetryScreen
from batchtui.tui.screens.submission.retry_view import RetryView, not_sent_later, worth_choosing
from batchtui.tui.screens.submission.sending import Errand, preview_and_send
from batchtui.tui.screens.submission.words import home_short
from batchtui.tui.screens.submission.working import Meter, work

if TYPE_CHECKING:
    from batchtui.submission.retry import RetryFile

_AGAIN = " again"


async def retry(desk: Desk, batch: MessageBatch) -> None:
    """Send the rows of a batch that have no answer again."""
    await _retry(desk, batch, None, "")


async def resend(desk: Desk, batch: MessageBatch, custom_ids: Collection[str], what: str) -> None:
    """Send chosen rows of a batch again, whatever became of them."""
    await _retry(desk, batch, frozenset(custom_ids), what)


async def _retry(desk: Desk, batch: MessageBatch, only: frozenset[str] | None, what: str) -> None:
    if desk.session.settings.read_only:
        desk.tell("Read-only: the settings or the profile say so", severity="warning")
        return
    file = await results_of(desk, batch, "Which rows to send again is in the results.")
    if file is None:
        return
    index = file.index
    file.close()
    groups = await asyncio.to_thread(retry_groups, index, only)
    if not groups:
        desk.tell("Nothing to send again: every request has its whole answer.")
        return
    source = await _source_of(desk, batch)
    if source is None:
        return
    groups = await without_later(desk, batch, index, groups)
    view = RetryView(
        await asyncio.to_thread(desk.name_of, batch),
        groups,
        source,
        # rows that were chosen one by one are meant, but not to be paid twice unknowingly
        chosen=worth_choosing(groups) if only is None else not_sent_later(groups),
        before=await asyncio.to_thread(_sent_before, desk, batch.id),
        what=what,
    )
    screen = RetryScreen(view, desk.glyphs, partial(_go_on, desk, batch, index))
    await desk.app.push_screen_wait(screen)


def _sent_before(desk: Desk, batch_id: str) -> tuple[str, ...]:
    """The names of the batches that sent rows of this one again."""
    tries = desk.session.ledger.lineage(batch_id).tries
    return tuple(desk.name_of(one.batch_id) for one in tries if batch_id in one.parents)


async def _source_of(desk: Desk, batch: MessageBatch) -> SourceFile | None:
    """The file the requests are in: known, or attached now; a change is asked about."""
    ledger = desk.session.ledger
    record = await asyncio.to_thread(ledger.record, batch.id)
    if record is None or record.source is None:
        await attach(desk, batch, "The requests are not in the results: which file has them?")
        record = await asyncio.to_thread(ledger.record, batch.id)
    source = record.source if record is not None else None
    if source is None or not source.path.exists():
        return source if source is None else await _attach_again(desk, batch, source)
    return source if await _is_fine(desk, source) else None


async def _attach_again(desk: Desk, batch: MessageBatch, lost: SourceFile) -> SourceFile | None:
    await attach(desk, batch, f"{lost.path.name} is gone: where are the requests now?")
    record = await asyncio.to_thread(desk.session.ledger.record, batch.id)
    source = record.source if record is not None else None
    return source if source is not None and source.path.exists() else None


async def _is_fine(desk: Desk, source: SourceFile) -> bool:
    """Whether the file is still what was sent, or the user wants its rows all the same."""
    from batchtui.submission.source import RequestSource

    now = await asyncio.to_thread(RequestSource, source.path)
    stamp = await asyncio.to_thread(now.stamp)
    if stamp.size == source.size:
        return True
    body = (
        line((home_short(source.path), "strong")),
        line("It is not the file that was sent any more: rows go as they stand in it now."),
    )
    dialog = ConfirmDialog("The source has changed", body, "Go on")
    answer: bool | None = await desk.app.push_screen_wait(dialog)
    return answer is True


async def _go_on(desk: Desk, batch: MessageBatch, index: ResultsIndex, view: RetryView) -> bool:
    """Write the requests that go again, show them, and send them."""
    ids = await asyncio.to_thread(chosen_ids, index, view.taken)
    written = await _write(desk, ids, view)
    if written is None:
        return False
    errand = Errand(
        written.path,
        label=again(await asyncio.to_thread(_plain_name, desk, batch, view.source)),
        parents=(batch.id,),
        remarks=_remarks(written),
    )
    return await preview_and_send(desk, errand)


async def _write(desk: Desk, ids: frozenset[str], view: RetryView) -> "RetryFile | None":
    from batchtui.submission.retry import write_retry
    from batchtui.submission.source import RequestSource

    source = await asyncio.to_thread(RequestSource, view.source.path)
    meter = Meter(len(ids))
    job = asyncio.to_thread(
        write_retry,
        [source],
        ids,
        desk.request_folder,
        changes=view.changes,
        on_progress=meter.note,
    )
    return await work(
        desk.app,
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


def _plain_name(desk: Desk, batch: MessageBatch, source: SourceFile) -> str:
    """The label of a batch as it is, or a name for it from its source."""
    from batchtui.submission.prepare import label_of

    return desk.session.ledger.labels([batch.id]).get(batch.id, "") or label_of(source.path)


def again(name: str) -> str:
    """The label of a next try: ``x``, ``x again``, ``x again 2``, ``x again 3``."""
    base, found, number = name.rpartition(_AGAIN)
    if not found:
        return name + _AGAIN
    if not number:
        return f"{name} 2"
    if number.startswith(" ") and number[1:].isdecimal():
        return f"{base}{_AGAIN} {int(number) + 1}"
    return name + _AGAIN
