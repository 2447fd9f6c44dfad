"""What can be done on the way in: before sending, while sending, and with second tries."""

from batchtui.tui.commands.command import Command, Group


class OnCreate(Command):
    """Base of the commands of the way in."""

    group = Group.CREATE


class SendBatch(OnCreate):
    """Send what is shown. It asks once more before the first byte goes out."""

    keys, label, in_bar = "enter", "Send", True


class NameBatch(OnCreate):
    """Give the new batch its label before it is sent."""

    keys, label, in_bar = "l", "Label", True


class SplitFile(OnCreate):
    """Split the file into several batches, or not, where it may or may not fit into one."""

    keys, label = "p", "Split"


class CheckAgain(OnCreate):
    """Read the file again after it was corrected."""

    keys, label, in_bar = "r", "Check again", True


class CopyProblems(OnCreate):
    """Copy all problems with their lines, over SSH and tmux as well."""

    keys, label = "y", "Copy problems"


class SwitchPane(OnCreate):
    """Go between what will go and what is wrong."""

    keys, label, in_bar = "tab", "Switch", True


class AdoptBatch(OnCreate):
    """Take the batch under the cursor for the one whose answer was lost."""

    keys, label, in_bar = "enter", "It is this one", True


class SendKnowingly(OnCreate):
    """Send again although a batch may exist already. It asks once more."""

    keys, label, in_bar = "S", "Send again", True


class TryOnce(OnCreate):
    """Look at the list again, or go on sending what was stopped or refused."""

    keys, label, in_bar = "r", "Try again", True


class FinishOther(OnCreate):
    """Settle the earlier one first, then go on with this one."""

    keys, label, in_bar = "f", "Finish that first", True


class StopSending(OnCreate):
    """Stop sending, which is asked, or leave it to be decided later. What was made stays made."""

    keys, label, in_bar = "escape", "Leave", True


class ToggleGroup(OnCreate):
    """Send these rows again, or not."""

    keys, label, in_bar = "space", "Choose", True


class ToggleAll(OnCreate):
    """Choose all rows, or only those that are worth it as they are."""

    keys, label = "asterisk", "All"


class ChangeParams(OnCreate):
    """Change params of every row that goes again, such as model, max_tokens or temperature."""

    keys, label, in_bar = "c", "Change params", True


class PreviewRetry(OnCreate):
    """Show what will go before anything is sent."""

    keys, label, in_bar = "enter", "Preview", True


class ExportMerged(OnCreate):
    """Write the merged results into one new file. Answers keep their bytes."""

    keys, label, in_bar = "e", "Export", True


class FetchTries(OnCreate):
    """Download the results that the merged view lacks."""

    keys, label, in_bar = "d", "Download", True


PREVIEW_COMMANDS: tuple[type[Command], ...] = (
    SendBatch,
    NameBatch,
    SwitchPane,
    CheckAgain,
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
MERGE_COMMANDS: tuple[type[Command], ...] = (ExportMerged, FetchTries)
CREATE_COMMANDS: tuple[type[Command], ...] = (
    *PREVIEW_COMMANDS,
    *SENDING_COMMANDS,
    *RETRY_COMMANDS,
    *MERGE_COMMANDS,
)
