"""The commands on one batch that change nothing on the server: names, copies, other screens."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from batchtui.formatting import format_size
from batchtui.tui.commands import batches as commands
from batchtui.tui.commands.command import Command
from batchtui.tui.lines import line
from batchtui.tui.messages import (
    CopyWanted,
    CreateWanted,
    MergeWanted,
    ResultsWanted,
    RetryWanted,
    SourceWanted,
    UnfinishedWanted,
)
from batchtui.tui.screens.batches.rows import short_id
from batchtui.tui.screens.dialogs.prompt import PromptDialog
from batchtui.untrusted import visible

if TYPE_CHECKING:
    from batchtui.tui.screens.batches.screen import BatchesScreen


def label(screen: "BatchesScreen") -> None:
    """Ask for the name of the batch."""
    screen.start(partial(_label, screen), "dialog")


async def _label(screen: "BatchesScreen") -> None:
    batch = screen.listing.selected_batch
    if batch is None:
        return
    body = (line((short_id(batch.id, 60, screen.context.glyphs), "muted")),)
    current = screen.listing.labels.get(batch.id, "")
    text = await screen.app.push_screen_wait(
        PromptDialog("Label", body, value=current, placeholder="empty takes it away")
    )
    if text is not None:
        await screen.services.set_label(batch.id, text.strip())
        screen.look_up()


def note(screen: "BatchesScreen") -> None:
    """Ask for the note on the batch."""
    screen.start(partial(_note, screen), "dialog")


async def _note(screen: "BatchesScreen") -> None:
    batch = screen.listing.selected_batch
    if batch is None:
        return
    # not what the detail shows: it follows the cursor only when that has come to rest
    record = (await screen.services.facts_of(batch, screen.context.now)).record
    text = await screen.app.push_screen_wait(
        PromptDialog("Note", value=record.note if record else "", placeholder="empty takes it away")
    )
    if text is not None:
        await screen.services.set_note(batch.id, text.strip())
        screen.describe()


def copy_id(screen: "BatchesScreen") -> None:
    """Copy the ids of the marked batches, or the one under the cursor."""
    batches = screen.targets
    if batches:
        what = "the id" if len(batches) == 1 else f"{len(batches)} ids"
        screen.post_message(CopyWanted("\n".join(batch.id for batch in batches), what))


def open_results(screen: "BatchesScreen") -> None:
    """Read the results."""
    batch = screen.listing.selected_batch
    if batch is not None:
        screen.post_message(ResultsWanted(batch))


def forget(screen: "BatchesScreen") -> None:
    """Remove the copy of the results."""
    screen.start(partial(_forget, screen), "dialog")


async def _forget(screen: "BatchesScreen") -> None:
    batch = screen.listing.selected_batch
    if batch is None:
        return
    freed = await screen.services.forget_results(batch.id)
    name = visible(screen.listing.labels.get(batch.id, "") or batch.id)
    screen.notify(f"Copy of the results of {name} removed: {format_size(freed)} freed")
    screen.look_up()


def retry(screen: "BatchesScreen") -> None:
    """Send the failed rows again."""
    batch = screen.listing.selected_batch
    if batch is not None:
        screen.post_message(RetryWanted(batch))


def merge(screen: "BatchesScreen") -> None:
    """Merge all tries."""
    batch = screen.listing.selected_batch
    if batch is not None:
        screen.post_message(MergeWanted(batch))


def attach(screen: "BatchesScreen") -> None:
    """Say which file it was made from."""
    batch = screen.listing.selected_batch
    if batch is not None:
        screen.post_message(SourceWanted(batch))


def create(screen: "BatchesScreen") -> None:
    """Create a batch."""
    screen.post_message(CreateWanted())


def finish_sending(screen: "BatchesScreen") -> None:
    """List what was interrupted while being sent."""
    screen.post_message(UnfinishedWanted())


COMMANDS: Mapping[type[Command], "Callable[[BatchesScreen], None]"] = {
    commands.LabelBatch: label,
    commands.EditNote: note,
    commands.CopyId: copy_id,
    commands.OpenResults: open_results,
    commands.ForgetResults: forget,
    commands.RetryFailed: retry,
    commands.MergeTries: merge,
    commands.AttachSource: attach,
    commands.NewBatch: create,
    commands.FinishSending: finish_sending,
}
