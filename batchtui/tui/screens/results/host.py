"""What the screen of the results is made with, and what the owners of its commands use of it."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct
from textual.screen import Screen, ScreenResultType

from batchtui.batches.rules import Availability
from batchtui.library.ledger_values import Review, SourceFile
from batchtui.tui.commands.command import Need
from batchtui.tui.screens.host import Host
from batchtui.tui.setup import EffectiveSettings

if TYPE_CHECKING:
    from batchtui.session import Session


class ResultsSetup(Struct, frozen=True):
    """What the screen is made with, besides the rows."""

    session: "Session | None"
    """The account the rows belong to, whose list lies below; ``None`` for a file."""
    environ: Mapping[str, str]
    """The user's environment, for a command of their own."""
    viewer_environ: Mapping[str, str]
    """The same without a key, for their pager and editor."""
    reviews_of: Callable[[str], Mapping[str, Review]]
    """Reads what was said of the rows of a subject; blocks."""
    source_of: Callable[[str], SourceFile | None]
    """Gives the requests of a batch or a results file by its subject; blocks."""


class ResultsHost(Host, Protocol):
    """The rows, for the owners of their commands."""

    @property
    def setup(self) -> ResultsSetup:
        """What the screen is made with."""

    @property
    def effective(self) -> EffectiveSettings:
        """The settings as they count now, with the signs to draw with."""

    @property
    def needs(self) -> Mapping[Need, Availability]:
        """What is possible with the rows, and why the rest is not."""

    def paint_once(self, longest: float) -> None:
        """Let the terminal keep what it shows until the screen is complete, as it is now to be.

        Args:
            longest: Seconds after which it is shown as it is.
        """

    def visit(
        self, screen: Screen[ScreenResultType], take: Callable[[ScreenResultType | None], None]
    ) -> None:
        """Show a screen over the rows at once, and hand on what it gives."""

    def suspend(self) -> AbstractContextManager[None]:
        """Leave the terminal to another program."""
