"""``batchtui create``: checks request files, then makes batches of them."""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from batchtui.cli.amounts import amount_of_money
from batchtui.cli.asking import can_ask, is_agreed
from batchtui.cli.checking import (
    FIELDS_HELP as CHECK_HELP,
)
from batchtui.cli.checking import (
    batches_of,
    check_file,
    cost_fields,
    estimate_costs,
    show_validation,
    tell_problems,
    validation_fields,
)
from batchtui.cli.common import Account, RefusedError, account_of, add_json_option
from batchtui.cli.exits import DONE, FAILED, complain, note
from batchtui.cli.output import Json, Output, is_terminal, timestamp
from batchtui.cli.progress import ProgressLine
from batchtui.cli.sending import Sender, SendOptions, add_sending_options, send_options
from batchtui.clock import SystemClock
from batchtui.formatting import format_count, plural
from batchtui.prices import load_prices
from batchtui.session import Session
from batchtui.submission.cost import estimate_cost
from batchtui.submission.earlier import Earlier, look_up_earlier
from batchtui.submission.refusals import rest_path
from batchtui.submission.source import is_stream, spool
from batchtui.submission.validate import Validation
from batchtui.untrusted import visible

EPILOG = f"""\
A FILE holds JSON lines of {{"custom_id", "params"}} or one {{"requests": [...]}}, plain or gzip;
- is standard input. All files are checked before anything is sent. What was interrupted, however
it was, goes on where it stopped when the same command is given again: nothing is sent twice. What
was sent whole before is sent again only with --again, or when a person says so.
Exit code 0: sent (or could be: --dry-run); 1: a file has mistakes, was sent before, or it is not
certain which batch was made; 2: usage, or the server cannot be reached.

JSON: one object for every batch made, as batchtui list has it, and file, part, parts, adopted (its
answer was lost, it was found in the list), probable (found, and not yet known for certain to be
this one), parents (the batches whose rows it sends again).
{CHECK_HELP}"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the verb."""
    parser.add_argument("files", metavar="FILE", nargs="+", help="requests; - is standard input")
    parser.add_argument("--dry-run", action="store_true", help="check only; needs no key")
    parser.add_argument(
        "--split", action="store_true", help="make several batches of what is too large for one"
    )
    parser.add_argument(
        "--max-cost",
        type=amount_of_money,
        metavar="AMOUNT",
        help="send it only if it costs at most so many US dollars, as estimated",
    )
    parser.add_argument("--again", action="store_true", help="send what was sent before, again")
    add_json_option(parser)
    add_sending_options(parser)
    parser.epilog = EPILOG


def run(options: argparse.Namespace) -> int:
    """Check files and send them."""
    account = account_of(options)
    if not options.dry_run:
        account.require_writable("create batches")
    out = Output(as_json=options.json, must_finish=not options.dry_run)
    with tempfile.TemporaryDirectory() as scratch:
        # what is only looked at is not kept
        folder = account.loaded.requests_dir
        _require_different(options.files)
        paths = _paths(options.files, Path(scratch) if options.dry_run else folder)
        validations = [check_file(path, account.loaded.profile.betas) for path in paths]
    if options.dry_run:
        return _report(account, validations, out)
    verdicts = [is_fit(one, options) for one in validations]  # every file is reported
    if not all(verdicts):
        return FAILED
    return account.run(lambda session: _send_new(session, validations, options, out))


def _require_different(files: Sequence[str]) -> None:
    """Refuse a file that is named twice.

    Raises:
        RefusedError: One is.
    """
    seen: set[Path | None] = set()
    for name in files:
        path = None if name == "-" else Path(name).resolve()
        if path in seen:
            what = "Standard input" if path is None else name
            raise RefusedError(f"{what} is named twice: its requests would run twice.")
        seen.add(path)


def _paths(files: Sequence[str], folder: Path) -> list[Path]:
    """Where the files are; what is a pipe is read once and kept in a folder."""
    paths = []
    for name in files:
        path = Path(name)
        if name == "-":
            if is_terminal(sys.stdin):
                raise RefusedError(
                    "Nothing comes in on standard input.", hint="Give a file, or pipe."
                )
            paths.append(spool(sys.stdin.buffer, folder))
        elif is_stream(path):
            with path.open("rb") as stream:
                paths.append(spool(stream, folder))
        else:
            paths.append(path)
    return paths


def _report(account: Account, validations: Sequence[Validation], out: Output) -> int:
    with account.ledger() as ledger:
        found = [look_up_earlier(ledger, one.source, "") for one in validations]
    prices, costs = estimate_costs(account, validations)
    for validation, earlier, cost in zip(validations, found, costs, strict=True):
        if out.is_table:
            tell_problems(validation)
            show_validation(validation, cost, out)
            _show_earlier(validation.source.path.name, earlier, out)
        else:
            more = {"cost": cost_fields(cost, prices), "sent_before": earlier_fields(earlier)}
            out.record({**validation_fields(validation), **more})
    is_clean = all(one.is_sendable and not one.problems.errors for one in validations)
    return DONE if is_clean else FAILED


def _show_earlier(name: str, earlier: Earlier, out: Output) -> None:
    """Say for a person what became of the file before."""
    if earlier.begun is not None:
        made, parts = len(earlier.begun.batch_ids), len(earlier.begun.parts)
        text = f"begun and not finished, {made} of {plural(parts, 'batch', 'batches')} made"
    elif earlier.sent is not None:
        text = earlier.sent.told(name, SystemClock().now())
    elif earlier.forgotten is not None:
        text = earlier.forgotten.told(name)
    else:
        return
    out.line(f"{'before':<12}{visible(text)}")


def earlier_fields(earlier: Earlier) -> Json:
    """What became of a file before, as JSON; ``None`` where it is new."""
    begun, sent = earlier.begun, earlier.sent
    if begun is None and sent is None:
        return None
    return {
        "at": timestamp(sent.sent_at if sent else begun.made_at if begun else None),
        "batches": sent.batch_ids if sent else begun.batch_ids if begun else (),
        "parts": len(begun.parts) if begun else sent.parts if sent else 0,
        "finished": begun is None,
    }


def is_fit(validation: Validation, options: argparse.Namespace) -> bool:
    """Whether a file may be sent: it can be, and the user takes what will fail. Tells why not."""
    tell_problems(validation)
    name = validation.source.path.name
    failing = validation.problems.failing
    if not validation.is_sendable:
        complain(f"{name} cannot be sent as it is; nothing was sent.")
        return False
    if validation.needs_split and not getattr(options, "split", False):
        complain(
            f"{name} does not fit one batch; nothing was sent.",
            f"--split makes {format_count(batches_of(validation))} batches of it.",
        )
        return False
    if not failing:
        return True
    of_all = f"{format_count(failing)} of {format_count(validation.requests)} requests"
    if not options.yes and not can_ask():
        complain(f"{of_all} will fail; nothing was sent.", "--yes sends the file all the same.")
        return False
    return is_agreed(f"{of_all} will fail. Send {name} all the same?", said_yes=options.yes)


async def _send_new(
    session: Session,
    validations: Sequence[Validation],
    options: argparse.Namespace,
    out: Output,
) -> int:
    """Send files, unless one was sent before and is not meant to be sent again.

    Raises:
        BatchtuiError: One cannot be sent.
    """
    names: dict[str, str] = {}
    found = [look_up_earlier(session.ledger, one.source, session.scope) for one in validations]
    if not options.anyway:
        verdicts = []
        for one, earlier in zip(validations, found, strict=True):
            twin = names.setdefault(one.source.sha256, one.source.path.name)
            verdicts.append(_may_repeat(session, one, earlier, twin, options))
        if not all(verdicts):
            return FAILED
    new = [one for one, earlier in zip(validations, found, strict=True) if earlier.begun is None]
    if not await _may_cost(session, new, options):
        return FAILED
    return await send_all(session, validations, found, send_options(options), out)


async def _may_cost(
    session: Session, validations: Sequence[Validation], options: argparse.Namespace
) -> bool:
    """Whether files may be sent although they may cost more than the settings allow."""
    from batchtui.token_history import token_history

    limit: float = session.settings.max_cost if options.max_cost is None else options.max_cost
    if not limit or not validations:
        return True
    prices = load_prices(session.loaded.paths.prices_file)
    history = await token_history(session.ledger, session.store, session.clock, session.scope)
    costs = [estimate_cost(one.stats, prices, history) for one in validations]
    high = sum(cost.high for cost in costs if cost is not None)
    is_known = all(cost is not None and not cost.unknown for cost in costs)
    if high <= limit and is_known:
        return True
    what = f"up to ${high:,.2f}" if is_known else "nobody knows how much"
    note(f"This may cost {what}; max_cost is ${limit:,.2f}.")
    if can_ask():
        return is_agreed("Send it all the same?", said_yes=False)
    complain("Nothing was sent.", "--max-cost AMOUNT allows more for this run, 0 any.")
    return False


def _may_repeat(
    session: Session,
    validation: Validation,
    earlier: Earlier,
    twin: str,
    options: argparse.Namespace,
) -> bool:
    """Whether a file may be sent although it was, or may have been, before. Says so.

    Args:
        session: The account.
        validation: The file.
        earlier: What became of its contents before.
        twin: The name of the first file of this run with the same contents; may be its own.
        options: The words of the command line.
    """
    name = validation.source.path.name
    if twin != name:
        note(f"{name} holds the same as {twin}")
    elif earlier.begun is not None or earlier.unreported is not None:
        return True  # it is gone on with, which makes nothing twice
    elif earlier.sent is not None:
        note(earlier.sent.told(name, session.clock.now()))
    elif earlier.forgotten is not None:
        note(earlier.forgotten.told(name))
    else:
        return True
    if options.again or can_ask():
        return is_agreed(f"Send all of {name} again?", said_yes=options.again)
    if earlier.sent is not None and not earlier.sent.is_whole:
        rest = _rest_of(session, validation.source.sha256) or "the rest as a file of its own"
        complain(
            "The server refused the rest of it, or it was given up; nothing was sent.",
            f"Correct and send {rest}; --again sends all of {name} again.",
        )
        return False
    hint = f"--again sends all of {name} again."
    if earlier.forgotten is not None:
        hint = f"--again sends it. Nobody asks any more once {earlier.forgotten.kept_as} is gone."
    complain("Nothing was sent.", hint)
    return False


def _rest_of(session: Session, sha256: str) -> Path | None:
    """The file with what was left of a file when the server refused it, if it is still there."""
    folder = session.loaded.requests_dir
    for record in session.ledger.journal.submissions():
        if record.is_refused and record.plan.source.sha256 == sha256:
            path = rest_path(record, folder)
            if path.exists():
                return path
    return None


async def send_all(
    session: Session,
    validations: Sequence[Validation],
    earlier: Sequence[Earlier],
    options: SendOptions,
    out: Output,
) -> int:
    """Send files one after the other, until one cannot be.

    Args:
        session: The account.
        validations: The files.
        earlier: What became of each one's contents before.
        options: How to send.
        out: Where batches are reported.

    Raises:
        BatchtuiError: One cannot be sent.
    """
    with ProgressLine() as progress:
        sender = Sender(session, out, progress)
        sent: set[str] = set()
        for validation, before in zip(validations, earlier, strict=True):
            source = validation.source
            is_twin = source.sha256 in sent
            known = look_up_earlier(session.ledger, source, session.scope) if is_twin else before
            if not await sender.send(validation, options, known):
                return FAILED
            sent.add(source.sha256)
    return DONE
