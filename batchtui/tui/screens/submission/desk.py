"""What the flows of this package work with."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from textual.app import App
from textual.notifications import SeverityLevel

from batchtui.api.models import MessageBatch
from batchtui.errors import BatchtuiError
from batchtui.session import Session
from batchtui.submission.pace import Pace
from batchtui.tui.glyphs import Glyphs
from batchtui.untrusted import visible

if TYPE_CHECKING:
    from batchtui.submission.pace import Event
    from batchtui.submission.runner import SubmissionRunner


class Desk(Struct, frozen=True):
    """One account, the app it is shown in, and how to talk to the user.

    Attributes:
        app: Shows the screens.
        session: The account.
        glyphs: The signs to draw with.
        folder: The folder that relative paths begin in.
        pace: How patiently batches are sent.
    """

    app: App[int]
    session: Session
    glyphs: Glyphs
    folder: Path
    pace: Pace

    @property
    def request_folder(self) -> Path:
        """Where request files of our own are kept."""
        return self.session.loaded.requests_dir

    def runner(self, on_event: "Callable[[Event], None]") -> "SubmissionRunner":
        """Make what sends a submission."""
        from batchtui.submission.runner import SubmissionRunner

        session = self.session
        return SubmissionRunner(
            session.client, session.ledger, pace=self.pace, clock=session.clock, on_event=on_event
        )

    def name_of(self, batch: MessageBatch | str) -> str:
        """The label of a batch, or its id; safe to show. Reads the ledger."""
        batch_id = batch if isinstance(batch, str) else batch.id
        return visible(self.session.ledger.labels([batch_id]).get(batch_id, "") or batch_id)

    def tell(self, text: str, *, severity: SeverityLevel = "information", timeout: int = 6) -> None:
        """Show a short message; may quote untrusted text."""
        self.app.notify(text, severity=severity, timeout=timeout)

    def tell_error(self, error: BatchtuiError) -> None:
        """Show what went wrong and what to do about it."""
        self.tell(f"{error.message} {error.hint}".strip(), severity="error", timeout=12)
