"""The custom_ids that a batch was asked for: those of its request file, or of its part of it."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from pathlib import Path

from batchtui.custom_ids import LONGEST
from batchtui.library.errors import LibraryError
from batchtui.library.ledger import Ledger
from batchtui.library.ledger_values import (
    BatchRecord,
    PartRecord,
    PartState,
    PlannedPart,
    SourceFile,
)
from batchtui.request_line import custom_id_of
from batchtui.submission.errors import SourceChanged, SourceError
from batchtui.submission.read import RawRequest, layout_of, read_requests, read_requests_from
from batchtui.submission.source import RequestSource, Stamp


def requests_of_part(source: RequestSource, part: PlannedPart) -> Iterator[RawRequest]:
    """Yield the requests of a part; numbers and lines are counted from there.

    Raises:
        SourceError: The file cannot be read.
    """
    layout = layout_of(source.blocks()).layout
    requests = read_requests_from(source.blocks(part.source_offset), layout, part.source_offset)
    return islice(requests, part.requests)


def part_of(ledger: Ledger, record: BatchRecord) -> PartRecord | None:
    """Return the part of its source that a batch was made of; None where it is not from here.

    Raises:
        LedgerError: The ledger cannot be read.
    """
    if record.source is None:
        return None
    parts = (
        part
        for submission in ledger.journal.submissions_of(record.source.sha256)
        for part in submission.parts
        if part.batch_id == record.batch_id and part.state.is_done
    )
    return next(parts, None)


def requested_ids(expected: SourceFile, part: PartRecord | None) -> Iterator[str]:
    """Yield the custom_id of each request, in order; "" where it has none.

    Args:
        expected: The file as it was written down.
        part: Which requests of it; None for all.

    Raises:
        SourceError: It cannot be read, or is another by now; this may come after the last id.
    """
    source = RequestSource(expected.path)
    stamp = source.stamp()
    if stamp.size == expected.size and _sha256(source.path, stamp) == expected.sha256:
        requests = requests_of_part(source, part.plan) if part else read_requests(source.blocks())
        yield from (custom_id_of(request.data) for request in requests)
        if source.stamp() == stamp:
            return
    raise SourceChanged(f"{source.path} has changed since it was written down.")


@lru_cache(maxsize=16)
def _sha256(path: Path, stamp: Stamp) -> str:
    """Return what is in a file, read once for all the batches that were made from it."""
    del stamp  # another one is another file
    return RequestSource(path).fingerprint.sha256


def count_unasked(ledger: Ledger, batch_id: str, custom_ids: Iterable[str]) -> int:
    """Count the rows of a batch's results that answer none of its requests; works in a thread.

    None are counted where its requests are not known or their file is not here as it was, and none
    where the file was not sent from here and, as it seems, is another's: it has fewer requests, or
    none that was answered.

    Args:
        ledger: Knows the file.
        batch_id: Whose results.
        custom_ids: The id of each row, each only once.
    """
    # Longer ones are cut in the results' index. Hashes are salted in every process, and small.
    unasked = {hash(one[:LONGEST]) for one in custom_ids}
    rows, requests = len(unasked), 0
    try:
        record = ledger.record(batch_id)
        if record is None or record.source is None:
            return 0
        part = part_of(ledger, record)
        for custom_id in requested_ids(record.source, part):
            unasked.discard(hash(custom_id[:LONGEST]))
            requests += 1
    except (LibraryError, SourceError):
        return 0
    was_sent = part is not None and part.state is PartState.CREATED
    is_of_another = requests < rows or len(unasked) == rows
    return 0 if is_of_another and not was_sent else len(unasked)
