"""Results that a verb is given as a batch or a file: found, read, and which rows are meant."""

import argparse
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from batchtui.cli.common import OfflineAccount
from batchtui.cli.exits import complain, note, write_line
from batchtui.cli.progress import ProgressLine
from batchtui.cli.table import cell_width
from batchtui.formatting import format_count, format_size, plural
from batchtui.results.cell_guard import CellGuard
from batchtui.results.errors import PatternFaulty, QueryError, ResultsFileError
from batchtui.results.foreign import NotResultsError
from batchtui.results.index import UNREADABLE
from batchtui.results.pipes import PipedFile, is_pipe
from batchtui.untrusted import visible

if TYPE_CHECKING:
    from array import array

    from batchtui.results.opening import LoadProgress, ResultsFile
    from batchtui.results.query.engine import Query
    from batchtui.results.reader import RowReader

_FIELD_NAME = re.compile(r'(?:"(?:[^"\\]|\\.)*"|[^",])+')


def is_file(name: str) -> bool:
    """Return whether a word names a file or a pipe rather than a batch."""
    if name == "-":
        return True
    try:
        return Path(name).exists() or (os.sep in name)
    except (OSError, ValueError):
        return False


def split_fields(text: str | None) -> tuple[str, ...]:
    """Cut a list of fields at the commas that are not in quotes."""
    names = map(str.strip, _FIELD_NAME.findall(text or ""))
    return tuple(name for name in names if name)


def note_altered(guard: CellGuard) -> None:
    """Say what of the answers was altered for spreadsheets, if anything was."""
    if guard.remark:
        note(guard.remark)


@contextmanager
def readable(path: Path) -> Iterator[Path]:
    """Have what comes through a pipe in a file; a file is that already.

    Raises:
        ResultsFileError: It cannot be read.
    """
    if not is_pipe(path):
        yield path
        return
    with PipedFile(path) as piped:
        piped.wait()
        yield piped.path


def read_query(text: str, types: Sequence[str] = ()) -> "Query | None":
    """Understand a query.

    Args:
        text: The query.
        types: Only rows of these types are meant; any, if there are none.

    Returns:
        ``None`` where it cannot be understood, which has been reported.
    """
    from batchtui.results.query.engine import compile_query
    from batchtui.results.query.parser import narrow_query

    try:
        query = compile_query(text)  # an error points at what was typed
        if types:
            # a part of the query, so that a sample is one of these rows
            text = narrow_query(text, f"type:{','.join(types)}")
            query = compile_query(text)
    except QueryError as error:
        report_query_error(error, text)
        return None
    return query


def report_query_error(error: QueryError, text: str) -> None:
    """Say on stderr what is wrong with a query, and point at the place."""
    complain(error.message, error.hint)
    write_line(f"  {visible(text)}")
    before, place = text[: error.position], text[error.position :][: error.length]
    caret = "^" * max(cell_width(visible(place)), 1)
    write_line(f"  {' ' * cell_width(visible(before))}{caret}")


def borrowed(account: OfflineAccount, ids: Sequence[str]) -> AbstractContextManager[None]:
    """On leaving, delete what came meanwhile if the settings keep no results; see the store."""
    settings = account.loaded.settings
    return account.store().borrowed(ids, is_kept=lambda: settings.keep_results)


def find_results(account: OfflineAccount, batch_id: str) -> Path | None:
    """Have a batch's verified results on this disk, and report why not.

    Raises:
        BatchtuiError: The account cannot be opened, or the batch not be looked up.
    """
    from batchtui.cli.downloads import fetch_stored

    stored = account.store().stored(batch_id)
    if stored is None:
        stored = account.run(lambda session: fetch_stored(session, batch_id))
    return None if stored is None else stored.path


def title_of(options: argparse.Namespace) -> str:
    """Return what names a file that is written into a folder."""
    return Path(options.id).stem if is_file(options.id) else str(options.id)


def kept_pattern(account: OfflineAccount, name: str) -> str:
    """Return the user's own pattern that finds records, kept with a batch or a file; or ""."""
    from batchtui.library.answer_choices import AnswerChoices
    from batchtui.library.reviews import file_subject

    subject = file_subject(Path(name)) if is_file(name) else name
    return AnswerChoices(account.loaded.choices_file).pattern_of(subject)


def load(path: Path, progress: ProgressLine, pattern: str = "") -> "ResultsFile":
    """Open and index a results file; the caller closes it.

    Args:
        path: The file.
        progress: Says how far it is.
        pattern: The user's own way to find the records; "" for all the ways that are known.

    Raises:
        ResultsFileError: It cannot be read.
        PatternFaulty: The pattern is none, or has no named group.
    """
    import asyncio

    from batchtui.results.records.registry import find_by_pattern

    file = asyncio.run(load_in_loop(path, progress))
    try:
        find_by_pattern(file.index, pattern)
    except PatternFaulty:
        file.close()
        raise
    return file


def note_vendor(file: "ResultsFile", name: str) -> None:
    """Say on stderr whose answers a file holds, where they are another vendor's.

    Args:
        file: It.
        name: As the user named it.
    """
    if file.vendor:
        note(f"{'The input' if name == '-' else name} is read as {file.vendor}.")


async def load_in_loop(path: Path, progress: ProgressLine) -> "ResultsFile":
    """Open and index a results file where an event loop runs already; as `load`."""
    import asyncio

    from batchtui.results.opening import open_results

    file = open_results(path)

    def show(moment: "LoadProgress") -> None:
        done, total = format_size(moment.bytes_read), format_size(moment.bytes_total)
        progress.show(f"Reading the results: {done} of {total}")

    try:
        await file.load(show, is_final=True)
        _refuse_other_than_results(file)
    except (ResultsFileError, asyncio.CancelledError):
        file.close()
        raise
    return file


def _refuse_other_than_results(file: "ResultsFile") -> None:
    """Refuse a file none of whose lines is a result.

    Raises:
        NotResultsError: It is one.
    """
    rows = len(file.index)
    if rows and file.index.count_of(UNREADABLE) == rows:
        raise NotResultsError(
            f"{file.path.name} holds no results in {plural(rows, 'line', 'lines')}",
            hint="batchtui make turns a table into requests.",
        )


def choose_rows(
    file: "ResultsFile",
    reader: "RowReader",
    query: "Query",
    progress: ProgressLine,
    asked: Mapping[str, int] | None = None,
) -> "array[int]":
    """Return the rows that match a query, in the order it asks for.

    Raises:
        QueryError: A pattern takes too long.
        ResultsFileError: The file cannot be read.
    """
    return query.match_rows(
        file.index,
        reader,
        on_progress=lambda done: progress.show(
            f"Searching: {format_count(done.matched)} found in {format_count(done.rows_done)} rows"
        ),
        asked=asked,
    )
