"""What can be done on the way in: before sending, while sending, and with second tries."""

from batchtui.tui.commands.command import Access, Command, Group, Need, Purpose


class PreviewNeed(Need):
    """What the commands of the preview need."""

    SENDABLE = "a file that can be sent"
    REQUESTS = "a file with requests"
    SEVERAL = "a file of several requests that can be sent"
    CHOICE = "a file that may or may not be split"
    PROBLEM = "a problem"
    EDITABLE = "a file that an editor can change"


class SendingNeed(Need):
    """What the commands need while a batch is being sent."""

    CANDIDATE = "a batch that may be the lost one"
    DOUBT = "a batch that may or may not exist"
    PAUSE = "something that was stopped or refused"
    OTHER = "another submission in the way"


class RetryNeed(Need):
    """What the commands need that choose rows to send again."""

    ROWS = "rows that can go"


class MergeNeed(Need):
    """What the commands of the merged view need."""

    RESULTS = "results on this disk"
    MISSING = "results that are not on this disk yet"


class OnCreate(Command):
    """Base of the commands of the way in."""

    group = Group.CREATE


class SendBatch(OnCreate):
    """Send what is shown. It asks once more before the first byte goes out."""

    keys, label, in_bar = "enter", "Send", True
    needs = (Access.WRITE, PreviewNeed.SENDABLE)


class SendCanary(OnCreate):
    """Send a few requests of all lengths first. Opened again later, the file sends the others."""

    keys, label, in_bar = "percent_sign", "Canary", True
    needs = (Access.WRITE, PreviewNeed.SEVERAL)


class MarkCache(OnCreate):
    """Write the file with marks for the cache behind what its requests share, and show that."""

    keys, label = "dollar_sign", "Mark the cache"
    needs = (PreviewNeed.SENDABLE,)


class ViewRequests(OnCreate):
    """Read any request whole: the one with the problem under the cursor, or the first."""

    keys, label, in_bar = "v", "View", True
    act = "view"
    needs = (PreviewNeed.REQUESTS,)


class NameBatch(OnCreate):
    """Give the new batch its label before it is sent."""

    keys, label, in_bar = "l", "Label", True
    act = "label"


class SplitFile(OnCreate):
    """Split the file into several batches, or not, where it may or may not fit into one."""

    keys, label = "b", "Split"
    needs = (PreviewNeed.CHOICE,)


class CheckAgain(OnCreate):
    """Read the file again after it was corrected."""

    keys, label, in_bar = "r", "Check again", True
    act = "again"


class EditFile(OnCreate):
    """Open the file in $EDITOR at the problem under the cursor, and check it again afterwards."""

    keys, label = "E", "Editor"
    words = "fix repair correct change requests"
    act = "editor"
    needs = (PreviewNeed.EDITABLE,)


class CopyProblems(OnCreate):
    """Copy all problems with their lines, over SSH and tmux as well."""

    keys, label = "y", "Copy problems"
    purpose = Purpose.SAVE
    act = "copy"
    needs = (PreviewNeed.PROBLEM,)


class SwitchPane(OnCreate):
    """Go between what will go and what is wrong."""

    keys, label, in_bar = "tab,shift+tab", "Switch", True
    act = "other pane"


class AdoptBatch(OnCreate):
    """Take the batch under the cursor for the one whose answer was lost."""

    keys, label, in_bar = "enter", "It is this one", True
    needs = (SendingNeed.CANDIDATE,)


class SendKnowingly(OnCreate):
    """Send again although a batch may exist already. It asks once more."""

    keys, label, in_bar = "R", "Send again", True
    act = "send again"
    needs = (Access.WRITE, SendingNeed.DOUBT)


class TryOnce(OnCreate):
    """Look at the list again, or go on sending what was stopped or refused."""

    keys, label, in_bar = "r", "Try again", True
    act = "again"
    needs = (Access.WRITE, SendingNeed.PAUSE)


class FinishOther(OnCreate):
    """Settle the earlier one first, then go on with this one."""

    keys, label, in_bar = "U", "Finish that first", True
    act = "unfinished"
    needs = (Access.WRITE, SendingNeed.OTHER)


class StopSending(OnCreate):
    """Stop sending, which is asked, or leave it to be decided later. What was made stays made."""

    keys, label, in_bar = "escape", "Leave", True


class ToggleGroup(OnCreate):
    """Send these rows again, or not."""

    keys, label, in_bar = "space", "Choose", True
    act = "mark"


class ToggleAll(OnCreate):
    """Choose all rows, or only those that are worth it as they are."""

    keys, label = "asterisk,ctrl+a", "All"
    act = "mark all"


class ChangeParams(OnCreate):
    """Change params of every row that goes again, such as model, max_tokens or temperature."""

    keys, label, in_bar = "ampersand", "Change params", True
    words = "fix change requests model"


class PreviewRetry(OnCreate):
    """Show what will go before anything is sent."""

    keys, label, in_bar = "enter", "Preview", True
    needs = (RetryNeed.ROWS,)


class OpenMerged(OnCreate):
    """Read the merged results, with the query and every export."""

    keys, label, in_bar = "enter", "Open", True
    needs = (MergeNeed.RESULTS,)


class ExportMerged(OnCreate):
    """Write the merged results into one new file. Answers keep their bytes."""

    keys, label, in_bar = "e", "Export", True
    purpose = Purpose.SAVE
    act = "export"
    needs = (MergeNeed.RESULTS,)


class FetchTries(OnCreate):
    """Download the results that the merged view lacks."""

    keys, label, in_bar = "d", "Download", True
    purpose = Purpose.SAVE
    changes_disk = True
    act = "download"
    needs = (MergeNeed.MISSING,)


PREVIEW_COMMANDS: tuple[type[Command], ...] = (
    SendBatch,
    SendCanary,
    MarkCache,
    NameBatch,
    ViewRequests,
    SwitchPane,
    CheckAgain,
    EditFile,
    SplitFile,
    CopyProblems,
)
SENDING_COMMANDS: tuple[type[Command], ...] = (
    AdoptBatch,
    SendKnowingly,
    TryOnce,
    FinishOther,
    StopSending,
)
RETRY_COMMANDS: tuple[type[Command], ...] = (PreviewRetry, ToggleGroup, ChangeParams, ToggleAll)
MERGE_COMMANDS: tuple[type[Command], ...] = (OpenMerged, ExportMerged, FetchTries)
CREATE_COMMANDS: tuple[type[Command], ...] = (
    *PREVIEW_COMMANDS,
    *SENDING_COMMANDS,
    *RETRY_COMMANDS,
    *MERGE_COMMANDS,
)
