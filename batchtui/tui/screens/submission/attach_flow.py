"""The file a batch was made from: chosen, held against the results, then kept."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from batchtui.api.models import MessageBatch
from batchtui.batches.rules import can_view_results
from batchtui.formatting import format_count, plural
from batchtui.results.index import ResultsIndex
from batchtui.tui.glyphs import Glyphs
from batchtui.tui.lines import BLANK, Line, line
from batchtui.tui.screens.dialogs.confirm import ConfirmDialog
from batchtui.tui.screens.submission.context import FlowContext
from batchtui.tui.screens.submission.path_prompt import PathQuestion, ask_path, path_as_typed
from batchtui.tui.screens.submission.results_here import index_of, open_here, results_of
from batchtui.tui.screens.submission.work_dialog import Meter, bytes_line, work
from batchtui.tui.widgets.painting import cut_cells
from batchtui.untrusted import visible

if TYPE_CHECKING:
    from batchtui.library.ledger_values import SourceFile
    from batchtui.submission.compare import Comparison
    from batchtui.submission.source import RequestSource

_SHOWN = 3
"""Ids of a sort that are named."""


async def attach(context: FlowContext, batch: MessageBatch, why: str = "") -> None:
    """Ask for the file, compare it with the results, and keep it if the user agrees.

    Args:
        context: Whose account.
        batch: Whose source.
        why: What it is needed for, as a sentence, where the user did not ask for this; untrusted.
    """
    from batchtui.submission.compare import check_requests
    from batchtui.submission.source import RequestSource

    path = await _ask(context, batch, why)
    if path is None:
        return
    source = await asyncio.to_thread(RequestSource, path)
    await asyncio.to_thread(check_requests, source)
    index = await _answers(context, batch)
    found = await _compare(context, source, index)
    if found is None:
        return
    compared = index is not None
    body = report_lines(found, batch, context.glyphs, is_compared=compared)
    yes = "Attach" if _fits(found, batch, is_compared=compared) else "Attach anyway"
    dialog = ConfirmDialog(f"Attach {visible(path.name)}?", body, yes)
    if await context.ask(dialog) is True:
        await _keep(context, batch, source)


async def _ask(context: FlowContext, batch: MessageBatch, why: str) -> Path | None:
    source = await asyncio.to_thread(context.session.ledger.source_of, batch.id)
    name = await asyncio.to_thread(context.name_of, batch)
    body = (
        *([line((visible(why), "warning"))] if why else ()),
        line("The file that ", (name, "strong"), " was made from."),
        line(("Answers then stand beside their requests, and rows can be sent again.", "muted")),
    )
    value = path_as_typed(source.path, context.folder) if source is not None else ""
    question = PathQuestion("Attach source", body, value=value, confirm="Compare")
    return await ask_path(context, question)


async def _answers(context: FlowContext, batch: MessageBatch) -> ResultsIndex | None:
    """Return the rows to hold against the file; ``None`` where only their number is known."""
    file = await open_here(context, batch.id)
    if file is None and can_view_results(batch, is_here=False):
        file = await results_of(context, batch, "The ids to compare with are in the results.")
    return index_of(file)


async def _compare(
    context: FlowContext, source: "RequestSource", index: ResultsIndex | None
) -> "Comparison | None":
    from batchtui.submission.compare import compare
    from batchtui.submission.read import read_requests

    meter = Meter(0 if source.packing else source.stamp().size)

    def blocks() -> Iterator[bytes]:
        done = 0
        for block in source.blocks():
            yield block
            done += len(block)
            meter.note(done)

    def run() -> "Comparison":
        answered = (index.custom_id(row) for row in range(len(index))) if index else iter(())
        return compare(read_requests(blocks()), answered)

    title = f"Comparing {visible(source.path.name)}"
    job = asyncio.to_thread(run)
    return await work(
        context.navigation, title, job, meter, lambda one: bytes_line(one, context.glyphs)
    )


async def _keep(context: FlowContext, batch: MessageBatch, source: "RequestSource") -> None:
    def keep() -> "SourceFile":
        found = source.fingerprint
        context.session.ledger.attach_source(batch.id, found)
        return found

    found = await asyncio.to_thread(keep)
    context.notify(f"Attached: {found.path.name}", timeout=3)
    context.on_disk_changed()


def _fits(found: "Comparison", batch: MessageBatch, *, is_compared: bool) -> bool:
    if is_compared:
        return found.is_exact
    return found.requests == batch.request_counts.total


def report_lines(
    found: "Comparison", batch: MessageBatch, glyphs: Glyphs, *, is_compared: bool
) -> tuple[Line, ...]:
    """Say how a file fits a batch.

    Args:
        found: The comparison.
        batch: Whose source it would be.
        glyphs: The signs to draw with.
        is_compared: Whether the ids were compared, or only their numbers.
    """
    requests = line((f"{'Requests in the file':<24}", "muted"), f"{found.requests:>11,}")
    if not is_compared:
        total = batch.request_counts.total
        same = found.requests == total
        conclusion = "As many as the batch has." if same else "Not as many as the batch has."
        return (
            requests,
            line((f"{'Requests of the batch':<24}", "muted"), f"{total:>11,}"),
            BLANK,
            line((conclusion, "ok" if same else "warning")),
            line(("The ids were not compared: the results are not on this disk.", "muted")),
        )
    return (
        requests,
        line((f"{'Rows in the results':<24}", "muted"), f"{found.answers:>11,}"),
        *_ids("No row for", found.missing_count, found.missing, glyphs),
        *_ids("Not in the file", found.extra_count, found.extra, glyphs),
        *_ids("More than one row for", found.twice_count, found.twice, glyphs),
        BLANK,
        line(_conclusion(found)),
    )


def _ids(title: str, count: int, ids: tuple[str, ...], glyphs: Glyphs) -> Iterator[Line]:
    if not count:
        return
    names = ", ".join(cut_cells(visible(one), 20, glyphs.ellipsis) for one in ids[:_SHOWN])
    more = f" {glyphs.ellipsis}" if count > _SHOWN else ""
    yield line(
        (f"{title:<24}", "muted"), (f"{format_count(count):>11}", "warning"), f"  {names}{more}"
    )


def _conclusion(found: "Comparison") -> tuple[str, str]:
    if found.is_exact:
        return "Every request has its row, and there is no other: this is the file.", "ok"
    if found.is_of_another:
        return "No id of the results is in it: this is another file.", "problem"
    if not found.extra_count and not found.twice_count:
        more = plural(found.missing_count, "more request")
        return (
            f"Every row is in the file, which has {more}: the batch may be a part of it.",
            "warning",
        )
    return "It fits only in part.", "warning"
