"""The one error of the query language.

BatchtuiError
└── QueryError    the text cannot be read as a query; says where
"""

from batchtui.errors import BatchtuiError


class QueryError(BatchtuiError):
    """A query that cannot be understood.

    Attributes:
        message: What is wrong; it may quote what was typed.
        hint: What to type instead, or an empty string.
        position: Where the trouble starts, in characters from the start of the query.
        length: How many characters it covers; 0 where something is missing.
    """

    def __init__(self, message: str, *, position: int, length: int = 0, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.position = position
        self.length = length
