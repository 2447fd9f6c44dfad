"""The line of tries that a batch belongs to, as one: its results here, and merged."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager

from batchtui.cli.common import OfflineAccount
from batchtui.cli.exits import complain
from batchtui.cli.progress import ProgressLine
from batchtui.cli.results_files import load
from batchtui.errors import BatchtuiError
from batchtui.formatting import format_count
from batchtui.library.store import StoredResults
from batchtui.session import Session
from batchtui.submission.merge import Merged, Try, merge, try_rows


def tries_of(account: OfflineAccount, batch_id: str) -> list[str]:
    """Return the ids of a batch's whole line of tries, oldest first.

    Raises:
        LibraryError: The ledger cannot be read.
    """
    with account.ledger() as ledger:
        return [one.batch_id for one in ledger.lineage(batch_id).tries] or [batch_id]


def have_results(
    account: OfflineAccount, ids: Sequence[str], *, done: str, is_part_enough: bool
) -> list[StoredResults]:
    """Have the results of a line of tries on this disk, and report which cannot be had.

    Args:
        account: Whose batches.
        ids: The line.
        done: What is done with them, as ``merged``.
        is_part_enough: Whether that is done without those that are missing.

    Returns:
        Those that are here, in order; none where that is not enough.
    """
    stored = _have_all(account, ids)
    missing = len(ids) - len(stored)
    if not missing:
        return stored
    complain(
        f"{format_count(missing)} of the {format_count(len(ids))} batches of this job cannot be"
        f" {done}.",
        "" if is_part_enough else "batchtui show ID names them; --partial goes on without them.",
    )
    return stored if is_part_enough else []


def _have_all(account: OfflineAccount, ids: Sequence[str]) -> list[StoredResults]:
    from batchtui.cli.downloads import fetch_stored

    store = account.store()
    found = {one: results for one in ids if (results := store.stored(one)) is not None}

    async def fetch(session: Session) -> None:
        for one in ids:
            if one in found:
                continue
            try:
                results = await fetch_stored(session, one)
            except BatchtuiError as error:
                complain(f"{one}: {error.message}", error.hint)
                continue
            if results is not None:
                found[one] = results

    if len(found) < len(ids):
        account.run(fetch)
    return [found[one] for one in ids if one in found]


@contextmanager
def merged_tries(stored: Sequence[StoredResults]) -> Iterator[Merged]:
    """Merge the results of a line of tries, oldest first; they are open meanwhile.

    Raises:
        ResultsFileError: One cannot be read.
    """
    with ExitStack() as stack, ProgressLine() as progress:
        yield merge([_open(one, stack, progress) for one in stored])


def _open(stored: StoredResults, stack: ExitStack, progress: ProgressLine) -> Try:
    file = stack.enter_context(closing(load(stored.path, progress)))
    reader = stack.enter_context(file.reader())
    return Try(stored.batch_id, try_rows(file.index.outcomes()), reader.raw)
