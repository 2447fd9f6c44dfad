"""``batchtui create``: checks request files, then makes batches of them."""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from batchtui.cli.asking import can_ask, is_agreed
from batchtui.cli.checking import (
    FIELDS_HELP as CHECK_HELP,
)
from batchtui.cli.checking import (
    batches_of,
    check_file,
    show_validation,
    tell_problems,
    validation_fields,
)
from batchtui.cli.common import RefusedError, account_of, add_json_option
from batchtui.cli.exits import DONE, FAILED, complain, note
from batchtui.cli.output import Output, is_terminal
from batchtui.cli.progress import ProgressLine
from batchtui.cli.sending import Sender, Wishes, add_sending_options, wishes_of
from batchtui.formatting import format_count
from batchtui.session import Session
from batchtui.submission.refusals import rest_path
from batchtui.submission.repeats import forgotten_at, sent_before
from batchtui.submission.source import spool
from batchtui.submission.validate import Validation

EPILOG = f"""\
A FILE holds JSON lines of {{"custom_id", "params"}} or one {{"requests": [...]}}, plain or gzip;
- is standard input. All files are checked before anything is sent. What was interrupted goes on
where it stopped when the same command is given again: nothing is sent twice. What was sent whole
before is told, and a person is asked.
Exit code 0: sent (or could be: --dry-run); 1: a file has mistakes, or it is not clear whether a
batch was made; 2: usage, or the server cannot be reached.

JSON: one object for every batch made, as batchtui list has it, and file, part, parts, adopted,
parents (the batches whose rows it sends again).
{CHECK_HELP}"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the verb."""
    parser.add_argument("files", metavar="FILE", nargs="+", help="requests; - is standard input")
    parser.add_argument("--dry-run", action="store_true", help="check only; needs no key")
    parser.add_argument(
        "--split", action="store_true", help="make several batches of what is too large for one"
    )
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
        validations = [check_file(path) for path in paths]
    if options.dry_run:
        return _report(validations, out)
    verdicts = [is_fit(one, options) for one in validations]  # every file is told of
    if not all(verdicts):
        return FAILED
    wishes = wishes_of(options)
    return account.run(lambda session: _send_new(session, validations, options, wishes, out))


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
    """Where the files are; standard input is written to a folder, so that sending it can go on."""
    paths = []
    for name in files:
        if name != "-":
            paths.append(Path(name))
            continue
        if is_terminal(sys.stdin):
            raise RefusedError("Nothing comes in on standard input.", hint="Give a file, or pipe.")
        paths.append(spool(sys.stdin.buffer, folder))
    return paths


def _report(validations: Sequence[Validation], out: Output) -> int:
    for validation in validations:
        if out.is_table:
            tell_problems(validation)
            show_validation(validation, out)
        else:
            out.record(validation_fields(validation))
    is_clean = all(one.is_sendable and not one.problems.errors for one in validations)
    return DONE if is_clean else FAILED


def is_fit(validation: Validation, options: argparse.Namespace) -> bool:
    """Whether a file may be sent: it can be, and the user takes what will fail. Tells why not."""
    tell_problems(validation)
    name = validation.source.path.name
    errors = validation.problems.errors
    if not validation.is_sendable:
        complain(f"{name} cannot be sent as it is; nothing was sent.")
        return False
    if validation.needs_split and not getattr(options, "split", False):
        complain(
            f"{name} does not fit one batch; nothing was sent.",
            f"--split makes {format_count(batches_of(validation))} batches of it.",
        )
        return False
    if not errors:
        return True
    of_all = f"{format_count(errors)} of {format_count(len(validation.index))} requests"
    if not options.yes and not can_ask():
        complain(f"{of_all} will fail; nothing was sent.", "--yes sends the file all the same.")
        return False
    return is_agreed(f"{of_all} will fail. Send {name} all the same?", said_yes=options.yes)


async def _send_new(
    session: Session,
    validations: Sequence[Validation],
    options: argparse.Namespace,
    wishes: Wishes,
    out: Output,
) -> int:
    """Send files, unless one was sent before and is not meant to be sent again.

    Raises:
        BatchtuiError: One cannot be sent.
    """
    if not wishes.anyway:
        names: dict[str, str] = {}
        verdicts = []
        for one in validations:
            twin = names.setdefault(one.source.sha256, one.source.path.name)
            verdicts.append(_may_repeat(session, one, twin, options))
        if not all(verdicts):
            return FAILED
    return await send_all(session, validations, wishes, out)


def _may_repeat(
    session: Session, validation: Validation, twin: str, options: argparse.Namespace
) -> bool:
    """Whether a file may be sent although it was before. Tells of it.

    Args:
        session: The account.
        validation: The file.
        twin: The name of the first file of this run with the same contents; may be its own.
        options: The words of the command line.
    """
    name, sha256 = validation.source.path.name, validation.source.sha256
    if session.ledger.journal.open_submission_of(sha256, scope=None) is not None:
        return True  # it is gone on with, which makes nothing twice
    before = sent_before(session.ledger, sha256)
    if before is None and forgotten_at(session.ledger, validation.source) is not None:
        return _may_send_forgotten(session, validation, options)
    is_whole = before is None or before.is_whole
    if before is not None:
        note(before.told(name, session.clock.now()))
    elif twin != name:
        note(f"{name} holds the same as {twin}")
    else:
        return True
    if options.yes or can_ask():
        return is_agreed(f"Send all of {name} again?", said_yes=options.yes)
    if not is_whole:
        # scripts that send a file again mean it; one that was sent in part was to be gone on with
        rest = _rest_of(session, sha256) or "the rest as a file of its own"
        complain(
            "The server refused the rest of it, or it was given up; nothing was sent.",
            f"Correct and send {rest}; --yes sends all of {name} again.",
        )
    return is_whole


def _may_send_forgotten(
    session: Session, validation: Validation, options: argparse.Namespace
) -> bool:
    """Whether a file may be sent of which nobody knows any more whether it was before. Tells it."""
    name = validation.source.path.name
    note(f"The ledger was damaged: whether {name} was sent before is not known.")
    if options.yes or can_ask():
        return is_agreed(f"Send {name}?", said_yes=options.yes)
    kept = f"{session.ledger.path}.damaged-*"
    complain(
        "Nothing was sent.",
        f"See batchtui list; --yes sends it. Removing {kept} ends this question for all files.",
    )
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
    session: Session, validations: Sequence[Validation], wishes: Wishes, out: Output
) -> int:
    """Send files one after the other, until one cannot be.

    Raises:
        BatchtuiError: One cannot be sent.
    """
    with ProgressLine() as progress:
        sender = Sender(session, out, progress)
        for validation in validations:
            if not await sender.send(validation, wishes):
                return FAILED
    return DONE
