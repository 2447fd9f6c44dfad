"""What can be done with the row under the cursor while it is read: look, copy, go on."""

from batchtui.tui.commands.command import Command, Group, Need, Purpose


class ResultNeed(Need):
    """What commands of the results viewer need."""

    ROW = "a row under the cursor"
    ROWS = "at least one row"
    FAILURES = "rows that failed"
    QUERY = "a query"
    BATCH = "the results of a batch"
    ATTACHABLE = "results whose requests can be named"
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


class ToggleReader(OnResults):
    """Hide the reader, so that the list has the room, or show it."""

    keys, label = "z", "Reader"


class SwitchReader(OnResults):
    """Go between the rows and the reader."""

    keys, label = "tab,shift+tab", "Other pane"
    act = "other pane"


class NextRow(OnResults):
    """To the next row, also while reading one."""

    keys, label = "right", "Next"


class PreviousRow(OnResults):
    """To the previous row, also while reading one."""

    keys, label = "left", "Previous"


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
