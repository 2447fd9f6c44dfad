"""What can be done with the results of a batch and the row under the cursor."""

from batchtui.tui.commands.command import Access, Command, Group, Need


class ResultNeed(Need):
    """What commands of the results viewer need."""

    ROW = "a row under the cursor"
    ROWS = "at least one row"
    FAILURES = "rows that failed"
    QUERY = "a query"
    BATCH = "the results of a batch"
    TARGETS = "rows to send again"
    FETCHABLE = "results that are not here yet"


class OnResults(Command):
    """Base of the commands of the results viewer."""

    group = Group.RESULTS


class ReadRow(OnResults):
    """Read the row on the whole screen, and back."""

    keys, label, in_bar = "enter", "Read", True
    needs = (ResultNeed.ROW,)


class ShowFailures(OnResults):
    """Group the failures by cause, with what to do about each. Enter filters to the group."""

    keys, label, in_bar = "f", "Failures", True
    needs = (ResultNeed.FAILURES,)


class ShowSummary(OnResults):
    """Summarise: rows by type and stop reason, tokens, output lengths, estimated cost."""

    keys, label, in_bar = "s", "Summary", True
    needs = (ResultNeed.ROWS,)


class SendAgain(OnResults):
    """Send rows again as a new batch: the marked ones, those of the query, or the failed ones."""

    keys, label, in_bar = "R", "Send again", True
    needs = (Access.WRITE, ResultNeed.BATCH, ResultNeed.TARGETS)


class ExportRows(OnResults):
    """Write the rows of the current filter to a file, as JSONL or CSV."""

    keys, label, in_bar = "e", "Export", True
    needs = (ResultNeed.ROW,)


class CopyAnswer(OnResults):
    """Copy the answer of the row, over SSH and tmux as well."""

    keys, label, in_bar = "y", "Copy", True
    needs = (ResultNeed.ROW,)


class CopyRow(OnResults):
    """Copy the row as the JSON that was received."""

    keys, label = "Y", "Copy row"
    needs = (ResultNeed.ROW,)


class CopyCustomId(OnResults):
    """Copy the custom_id of the row."""

    keys, label = "i", "Copy custom_id"
    needs = (ResultNeed.ROW,)


class SwitchView(OnResults):
    """Switch the reader between conversation, plain text and raw JSON."""

    keys, label, in_bar = "v", "View", True


class NextMatch(OnResults):
    """To the next match of the searched text, in this row or the next ones."""

    keys, label, in_bar = "n", "Match", True
    needs = (ResultNeed.QUERY,)


class PreviousMatch(OnResults):
    """To the previous match of the searched text."""

    keys, label = "N", "Previous match"
    needs = (ResultNeed.QUERY,)


class FilterRows(OnResults):
    """Filter the rows by a query as you type. F1 lists the fields."""

    keys, label, in_bar = "slash", "Query", True
    needs = (ResultNeed.ROWS,)


class NextTab(OnResults):
    """To the next tab: all, succeeded, errored, canceled, expired, needs a look."""

    keys, label = "tab,right_square_bracket", "Next tab"


class PreviousTab(OnResults):
    """To the previous tab."""

    keys, label = "shift+tab,left_square_bracket", "Previous tab"


class ShowAllRows(OnResults):
    """Show all rows."""

    keys, label = "1", "All"


class ShowSucceeded(OnResults):
    """Show the rows that succeeded."""

    keys, label = "2", "Succeeded"


class ShowErrored(OnResults):
    """Show the rows that errored."""

    keys, label = "3", "Errored"


class ShowCanceled(OnResults):
    """Show the rows that were canceled."""

    keys, label = "4", "Canceled"


class ShowExpired(OnResults):
    """Show the rows that expired."""

    keys, label = "5", "Expired"


class ShowDoubtful(OnResults):
    """Show the answers that need a look: cut, refused, paused, empty, or unlike the others."""

    keys, label = "6", "Needs a look"


class SortRows(OnResults):
    """Sort by the next order: as received, most output, most input, custom_id, largest."""

    keys, label = "S", "Sort"
    needs = (ResultNeed.ROWS,)


class MarkRow(OnResults):
    """Mark the row, to send it again or export it."""

    keys, label = "space", "Mark"
    needs = (ResultNeed.ROW,)


class WrapLines(OnResults):
    """Wrap long lines in the reader, or not."""

    keys, label = "w", "Wrap"


class OpenInPager(OnResults):
    """Open the row in $PAGER."""

    keys, label = "o", "Pager"
    needs = (ResultNeed.ROW,)


class OpenInEditor(OnResults):
    """Open a copy of the row in $EDITOR."""

    keys, label = "E", "Editor"
    needs = (ResultNeed.ROW,)


class ReloadResults(OnResults):
    """Go on with an interrupted download, or fetch the results afresh."""

    keys, label = "r", "Fetch again"
    needs = (ResultNeed.FETCHABLE,)


class ToggleReader(OnResults):
    """Hide the reader, so that the list has the room, or show it."""

    keys, label = "z", "Reader"


class NextRow(OnResults):
    """To the next row, also while reading one."""

    keys, label = "right", "Next"


class PreviousRow(OnResults):
    """To the previous row, also while reading one."""

    keys, label = "left", "Previous"


class ScrollDown(OnResults):
    """Scroll the reader down without leaving the list."""

    keys, label = "J,shift+down", "Scroll down"


class ScrollUp(OnResults):
    """Scroll the reader up without leaving the list."""

    keys, label = "K,shift+up", "Scroll up"


class StepBack(OnResults):
    """Step back: from reading to the list, then clear the query, then leave."""

    keys, label, in_bar = "escape", "Back", True


class ShowRowsOfCause(OnResults):
    """Show the rows that failed for this cause."""

    keys, label, in_bar = "enter", "Show rows", True


class CopyCause(OnResults):
    """Copy the error message."""

    keys, label, in_bar = "y", "Copy message", True


class CopySummary(OnResults):
    """Copy the summary as text."""

    keys, label, in_bar = "y", "Copy", True


REPORT_COMMANDS: tuple[type[Command], ...] = (ShowRowsOfCause, CopyCause, CopySummary)
READING_COMMANDS: tuple[type[Command], ...] = (
    StepBack,
    NextRow,
    SwitchView,
    NextMatch,
    CopyAnswer,
    WrapLines,
    OpenInPager,
    OpenInEditor,
)
"""What the action bar shows while a row is read on the whole screen."""
RESULT_COMMANDS: tuple[type[Command], ...] = (
    ReadRow,
    FilterRows,
    ShowFailures,
    ShowSummary,
    SendAgain,
    ExportRows,
    CopyAnswer,
    SwitchView,
    NextMatch,
    CopyRow,
    CopyCustomId,
    PreviousMatch,
    NextTab,
    PreviousTab,
    ShowAllRows,
    ShowSucceeded,
    ShowErrored,
    ShowCanceled,
    ShowExpired,
    ShowDoubtful,
    SortRows,
    MarkRow,
    WrapLines,
    OpenInPager,
    OpenInEditor,
    ReloadResults,
    ToggleReader,
    NextRow,
    PreviousRow,
    ScrollDown,
    ScrollUp,
    StepBack,
)
