"""``batchtui create --canary N`` and ``--rest``: a few requests first, then the others."""

import argparse
from contextlib import closing

from msgspec.structs import replace

from batchtui.canary_look import look_at_canary
from batchtui.cli.checking import check_file
from batchtui.cli.common import OfflineAccount, RefusedError
from batchtui.cli.downloads import fetch_stored
from batchtui.cli.exits import DONE, FAILED, complain, note
from batchtui.cli.new_batches import may_repeat, send_new
from batchtui.cli.output import Output
from batchtui.cli.progress import ProgressLine
from batchtui.cli.results_files import borrowed, load
from batchtui.cli.sending_options import SendOptions, send_options
from batchtui.formatting import plural
from batchtui.library.ledger_values import SubmissionRecord
from batchtui.prices import load_prices
from batchtui.session import Session
from batchtui.submission.canary import (
    TAKE_OUT,
    canary_of,
    why_no_rest,
    write_canary,
    write_canary_rest,
)
from batchtui.submission.cost import CostEstimate
from batchtui.submission.earlier import look_up_earlier
from batchtui.submission.prepare import label_of
from batchtui.submission.validate import Validation


def send_canary(
    account: OfflineAccount, validation: Validation, options: argparse.Namespace, out: Output
) -> int:
    """Send a few requests of a file as a batch of their own.

    Raises:
        BatchtuiError: They cannot be sent.
    """
    if options.canary >= validation.requests:
        raise RefusedError(
            f"The file has only {plural(validation.requests, 'request')}.",
            hint="Give a smaller --canary, or send it whole.",
        )
    path = write_canary(validation, options.canary, account.loaded.requests_dir)
    canary = check_file(path, account.loaded)
    label = options.label or f"{label_of(validation.source.path)} canary"
    chosen = _with_label(options, label)

    async def send(session: Session) -> int:
        earlier = look_up_earlier(session.ledger, validation.source, session.scope)
        question: str | None = ""
        if earlier.canary_size != options.canary:
            question = may_repeat(session, validation, earlier, again=options.again)
        if question is None:
            return FAILED
        # before anything of it is sent: from here on the whole file asks before it goes
        session.ledger.journal.note_canary(
            validation.source.sha256, options.canary, canary.source.sha256
        )
        code = await send_new(session, [canary], replace(chosen, question=question), out)
        if code == DONE:
            name = validation.source.name
            note(f"When it has ended: batchtui create {name} --rest")
        return code

    return account.run(send)


def send_rest(
    account: OfflineAccount, validation: Validation, options: argparse.Namespace, out: Output
) -> int:
    """Say how the canary of a file went, and send the requests it left.

    Raises:
        BatchtuiError: They cannot be sent.
    """
    count, record = _find_canary(account, validation)
    rest = validation.requests - count
    is_seen, cost = _look(account, record, validation, rest, options)
    if not is_seen:
        return FAILED
    sent = record.plan.source.sha256
    path = write_canary_rest(validation, count, account.loaded.requests_dir, sent)
    others = check_file(path, account.loaded)
    label = options.label or label_of(validation.source.path)
    question = "" if options.yes else f"Send the other {plural(rest, 'request')}?"
    chosen = replace(_with_label(options, label, record.batch_ids), cost=cost)

    async def send(session: Session) -> int:
        earlier = look_up_earlier(session.ledger, validation.source, session.scope)
        asked: str | None = ""
        if earlier.sent is not None:
            asked = may_repeat(session, validation, earlier, again=options.again)
        if asked is None:
            return FAILED
        return await send_new(session, [others], replace(chosen, question=asked or question), out)

    return account.run(send)


def _find_canary(account: OfflineAccount, validation: Validation) -> tuple[int, SubmissionRecord]:
    """Return size and submission of a file's canary.

    Raises:
        RefusedError: None was sent, for certain and whole, so that its rest is known.
    """
    with account.ledger() as ledger:
        found = canary_of(ledger, validation.source.sha256)
        obstacle = why_no_rest(ledger, validation)
    if found is None:
        name = validation.source.name
        raise RefusedError(
            f"No canary of {name} as it is now was sent.",
            hint=f"If it has changed since, restore it; batchtui create {name} --canary 30 sends"
            " a new one.",
        )
    if obstacle:
        raise RefusedError(f"{obstacle} Nothing was sent.", hint=TAKE_OUT)
    count, record = found
    if not record.is_done:
        raise RefusedError(
            "It is not certain that the canary was sent.",
            hint=f"--canary {count} again goes on with it, and sends nothing twice.",
        )
    return count, record


def _with_label(
    options: argparse.Namespace, label: str, parents: tuple[str, ...] = ()
) -> SendOptions:
    options.label = label
    return send_options(options, again=options.again, parents=parents)


def _look(
    account: OfflineAccount,
    record: SubmissionRecord,
    validation: Validation,
    rest: int,
    options: argparse.Namespace,
) -> tuple[bool, CostEstimate | None]:
    """Say how the canary went.

    Returns:
        Whether the others may be sent: it has ended, or ``--yes`` was given; and what they cost,
        where it says so.
    """
    batch_id = record.batch_ids[0]
    prices = load_prices(account.loaded.paths.prices_file)
    with borrowed(account, [batch_id]):
        stored = account.run(lambda session: fetch_stored(session, batch_id))
        if stored is None:
            if not options.yes:
                how = "--yes sends the others without looking at the canary."
                complain("Nothing was sent.", how)
            return bool(options.yes), None
        with (
            ProgressLine() as progress,
            closing(load(stored.path, progress)) as file,
            file.reader() as reader,
        ):
            look = look_at_canary(file.index, reader, validation, rest, prices)
    for sentence in look.sentences:
        note(sentence)
    return True, look.cost
