"""The commands that take something out: copies, other programs, sending again, reports."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from batchtui.formatting import format_count, plural
from batchtui.results.conversation import read_conversation
from batchtui.results.conversation_views import answer_only
from batchtui.results.errors import ResultsFileError
from batchtui.tui.commands import results as commands
from batchtui.tui.commands.command import Command
from batchtui.tui.messages import CopyWanted, ResendWanted
from batchtui.tui.screens.results.source import Phase, ResultsSource

if TYPE_CHECKING:
    from batchtui.tui.screens.results.screen import ResultsScreen


def is_gone(source: ResultsSource) -> bool:
    """Whether the server keeps these results no longer."""
    if source.batch is None or source.status.phase is not Phase.BROKEN:
        return False
    return source.batch.archived_at is not None or not source.status.can_go_on


def row_data(screen: "ResultsScreen") -> bytes | None:
    """The row under the cursor as received; tells where it cannot be read."""
    row, reader = screen.browser.row, screen.browser.reader
    if row is None or reader is None:
        return None
    try:
        return reader.raw(row)
    except ResultsFileError as error:
        screen.notify_error(error)
        return None


def copy_answer(screen: "ResultsScreen") -> None:
    """Copy what the row answered."""
    data = row_data(screen)
    if data is None:
        return
    text = answer_only(read_conversation(data))
    if text:
        screen.post_message(CopyWanted(text, f"the answer ({format_count(len(text))} characters)"))
    else:
        screen.notify("There is no answer in this row", severity="warning")


def copy_row(screen: "ResultsScreen") -> None:
    """Copy the row as received."""
    data = row_data(screen)
    if data is not None:
        text = data.decode("utf-8", errors="replace")
        screen.post_message(CopyWanted(text, f"the row ({format_count(len(data))} bytes)"))


def copy_id(screen: "ResultsScreen") -> None:
    """Copy the id of the row."""
    row = screen.browser.row
    custom_id = "" if row is None else screen.browser.index.custom_id(row)
    if custom_id:
        screen.post_message(CopyWanted(custom_id, "the custom_id"))
    else:
        screen.notify("This row has no custom_id", severity="warning")


def send_again(screen: "ResultsScreen") -> None:
    """Ask for the rows to be sent again."""
    batch = screen.source.batch
    if batch is not None:
        chosen, rows = screen.browser.targets()
        ids = tuple(screen.browser.index.custom_id(row) for row in rows)
        what = plural(len(ids), f"{chosen} row")
        screen.post_message(ResendWanted(batch, ids, what))


COMMANDS: Mapping[type[Command], "Callable[[ResultsScreen], None]"] = {
    commands.CopyAnswer: copy_answer,
    commands.CopyRow: copy_row,
    commands.CopyCustomId: copy_id,
    commands.SendAgain: send_again,
}
