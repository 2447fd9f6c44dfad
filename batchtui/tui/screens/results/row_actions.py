"""What is done with one row or with chosen ones, as values: copies, files, what to send again."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from batchtui.api.models import MessageBatch
from batchtui.formatting import format_count, plural
from batchtui.library.ledger_values import Review
from batchtui.results.conversation import answer_only, plain_text, raw_view, read_conversation
from batchtui.results.errors import ResultsFileError
from batchtui.results.export import Export
from batchtui.results.index import SUCCEEDED, ResultsIndex
from batchtui.results.query.engine import Query
from batchtui.results.reader import RowReader
from batchtui.results.records.finder import Record
from batchtui.results.records.registry import records_of
from batchtui.results.target import suggest_name
from batchtui.tui.messages import CopyWanted, ResendWanted
from batchtui.tui.screens.results.browser import Browser
from batchtui.tui.screens.results.layout import View


class RowToRead(Struct, frozen=True):
    """A row, and what is known of it."""

    index: ResultsIndex
    reader: RowReader
    row: int
    query: Query | None = None
    """What is searched for, to be marked."""
    reasons: tuple[str, ...] = ()
    """Why the row needs a look."""
    review: Review | None = None
    """What a person said of it."""
    expects_record: bool = False
    """Whether most answers have a record, so that it is said why this one has none."""

    @property
    def custom_id(self) -> str:
        """Its id; untrusted text, may be empty."""
        return self.index.custom_id(self.row)

    @property
    def data(self) -> bytes:
        """The row as received.

        Raises:
            ResultsFileError: It cannot be read.
        """
        return self.reader.raw(self.row)

    def is_same_row(self, other: "RowToRead | None") -> bool:
        """Return whether it is the same row, perhaps with another query."""
        return other is not None and self.index is other.index and self.row == other.row


def row_to_read(browser: Browser) -> RowToRead | None:
    """Return the row under the cursor."""
    state, reader = browser.state, browser.reader
    row = state.row
    if row is None or reader is None or not len(state.rows):
        return None
    index = browser.index
    reasons = browser.review_flags.reasons(index, row)
    review = index.reviews.get(index.custom_id(row)) if index.reviews else None
    records = browser.columns.records
    expects_record = index.types[row] == SUCCEEDED and 2 * records.found > records.looked
    return RowToRead(index, reader, row, state.query, reasons, review, expects_record)


def missing_record(target: RowToRead) -> tuple[str, ...]:
    """Say where the JSON of an answer breaks, where a record is expected; reads the row.

    Raises:
        ResultsFileError: It cannot be read.
    """
    if not target.expects_record:
        return ()
    found = records_of(target.index).record(target.reader, target.row)
    return () if isinstance(found, Record) else (f"no record: {found}",)


def copy_of_answer(row: RowToRead) -> CopyWanted:
    """Return the row's answer for the clipboard.

    Raises:
        ResultsFileError: It has none, or cannot be read.
    """
    text = answer_only(read_conversation(row.data))
    if not text:
        raise ResultsFileError("There is no answer in this row")
    return CopyWanted(text, f"the answer ({format_count(len(text))} characters)")


def copy_of_row(row: RowToRead) -> CopyWanted:
    """Return the row as received for the clipboard.

    Raises:
        ResultsFileError: It cannot be read.
    """
    data = row.data
    text = data.decode("utf-8", errors="replace")
    return CopyWanted(text, f"the row ({format_count(len(data))} bytes)")


def copy_of_id(row: RowToRead) -> CopyWanted:
    """Return the id of the row for the clipboard.

    Raises:
        ResultsFileError: It has none.
    """
    if not row.custom_id:
        raise ResultsFileError("This row has no custom_id")
    return CopyWanted(row.custom_id, "the custom_id")


def resend_wanted(browser: Browser, batch: MessageBatch) -> ResendWanted:
    """Ask for the marked rows, those of the query, or the failed ones to be sent again.

    Who neither marked nor asked for any means those that are worth it.
    """
    chosen, rows = targets(browser)
    ids = tuple(browser.index.custom_id(row) for row in rows)
    are_meant = bool(browser.state.marked) or browser.state.query is not None
    return ResendWanted(batch, ids, plural(len(ids), f"{chosen} row"), None if are_meant else ())


def targets(browser: Browser) -> tuple[str, Sequence[int]]:
    """Return what a command on several rows acts on: what they are, in a word, and the rows."""
    state = browser.state
    if state.marked:
        return "marked", sorted(state.marked)
    if state.is_part:
        return "shown", state.rows
    return "failed", browser.index.failed_rows()


class RowFile(Struct, frozen=True):
    """A row as a file for another program."""

    name: str
    text: str


def file_of_row(row: RowToRead, view: View) -> RowFile:
    """Return the row as it is looked at, safe to show.

    Raises:
        ResultsFileError: It cannot be read.
    """
    text, suffix = file_text(row.data, view)
    name = suggest_name(row.custom_id or f"row-{row.row + 1}", "jsonl")
    return RowFile(name.removesuffix(".jsonl") + suffix, text)


def file_text(data: bytes, view: View) -> tuple[str, str]:
    """Return a row as it is looked at, safe to show, and the suffix of a file that holds it."""
    if view is View.RAW:
        raw = raw_view(data)
        return (raw.pretty or raw.exact) + "\n", ".json"
    return plain_text(read_conversation(data)) + "\n", ".md"


def write_rows_for_program(browser: Browser, folder: Path) -> tuple[Mapping[str, Path], str]:
    """Write the rows shown as files for another program; blocks.

    Returns:
        The files by variable, and what of the answers was altered in the table; "" if nothing.

    Raises:
        ResultsError: They cannot be read or written.
    """
    reader = browser.reader
    if reader is None:
        raise ResultsFileError("There are no rows here")
    rows = browser.state.rows[:]
    fields = tuple(path for path in browser.columns.chosen if path.startswith("."))
    table = ("custom_id", *fields) if fields else ()
    lines = Export(browser.index, reader, rows, "jsonl")
    csv = Export(browser.index, reader, rows, "csv", fields=table)
    files = {
        "BATCHTUI_FILE": lines.write_file(folder / "rows.jsonl"),
        "BATCHTUI_TABLE": csv.write_file(folder / "rows.csv"),
    }
    return files, csv.guard.remark
