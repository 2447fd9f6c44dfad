"""Making batches of checked files: whether each may be sent, what it may cost, then sending."""

from collections.abc import Sequence
from pathlib import Path

from batchtui.cli.checking import report_problems
from batchtui.cli.confirmation import can_ask, is_agreed
from batchtui.cli.exits import DONE, FAILED, complain, note
from batchtui.cli.output import Output
from batchtui.cli.progress import ProgressLine
from batchtui.cli.sending import Sender, SendOptions
from batchtui.formatting import format_count
from batchtui.prices import load_prices
from batchtui.session import Session
from batchtui.submission.cost import estimate_cost
from batchtui.submission.earlier import Earlier, look_up_earlier
from batchtui.submission.refusals import unsent_path
from batchtui.submission.validate import Validation


def is_fit(validation: Validation, *, may_split: bool, said_yes: bool) -> bool:
    """Whether a file may be sent: it can be, and the user takes what will fail. Reports why not.

    Args:
        validation: The file.
        may_split: Whether more than one batch may be made.
        said_yes: Whether ``--yes`` was given.
    """
    report_problems(validation)
    name = validation.source.path.name
    failing = validation.problems.failing
    if not validation.is_sendable:
        complain(f"{name} cannot be sent as it is; nothing was sent.")
        return False
    if validation.needs_split and not may_split:
        complain(
            f"{name} does not fit one batch; nothing was sent.",
            f"--split makes {format_count(validation.batches)} batches of it.",
        )
        return False
    if not failing:
        return True
    of_all = f"{format_count(failing)} of {format_count(validation.requests)} requests"
    if not said_yes and not can_ask():
        complain(f"{of_all} will fail; nothing was sent.", "--yes sends the file anyway.")
        return False
    return is_agreed(f"{of_all} will fail. Send {name} anyway?", said_yes=said_yes)


async def send_new(
    session: Session,
    validations: Sequence[Validation],
    options: SendOptions,
    out: Output,
) -> int:
    """Send files, unless one was sent before and is not meant to be sent again.

    Args:
        session: The account.
        validations: The files.
        options: How to send.
        out: Where batches are reported.

    Raises:
        BatchtuiError: One cannot be sent.
    """
    names: dict[str, str] = {}
    found = [look_up_earlier(session.ledger, one.source, session.scope) for one in validations]
    if not options.anyway:
        verdicts = []
        for one, earlier in zip(validations, found, strict=True):
            twin = names.setdefault(one.source.sha256, one.source.path.name)
            verdicts.append(may_repeat(session, one, earlier, again=options.again, twin=twin))
        if not all(verdicts):
            return FAILED
    return await send_all(session, validations, found, options, out)


async def _may_cost(
    session: Session, validations: Sequence[Validation], options: SendOptions
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
    said = f"This may cost up to ${high:,.2f}" if is_known else "The cost is not known"
    note(f"{said}; max_cost is ${limit:,.2f}.")
    if can_ask():
        return is_agreed("Send it anyway?", said_yes=False)
    complain("Nothing was sent.", "--max-cost AMOUNT allows more for this run, 0 any.")
    return False


def may_repeat(
    session: Session,
    validation: Validation,
    earlier: Earlier,
    *,
    again: bool,
    twin: str = "",
) -> bool:
    """Whether a file may be sent although it was, or may have been, before. Says so.

    Args:
        session: The account.
        validation: The file.
        earlier: What became of its contents before.
        again: Whether ``--again`` was given.
        twin: The name of the first file of this run with the same contents, if that is another.
    """
    name = validation.source.path.name
    twin = twin or name
    how_again = f"--again sends all of {name} again."
    before = _what_was_sent(session, name, earlier, twin)
    if not before:
        return True
    note(before)
    if again or can_ask():
        return is_agreed(f"Send all of {name} again?", said_yes=again)
    if twin != name or earlier.sent is None or earlier.sent.is_whole:
        if earlier.canary is not None:
            how_again = "--rest sends the others; --again sends all of it."
        elif earlier.forgotten is not None:
            kept = earlier.forgotten.kept_as
            how_again = f"--again sends it. Nobody asks any more once {kept} is gone."
        complain("Nothing was sent.", how_again)
        return False
    rest = _rest_of(session, validation.source.sha256) or "the rest as a file of its own"
    complain(
        "The server refused the rest of it, or it was given up; nothing was sent.",
        f"Correct and send {rest}; {how_again}",
    )
    return False


def _what_was_sent(session: Session, name: str, earlier: Earlier, twin: str) -> str:
    """Say what of a file was sent, or may have been, before; "" where nothing stands against it."""
    if twin != name:
        return f"{name} holds the same as {twin}"
    if earlier.begun is not None or earlier.unreported is not None:
        return ""  # it is gone on with, which makes nothing twice
    return earlier.describe(name, session.clock.now())


def _rest_of(session: Session, sha256: str) -> Path | None:
    """The file with what was left of a file when the server refused it, if it is still there."""
    folder = session.loaded.requests_dir
    for record in session.ledger.journal.submissions():
        if record.is_refused and record.plan.source.sha256 == sha256:
            path = unsent_path(record, folder)
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
    """Send files one after the other, until one cannot be; none if they may cost too much.

    Args:
        session: The account.
        validations: The files.
        earlier: What became of each one's contents before.
        options: How to send.
        out: Where batches are reported.

    Raises:
        BatchtuiError: One cannot be sent.
    """
    new = [one for one, known in zip(validations, earlier, strict=True) if known.begun is None]
    if not await _may_cost(session, new, options):
        return FAILED
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
