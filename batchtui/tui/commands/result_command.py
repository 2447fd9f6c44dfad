"""What commands of the results viewer have in common."""

from batchtui.tui.commands.command import Command, Group, Need


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
