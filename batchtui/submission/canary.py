"""A canary: a few requests of a file, sent first as a batch of their own, and the rest after them.

Which requests go first is decided by the file alone, so that the same command again, however the
first ended, makes the same two files: what was sent of them is known by their contents.
"""

import hashlib
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

from batchtui.filenames import OwnFile, own_file_name
from batchtui.formatting import format_count, plural
from batchtui.library.ledger import Ledger
from batchtui.library.ledger_values import SubmissionRecord
from batchtui.submission.body import as_line
from batchtui.submission.errors import SourceError
from batchtui.submission.index import RequestIndex
from batchtui.submission.read import read_requests
from batchtui.submission.source import RequestSource
from batchtui.submission.validate import Validation
from batchtui.submission.written_files import own_file

USUAL = 30
"""Requests of a canary: a share of a tenth is seen with a chance of 96 %."""

TAKE_OUT = "Take those that are in the canary's results out of the file, and send that."
"""What to do where the rest of a file is not known."""


def choose_canary(index: RequestIndex, count: int, seed: str) -> frozenset[int]:
    """Choose requests of all lengths: one of each of as many groups of about the same length.

    Args:
        index: Where the requests are.
        count: How many; fewer than there are.
        seed: The same seed gives the same requests.

    Returns:
        Their numbers, from 0.
    """
    by_size = sorted(range(len(index)), key=lambda number: (index.sizes[number], number))
    edges = [len(by_size) * at // count for at in range(count + 1)]
    groups = (by_size[low:high] for low, high in pairwise(edges))

    # Chosen again when the rest is written, perhaps by another version of Python, whose `random`
    # may choose otherwise: then some would be sent twice.
    def draw(number: int) -> bytes:
        return hashlib.sha256(f"{seed} {count} {number}".encode()).digest()

    return frozenset(min(group, key=draw) for group in groups)


def write_canary(validation: Validation, count: int, folder: Path) -> Path:
    """Write the requests that go first; works in a thread.

    Args:
        validation: The file.
        count: How many; fewer than it has.
        folder: Where the file goes.

    Raises:
        SourceError: The file cannot be read any more or has changed, or nothing be written.
    """
    numbers = _numbers(validation, count)
    return _write(validation, folder, OwnFile.CANARY, count, numbers.__contains__)


def write_canary_rest(validation: Validation, count: int, folder: Path, canary_sha256: str) -> Path:
    """Write the requests that a canary leaves; works in a thread.

    Args:
        validation: The file.
        count: How many requests of it went as the canary.
        folder: Where the file goes.
        canary_sha256: Of what was sent as the canary.

    Raises:
        SourceError: As `write_canary`; or another canary was sent than would be chosen now, so
            that what it left is not known.
    """
    numbers = _numbers(validation, count)
    chosen = hashlib.sha256()
    for line in _lines(validation, numbers.__contains__):
        chosen.update(line)
    if chosen.hexdigest() != canary_sha256:
        raise SourceError(
            f"Which requests of {validation.source.name} went as its canary is not certain:"
            " nothing was sent.",
            hint=TAKE_OUT,
        )
    return _write(validation, folder, OwnFile.REST, count, lambda number: number not in numbers)


def canary_of(ledger: Ledger, sha256: str) -> tuple[int, SubmissionRecord] | None:
    """Return the canary of a file that was sent, or may have been: its size and submission.

    Args:
        ledger: Read from.
        sha256: Of the whole file.

    Raises:
        LedgerError: It cannot be read.
    """
    return next(_sent_canaries(ledger, sha256), None)


def why_no_rest(ledger: Ledger, validation: Validation) -> str:
    """Say why the rest of a file would not be what its canary left; "" if it would.

    Args:
        ledger: Read from.
        validation: The file, of which a canary was sent.

    Raises:
        LedgerError: It cannot be read.
    """
    name = validation.source.name
    found = list(_sent_canaries(ledger, validation.source.sha256))
    if len(found) > 1:
        sizes = " and ".join(format_count(count) for count, _ in found)
        return (
            f"Canaries of {sizes} requests of {name} were sent: the rest of one holds requests of"
            " the other."
        )
    for _, record in found:
        if not record.is_done and not record.is_open:
            made, parts = len(record.batch_ids), plural(len(record.parts), "batch", "batches")
            return f"Only {made} of {parts} of the canary of {name} were made."
    return ""


def _sent_canaries(ledger: Ledger, sha256: str) -> Iterator[tuple[int, SubmissionRecord]]:
    """Yield size and submission of each canary of which something was sent, the latest first."""
    for count, canary_sha256 in ledger.journal.canaries(sha256):
        for record in ledger.journal.submissions_of(canary_sha256):
            # one that was refused or given up may have made some of its batches before
            if record.is_open or record.batch_ids:
                yield count, record
                break


def _numbers(validation: Validation, count: int) -> frozenset[int]:
    return choose_canary(validation.index, count, validation.source.sha256)


def _write(
    validation: Validation,
    folder: Path,
    kind: OwnFile,
    count: int,
    is_wanted: Callable[[int], bool],
) -> Path:
    source = validation.source
    path = folder / own_file_name(kind, source.sha256[:16], source.name, count)
    with own_file(path, sources=[source.path]) as file:
        file.writelines(_lines(validation, is_wanted))
    return path


def _lines(validation: Validation, is_wanted: Callable[[int], bool]) -> Iterator[bytes]:
    source = RequestSource(validation.source.path)
    source.require(validation.source)
    for request in read_requests(source.blocks()):
        if is_wanted(request.number):
            yield as_line(request.data)
    # once more: it may have been written to, or replaced, while it was read
    source.require(validation.source)
