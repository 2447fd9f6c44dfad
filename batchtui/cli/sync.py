"""``batchtui sync``: downloads what has ended and is not here yet, nearest loss first."""

import argparse
from collections.abc import Sequence

from batchtui.api.errors import ApiError
from batchtui.api.models import MessageBatch
from batchtui.api.paging import iterate_pages
from batchtui.batches.batch_names import label_and_id
from batchtui.batches.deadlines import at_risk, fetchable, results_until
from batchtui.batches.expiring import describe_expiring
from batchtui.batches.rules import NOT_KEPT
from batchtui.cli.common import RefusedError, account_of, add_json_option
from batchtui.cli.downloads import download
from batchtui.cli.exits import BUSY, DONE, FAILED, USAGE, complain, note
from batchtui.cli.output import Json, Output, timestamp
from batchtui.cli.progress import ProgressLine
from batchtui.formatting import format_age, format_count, format_size, plural
from batchtui.library.ledger_values import SeenBatch
from batchtui.library.locks import FileLock
from batchtui.results.obtain import describe_incomplete
from batchtui.results.outcome import Busy, Incomplete, Outcome, Verified
from batchtui.session import Session

EPILOG = """\
Made for cron: while another sync is running, it says so and exits with 75; the next run resumes an
interrupted download.

JSON, one object a line: id, label, outcome (downloaded, incomplete, busy; missing with --dry-run),
requests, results_until, rows, bytes, sha256, path, reason, remarks (a list).
Exit code 0: all is here; 1: some is not; 2: it cannot go on; 75: another sync is running."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the verb."""
    parser.add_argument(
        "--dry-run", action="store_true", help="list what is not here; download nothing"
    )
    add_json_option(parser)
    parser.epilog = EPILOG


def run(options: argparse.Namespace) -> int:
    """Download what is not here."""
    account = account_of(options)
    if not account.loaded.settings.keep_results:
        raise RefusedError(
            f"{NOT_KEPT.reason}.",
            hint="Set keep_results to true, or take results out by batchtui results.",
        )
    lock = FileLock(account.loaded.data_dir / "sync.lock")
    if not lock.acquire():
        note("Another batchtui sync is running; this one has nothing to do.")
        return BUSY
    out = Output(as_json=options.json, must_finish=True, glyphs=account.loaded.settings.glyphs)
    try:
        return account.run(lambda session: _sync(session, out, is_dry=options.dry_run))
    finally:
        lock.release()


async def _sync(session: Session, out: Output, *, is_dry: bool) -> int:
    with ProgressLine() as progress:
        batches = await _read_all(session, progress)
        now, is_here = session.server_now, session.store.has
        wanted = fetchable(batches, now, is_here)
        endangered = at_risk(wanted, now, is_here)
        if endangered:
            progress.clear()
            note(
                f"{describe_expiring(len(endangered))}, the first in"
                f" {format_age(endangered[0].left)}: soonest first."
            )
        if is_dry:
            for batch in wanted:
                _report(session, batch, None, out)
            return FAILED if wanted else DONE
        return await _download_all(session, wanted, out, progress)


async def _read_all(session: Session, progress: ProgressLine) -> list[MessageBatch]:
    batches: dict[str, MessageBatch] = {}
    async for page in iterate_pages(session.client):
        session.ledger.seen.remember(map(SeenBatch.of, page.data), scope=session.scope)
        batches.update((batch.id, batch) for batch in page.data)
        progress.show(f"Reading the list: {format_count(len(batches))} batches")
    return list(batches.values())


async def _download_all(
    session: Session, wanted: Sequence[MessageBatch], out: Output, progress: ProgressLine
) -> int:
    code = DONE
    done = size = 0
    for batch in wanted:
        outcome = await download(session, batch, progress)
        progress.clear()
        _report(session, batch, outcome, out)
        if isinstance(outcome, Verified):
            done += 1
            size += outcome.results.size
            continue
        code = FAILED
        if isinstance(outcome, Incomplete):
            complain(f"{batch.id}: {describe_incomplete(outcome)}", outcome.hint)
            if _is_hopeless(outcome):
                code = USAGE
                break
    if not wanted:
        note("All that has ended is here.")
    else:
        of_all = format_count(len(wanted))
        note(f"{format_count(done)} of {of_all} downloaded, {format_size(size)}.")
    return code


def _is_hopeless(outcome: Incomplete) -> bool:
    """Return whether the next batch would fail in the same way: the disk, or the key."""
    error = outcome.error
    return outcome.kind == "disk" or (isinstance(error, ApiError) and error.is_permanent)


def _report(session: Session, batch: MessageBatch, outcome: Outcome | None, out: Output) -> None:
    label = session.ledger.labels([batch.id]).get(batch.id)
    if out.is_table:
        name = label_and_id(batch.id, label)
        out.line(f"{_word(outcome):<10}  {name}  {_size(batch, outcome)}")
        return
    out.record({"id": batch.id, "label": label, **_fields(batch, outcome)})


def _fields(batch: MessageBatch, outcome: Outcome | None) -> dict[str, Json]:
    results = outcome.results if isinstance(outcome, Verified) else None
    partial = outcome.partial if isinstance(outcome, Incomplete | Busy) else None
    here = results or partial
    return {
        "outcome": _word(outcome),
        "requests": batch.request_counts.total,
        "results_until": timestamp(results_until(batch)),
        "rows": here.rows if here else 0,
        "bytes": here.size if here else 0,
        "sha256": results.sha256 if results else None,
        "path": str(results.path) if results else None,
        "reason": outcome.reason if isinstance(outcome, Incomplete) else None,
        "remarks": outcome.remarks if isinstance(outcome, Incomplete | Verified) else (),
    }


def _word(outcome: Outcome | None) -> str:
    match outcome:
        case None:
            return "missing"
        case Verified():
            return "downloaded"
        case Busy():
            return "busy"
        case Incomplete():
            return "incomplete"


def _size(batch: MessageBatch, outcome: Outcome | None) -> str:
    if isinstance(outcome, Verified):
        return f"{plural(outcome.results.rows, 'row')}, {format_size(outcome.results.size)}"
    return plural(batch.request_counts.total, "row")
