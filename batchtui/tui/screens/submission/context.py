"""What the flows of this package work with."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, field
from textual.notifications import SeverityLevel
from textual.screen import Screen, ScreenResultType

from batchtui.api.models import MessageBatch
from batchtui.errors import BatchtuiError
from batchtui.library.ledger_values import SubmissionPlan, SubmissionRecord
from batchtui.session import Session
from batchtui.submission.events import SendTimeouts
from batchtui.submission.limits import Limits
from batchtui.tui.commands.command import Command, shown_key
from batchtui.tui.glyphs import Glyphs
from batchtui.tui.navigation import Navigation
from batchtui.untrusted import visible

if TYPE_CHECKING:
    from batchtui.prices import PriceTable
    from batchtui.submission.earlier import Earlier
    from batchtui.submission.sending_control import SendingControl
    from batchtui.submission.sending_state import SendState


class FlowContext(Struct, frozen=True):
    """What one flow works with: an account, the app it is shown in, how to talk to the user."""

    navigation: Navigation
    """Shows the screens."""
    session: Session
    """The account."""
    folder: Path
    """The folder that relative paths begin in."""
    timeouts: SendTimeouts
    """How patiently batches are sent."""
    limits: Limits
    """What one batch takes."""
    on_made: Callable[[Sequence[MessageBatch]], None]
    """Called with batches that were made, for the list."""
    on_disk_changed: Callable[[], None]
    """Called when a batch got its source, or results came or went, for the list."""
    borrowed: ExitStack = field(default_factory=ExitStack)
    """Left at the end: what was downloaded goes then, if the settings keep no results."""

    @property
    def glyphs(self) -> Glyphs:
        """The signs to draw with."""
        return self.navigation.effective.glyphs

    @property
    def request_folder(self) -> Path:
        """Where request files of our own are kept."""
        return self.session.loaded.requests_dir

    async def prices(self) -> "PriceTable":
        """Return what tokens cost."""
        from batchtui.prices import load_prices

        return await asyncio.to_thread(load_prices, self.session.loaded.paths.prices_file)

    def control(
        self,
        submission: SubmissionPlan | SubmissionRecord,
        on_change: "Callable[[SendState], None]",
        earlier: "Earlier | None" = None,
    ) -> "SendingControl":
        """Make what sends a submission.

        Args:
            submission: The plan, or what was begun before.
            on_change: Called with the state after every change.
            earlier: What the user knows of the contents' earlier submissions; None for any.
        """
        from batchtui.submission.sending_control import SendingControl

        return SendingControl(
            self.session.client,
            self.session.ledger,
            submission,
            known=None if earlier is None else earlier.known,
            timeouts=self.timeouts,
            clock=self.session.clock,
            on_change=on_change,
        )

    async def ask(self, screen: Screen[ScreenResultType]) -> ScreenResultType | None:
        """Show a screen or a question over the others; return what it is closed with."""
        return await self.navigation.ask(screen)

    def key_of(self, command: type[Command]) -> str:
        """Return the key of a command as it is set now, as a person writes it."""
        return shown_key(self.session.settings.keys, command)

    def name_of(self, batch: MessageBatch | str) -> str:
        """Return the label of a batch, or its id; safe to show. Reads the ledger."""
        batch_id = batch if isinstance(batch, str) else batch.id
        return visible(self.session.ledger.labels([batch_id]).get(batch_id, "") or batch_id)

    def notify(
        self, text: str, *, severity: SeverityLevel = "information", timeout: float = 6
    ) -> None:
        """Show a short message; may quote untrusted text."""
        self.navigation.notify(text, severity=severity, timeout=timeout)

    def notify_error(self, error: BatchtuiError) -> None:
        """Show what went wrong and what to do about it."""
        self.navigation.notify_error(error)
