"""``batchtui create --canary N`` and ``--rest``: a few requests first, then the others."""

import argparse
from contextlib import closing

from batchtui.cli.checking import check_file
from batchtui.cli.common import OfflineAccount, RefusedError
from batchtui.cli.confirmation import can_ask, is_agreed
from batchtui.cli.downloads import fetch_stored
from batchtui.cli.exits import DONE, FAILED, complain, note
from batchtui.cli.new_batches import may_repeat, send_new
from batchtui.cli.output import Output
from batchtui.cli.progress import ProgressLine
from batchtui.cli.results_files import load
from batchtui.cli.sending import SendOptions, send_options
from batchtui.formatting import plural
from batchtui.library.ledger_values import SubmissionRecord
from batchtui.prices import load_prices
from batchtui.results.canary import count_unfit, report_canary
from batchtui.session import Session
from batchtui.submission.canary import (
    TAKE_OUT,
    canary_of,
    why_no_rest,
    write_canary,
    write_canary_rest,
)
from batchtui.submission.compare import open_lookup
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
    canary = check_file(path, account.loaded.profile.betas)
    label = options.label or f"{label_of(validation.source.path)} canary"
    chosen = _with_label(options, label)

    async def send(session: Session) -> int:
        earlier = look_up_earlier(session.ledger, validation.source, session.scope)
        is_another = earlier.canary_size != options.canary
        if is_another and not may_repeat(session, validation, earlier, again=options.again):
            return FAILED
        # before anything of it is sent: from here on the whole file asks before it goes
        session.ledger.journal.note_canary(
            validation.source.sha256, options.canary, canary.source.sha256
        )
        code = await send_new(session, [canary], chosen, out)
        if code == DONE:
            name = validation.source.path.name
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
    if not _is_seen(account, record, validation, rest, options):
        return FAILED
    sent = record.plan.source.sha256
    path = write_canary_rest(validation, count, account.loaded.requests_dir, sent)
    others = check_file(path, account.loaded.profile.betas)
    label = options.label or label_of(validation.source.path)
    chosen = _with_label(options, label, record.batch_ids)

    async def send(session: Session) -> int:
        earlier = look_up_earlier(session.ledger, validation.source, session.scope)
        if earlier.sent is not None and not may_repeat(
            session, validation, earlier, again=options.again
        ):
            return FAILED
        return await send_new(session, [others], chosen, out)

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
        name = validation.source.path.name
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
    return send_options(options, may_split=options.split, again=options.again, parents=parents)


def _is_seen(
    account: OfflineAccount,
    record: SubmissionRecord,
    validation: Validation,
    rest: int,
    options: argparse.Namespace,
) -> bool:
    """Whether the others may be sent: the canary has ended, and a person who sees it agrees."""
    batch_id = record.batch_ids[0]
    stored = account.run(lambda session: fetch_stored(session, batch_id))
    if stored is None:
        if not options.yes:
            complain("Nothing was sent.", "--yes sends the others without looking at the canary.")
        return bool(options.yes)
    with (
        ProgressLine() as progress,
        closing(load(stored.path, progress)) as file,
        file.reader() as reader,
    ):
        prices = load_prices(account.loaded.paths.prices_file)
        unfit = count_unfit(file.index, reader, open_lookup(validation.source).find)
        report = report_canary(file.index, prices, rest, unfit)
    for sentence in report.sentences(rest):
        note(sentence)
    if options.yes or not can_ask():
        return True
    return is_agreed(f"Send the other {plural(rest, 'request')}?", said_yes=False)
