"""From a validated file to a plan that can be written down and sent."""

import getpass
import secrets
import socket
from collections.abc import Sequence
from pathlib import Path

from batchtui.formatting import plural, read_count
from batchtui.library.ledger_values import SubmissionPlan
from batchtui.packing import ENDINGS
from batchtui.submission.errors import NotSendable
from batchtui.submission.limits import Limits, plan_parts
from batchtui.submission.validate import Validation

_SUFFIXES = (*ENDINGS, ".jsonl", ".ndjson", ".json", ".txt")
_AGAIN = " again"


def prepare(
    validation: Validation,
    *,
    split: bool = False,
    label: str = "",
    parents: Sequence[str] = (),
    betas: Sequence[str] = (),
    scope: str = "",
) -> SubmissionPlan:
    """Make a plan.

    Args:
        validation: Of the file to send.
        split: Whether more than one batch may be made.
        label: The name the batches start with; the file's, if empty.
        parents: The batches whose rows are sent again.
        betas: Beta headers to send along.
        scope: The account it belongs to.

    Raises:
        NotSendable: The file has fatal mistakes, or does not fit one batch and may not be split.
    """
    _require_sendable(validation, split=split)
    chosen = validation.limits if split else _unlimited(validation)
    return SubmissionPlan(
        submission_id=secrets.token_hex(8),
        label=label or label_of(validation.source.path),
        source=validation.source,
        parts=plan_parts(validation.index, chosen),
        parents=tuple(parents),
        betas=tuple(betas),
        scope=scope,
        made_from=where_from(),
    )


def _require_sendable(validation: Validation, *, split: bool) -> None:
    """Refuse what `prepare` refuses."""
    problems = validation.problems
    if problems.fatal:
        first = next(problem for problem in problems.listed if problem.kind.is_fatal)
        where = f" Line {first.line}: " if first.line else " "
        raise NotSendable(
            f"{plural(problems.fatal, 'mistake makes', 'mistakes make')} the file unfit to send."
            f"{where}{first.message}",
            hint="Correct the file, then try again.",
        )
    if validation.needs_split and not split:
        said = " ".join(problem.message for problem in validation.limit_problems)
        raise NotSendable(f"The file does not fit one batch: {said}", hint="Send it with --split.")


def label_of(path: Path) -> str:
    """Return the name a batch gets from its file: ``evals-march`` of ``evals-march.jsonl.gz``."""
    name = path.name
    for suffix in _SUFFIXES:
        if name.lower().endswith(suffix) and len(name) > len(suffix):
            name = name[: -len(suffix)]
    return name


def retry_label(label: str, source: Path) -> str:
    """Return the label of a next try: ``x``, ``x again``, ``x again 2``, ``x again 3``.

    Args:
        label: Of the batch whose rows go again; the source's name counts, if empty.
        source: The file it was made from.
    """
    name = label or label_of(source)
    base, found, number = name.rpartition(_AGAIN)
    if not found:
        return name + _AGAIN
    if not number:
        return f"{name} 2"
    if number.startswith(" ") and (tries := read_count(number)) is not None:
        return f"{base}{_AGAIN} {tries + 1}"
    return name + _AGAIN


def where_from() -> str:
    """Return user, host and folder: ``me@laptop:/home/me/evals``."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError):
        user = "?"
    try:
        folder = str(Path.cwd())
    except OSError:
        folder = "?"
    return f"{user}@{socket.gethostname()}:{folder}"


def _unlimited(validation: Validation) -> Limits:
    """Return limits that keep the file in one part."""
    size = validation.body_bytes
    return Limits(max(1, len(validation.index)), size, size)
