"""``batchtui retry``: sends a batch's failed rows again, as a new batch of their own."""

import argparse
from collections.abc import Sequence
from contextlib import closing
from itertools import starmap
from pathlib import Path

from batchtui.cli.batch_ids import find_one
from batchtui.cli.checking import (
    check_file,
    cost_fields,
    estimate_costs,
    report_problems,
    show_validation,
    validation_fields,
)
from batchtui.cli.common import OfflineAccount, RefusedError, account_of, add_json_option
from batchtui.cli.exits import DONE, FAILED, USAGE, note
from batchtui.cli.later import (
    find_later_rows,
    later_fields,
    left_of,
    report_left_out,
    report_unclear,
)
from batchtui.cli.new_batches import is_fit, send_all
from batchtui.cli.output import Output
from batchtui.cli.progress import ProgressLine
from batchtui.cli.results_files import (
    borrowed,
    choose_rows,
    find_results,
    read_query,
)
from batchtui.cli.row_context import RowContext, context_of
from batchtui.cli.sending import Sender
from batchtui.cli.sending_options import SendOptions, add_sending_options, send_options
from batchtui.formatting import format_count, plural
from batchtui.library.ledger_values import BatchRecord
from batchtui.results.index import RESULT_TYPES
from batchtui.session import Session
from batchtui.submission.earlier import begun_retry
from batchtui.submission.later import Candidates, LaterRows
from batchtui.submission.params import ParamError, changes_of
from batchtui.submission.prepare import retry_label
from batchtui.submission.retry import (
    Changes,
    Prospect,
    RetryFile,
    RowFacts,
    choose,
    write_retry,
)
from batchtui.submission.source import RequestSource

EPILOG = """\
By default the rows that are worth it as they are: expired, canceled, and errors of the server
(overloaded, rate limit, timeout). --all adds errors that come again unless the request or the
account is changed, --truncated answers that were cut at max_tokens; --query and --type choose by
themselves instead.
Rows that a later try has answered, or has under way, are left out: --again sends them too. Where
its results are not here and it is not known which it answered, nothing is sent.
The batch's request file must be known: it was created here, or batchtui attach named it.
Exit code, and JSON: as batchtui create; --dry-run adds retry_of, chosen, missing (ids that are
not in the request file) and later: [{batch, standing, rows}], what later tries have of the rows,
standing answered, under_way (both are left out) or unclear."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the verb."""
    parser.add_argument("id", metavar="ID", help="the batch")
    which = parser.add_argument_group("which rows")
    which.add_argument("--all", action="store_true", help="all that have no answer")
    which.add_argument("--truncated", action="store_true", help="also answers cut at max_tokens")
    which.add_argument("--query", metavar="Q", default="", help="those that match instead")
    which.add_argument(
        "--type",
        dest="types",
        action="append",
        default=[],
        metavar="T",
        choices=RESULT_TYPES,
        help="those of a type instead, repeatable",
    )
    which.add_argument(
        "--again", action="store_true", help="also those that a later try has answered"
    )
    parser.add_argument(
        "--set",
        dest="changes",
        action="append",
        default=[],
        metavar="PARAM=VALUE",
        help="change a param in all of them, as max_tokens=8192; repeatable",
    )
    parser.add_argument(
        "--remove", action="append", default=[], metavar="PARAM", help="leave a param out"
    )
    parser.add_argument("--dry-run", action="store_true", help="say what would be sent")
    add_json_option(parser)
    add_sending_options(parser)
    parser.epilog = EPILOG


def run(options: argparse.Namespace) -> int:
    """Send rows again."""
    changes = _read_changes(options)
    if options.truncated and "max_tokens" not in changes.set:
        raise RefusedError(
            "Answers that were cut are cut again with the same max_tokens.",
            hint="Give a larger one, as --set max_tokens=8192.",
        )
    account = account_of(options)
    options.id = find_one(account, options.id)
    if not options.dry_run:
        account.require_writable("create batches")
        code = _finish_begun(account, options)
        if code is not None:
            return code
    record, source = _source_of(account, options.id)
    with borrowed(account, [options.id]):
        path = find_results(account, options.id)
        if path is None:
            return FAILED
        candidates = _choose(path, options, context_of(account, options.id))
    if candidates is None:
        return USAGE
    if not candidates.ids:
        note("No row is worth sending again as it is.")
        return DONE
    return _send_left(account, options, candidates, changes, (record, source))


def _finish_begun(account: OfflineAccount, options: argparse.Namespace) -> int | None:
    """Go on with a retry of this batch that was interrupted.

    Returns:
        The exit code, where this was all that is to be done.
    """
    with account.ledger() as ledger:
        begun = begun_retry(ledger, options.id)
    if begun is None:
        return None
    note(f"A retry of {options.id} was begun and is not finished: going on with it first.")
    out = Output(as_json=options.json, must_finish=True)

    async def go_on(session: Session) -> bool:
        with ProgressLine() as progress:
            return await Sender(session, out, progress).go_on(begun, send_options(options))

    if not account.run(go_on):
        return FAILED
    if options.again:  # the rows just sent may be the very ones that --again asked for
        note("That is sent now; the same command once more sends all rows again.")
        return DONE
    return None


def _read_changes(options: argparse.Namespace) -> Changes:
    """Read ``--set`` and ``--remove``.

    Raises:
        RefusedError: One cannot be understood.
    """
    try:
        return changes_of(options.changes, options.remove)
    except ParamError as error:
        raise RefusedError(str(error)) from error


def _source_of(account: OfflineAccount, batch_id: str) -> tuple[BatchRecord, RequestSource]:
    with account.ledger() as ledger:
        record = ledger.record(batch_id)
    if record is None or record.source is None:
        raise RefusedError(
            f"It is not known which file {batch_id} was made from.",
            hint=f"Say it: batchtui attach {batch_id} FILE.",
        )
    source = RequestSource(record.source.path)
    source.require(record.source)
    return record, source


def _choose(path: Path, options: argparse.Namespace, context: RowContext) -> Candidates | None:
    """Return the rows to send again; ``None`` where the query cannot be understood."""
    query = read_query(options.query, options.types)
    if query is None:
        return None
    with (
        ProgressLine() as progress,
        closing(context.load(path, progress)) as file,
        file.reader() as reader,
    ):
        index = file.index
        cut = choose(starmap(RowFacts, index.outcomes()), {Prospect.LARGER})
        if not query.is_everything:
            rows = choose_rows(file, reader, query, progress)
            ids = frozenset(index.custom_id(row) for row in rows)
            return Candidates(ids, cut & ids)
        prospects = {Prospect.YES}
        if options.truncated:
            prospects.add(Prospect.LARGER)
        if options.all:
            prospects.add(Prospect.CHANGED)
        ids = choose(starmap(RowFacts, index.outcomes()), prospects)
        return Candidates(ids, cut & ids)


def _later(
    account: OfflineAccount, options: argparse.Namespace, candidates: Candidates
) -> tuple[LaterRows, ...]:
    """Return what later tries have of the rows; nothing, where the user wants them anyway."""
    if options.again:
        return ()
    return find_later_rows(account, options.id, candidates, only_look=options.dry_run)


def _send_left(
    account: OfflineAccount,
    options: argparse.Namespace,
    candidates: Candidates,
    changes: Changes,
    origin: tuple[BatchRecord, RequestSource],
) -> int:
    """Send those rows that no later try has answered or under way."""
    record, source = origin
    later = _later(account, options, candidates)
    ids = left_of(later, candidates)
    report_left_out(later, is_all=not ids)
    if not ids:
        return DONE
    if report_unclear(later) and not options.dry_run:
        return FAILED
    written = _write(account, source, ids, changes, record.label or options.id)
    if options.dry_run:
        return _report(account, options, written, later, len(ids))
    return _send(account, options, written, _options(options, record, source))


def _write(
    account: OfflineAccount,
    source: RequestSource,
    ids: frozenset[str],
    changes: Changes,
    name: str,
) -> RetryFile:
    with ProgressLine() as progress:
        written = write_retry(
            [source],
            ids,
            account.loaded.requests_dir,
            name=name,
            changes=changes,
            on_progress=lambda done: progress.show(f"{format_count(done)} requests found"),
        )
    if written.missing:
        rows = plural(len(written.missing), "row is", "rows are")
        note(f"{rows} not in the request file: left out.")
    return written


def _options(
    options: argparse.Namespace, record: BatchRecord, source: RequestSource
) -> SendOptions:
    if not options.label:
        options.label = retry_label(record.label or "", source.path)
    return send_options(options, parents=[options.id])


def _send(
    account: OfflineAccount, options: argparse.Namespace, written: RetryFile, chosen: SendOptions
) -> int:
    out = Output(as_json=options.json, must_finish=True)
    validation = check_file(written.path, account.loaded)
    if not is_fit(validation, may_split=options.split, said_yes=options.yes):
        return FAILED

    async def send(session: Session) -> int:
        earlier = session.look_up_earlier(validation.source)
        return await send_all(session, [validation], [earlier], chosen, out)

    return account.run(send)


def _report(
    account: OfflineAccount,
    options: argparse.Namespace,
    written: RetryFile,
    later: Sequence[LaterRows],
    chosen: int,
) -> int:
    """Say what would be sent."""
    out = Output(as_json=options.json, must_finish=False)
    validation = check_file(written.path, account.loaded)
    prices, (cost,) = estimate_costs(account, [validation])
    if out.is_table:
        report_problems(validation)
        show_validation(validation, cost, out)
    else:
        out.record(
            {
                **validation_fields(validation),
                "cost": cost_fields(cost, prices),
                "retry_of": options.id,
                "chosen": chosen,
                "missing": written.missing,
                "later": later_fields(later),
            }
        )
    return DONE if validation.is_sendable and not validation.problems.errors else FAILED
