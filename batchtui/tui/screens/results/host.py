"""What the screen of the results is made with, and what the owners of its commands use of it."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct, field
from msgspec.structs import replace
from textual.screen import Screen, ScreenResultType

from batchtui.batches.rules import Availability
from batchtui.config.loading import LoadedSettings
from batchtui.library.ledger_values import Review, SourceFile
from batchtui.tui.commands.command import Need
from batchtui.tui.glyphs import Glyphs
from batchtui.tui.screens.host import Host

if TYPE_CHECKING:
    from batchtui.session import Session


class ResultsSetup(Struct, frozen=True):
    """What the screen is made with, besides the rows."""

    glyphs: Glyphs
    export_dir: Path = Path()
    """Where exports go."""
    prices_file: Path | None = None
    """The user's own prices; need not exist."""
    choices_file: Path | None = None
    """Remembers which columns were chosen; need not exist."""
    can_leave: bool = False
    """Whether there is a screen to go back to."""
    session: "Session | None" = None
    """The account the rows belong to, ``None`` for a file."""
    environ: Mapping[str, str] = field(default_factory=dict)
    """The user's environment, for a command of their own."""
    viewer_environ: Mapping[str, str] = field(default_factory=dict)
    """The same without a key, for their pager and editor."""
    reviews_of: Callable[[str], Mapping[str, Review]] | None = None
    """Reads what was said of the rows of a subject; blocks."""
    source_of: Callable[[str], SourceFile | None] | None = None
    """Gives the requests of a results file by its subject; blocks."""

    def changed_by(self, loaded: LoadedSettings, glyphs: Glyphs) -> "ResultsSetup":
        """Return it as changed settings say."""
        return replace(
            self,
            glyphs=glyphs,
            export_dir=loaded.export_dir,
            prices_file=loaded.paths.prices_file,
        )


class ResultsHost(Host, Protocol):
    """The rows, for the owners of their commands."""

    @property
    def setup(self) -> ResultsSetup:
        """What the screen is made with; the settings may change it."""

    @property
    def needs(self) -> Mapping[Need, Availability]:
        """What is possible with the rows, and why the rest is not."""

    def visit(
        self, screen: Screen[ScreenResultType], take: Callable[[ScreenResultType | None], None]
    ) -> None:
        """Show a screen over the rows at once, and hand on what it gives."""

    def suspend(self) -> AbstractContextManager[None]:
        """Leave the terminal to another program."""
