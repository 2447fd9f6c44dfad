"""``batchtui create``: checks request files, then makes batches of them."""

import argparse
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from batchtui.cli.amounts import whole_number
from batchtui.cli.canary import CanaryPart, preview_part, send_canary, send_rest
from batchtui.cli.checking import (
    FIELDS_HELP as CHECK_HELP,
)
from batchtui.cli.checking import (
    check_file,
    cost_fields,
    count_tokens,
    estimate_costs,
    report_problems,
    show_validation,
    validation_fields,
)
from batchtui.cli.common import OfflineAccount, RefusedError, account_of, add_json_option
from batchtui.cli.exits import DONE, FAILED, note
from batchtui.cli.new_batches import is_fit, send_new
from batchtui.cli.output import Json, Output, is_terminal, timestamp
from batchtui.cli.sending_options import add_sending_options, send_options
from batchtui.clock import SystemClock
from batchtui.folders import large_temporary_folder
from batchtui.formatting import plural
from batchtui.library.errors import LibraryError
from batchtui.regular_files import is_stream
from batchtui.submission.cost import TokenCount
from batchtui.submission.earlier import Earlier, look_up_earlier
from batchtui.submission.source import spool
from batchtui.submission.validate import Validation
from batchtui.untrusted import visible

EPILOG = f"""\
A FILE holds JSON lines of {{"custom_id", "params"}} or one {{"requests": [...]}}, plain or packed
(gzip, bzip2, xz, zstd); - is standard input. All files are checked before anything is sent. What
was interrupted, however it was, goes on where it stopped when the same command is given again:
nothing is sent twice. What was sent whole before, by this profile or by another one with the same
server and key, is sent again only with --again, or when a person says so.
On a terminal it says what goes, to which models and at what price, and asks; --yes skips that, but
not the question whether it may cost more than max_cost. Without a terminal nobody is asked.
Exit code 0: sent (or could be: --dry-run); 1: a file has mistakes, was sent before, or it is not
certain which batch was made; 2: usage, or the server cannot be reached.

--canary N sends N requests, chosen from all lengths. Once that batch has ended, --rest says what
share was cut, refused or failed and what the others will cost, each as a range, then sends them as
the same job: batchtui merge has one answer of each. With --dry-run both say what would go, and
--rest, for which results may have to be fetched with the key, how the canary went.

JSON: one object for every batch made, as batchtui list has it, and file, part, parts, adopted (its
answer was lost, it was found in the list), probable (found, and not yet known for certain to be
this one), parents (the batches whose rows it sends again).
{CHECK_HELP}"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the verb."""
    parser.add_argument("files", metavar="FILE", nargs="+", help="requests; - is standard input")
    parser.add_argument("--dry-run", action="store_true", help="check only; needs no key")
    step = parser.add_mutually_exclusive_group()
    step.add_argument(
        "--canary",
        type=whole_number(least=1),
        metavar="N",
        help="send N requests of all lengths first, as a batch of their own",
    )
    step.add_argument(
        "--rest", action="store_true", help="say how the canary went, and send the others"
    )
    parser.add_argument("--again", action="store_true", help="send what was sent before, again")
    parser.add_argument(
        "--count-tokens",
        type=whole_number(least=1),
        default=0,
        metavar="N",
        help="with --dry-run: have the API count N requests for the price; needs a key",
    )
    add_json_option(parser)
    add_sending_options(parser)
    parser.epilog = EPILOG


def run(options: argparse.Namespace) -> int:
    """Check files and send them."""
    account = account_of(options)
    if not options.dry_run:
        account.require_writable("create batches")
        if options.count_tokens:
            raise RefusedError("--count-tokens works only with --dry-run.")
    out = Output(as_json=options.json, must_finish=not options.dry_run)
    with tempfile.TemporaryDirectory(prefix="batchtui-", dir=large_temporary_folder()) as scratch:
        # what is only looked at is not kept
        folder = account.loaded.requests_dir
        _require_different(options.files)
        if (options.canary or options.rest) and len(options.files) > 1:
            raise RefusedError("--canary and --rest take one file.", hint="Give one at a time.")
        paths = _paths(options.files, Path(scratch) if options.dry_run else folder)
        validations = [check_file(path, account.loaded) for path in paths]
        if options.dry_run:
            counted = count_tokens(account, validations, options.count_tokens)
            part = _preview_part(account, validations[0], options, Path(scratch))
            is_fine = _report(account, validations, counted, part, out)
            return DONE if is_fine and (part is None or part.can_go or options.yes) else FAILED
    are_fit = [  # every file is reported
        is_fit(one, may_split=options.split, said_yes=options.yes) for one in validations
    ]
    if not all(are_fit):
        return FAILED
    if options.canary:
        return send_canary(account, validations[0], options, out)
    if options.rest:
        return send_rest(account, validations[0], options, out)
    chosen = send_options(options, again=options.again)
    return account.run(lambda session: send_new(session, validations, chosen, out))


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
    """Return where the files are; what is a pipe is read once and kept in a folder."""
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


def _preview_part(
    account: OfflineAccount, whole: Validation, options: argparse.Namespace, folder: Path
) -> CanaryPart | None:
    """Return the part of a file that would go; ``None`` where it is all of it, or nothing."""
    if not (options.canary or options.rest) or not whole.is_sendable:
        return None
    return preview_part(account, whole, options, folder)


def _report(
    account: OfflineAccount,
    validations: Sequence[Validation],
    counted: Mapping[str, TokenCount],
    part: CanaryPart | None,
    out: Output,
) -> bool:
    """Say what is in files, what would go, and return whether nothing is wrong with them."""
    found = [Earlier()] * len(validations)
    try:
        with account.ledger() as ledger:
            found = [look_up_earlier(ledger, one.source, "") for one in validations]
    except LibraryError as error:
        note(f"Whether these were sent before is not known: {error.message}")
    parts = [] if part is None else [part.validation]
    prices, costs = estimate_costs(account, [*validations, *parts], counted)
    for validation, earlier, cost in zip(validations, found, costs, strict=False):
        if out.is_table:
            report_problems(validation)
            show_validation(validation, cost, out)
            _show_earlier(validation.source.name, earlier, out)
            if part is not None:
                out.line(f"{part.kind:<12}{part.describe(costs[-1])}")
        else:
            more = {"cost": cost_fields(cost, prices), "sent_before": earlier_fields(earlier)}
            if part is not None:
                more["sends"] = part.fields(costs[-1], prices)
            out.record({**validation_fields(validation), **more})
    return all(one.is_sendable and not one.problems.errors for one in validations)


def _show_earlier(name: str, earlier: Earlier, out: Output) -> None:
    """Say for a person what became of the file before."""
    if earlier.begun is not None:
        made, parts = len(earlier.begun.batch_ids), len(earlier.begun.parts)
        text = f"begun and not finished, {made} of {plural(parts, 'batch', 'batches')} made"
    else:
        text = earlier.describe(name, SystemClock().now())
    if text:
        out.line(f"{'before':<12}{visible(text)}")


def earlier_fields(earlier: Earlier) -> Json:
    """Return what became of a file before, as JSON; ``None`` where it is new."""
    begun, sent = earlier.begun, earlier.sent
    if sent is not None:
        at, batch_ids, parts = sent.sent_at, sent.batch_ids, sent.parts
    elif begun is not None:
        at, batch_ids, parts = begun.made_at, begun.batch_ids, len(begun.parts)
    else:
        return None
    return {
        "at": timestamp(at),
        "batches": batch_ids,
        "parts": parts if begun is None else len(begun.parts),
        "finished": begun is None,
    }
