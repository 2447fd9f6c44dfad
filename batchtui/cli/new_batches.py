"""Making batches of checked files: whether each may be sent, what it may cost, then sending."""

from collections.abc import Sequence
from pathlib import Path

from msgspec import structs

from batchtui.cli.checking import report_problems
from batchtui.cli.confirmation import can_ask, is_agreed
from batchtui.cli.exits import DONE, FAILED, complain, note, write_line
from batchtui.cli.output import Output
from batchtui.cli.progress import ProgressLine
from batchtui.cli.sending import Sender
from batchtui.cli.sending_options import SendOptions
from batchtui.filenames import OwnFile, own_kind
from batchtui.formatting import format_count, plural
from batchtui.prices import Cost, load_prices
from batchtui.session import Session
from batchtui.submission.cost import CostEstimate
from batchtui.submission.earlier import Earlier
from batchtui.submission.refusals import unsent_path
from batchtui.submission.validate import Validation
from batchtui.untrusted import visible

_NAMED = 3
"""Models that are named before it is asked; the rest are counted."""


def is_fit(validation: Validation, *, may_split: bool, said_yes: bool) -> bool:
    """Return whether a file may be sent: it can be, and no request fails that was not agreed to.

    Reports why not.

    Args:
        validation: The file.
        may_split: Whether more than one batch may be made.
        said_yes: Whether ``--yes`` was given.
    """
    report_problems(validation, may_split=may_split)
    name = validation.source.name
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
    return True


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
    found = [session.look_up_earlier(one.source) for one in validations]
    if not options.anyway:
        questions = []
        for one, earlier in zip(validations, found, strict=True):
            twin = names.setdefault(one.source.sha256, one.source.name)
            questions.append(may_repeat(session, one, earlier, again=options.again, twin=twin))
        if None in questions:
            return FAILED
        question = next(filter(None, questions), options.question)
        options = structs.replace(options, question=question)
    return await send_all(session, validations, found, options, out)


async def _is_wanted(
    session: Session, validations: Sequence[Validation], options: SendOptions
) -> bool:
    """Return whether files may be sent: they cost no more than is allowed, and the user agrees."""
    limit: float = session.settings.max_cost if options.max_cost is None else options.max_cost
    is_asked = can_ask() and bool(options.question or not options.said_yes)
    if not validations or not (limit or is_asked):
        return True
    costs = [options.cost] if options.cost is not None else await _costs(session, validations)
    price, is_whole = _sum_up(costs)
    is_dear = bool(limit) and not (is_whole and price.high <= limit)
    if is_dear:
        said = f"This may cost up to ${price.high:,.2f}" if is_whole else "The cost is not known"
        note(f"{said}; max_cost is ${limit:,.2f}.")
        if not can_ask():
            complain("Nothing was sent.", "--max-cost AMOUNT allows more for this run, 0 any.")
            return False
    if not (is_asked or is_dear):
        return True
    for validation, cost in zip(validations, costs, strict=True):
        write_line(visible(_describe(validation, cost)))
    if len(validations) > 1:
        write_line(f"in all: {price if is_whole else 'cost not known'}")
    for sentence in dict.fromkeys(
        one for cost in costs if cost is not None for one in cost.assumed
    ):
        write_line(visible(f"  {sentence}"))
    return is_agreed(options.question or _question(validations, is_dear), said_yes=False)


def _sum_up(costs: Sequence[CostEstimate | None]) -> tuple[Cost, bool]:
    """Add up what is known of what files cost, and say whether that is all."""
    known = [cost for cost in costs if cost is not None]
    total = sum((Cost(cost.low, cost.high) for cost in known), Cost())
    return total, len(known) == len(costs) and not any(cost.unknown for cost in known)


def _question(validations: Sequence[Validation], is_dear: bool) -> str:
    failing = sum(one.problems.failing for one in validations)
    requests = sum(one.requests for one in validations)
    if failing:
        note(f"{format_count(failing)} of {format_count(requests)} requests will fail.")
    return "Send it anyway?" if failing or is_dear else f"Send {plural(requests, 'request')}?"


async def _costs(
    session: Session, validations: Sequence[Validation]
) -> Sequence[CostEstimate | None]:
    from batchtui.token_history import estimate_costs

    prices = load_prices(session.loaded.paths.prices_file)
    return await estimate_costs(validations, prices, session.ledger, session.store, session.clock)


def _describe(validation: Validation, cost: CostEstimate | None) -> str:
    """Say on one line what goes of a file."""
    models = list(validation.stats.models)
    named = ", ".join(name or "no model" for name in models[:_NAMED])
    more = f" and {len(models) - _NAMED} more" if len(models) > _NAMED else ""
    price = "cost not known" if cost is None else cost.words
    part = " for a part of it" if cost is not None and cost.unknown else ""
    what = plural(validation.requests, "request")
    return f"{validation.source.name}: {what}, {named}{more}, {price}{part}"


def may_repeat(
    session: Session,
    validation: Validation,
    earlier: Earlier,
    *,
    again: bool,
    twin: str = "",
) -> str | None:
    """Say that a file was, or may have been, sent before.

    Args:
        session: The account.
        validation: The file.
        earlier: What became of its contents before.
        again: Whether ``--again`` was given.
        twin: The name of the first file of this run with the same contents, if that is another.

    Returns:
        What a person has to be asked before it is sent; empty if nothing. ``None`` if it is not
        sent, as nobody can be asked.
    """
    name = validation.source.name
    twin = twin or name
    how_again = f"--again sends all of {name} again."
    if own_kind(validation.source.path) is OwnFile.CANARY:
        how_again = f"--rest sends the others; {how_again}"
    before = _what_was_sent(session, name, earlier, twin)
    if not before:
        return ""
    note(before)
    if again:
        return ""
    if can_ask():
        return f"Send all of {name} again?"
    if twin != name or earlier.sent is None or earlier.sent.is_whole:
        if earlier.canary is not None:
            how_again = "--rest sends the others; --again sends all of it."
        elif earlier.forgotten is not None:
            kept = earlier.forgotten.kept_as
            how_again = f"--again sends it. Remove {kept} to stop being asked."
        complain("Nothing was sent.", how_again)
        return None
    rest = _rest_of(session, validation.source.sha256) or "the rest as a file of its own"
    complain(
        "The rest was refused by the server or abandoned. Nothing was sent.",
        f"Correct and send {rest}; {how_again}",
    )
    return None


def _what_was_sent(session: Session, name: str, earlier: Earlier, twin: str) -> str:
    """Say what of a file was sent, or may have been, before; "" where nothing stands against it."""
    if twin != name:
        return f"{name} holds the same as {twin}"
    if earlier.begun is not None or earlier.unreported is not None:
        return ""  # it is gone on with, which makes nothing twice
    return earlier.describe(name, session.clock.now())


def _rest_of(session: Session, sha256: str) -> Path | None:
    """Return the file with what was left of one that the server refused, if it is still there."""
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
    """Send files one after the other, until one cannot be; none if they may not.

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
    if not await _is_wanted(session, new, options):
        return FAILED
    with ProgressLine() as progress:
        sender = Sender(session, out, progress)
        sent: set[str] = set()
        for validation, before in zip(validations, earlier, strict=True):
            source = validation.source
            is_twin = source.sha256 in sent
            known = session.look_up_earlier(source) if is_twin else before
            if not await sender.send(validation, options, known):
                return FAILED
            sent.add(source.sha256)
    return DONE
