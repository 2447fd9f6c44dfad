"""``batchtui cancel`` and ``batchtui delete``: one batch or many, an outcome for each."""

import argparse
import asyncio
from collections.abc import Sequence

from batchtui.api.errors import ConnectionFailed
from batchtui.batches.actions import Action, ItemOutcome, OutcomeKind
from batchtui.batches.batch_names import label_and_id
from batchtui.batches.bulk import BulkRun
from batchtui.batches.deadlines import fetchable
from batchtui.cli.batch_ids import IDS_HELP, find_batches
from batchtui.cli.common import OfflineAccount, account_of, add_json_option
from batchtui.cli.confirmation import is_agreed
from batchtui.cli.exits import DONE, FAILED, USAGE, note, write_line
from batchtui.cli.fields import batch_fields, known_of
from batchtui.cli.output import Output
from batchtui.clock import SystemClock
from batchtui.formatting import format_count, plural
from batchtui.library.ledger_values import SeenBatch, decode_seen
from batchtui.session import Session
from batchtui.untrusted import visible

EPILOG = f"""\
{IDS_HELP}

JSON, one object a line: id, label, action, outcome (done, already_ended, gone: not found, refused,
failed, not_sent), message, and batch (as batchtui show has it, or null).
Exit code 0: all done; 1: some were not; 2: the server cannot be reached or refuses the key."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the verb."""
    parser.add_argument("ids", metavar="ID", nargs="+", help="the batches")
    if parser.prog.endswith(Action.DELETE.value):
        parser.add_argument("--yes", action="store_true", help="do not ask")
    add_json_option(parser)
    parser.epilog = EPILOG


def run(options: argparse.Namespace) -> int:
    """Cancel or delete batches."""
    action = Action(options.verb)
    account = account_of(options)
    account.require_writable(f"{action} batches")
    ids = find_batches(account, options.ids, is_acting=True)
    if action is Action.DELETE and not _agrees_to_delete(account, ids, said_yes=options.yes):
        note("Nothing was deleted.")
        return FAILED
    out = Output(as_json=options.json, must_finish=True, glyphs=account.loaded.settings.glyphs)
    return account.run(lambda session: _act(session, action, ids, out))


def _agrees_to_delete(account: OfflineAccount, ids: Sequence[str], *, said_yes: bool) -> bool:
    lost = _count_lost(account, ids)
    what = f"batch {ids[0]}" if len(ids) == 1 else plural(len(ids), "batch", "batches")
    question = f"Delete {what} from the server for good?"
    if lost:
        which = "Its results are" if len(ids) == 1 else f"The results of {format_count(lost)} are"
        question = f"{which} not on this disk and will be lost. {question}"
    is_sure = said_yes or not account.loaded.settings.confirm_delete
    return is_agreed(question, said_yes=is_sure)


def _count_lost(account: OfflineAccount, ids: Sequence[str]) -> int:
    """Return of how many batches the server may have the only results, as they were last seen."""
    store = account.store()
    away = [one for one in ids if not store.has(one)]
    with account.ledger(must_write=False) as ledger:
        ended = [one for one in decode_seen(ledger.seen.of(away)) if one.has_ended]
    return len(away) - len(ended) + len(fetchable(ended, SystemClock().now(), store.has))


async def _act(session: Session, action: Action, ids: Sequence[str], out: Output) -> int:
    run = BulkRun(session.client, action, ids, clock=session.clock, meter=session.meter)
    try:
        async for outcome in run.run():
            _remember(session, outcome)
            _report(session, outcome, out)
    except asyncio.CancelledError:
        note(f"Interrupted: {run.summary()}.")
        raise
    if len(ids) > 1:
        note(f"{run.summary()}.")
    return exit_code_of(run.outcomes)


def _remember(session: Session, outcome: ItemOutcome) -> None:
    if outcome.is_off_the_list:
        session.ledger.seen.mark_gone([outcome.batch_id])
    elif outcome.batch is not None:
        session.ledger.seen.remember([SeenBatch.of(outcome.batch)], scope=session.scope)


def _report(session: Session, outcome: ItemOutcome, out: Output) -> None:
    label = session.ledger.labels([outcome.batch_id]).get(outcome.batch_id)
    if out.is_table:
        name = label_and_id(outcome.batch_id, label)
        hint = visible(outcome.error.hint) if outcome.error is not None else ""
        # of a batch that is not found, the hint says all that the words say, and of which workspace
        is_said_by_hint = bool(hint) and outcome.kind is OutcomeKind.GONE
        words = hint if is_said_by_hint else outcome.words
        out.line(f"{outcome.kind.value:<13}  {name}: {words}")
        if hint and not is_said_by_hint:
            write_line(f"  {hint}")
        return
    batch = outcome.batch
    out.record(
        {
            "id": outcome.batch_id,
            "label": label,
            "action": outcome.action.value,
            "outcome": outcome.kind.name.lower(),
            "message": outcome.words,
            "batch": None if batch is None else batch_fields(batch, known_of(session, [batch])),
        }
    )


def exit_code_of(outcomes: Sequence[ItemOutcome]) -> int:
    """0: all done. 1: some were not. 2: the server cannot be reached, or will not have us."""
    errors = [one.error for one in outcomes if one.kind is OutcomeKind.FAILED and one.error]
    if any(error.is_permanent or isinstance(error, ConnectionFailed) for error in errors):
        return USAGE
    is_done = all(outcome.kind is OutcomeKind.DONE for outcome in outcomes)
    return DONE if is_done else FAILED
