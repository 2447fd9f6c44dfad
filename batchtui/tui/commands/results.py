"""What can be done with the rows of results: find, mark, sum up, write, send again."""

from batchtui.tui.commands.command import Access, Command, Purpose
from batchtui.tui.commands.reading import (
    CopyAnswer,
    CopyCustomId,
    CopyRow,
    NextMatch,
    NextRow,
    OnResults,
    OpenInEditor,
    OpenInPager,
    PreviousMatch,
    PreviousRow,
    ReadRow,
    ResultNeed,
    ScrollDown,
    ScrollUp,
    StepBack,
    SwitchQuestion,
    SwitchReader,
    SwitchView,
    ToggleReader,
    WrapLines,
)


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


class AttachRequests(OnResults):
    """Say which file of requests this batch was made from, to read answers beside questions."""

    keys, label = "a", "Attach source"
    purpose = Purpose.ACT
    act = "attach source"
    needs = (ResultNeed.ATTACHABLE,)


class ReviewRows(OnResults):
    """Judge the rows that are shown one after the other; sample:100 in the query takes some."""

    keys, label, in_bar = "V", "Review", True
    purpose = Purpose.ACT
    act = "review"
    needs = (ResultNeed.ROW,)


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
