"""``batchtui create --canary N`` and ``--rest``: a few requests first, then the others."""

import argparse
import shlex
from contextlib import closing
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from batchtui.canary_look import CanaryLook, look_at_canary
from batchtui.cli.checking import check_file, cost_fields
from batchtui.cli.common import OfflineAccount, RefusedError
from batchtui.cli.exits import DONE, FAILED, complain, note
from batchtui.cli.new_batches import may_repeat, send_new
from batchtui.cli.output import Json, Output
from batchtui.cli.progress import ProgressLine
from batchtui.cli.results_files import borrowed, find_results, load
from batchtui.cli.sending_options import SendOptions, send_options
from batchtui.errors import BatchtuiError
from batchtui.filenames import OwnFile
from batchtui.formatting import format_size, plural
from batchtui.library.ledger_values import SubmissionRecord
from batchtui.prices import PriceTable, load_prices
from batchtui.session import Session
from batchtui.submission.canary import (
    TAKE_OUT,
    canary_of,
    why_no_rest,
    write_canary,
    write_canary_rest,
)
from batchtui.submission.cost import CostEstimate
from batchtui.submission.prepare import label_of
from batchtui.submission.validate import Validation


class CanaryPart(Struct, frozen=True):
    """Those requests of a file that would go now."""

    kind: OwnFile
    """Its canary, or what that left."""
    validation: Validation
    """The requests, in a file of their own."""
    look: CanaryLook | None = None
    """How the canary went, where it has ended."""

    @property
    def can_go(self) -> bool:
        """Whether they are sent without ``--yes``."""
        return self.kind is OwnFile.CANARY or self.look is not None

    def describe(self, estimate: CostEstimate | None) -> str:
        """Say for a person how much it is; safe to show.

        Args:
            estimate: What it costs, where the canary does not say so.
        """
        what, cost = self.validation, self._cost(estimate)
        batches = f", {plural(what.batches, 'batch', 'batches')}" if what.batches > 1 else ""
        price = "cost not known" if cost is None else cost.words
        size = format_size(what.body_bytes)
        return f"{plural(what.requests, 'request')}, {size} to send{batches}, {price}"

    def fields(self, estimate: CostEstimate | None, prices: PriceTable) -> Json:
        """Return how much it is, as JSON; arguments as of `describe`."""
        return {
            "part": self.kind.value,
            "requests": self.validation.requests,
            "body_bytes": self.validation.body_bytes,
            "batches": self.validation.batches,
            "cost": cost_fields(self._cost(estimate), prices),
        }

    def _cost(self, estimate: CostEstimate | None) -> CostEstimate | None:
        return estimate if self.look is None or self.look.cost is None else self.look.cost


def preview_part(
    account: OfflineAccount, validation: Validation, options: argparse.Namespace, folder: Path
) -> CanaryPart:
    """Find out which requests of a file ``--canary`` or ``--rest`` would send.

    Args:
        account: Whose it is.
        validation: The whole file.
        options: Which of the two.
        folder: Where the requests are written.

    Raises:
        BatchtuiError: They could not be sent.
    """
    if options.canary:
        return CanaryPart(OwnFile.CANARY, _take_canary(account, validation, options.canary, folder))
    count, record = _find_canary(account, validation)
    look = None
    try:
        look = _look(account, record, validation, validation.requests - count)
    except BatchtuiError as error:
        complain(f"How the canary went is not known: {error.message}", error.hint)
    return CanaryPart(OwnFile.REST, _take_rest(account, validation, count, record, folder), look)


def send_canary(
    account: OfflineAccount, validation: Validation, options: argparse.Namespace, out: Output
) -> int:
    """Send a few requests of a file as a batch of their own.

    Raises:
        BatchtuiError: They cannot be sent.
    """
    canary = _take_canary(account, validation, options.canary, account.loaded.requests_dir)
    label = options.label or f"{label_of(validation.source.path)} canary"
    chosen = _with_label(options, label)

    async def send(session: Session) -> int:
        earlier = session.look_up_earlier(validation.source)
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
            path = shlex.quote(str(validation.source.path))
            note(f"When it has ended: batchtui create {path} --rest")
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
    look = _look(account, record, validation, rest)
    if look is None and not options.yes:
        complain("Nothing was sent.", "--yes sends the others without looking at the canary.")
        return FAILED
    others = _take_rest(account, validation, count, record, account.loaded.requests_dir)
    label = options.label or label_of(validation.source.path)
    question = "" if options.yes else f"Send the other {plural(rest, 'request')}?"
    chosen = replace(_with_label(options, label, record.batch_ids), cost=look and look.cost)

    async def send(session: Session) -> int:
        earlier = session.look_up_earlier(validation.source)
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
        name, path = validation.source.name, shlex.quote(str(validation.source.path))
        raise RefusedError(
            f"No canary has been sent for the current contents of {name}.",
            hint=f"If it has changed since, restore it; batchtui create {path} --canary 30 sends"
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


def _take_canary(
    account: OfflineAccount, validation: Validation, count: int, folder: Path
) -> Validation:
    """Write the requests that go first, and check them.

    Raises:
        RefusedError: The file has no more than these.
        SourceError: They cannot be written.
    """
    if count >= validation.requests:
        raise RefusedError(
            f"The file has only {plural(validation.requests, 'request')}.",
            hint="Give a smaller --canary, or send it whole.",
        )
    return check_file(write_canary(validation, count, folder), account.loaded)


def _take_rest(
    account: OfflineAccount,
    validation: Validation,
    count: int,
    canary: SubmissionRecord,
    folder: Path,
) -> Validation:
    """Write the requests that a canary left, and check them.

    Raises:
        SourceError: Which these are is not certain, or they cannot be written.
    """
    path = write_canary_rest(validation, count, folder, canary.plan.source.sha256)
    return check_file(path, account.loaded)


def _look(
    account: OfflineAccount, record: SubmissionRecord, validation: Validation, rest: int
) -> CanaryLook | None:
    """Say how the canary went; ``None`` where its results cannot be had, which is reported.

    Raises:
        BatchtuiError: The account cannot be opened, or the results not be read.
    """
    batch_id = record.batch_ids[0]
    prices = load_prices(account.loaded.paths.prices_file)
    with borrowed(account, [batch_id]):
        path = find_results(account, batch_id)
        if path is None:
            return None
        with (
            ProgressLine() as progress,
            closing(load(path, progress)) as file,
            file.reader() as reader,
        ):
            look = look_at_canary(file.index, reader, validation, rest, prices)
    for sentence in look.sentences:
        note(sentence)
    return look
