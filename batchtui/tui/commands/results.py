"""What can be done with results: with all rows, and with the row under the cursor."""

from batchtui.tui.commands.command import Access, Command, Group, Need, Purpose


class ResultNeed(Need):
    """What commands of the results viewer need."""

    ROW = "a row under the cursor"
    ROWS = "at least one row"
    FAILURES = "rows that failed"
    QUERY = "a query"
    BATCH = "the results of a batch"
    TARGETS = "rows to send again"
    ROWS_OF_LINE = "a line that stands for rows"
    FETCHABLE = "results that are not here yet"


class OnResults(Command):
    """Base of the commands of the results viewer."""

    group = Group.RESULTS


class ReadRow(OnResults):
    """Read the row on the whole screen, and back."""

    keys, label, in_bar = "enter", "Read", True
    needs = (ResultNeed.ROW,)


class CopyAnswer(OnResults):
    """Copy the answer of the row, over SSH and tmux as well."""

    keys, label, in_bar = "y", "Copy", True
    purpose = Purpose.SAVE
    words = "clipboard"
    act = "copy"
    needs = (ResultNeed.ROW,)


class CopyRow(OnResults):
    """Copy the row as the JSON that was received."""

    keys, label = "Y", "Copy row"
    purpose = Purpose.SAVE
    needs = (ResultNeed.ROW,)


class CopyCustomId(OnResults):
    """Copy the custom_id of the row."""

    keys, label = "i", "Copy custom_id"
    purpose = Purpose.SAVE
    act = "copy custom_id"
    needs = (ResultNeed.ROW,)


class SwitchView(OnResults):
    """Switch the reader between conversation, plain text and raw JSON."""

    keys, label, in_bar = "v", "View", True
    act = "view"


class SwitchQuestion(OnResults):
    """To the whole question and back to the answer; where both are shown, hide the question."""

    keys, label = "Q", "Question"
    act = "question"
    needs = (ResultNeed.ROW,)


class NextMatch(OnResults):
    """To the next match of the searched text, in this row or the next ones."""

    keys, label, in_bar = "n", "Match", True
    purpose = Purpose.FIND
    needs = (ResultNeed.QUERY,)


class PreviousMatch(OnResults):
    """To the previous match of the searched text."""

    keys, label = "N", "Previous match"
    purpose = Purpose.FIND
    needs = (ResultNeed.QUERY,)


class WrapLines(OnResults):
    """Wrap long lines in the reader, or not."""

    keys, label = "w", "Wrap"


class OpenInPager(OnResults):
    """Open the row in $PAGER."""

    keys, label = "O", "Pager"
    moved_from = "o"
    purpose = Purpose.SAVE
    needs = (ResultNeed.ROW,)


class OpenInEditor(OnResults):
    """Open a copy of the row in $EDITOR."""

    keys, label = "E", "Editor"
    purpose = Purpose.SAVE
    act = "editor"
    needs = (ResultNeed.ROW,)


class ScrollDown(OnResults):
    """Scroll the reader down without leaving the list."""

    keys, label = "J,shift+down", "Scroll down"


class ScrollUp(OnResults):
    """Scroll the reader up without leaving the list."""

    keys, label = "K,shift+up", "Scroll up"


class ShowFailures(OnResults):
    """Group the failures by cause, with what to do about each. Enter filters to the group."""

    keys, label, in_bar = "f", "Failures", True
    words = "errors causes why"
    act = "failures"
    needs = (ResultNeed.FAILURES,)


class ShowSummary(OnResults):
    """Summarize: rows by type and stop reason, tokens, output lengths, estimated cost."""

    keys, label, in_bar = "S", "Summary", True
    words = "money price cost tokens usage statistics"
    act = "summary"
    needs = (ResultNeed.ROWS,)


class ShowFields(OnResults):
    """List the fields of the answers, and choose which of them are columns."""

    keys, label, in_bar = "F", "Fields", True
    needs = (ResultNeed.ROWS,)


class SetPattern(OnResults):
    """Find the records of the answers by a pattern of your own, kept with the batch."""

    keys, label = "tilde", "Pattern"
    needs = (ResultNeed.ROWS,)


class ShowGroups(OnResults):
    """Group the rows shown by a field: values, counts and shares. Enter filters to a group."""

    keys, label, in_bar = "g", "Groups", True
    purpose = Purpose.FIND
    act = "groups"
    needs = (ResultNeed.ROWS,)


class SendAgain(OnResults):
    """Send rows again as a new batch: the marked ones, those of the query, or the failed ones."""

    keys, label, in_bar = "R", "Send again", True
    purpose = Purpose.ACT
    words = "retry again resend rerun"
    act = "send again"
    needs = (Access.WRITE, ResultNeed.BATCH, ResultNeed.TARGETS)


class ExportRows(OnResults):
    """Write the rows of the current filter to a file, as JSONL or CSV."""

    keys, label, in_bar = "e", "Export", True
    purpose = Purpose.SAVE
    words = "csv jsonl parquet save file write"
    act = "export"
    needs = (ResultNeed.ROW,)


class FilterRows(OnResults):
    """Filter the rows by a query as you type. The help lists the fields."""

    keys, label, in_bar = "slash", "Query", True
    purpose = Purpose.FIND
    words = "search find query"
    act = "filter"
    needs = (ResultNeed.ROWS,)


class NextTab(OnResults):
    """To the next tab: all, succeeded, errored, canceled, expired, needs a look."""

    keys, label = "right_square_bracket", "Next tab"
    purpose = Purpose.FIND
    act = "next"


class PreviousTab(OnResults):
    """To the previous tab."""

    keys, label = "left_square_bracket", "Previous tab"
    purpose = Purpose.FIND
    act = "previous"


class ShowAllRows(OnResults):
    """Show all rows."""

    keys, label = "1", "All"
    purpose = Purpose.FIND
    act = "number 1"


class ShowSucceeded(OnResults):
    """Show the rows that succeeded."""

    keys, label = "2", "Succeeded"
    purpose = Purpose.FIND
    act = "number 2"


class ShowErrored(OnResults):
    """Show the rows that errored."""

    keys, label = "3", "Errored"
    purpose = Purpose.FIND
    act = "number 3"


class ShowCanceled(OnResults):
    """Show the rows that were canceled."""

    keys, label = "4", "Canceled"
    purpose = Purpose.FIND
    act = "number 4"


class ShowExpired(OnResults):
    """Show the rows that expired."""

    keys, label = "5", "Expired"
    purpose = Purpose.FIND
    act = "number 5"


class ShowDoubtful(OnResults):
    """Show the answers that need a look: cut, refused, paused, empty, or unlike the others."""

    keys, label = "6", "Needs a look"
    purpose = Purpose.FIND
    act = "number 6"


class SortRows(OnResults):
    """Sort by the next order: as received, most output, most input, custom_id, largest."""

    keys, label = "s", "Sort"
    purpose = Purpose.FIND
    act = "sort"
    needs = (ResultNeed.ROWS,)


class MarkRow(OnResults):
    """Mark the row, to send it again or export it."""

    keys, label = "space", "Mark"
    purpose = Purpose.ACT
    act = "mark"
    needs = (ResultNeed.ROW,)


class RunProgram(OnResults):
    """Hand the rows shown to a command of yours, such as duckdb or visidata, and come back."""

    keys, label = "exclamation_mark", "Program"
    needs = (ResultNeed.ROW,)


class ReloadResults(OnResults):
    """Go on with an interrupted download, or fetch the results again."""

    keys, label = "r", "Fetch again"
    purpose = Purpose.ACT
    words = "again reload download"
    act = "again"
    needs = (ResultNeed.FETCHABLE,)


class ToggleReader(OnResults):
    """Hide the reader, so that the list has the room, or show it."""

    keys, label = "z", "Reader"


class SwitchReader(OnResults):
    """Go between the rows and the reader."""

    keys, label = "tab,shift+tab", "Other pane"
    act = "other pane"


class AttachRequests(OnResults):
    """Say which file of requests this batch was made from, to read answers beside questions."""

    keys, label = "a", "Attach source"
    purpose = Purpose.ACT
    act = "attach source"
    needs = (ResultNeed.BATCH,)


class NextRow(OnResults):
    """To the next row, also while reading one."""

    keys, label = "right", "Next"


class PreviousRow(OnResults):
    """To the previous row, also while reading one."""

    keys, label = "left", "Previous"


class ReviewRows(OnResults):
    """Judge the rows that are shown one after the other; sample:100 in the query takes some."""

    keys, label, in_bar = "V", "Review", True
    purpose = Purpose.ACT
    act = "review"
    needs = (ResultNeed.ROW,)


class StepBack(OnResults):
    """Step back: from reading to the list, then clear the query, then leave."""

    keys, label, in_bar = "escape", "Back", True


READING_COMMANDS: tuple[type[Command], ...] = (
    StepBack,
    NextRow,
    SwitchView,
    SwitchQuestion,
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
    ShowGroups,
    ShowFields,
    ShowSummary,
    SendAgain,
    ExportRows,
    ReviewRows,
    CopyAnswer,
    SwitchView,
    NextMatch,
    SwitchQuestion,
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
    RunProgram,
    SetPattern,
    ReloadResults,
    ToggleReader,
    SwitchReader,
    AttachRequests,
    NextRow,
    PreviousRow,
    ScrollDown,
    ScrollUp,
    StepBack,
)
