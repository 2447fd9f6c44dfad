"""What is done with one row or with chosen ones, as values: copies, files, what to send again."""

from msgspec import Struct

from batchtui.api.models import MessageBatch
from batchtui.formatting import format_count, plural
from batchtui.results.conversation import read_conversation
from batchtui.results.conversation_views import answer_only, plain_text, raw_view
from batchtui.results.errors import ResultsFileError
from batchtui.results.export import suggest_name
from batchtui.tui.messages import CopyWanted, ResendWanted
from batchtui.tui.screens.results.browser import Browser
from batchtui.tui.screens.results.layout import View


def row_bytes(browser: Browser) -> bytes:
    """Return the row under the cursor as received.

    Raises:
        ResultsFileError: There is none, or it cannot be read.
    """
    if browser.row is None or browser.reader is None:
        raise ResultsFileError("There is no row here")
    return browser.reader.raw(browser.row)


def copy_of_answer(browser: Browser) -> CopyWanted:
    """Return the row's answer for the clipboard.

    Raises:
        ResultsFileError: It has none, or cannot be read.
    """
    text = answer_only(read_conversation(row_bytes(browser)))
    if not text:
        raise ResultsFileError("There is no answer in this row")
    return CopyWanted(text, f"the answer ({format_count(len(text))} characters)")


def copy_of_row(browser: Browser) -> CopyWanted:
    """Return the row as received for the clipboard.

    Raises:
        ResultsFileError: It cannot be read.
    """
    data = row_bytes(browser)
    text = data.decode("utf-8", errors="replace")
    return CopyWanted(text, f"the row ({format_count(len(data))} bytes)")


def copy_of_id(browser: Browser) -> CopyWanted:
    """Return the id of the row for the clipboard.

    Raises:
        ResultsFileError: It has none.
    """
    custom_id = "" if browser.row is None else browser.index.custom_id(browser.row)
    if not custom_id:
        raise ResultsFileError("This row has no custom_id")
    return CopyWanted(custom_id, "the custom_id")


def resend(browser: Browser, batch: MessageBatch) -> ResendWanted:
    """Ask for the marked rows, those of the query, or the failed ones to be sent again."""
    chosen, rows = browser.targets()
    ids = tuple(browser.index.custom_id(row) for row in rows)
    return ResendWanted(batch, ids, plural(len(ids), f"{chosen} row"))


class RowFile(Struct, frozen=True):
    """A row as a file for another program."""

    name: str
    text: str


def file_of_row(browser: Browser, view: View) -> RowFile:
    """Return the row as it is looked at, safe to show.

    Raises:
        ResultsFileError: It cannot be read.
    """
    text, suffix = file_text(row_bytes(browser), view)
    row = browser.row or 0
    name = suggest_name(browser.index.custom_id(row) or f"row-{row + 1}", "jsonl")
    return RowFile(name.removesuffix(".jsonl") + suffix, text)


def file_text(data: bytes, view: View) -> tuple[str, str]:
    """Return a row as it is looked at, safe to show, and the suffix of a file that holds it."""
    if view is View.RAW:
        raw = raw_view(data)
        return (raw.pretty or raw.exact) + "\n", ".json"
    return plain_text(read_conversation(data)) + "\n", ".md"
