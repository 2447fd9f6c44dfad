"""The root of every error this program raises on purpose.

The packages add their own branches: ``api.errors``, ``config.errors``, ``library.errors``,
``results.errors``, ``submission.errors``. Catching `BatchtuiError` catches what can be told to a
person in one sentence with a next step; anything else is a defect and reaches the one outermost
boundary that reports it.
"""


class BatchtuiError(Exception):
    """Something went wrong that the user can be told about.

    Attributes:
        message: What happened, and to what. One sentence without control characters of its own; it
            may quote untrusted text, so whoever shows it passes it through `untrusted.visible`.
        hint: What to do next, or an empty string where nothing sensible can be said.
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    @property
    def sentence(self) -> str:
        """What happened and what to do next, in one text."""
        if not self.hint:
            return self.message
        end = "" if self.message.endswith((".", "!", "?", "…")) else "."
        return f"{self.message}{end} {self.hint}"
