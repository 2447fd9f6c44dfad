"""What can go wrong between a results file and the screen.

::

    BatchtuiError
    ├── ResultsError
    │   ├── UnaskedRowsError     rows that answer none of the batch's requests
    │   └── ResultsFileError     the file cannot be read
    │       └── RewrittenError   another program wrote to it while it was open
    └── QueryError               the text cannot be read as a query; says where
"""

from pathlib import Path

from batchtui.errors import BatchtuiError
from batchtui.formatting import plural
from batchtui.library.errors import RefusedBySystem


class ResultsError(BatchtuiError):
    """Something about one batch's results."""


class UnaskedRowsError(ResultsError):
    """As many rows came as there are requests, but some have ids that were not asked for."""

    def __init__(self, rows: int) -> None:
        what = plural(rows, "row has an id that is", "rows have ids that are")
        super().__init__(
            f"{what} not in the batch's request file",
            hint="Try again, or attach the right file: batchtui attach ID FILE.",
        )


class ResultsFileError(ResultsError, RefusedBySystem):
    """A results file cannot be read."""


class RewrittenError(ResultsFileError):
    """A results file was written to by another program while it was open."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path.name} was changed by another program",
            hint="It has to be read again from its start.",
        )


class PatternFaulty(ResultsError):
    """A pattern of the user's that finds no records: it cannot be understood, or names nothing."""


class QueryError(BatchtuiError):
    """A query that cannot be understood.

    Attributes:
        message: What is wrong; it may quote what was typed.
        hint: What to type instead, or an empty string.
        position: Where the trouble starts, in characters from the start of the query.
        length: How many characters it covers; 0 where something is missing.
    """

    def __init__(self, message: str, span: tuple[int, int], *, hint: str = "") -> None:
        """Say what is wrong.

        Args:
            message: What it is.
            span: Where it starts in the query, and where it ends, exclusive, in characters.
            hint: What to type instead.
        """
        super().__init__(message, hint=hint)
        self.position, end = span
        self.length = end - self.position
