"""What can be done with the list of batches and the batch under the cursor."""

from batchtui.tui.commands.command import Access, Command, Group, Need, Purpose


class ListNeed(Need):
    """What a command of the list needs to be there."""

    BATCH = "a batch under the cursor"
    RESULTS = "results that can be read"
    RESULTS_OF_ANY = "results that can be had, of one of the batches at least"
    CANCELABLE = "a batch that still runs"
    DELETABLE = "a batch that can be deleted, or canceled to be deleted"
    COPY = "results on this disk"
    PAIR = "two batches that have ended: mark two or more, or mark one and go to the other"
    FAILURES = "requests that did not succeed"
    NEXT_PAGE = "a next page"
    PREVIOUS_PAGE = "a previous page"
    MORE = "batches that are not loaded"
    NEW = "batches created since"


class OnBatches(Command):
    """Base of the commands of the batch list."""

    group = Group.BATCHES


class OpenResults(OnBatches):
    """Read the results. They are downloaded once and stay on this disk; rows show as they come."""

    keys, label, in_bar = "enter", "Results", True
    needs = (ListNeed.BATCH, ListNeed.RESULTS)


class CancelBatch(OnBatches):
    """Cancel the batch, or all marked ones. Requests that are already running may still finish."""

    keys, label, in_bar = "c", "Cancel", True
    purpose = Purpose.ACT
    words = "stop abort kill"
    needs = (Access.WRITE, ListNeed.BATCH, ListNeed.CANCELABLE)


class DeleteBatch(OnBatches):
    """Delete the batch, or all marked ones, from the server. Results on this disk stay."""

    keys, label, in_bar = "x,delete", "Delete", True
    purpose = Purpose.ACT
    words = "remove rm"
    needs = (Access.WRITE, ListNeed.BATCH, ListNeed.DELETABLE)


class LabelBatch(OnBatches):
    """Give the batch a name of your own. The API has none, so it is kept on this disk."""

    keys, label, in_bar = "l", "Label", True
    purpose = Purpose.ACT
    words = "name rename title"
    act = "label"
    needs = (ListNeed.BATCH,)


class NewBatch(OnBatches):
    """Create a batch from a file of requests. It is checked and shown before anything is sent."""

    keys, label, in_bar = "plus", "New", True
    moved_from = "n"
    purpose = Purpose.ACT
    words = "create send submit upload make"
    act = "new"
    needs = (Access.WRITE,)


class FinishSending(OnBatches):
    """List what was interrupted while being sent: go on with it, or give it up."""

    keys, label = "U", "Unfinished"
    moved_from = "S"
    purpose = Purpose.ACT
    words = "interrupted resume lost"
    act = "unfinished"
    needs = (Access.WRITE,)


class CopyId(OnBatches):
    """Copy the id of the batch, over SSH and tmux as well."""

    keys, label, in_bar = "y", "Copy id", True
    purpose = Purpose.SAVE
    act = "copy"
    needs = (ListNeed.BATCH,)


class MarkBatch(OnBatches):
    """Mark the batch, so that one command acts on several."""

    keys, label, in_bar = "space", "Mark", True
    purpose = Purpose.ACT
    act = "mark"
    needs = (ListNeed.BATCH,)


class MarkAll(OnBatches):
    """Mark every batch in view, or none if all are marked."""

    keys, label = "asterisk,ctrl+a", "Mark all"
    purpose = Purpose.ACT
    act = "mark all"


class FilterBatches(OnBatches):
    """Filter what is loaded by label, id or state as you type."""

    keys, label, in_bar = "slash", "Filter", True
    purpose = Purpose.FIND
    words = "find search"
    act = "filter"


class ClearFilter(OnBatches):
    """Clear the filter and the marks, and go back to the list."""

    keys, label = "escape", "Clear"
    purpose = Purpose.FIND


class SwitchDetail(OnBatches):
    """Go between the list and the detail."""

    keys, label = "tab", "Detail"
    act = "other pane"


class NextPage(OnBatches):
    """To the next page of older batches."""

    keys, label = "right_square_bracket,right", "Next page"
    purpose = Purpose.FIND
    act = "next"
    needs = (ListNeed.NEXT_PAGE,)


class PreviousPage(OnBatches):
    """To the previous page of newer batches."""

    keys, label = "left_square_bracket,left", "Previous page"
    purpose = Purpose.FIND
    act = "previous"
    needs = (ListNeed.PREVIOUS_PAGE,)


class LoadMore(OnBatches):
    """Load up to 1,000 more batches, so that filter and sort see them too."""

    keys, label = "L", "Load more"
    purpose = Purpose.FIND
    needs = (ListNeed.MORE,)


class ShowNew(OnBatches):
    """Show the batches that were created since, at the top of page 1."""

    keys, label = "full_stop", "Show new"
    purpose = Purpose.FIND
    needs = (ListNeed.NEW,)


class GoToId(OnBatches):
    """Jump to any batch by its id (or the start of it), its label, or "last" for the newest."""

    keys, label = "number_sign", "Go to id"
    moved_from = "i"
    purpose = Purpose.FIND
    words = "jump find"


class SortBatches(OnBatches):
    """Sort what is loaded by the next order: age, requests, failures, expiry, state, label."""

    keys, label = "s", "Sort"
    purpose = Purpose.FIND
    act = "sort"


class FilterState(OnBatches):
    """Show only one state: all, live, ended."""

    keys, label = "t", "State"
    purpose = Purpose.FIND


class FilterOutcome(OnBatches):
    """Show only one outcome: all ok, failed, errored, expired or canceled."""

    keys, label = "o", "Outcome"
    purpose = Purpose.FIND


class RefreshList(OnBatches):
    """Ask the server now, and go on watching if that was stopped."""

    keys, label = "r", "Refresh"
    purpose = Purpose.ACT
    words = "again reload update"
    act = "again"


class PausePolling(OnBatches):
    """Pause the watching, or go on."""

    keys, label = "p", "Pause"
    purpose = Purpose.ACT
    words = "stop watching"


class DownloadResults(OnBatches):
    """Download the results in the background, of all marked batches if any are, or stop it."""

    keys, label, in_bar = "d", "Download", True
    purpose = Purpose.SAVE
    words = "fetch get save"
    changes_disk = True
    act = "download"
    needs = (Access.KEEP, ListNeed.BATCH, ListNeed.RESULTS_OF_ANY)


class DownloadAtRisk(OnBatches):
    """Download all results that the server drops within 48 hours and that are not here."""

    keys, label = "D", "Save what expires"
    purpose = Purpose.SAVE
    words = "save expire"
    changes_disk = True
    needs = (Access.KEEP,)


class ForgetResults(OnBatches):
    """Remove the copy of the results from this disk. The server's own copy is not touched."""

    keys, label = "X", "Forget copy"
    purpose = Purpose.SAVE
    changes_disk = True
    needs = (ListNeed.BATCH, ListNeed.COPY)


class RetryFailed(OnBatches):
    """Send the failed rows again as a new batch. What will go is shown first."""

    keys, label, in_bar = "R", "Send again", True
    purpose = Purpose.ACT
    words = "again resend rerun"
    act = "send again"
    needs = (Access.WRITE, ListNeed.BATCH, ListNeed.RESULTS, ListNeed.FAILURES)


class MergeTries(OnBatches):
    """Write one file with the newest success of every request over all tries of this batch."""

    keys, label = "M", "Merge tries"
    purpose = Purpose.SAVE
    words = "combine join"
    act = "merge"
    needs = (ListNeed.BATCH,)


class CompareBatches(OnBatches):
    """Compare two runs row by row: two marked batches, or the marked one and this one.

    Of three or more marked batches it asks which two.
    """

    keys, label = "equals_sign", "Compare"
    act = "compare"
    needs = (ListNeed.PAIR,)


class AttachSource(OnBatches):
    """Say which file of requests this batch was made from, to read answers beside questions."""

    keys, label, in_bar = "a", "Attach source", True
    purpose = Purpose.ACT
    words = "source questions prompts requests"
    act = "attach source"
    needs = (ListNeed.BATCH,)


class EditNote(OnBatches):
    """Write a note on the batch, kept on this disk."""

    keys, label, in_bar = "m", "Note", True
    moved_from = "N"
    purpose = Purpose.ACT
    words = "memo comment"
    act = "note"
    needs = (ListNeed.BATCH,)


class ShowTimeline(OnBatches):
    """Show when recent batches ran, how long they took and how they ended."""

    keys, label, in_bar = "H", "Timeline", True
    moved_from = "w"
    words = "history gantt when"


class ShowTimes(OnBatches):
    """Switch between local time and UTC."""

    keys, label = "u", "UTC"
    words = "timezone utc local clock"


BATCH_COMMANDS: tuple[type[Command], ...] = (
    OpenResults,
    CancelBatch,
    DeleteBatch,
    LabelBatch,
    NewBatch,
    CopyId,
    MarkBatch,
    FilterBatches,
    MarkAll,
    ClearFilter,
    SwitchDetail,
    NextPage,
    PreviousPage,
    LoadMore,
    ShowNew,
    GoToId,
    SortBatches,
    FilterState,
    FilterOutcome,
    RefreshList,
    PausePolling,
    DownloadResults,
    DownloadAtRisk,
    ForgetResults,
    RetryFailed,
    FinishSending,
    MergeTries,
    CompareBatches,
    AttachSource,
    EditNote,
    ShowTimeline,
    ShowTimes,
)
