"""What can go wrong on the way in.

::

    BatchtuiError
    └── SubmissionError
        ├── SourceError        the request file cannot be read, or not as requests
        │   └── SourceChanged  it is no longer the file that was validated
        ├── NotSendable        it holds mistakes that would fail the whole batch
        ├── AlreadyRunning     another batchtui is sending this submission right now
        └── Unresolved         a batch may exist that nobody knows of; a person has to say
"""

from typing import TYPE_CHECKING

from batchtui.errors import BatchtuiError

if TYPE_CHECKING:
    from batchtui.api.models import MessageBatch


class SubmissionError(BatchtuiError):
    """Something on the way in went wrong before, or instead of, a batch being made."""


class SourceError(SubmissionError):
    """The request file cannot be read on.

    Attributes:
        line: The line it stopped at, from 1; None where the file as a whole is meant.
    """

    def __init__(self, message: str, *, line: int | None = None, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.line = line


class SourceChanged(SourceError):
    """The file is no longer the one that was validated or written down."""


class NotSendable(SubmissionError):
    """The file holds mistakes that would fail the whole batch."""


class AlreadyRunning(SubmissionError):
    """Another process is sending this submission."""


class Unresolved(SubmissionError):
    """A part may have made a batch: adopt one of the candidates, or send again knowingly.

    Attributes:
        submission_id: Of the submission.
        number: Of the part, from 1.
        candidates: Batches that may be the part's, newest first; empty if none appeared.
    """

    def __init__(
        self,
        message: str,
        *,
        submission_id: str,
        number: int,
        candidates: "tuple[MessageBatch, ...]" = (),
        hint: str = "",
    ) -> None:
        super().__init__(message, hint=hint)
        self.submission_id = submission_id
        self.number = number
        self.candidates = candidates
