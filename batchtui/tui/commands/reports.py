"""What can be done in the reports on results: failures by cause, summary, fields and groups."""

from batchtui.tui.commands.command import Access, Command, Purpose
from batchtui.tui.commands.reading import OnResults, ResultNeed


class ShowRowsOfCause(OnResults):
    """Show the rows that failed for this cause."""

    keys, label, in_bar = "enter", "Show rows", True
    purpose = Purpose.FIND


class SendCauseAgain(OnResults):
    """Send what is worth it again as a new batch, or the rows of this cause if it is not."""

    keys, label, in_bar = "R", "Send again", True
    purpose = Purpose.ACT
    act = "send again"
    needs = (Access.WRITE, ResultNeed.BATCH)


class CopyCause(OnResults):
    """Copy the error message."""

    keys, label, in_bar = "y", "Copy message", True
    purpose = Purpose.SAVE
    act = "copy"


class ShowRowsOfLine(OnResults):
    """Show the rows that this number stands for."""

    keys, label, in_bar = "enter", "Show rows", True
    purpose = Purpose.FIND
    needs = (ResultNeed.ROWS_OF_LINE,)


class CopySummary(OnResults):
    """Copy the summary as text."""

    keys, label, in_bar = "y", "Copy", True
    purpose = Purpose.SAVE
    act = "copy"


class ToggleColumn(OnResults):
    """Make the field a column of the table, or not."""

    keys, label, in_bar = "space", "Column", True
    act = "mark"


class TakeColumns(OnResults):
    """Show the chosen fields as columns. They are remembered for batches with the same fields."""

    keys, label, in_bar = "enter", "Show", True


class GroupByField(OnResults):
    """Group the rows by this field."""

    keys, label, in_bar = "g", "Group by it", True
    purpose = Purpose.FIND
    act = "groups"


class ShowRowsOfGroup(OnResults):
    """Show the rows of this group."""

    keys, label, in_bar = "enter", "Show rows", True
    purpose = Purpose.FIND


class NextField(OnResults):
    """Group by the next field."""

    keys, label, in_bar = "right_square_bracket", "Next field", True
    act = "next"


class PreviousField(OnResults):
    """Group by the previous field."""

    keys, label = "left_square_bracket", "Previous field"
    act = "previous"


class CopyGroups(OnResults):
    """Copy the groups as text."""

    keys, label, in_bar = "y", "Copy", True
    purpose = Purpose.SAVE
    act = "copy"


REPORT_COMMANDS: tuple[type[Command], ...] = (
    ShowRowsOfCause,
    SendCauseAgain,
    CopyCause,
    ShowRowsOfLine,
    CopySummary,
    ToggleColumn,
    TakeColumns,
    GroupByField,
    ShowRowsOfGroup,
    NextField,
    PreviousField,
    CopyGroups,
)
